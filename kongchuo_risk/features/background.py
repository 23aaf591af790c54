"""家庭监护, 经济, 健康与残疾, 路途与寄宿: what the roster, the guardians and the aid tell."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kongchuo_risk.domain.calendar import term_of
from kongchuo_risk.features.known import View, day_numbers, translated

EDUCATION_LEVEL = {"none": 0.0, "primary": 1.0, "junior": 2.0, "senior": 3.0, "college": 4.0}
"""Order of 文化程度."""
HEALTH_LEVEL = {"10": 0.0, "20": 1.0, "30": 2.0, "40": 2.0, "50": 2.0}
"""Weight of 健康状况: good, weak, chronic illness or disability."""
UNPAID_AFTER_DAYS = 60
"""Aid applied for longer ago than this and not paid counts as unpaid."""
_NEEDY_FLAGS = ("aid_applied", "orphan", "unsupported")
_CATEGORIES = (
    "left_behind", "caregiver", "poverty_type", "disability_type", "placement", "boarding",
    "commute_mode", "expectation",
)  # fmt: skip
_NUMBERS = (
    "siblings", "disability_level", "school_distance_km", "repeated_grades", "friends_left",
)  # fmt: skip
_FLAGS = (
    "father_away", "mother_away", "parent_ill", "migrant_child", "prior_dropout", "preschool",
)  # fmt: skip


def roster_features(view: View) -> dict[str, np.ndarray | pd.Series]:
    """Columns that stand on the pupil's last known roster row, each of shape (n,)."""
    columns: dict[str, np.ndarray | pd.Series] = {name: view.pupils[name] for name in _CATEGORIES}
    for name in (*_NUMBERS, *_FLAGS):
        columns[name] = _numbers(view.pupils[name])
    orphan, unsupported = _numbers(view.pupils["orphan"]), _numbers(view.pupils["unsupported"])
    columns["orphan_or_unsupported"] = np.fmax(orphan, unsupported)
    columns["mother_education"] = translated(
        view.pupils["mother_education"], EDUCATION_LEVEL, np.nan
    )
    columns["health_status"] = translated(view.pupils["health_status"], HEALTH_LEVEL, np.nan)
    talent = view.pupils["talents"].notna().to_numpy(dtype="float64")
    columns["has_talent"] = talent if talent.any() else np.full(len(view), np.nan)
    return columns


def guardian_features(view: View) -> dict[str, np.ndarray]:
    """Columns about the guardians, each of shape (n,)."""
    guardians = view.table("guardians", "is_guardian", "away", "ill", "contacts_per_week")
    acting = guardians["is_guardian"].to_numpy(dtype=bool, na_value=True)
    by = guardians[acting].groupby("row")
    return {
        "guardian_contacts_week": _spread(view, by["contacts_per_week"].max()),
        "guardians_away": _spread(view, by["away"].sum(min_count=1)),
        "guardian_ill": _spread(view, by["ill"].max()),
    }


def aid_features(view: View) -> dict[str, np.ndarray]:
    """应助尽助: who is eligible without aid, whose aid has not been paid; each of shape (n,)."""
    aid = view.table("aid", "term", "paid_on")
    this_term = aid[(aid["term"] == term_of(view.as_of)).to_numpy(dtype=bool)]
    has_aid = view.count(this_term["row"]) > 0
    paid = day_numbers(aid["paid_on"])
    unpaid = (paid < 0) | (paid > view.day)
    waiting = (view.day - aid["happened"].to_numpy() > UNPAID_AFTER_DAYS) & unpaid
    kept = view.keeps("aid")
    eligible = _eligible(view.pupils)
    return {
        "aid_not_received": np.where(kept, eligible * ~has_aid, np.nan),
        "aid_unpaid": np.where(kept, view.count(aid.loc[waiting, "row"]), np.nan),
    }


def _eligible(pupils: pd.DataFrame) -> np.ndarray:
    """1 when any ground for aid is on the roster, 0 when none is, NaN when nothing is known."""
    poverty = pupils["poverty_type"]
    grounds = [np.where(poverty.isna(), np.nan, (poverty != "none").to_numpy(dtype=float))]
    grounds += [_numbers(pupils[name]) for name in _NEEDY_FLAGS]
    return np.asarray(np.fmax.reduce(grounds))


def _numbers(values: pd.Series) -> np.ndarray:
    """Numbers and flags as float64 with NaN for unknown."""
    return np.asarray(values.to_numpy(dtype="float64", na_value=np.nan))


def _spread(view: View, by_row: pd.Series) -> np.ndarray:
    """``by_row`` as an array of shape (n,), NaN for pupils without a value."""
    found = np.full(len(view), np.nan)
    found[by_row.index.to_numpy(dtype=np.int64)] = _numbers(by_row)
    return found
