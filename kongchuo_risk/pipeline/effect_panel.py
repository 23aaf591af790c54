"""What the effects are estimated from: pupils by term, and pupils around the end of a list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd
from scipy.special import logit

from kongchuo_risk.contracts.profiles import Profile
from kongchuo_risk.domain.calendar import term_bounds, term_of
from kongchuo_risk.domain.progress import Progress, silent
from kongchuo_risk.domain.records import Records
from kongchuo_risk.domain.risk import RiskEntry, Tier
from kongchuo_risk.effects import margins
from kongchuo_risk.features import cohort, outcome, teaching_days

FIRST_JUNIOR_GRADE = 7
STAGES = ("小学", "初中")


def pupil_terms(records: Records, profile: Profile, *, progress: Progress = silent) -> pd.DataFrame:
    """Every pupil of every term with the outcome of that term.

    A term is looked at from the day on which the horizon of the one before it ends, so that every
    event falls into exactly one term: who did not come back belongs to the term before.

    Returns
    -------
    DataFrame
        ``student_id, term, as_of, school_code, class_id, grade, stage, entered`` (year of grade 1,
        as if no grade was repeated), ``outcome`` (1, 0 or NaN for not known yet).
    """
    days = term_days(records, profile)
    parts = []
    for done, day in enumerate(days, start=1):
        parts.append(_pupils_of(records, day, profile))
        progress(done, len(days), "计算各学期结果")
    columns = ["student_id", "term", "as_of", "school_code", "class_id", "grade", "stage",
               "entered", "outcome"]  # fmt: skip
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def term_days(records: Records, profile: Profile) -> list[date]:
    """The last day of each term's opening weeks, by the county rules."""
    days = teaching_days(records)
    first: dict[str, date] = {}
    for day in days:
        first.setdefault(term_of(day), day)
    weeks = profile.outcome.weeks_into_next_term
    ends = [
        max(day - timedelta(days=day.weekday()) + timedelta(days=7 * weeks - 1), day)
        for day in first.values()
    ]
    return [day for day in ends if days and day < days[-1]]


def _pupils_of(records: Records, day: date, profile: Profile) -> pd.DataFrame:
    found = outcome(records, day, profile)
    enrolled = cohort(records, day, profile)["included"]
    known = records["students"][records["students"]["known_on"] <= pd.Timestamp(day)]
    place = known.sort_values("known_on", kind="stable").drop_duplicates("student_id", keep="last")
    place = place.set_index("student_id")[["school_code", "class_id", "grade"]]
    rows = place.join(found[["y"]]).loc[enrolled[enrolled].index].reset_index()
    grade = rows["grade"].astype("Int64")
    year = int(term_of(day)[:4])
    junior = (grade >= FIRST_JUNIOR_GRADE).fillna(value=False).to_numpy(dtype=bool)
    return pd.DataFrame(
        {
            "student_id": rows["student_id"].astype("str"),
            "term": term_of(day),
            "as_of": pd.Timestamp(day),
            "school_code": rows["school_code"].astype("str"),
            "class_id": rows["class_id"].astype("str"),
            "grade": grade,
            "stage": np.where(junior, STAGES[1], STAGES[0]),
            "entered": (year - grade).astype("str"),
            "outcome": rows["y"],
        }
    )


def delivered_in_term(panel: pd.DataFrame, deliveries: pd.DataFrame) -> np.ndarray:
    """Whether each row's pupil got one of the deliveries in the row's term, shape (n_rows,).

    A delivery counts in every term from its first to its last day.
    """
    got = np.zeros(len(panel), dtype=bool)
    last = deliveries["ended_on"].fillna(deliveries["started_on"])
    for term, rows in panel.groupby("term").indices.items():
        begin, end = (pd.Timestamp(day) for day in term_bounds(str(term)))
        active = deliveries[(deliveries["started_on"] <= end) & (last >= begin)]
        pupils = active["student_id"].astype("str").unique()
        got[rows] = panel["student_id"].iloc[rows].isin(pupils)
    return got


def school_units(panel: pd.DataFrame) -> pd.DataFrame:
    """The panel by school and stage; primary pupils are compared with primary pupils only."""
    return panel.assign(
        unit=panel["school_code"] + "|" + panel["stage"],
        cluster=panel["school_code"],
        stratum=panel["stage"],
        period=panel["term"],
    )


def class_units(panel: pd.DataFrame) -> pd.DataFrame:
    """The panel by class; classes are compared that entered school in the same year."""
    return panel.assign(
        unit=panel["class_id"],
        cluster=panel["class_id"],
        stratum=panel["entered"],
        period=panel["term"],
    )


def around_the_line(
    entries: Sequence[RiskEntry], records: Records, profile: Profile
) -> pd.DataFrame:
    """One published list with margins, outcomes, and whether any help is recorded afterwards.

    Returns
    -------
    DataFrame
        ``student_id, school_code, grade, listed, log_odds, margin, outcome, delivered``.
    """
    as_of = entries[0].as_of
    probability = np.array([entry.probability for entry in entries])
    rows = pd.DataFrame(
        {
            "student_id": [entry.student_id for entry in entries],
            "school_code": [entry.school_code for entry in entries],
            "grade": [float(entry.grade) for entry in entries],
            "listed": [entry.tier is not Tier.NONE for entry in entries],
            "log_odds": logit(np.clip(probability, 1e-9, 1 - 1e-9)),
        }
    )
    became = outcome(records, as_of, profile)["y"]
    measures = records["measures_delivered"]
    after = (measures["started_on"] > pd.Timestamp(as_of)) & (
        measures["started_on"] <= pd.Timestamp(term_bounds(term_of(as_of))[1])
    )
    helped = measures.loc[after, "student_id"].astype("str").unique()
    return margins(
        rows.assign(
            outcome=became.reindex(rows["student_id"]).to_numpy(),
            delivered=rows["student_id"].isin(helped),
        )
    )
