"""Who answers for what: roles of a school, its classes and its pupils' mentors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import pandas as pd

from kongchuo_risk.contracts.policy import MENTOR, Policy
from kongchuo_risk.domain.risk import RiskEntry
from kongchuo_risk.planning.capacity import roles_of
from kongchuo_risk.planning.mentors import STAND_INS, homeroom_by_class

Owners = Mapping[str, str]
"""Owner role → staff number."""


def stand_in_for(role: str, owners: Owners, policy: Policy) -> tuple[str, str | None]:
    """Label and staff number of who answers for a role (校长包校, rule 33).

    Who leads the school stands in for a role that nobody holds; for a subject teacher nobody
    does, because which of them it is, only the school knows.
    """
    label, held = policy.role_label(role), owners.get(role)
    leader = next((stand_in for stand_in in STAND_INS if stand_in in owners), None)
    if held is not None or leader is None or role == "subject":
        return label, held
    return f"{policy.role_label(leader)}代{label}", owners[leader]


def owners_of_pupils(
    entries: Sequence[RiskEntry],
    mentors: Mapping[str, str],
    staff: pd.DataFrame,
    classes: pd.DataFrame,
) -> Callable[[int], Owners]:
    """Place among ``entries`` → the people who answer for that pupil, by role.

    Parameters
    ----------
    entries
        Everybody who is planned for.
    mentors
        Pupil → staff number of the responsible adult.
    staff, classes
        Rows of those tables.
    """
    schools = owners_of_schools(staff)
    homeroom = homeroom_by_class(classes)
    nobody: dict[str, str] = {}

    @lru_cache(maxsize=1)
    def owners(place: int) -> Owners:
        entry = entries[place]
        return (
            schools.get(entry.school_code, nobody)
            | _own(MENTOR, mentors.get(entry.student_id))
            | _own("homeroom", homeroom.get(entry.class_id))
        )

    return owners


def owners_of_schools(staff: pd.DataFrame) -> dict[str, dict[str, str]]:
    """School → role → the person who holds it; the first by number when there are several.

    Class teachers and subject teachers are not named here: which of them it is depends on the
    pupil, and is the school's to say.
    """
    people = staff.drop_duplicates("staff_no", keep="last").sort_values("staff_no")
    schools: dict[str, dict[str, str]] = {}
    rows = zip(people["school_code"], people["staff_no"], people["roles"], strict=True)
    for school_code, number, text in rows:
        held = schools.setdefault(str(school_code), {})
        for role in sorted(roles_of(text) - {"homeroom", "subject"}):
            held.setdefault(role, number)
    return schools


def _own(role: str, staff_no: str | None) -> dict[str, str]:
    return {} if staff_no is None else {role: staff_no}
