"""Checks of rosters, classes, family members and staff."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from kongchuo_risk.domain.calendar import school_year_start
from kongchuo_risk.validation.findings import Measured
from kongchuo_risk.validation.view import View

Limits = Mapping[str, float]
KEY_FIELDS = {
    "left_behind": "是否留守儿童",
    "poverty_type": "困难类型",
    "disability_type": "残疾类型",
}
EXIT_CHANGES = frozenset({"11", "21", "31", "51", "61", "70", "81", "82"})
"""Registration changes that explain why a pupil is on no list."""
_ALIKE = [
    "class_id", "sex", "birth_date", "village", "school_distance_km", "siblings",
    "mother_education", "caregiver",
]  # fmt: skip


def check_no_students(view: View, limits: Limits) -> Measured | None:
    """Nobody is known at all."""
    return Measured(1) if view.records["students"].empty else None


def check_no_roster_this_term(view: View, limits: Limits) -> Measured | None:
    """The last roster is of an earlier term."""
    if view.last_roster_term >= view.term:
        return None
    last = view.records["students"]["known_on"].max()
    return Measured(len(view.pupils), values={"last": f"{last:%Y-%m-%d}"})


def check_without_class(view: View, limits: Limits) -> Measured | None:
    """Pupils whose class is not among the classes of the term."""
    here = view.present_roster
    lost = here[~here["class_id"].isin(view.classes["class_id"])]
    return _if_any(lost.index, len(here))


def check_without_homeroom(view: View, limits: Limits) -> Measured | None:
    """Classes that nobody is responsible for."""
    classes = view.classes
    without = classes[classes["homeroom_staff"].fillna("").eq("")]
    return _if_any(without["class_id"], len(classes))


def check_large_class(view: View, limits: Limits) -> Measured | None:
    """Classes above the limit (大班额: 56 and more)."""
    size = view.present_roster.groupby("class_id").size()
    large = size[size > limits["pupils"]].sort_values(ascending=False)
    examples = tuple(f"{name}（{count} 人）" for name, count in large.items())
    return Measured(len(large), len(size), examples) if len(large) else None


def check_impossible_age(view: View, limits: Limits) -> Measured | None:
    """Pupils far younger or older than their grade; six years on 1 September is grade 1."""
    here = view.present_roster.dropna(subset=["birth_date", "grade"])
    start = pd.Timestamp(school_year_start(view.as_of))
    age = (start - here["birth_date"]).dt.days / 365.25
    gap = age - (here["grade"].astype(float) + 5)
    wrong = (gap < -limits["younger_years"]) | (gap > limits["older_years"] + 1)
    return _if_any(here.index[wrong], len(here))


def check_vanished(view: View, limits: Limits) -> Measured | None:
    """Pupils of the list before the last one who are on no later list, without an exit on file."""
    terms = view.roster_terms
    earlier = terms[terms < view.last_roster_term].max()
    students = view.records["students"]
    before = students[terms == earlier].drop_duplicates("student_id", keep="last")
    before = before[~before["status"].isin(["07", "10", "11"])]
    after = students["student_id"][terms >= view.last_roster_term]
    changes = view.records["registration_changes"]
    left = changes["student_id"][changes["change_type"].isin(list(EXIT_CHANGES))]
    graduated = before["grade"].ge(9) & (str(earlier)[:4] < view.last_roster_term[:4])
    gone = before[~before["student_id"].isin(after) & ~before["student_id"].isin(left)]
    return _if_any(gone["student_id"][~graduated.reindex(gone.index)], len(before))


def check_without_capacity(view: View, limits: Limits) -> Measured | None:
    """Staff who do not say how many pupils they can look after."""
    staff = view.records["staff"].drop_duplicates("staff_no", keep="last")
    without = staff["staff_no"][staff["mentor_capacity"].isna()]
    return _if_share(without, len(staff), limits["share"])


def check_missing_fields(view: View, limits: Limits) -> Measured | None:
    """Key fields that are empty for many pupils."""
    here = view.present_roster
    missing = here[list(KEY_FIELDS)].replace("", pd.NA).isna().mean()
    bad = missing[missing > limits["share"]]
    examples = tuple(f"{KEY_FIELDS[str(name)]}（空缺 {share:.0%}）" for name, share in bad.items())
    return Measured(len(bad), len(KEY_FIELDS), examples) if len(bad) else None


def check_duplicate_pupils(view: View, limits: Limits) -> Measured | None:
    """Pupils of one class whom nothing but the number tells apart."""
    here = view.present_roster.dropna(subset=_ALIKE)
    return _if_any(here.index[here.duplicated(_ALIKE, keep=False)], len(here))


def check_without_guardian(view: View, limits: Limits) -> Measured | None:
    """Pupils for whom no guardian is on file."""
    guardians = view.records["guardians"]
    covered = guardians["student_id"][guardians["is_guardian"].fillna(False).astype(bool)]
    here = view.present_roster.index
    return _if_share(here[~here.isin(covered)], len(here), limits["share"])


def check_one_member(view: View, limits: Limits) -> Measured | None:
    """Pupils with a single family member on file."""
    members = view.records["guardians"].groupby("student_id")["seat"].nunique()
    here = view.present_roster.index
    single = here[members.reindex(here, fill_value=0).eq(1)]
    return _if_share(single, len(here), limits["share"])


def _if_any(found: pd.Series | pd.Index, total: int) -> Measured | None:
    return Measured(len(found), total, tuple(map(str, found[:5]))) if len(found) else None


def _if_share(found: pd.Series | pd.Index, total: int, share: float) -> Measured | None:
    return _if_any(found, total) if total and len(found) / total > share else None
