"""Features of roster, guardians, aid, observations, behaviour and visits in plain pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kongchuo_risk.domain.calendar import term_of
from kongchuo_risk.domain.records import Records
from tests.oracle.known import in_force

AS_ON_ROSTER = [
    "siblings", "disability_level", "school_distance_km", "repeated_grades", "friends_left",
    "father_away", "mother_away", "parent_ill", "migrant_child", "prior_dropout", "preschool",
]  # fmt: skip
CATEGORIES = [
    "left_behind", "caregiver", "poverty_type", "disability_type", "placement", "boarding",
    "commute_mode", "expectation",
]  # fmt: skip
EDUCATION = {"none": 0.0, "primary": 1.0, "junior": 2.0, "senior": 3.0, "college": 4.0}
HEALTH = {"10": 0.0, "20": 1.0, "30": 2.0, "40": 2.0, "50": 2.0}
STRENGTHS = ["improved", "interest"]


def numbers(values: pd.Series) -> pd.Series:
    return values.astype("Float64").astype("float64")


def roster_oracle(pupils: pd.DataFrame) -> pd.DataFrame:
    out = pupils[CATEGORIES].copy()
    for name in AS_ON_ROSTER:
        out[name] = numbers(pupils[name])
    both = pd.DataFrame({n: numbers(pupils[n]) for n in ("orphan", "unsupported")})
    out["orphan_or_unsupported"] = both.max(axis=1)
    out["mother_education"] = pupils["mother_education"].map(EDUCATION).astype("float64")
    out["health_status"] = pupils["health_status"].map(HEALTH).astype("float64")
    written = pupils["talents"].notna()
    out["has_talent"] = written * (1.0 if written.any() else np.nan)
    return out


def guardians_oracle(records: Records, day: pd.Timestamp, index: pd.Index) -> pd.DataFrame:
    rows = in_force(records, "guardians", day)
    rows = rows[rows["is_guardian"].fillna(True).astype(bool)]
    by = rows.assign(away=numbers(rows["away"]), ill=numbers(rows["ill"])).groupby("student_id")
    out = pd.DataFrame(index=index)
    out["guardian_contacts_week"] = by["contacts_per_week"].max()
    out["guardians_away"] = by["away"].sum(min_count=1)
    out["guardian_ill"] = by["ill"].max()
    return out.astype(float)


def aid_oracle(records: Records, day: pd.Timestamp, pupils: pd.DataFrame) -> pd.DataFrame:
    aid = in_force(records, "aid", day)
    poverty = pupils["poverty_type"]
    grounds = pd.DataFrame(
        {
            "poverty": (poverty != "none").astype(float).where(poverty.notna()),
            **{n: numbers(pupils[n]) for n in ("aid_applied", "orphan", "unsupported")},
        }
    )
    served = pupils.index.isin(aid.loc[aid["term"] == term_of(day.date()), "student_id"])
    applied = aid["applied_on"].fillna(aid["known_on"])
    waiting = aid[(applied < day - pd.Timedelta(days=60)) & ~(aid["paid_on"] <= day)]
    out = pd.DataFrame(index=pupils.index)
    out["aid_not_received"] = grounds.max(axis=1) * ~served
    out["aid_unpaid"] = waiting.groupby("student_id").size().reindex(out.index, fill_value=0)
    return _unless_kept(records, "aid", day, out.astype(float))


def observations_oracle(records: Records, day: pd.Timestamp, index: pd.Index) -> pd.DataFrame:
    rows = in_force(records, "observations", day)
    rows = rows[rows["student_id"].isin(index)]
    out = pd.DataFrame(index=index)
    windows = {
        "60d": "aversion intends_to_leave work_intent low_mood gaming bad_company bullied improved",
        "year": "aversion intends_to_leave work_intent runaway early_marriage parent_wants_out "
        "family_event peer_left interest",
    }
    for window, tags in windows.items():
        length = pd.Timedelta(days=60 if window == "60d" else 365)
        recent = rows[rows["day"] > day - length]
        for tag in tags.split():
            number = recent[recent["tag"] == tag].groupby("student_id").size()
            out[f"{tag}_{window}"] = number.reindex(index, fill_value=0).astype(float)
    signs = rows[~rows["tag"].isin(STRENGTHS)]
    recent = signs[signs["day"] > day - pd.Timedelta(days=60)]
    out["worst_sign_60d"] = _worst(recent, index)
    out = _unless_kept(records, "observations", day, out)
    out["days_since_sign"] = (day - signs.groupby("student_id")["day"].max()).dt.days.astype(float)
    return out


def behaviour_oracle(records: Records, day: pd.Timestamp, index: pd.Index) -> pd.DataFrame:
    rows = in_force(records, "behaviour", day)
    year = rows[rows["day"] > day - pd.Timedelta(days=365)]
    parts = {
        "behaviour_60d": rows[rows["day"] > day - pd.Timedelta(days=60)],
        "behaviour_year": year,
        "truancy_year": year[year["behaviour"] == "truancy"],
        "fights_year": year[year["behaviour"].isin(["fight", "bullying"])],
    }
    out = pd.DataFrame(index=index)
    for name, part in parts.items():
        out[name] = part.groupby("student_id").size().reindex(index, fill_value=0).astype(float)
    out["worst_behaviour_year"] = _worst(year, index)
    return _unless_kept(records, "behaviour", day, out)


def visits_oracle(records: Records, day: pd.Timestamp, index: pd.Index) -> pd.DataFrame:
    rows = in_force(records, "visits", day)
    rows = rows[rows["day"] > day - pd.Timedelta(days=365)]
    said = {
        "unwilling_at_visit_year": ["hesitant", "unwilling"],
        "willing_at_visit_year": ["willing"],
    }
    by = {
        name: rows["attitude"].isin(what).groupby(rows["student_id"]) for name, what in said.items()
    }
    return pd.DataFrame(
        {name: flag.sum().reindex(index).astype(float) for name, flag in by.items()}
    )


def _worst(rows: pd.DataFrame, index: pd.Index) -> pd.Series:
    level = rows["level"].astype("float64").fillna(1.0)
    return level.groupby(rows["student_id"]).max().reindex(index, fill_value=0.0)


def _unless_kept(records: Records, name: str, day: pd.Timestamp, out: pd.DataFrame) -> pd.DataFrame:
    """NaN throughout when nothing of the table was known about any pupil of any roster."""
    ids = records["students"]["student_id"]
    rows = records[name]
    known = ((rows["known_on"] <= day) & rows["student_id"].isin(ids)).any()
    return out if known else out * np.nan
