"""Draft plans of a whole cohort: facts, measures and the people who carry them out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from kongchuo_risk.contracts.policy import MENTOR, Policy
from kongchuo_risk.domain.plan import Pairing, PlanItem
from kongchuo_risk.domain.records import Records
from kongchuo_risk.domain.risk import RiskEntry
from kongchuo_risk.planning.capacity import roles_of
from kongchuo_risk.planning.deadlines import school_days
from kongchuo_risk.planning.facts import Situation, pupil_situations
from kongchuo_risk.planning.matching import match_measures
from kongchuo_risk.planning.mentors import homeroom_by_class
from kongchuo_risk.planning.places import allot_places

NOTHING_KNOWN = Situation()


def draft_plans(
    entries: Sequence[RiskEntry],
    pairings: Iterable[Pairing],
    records: Records,
    *,
    policy: Policy,
) -> tuple[PlanItem, ...]:
    """Plan items of every scored pupil, for people to confirm.

    Parameters
    ----------
    entries
        Everybody who was scored, listed or not, on one day.
    pairings
        Who answers for whom; the owner of items for the mentor.
    records
        Tables as in :func:`~kongchuo_risk.planning.facts.pupil_situations`, ``staff`` and
        ``classes``; and ``calendar`` if deadlines are to keep to its holidays.
    policy
        The measures.

    Returns
    -------
    tuple of PlanItem
        In the order of ``entries``; each pupil's in the order of their deadlines.
    """
    if not entries:
        return ()
    day = entries[0].as_of
    situations = pupil_situations(records, day, policy=policy)
    mentor = {pairing.student_id: pairing.staff_no for pairing in pairings}
    homeroom = homeroom_by_class(records["classes"])
    roles = _first_by_role(records["staff"])
    calendar = school_days(records.get("calendar"))
    items = (
        item
        for entry in entries
        for item in match_measures(
            entry.student_id,
            entry.reasons,
            situations.get(entry.student_id, NOTHING_KNOWN),
            entry.tier,
            policy=policy,
            day=day,
            owners=roles.get(entry.school_code, {})
            | _own(MENTOR, mentor.get(entry.student_id))
            | _own("homeroom", homeroom.get(entry.class_id)),
            calendar=calendar,
        )
    )
    return allot_places(items, entries, policy=policy)


def _own(role: str, staff_no: str | None) -> dict[str, str]:
    return {} if staff_no is None else {role: staff_no}


def _first_by_role(staff: pd.DataFrame) -> dict[str, dict[str, str]]:
    """School → role → the person who holds it; the first by number when there are several.

    Class teachers and subject teachers are not named here: which of them it is depends on the
    pupil, and is the school's to say.
    """
    people = staff.drop_duplicates("staff_no", keep="last").sort_values("staff_no")
    schools: dict[str, dict[str, str]] = {}
    rows = zip(people["school_code"], people["staff_no"], people["roles"], strict=True)
    for school_code, number, text in rows:
        held = schools.setdefault(school_code, {})
        for role in roles_of(text) - {"homeroom", "subject"}:
            held.setdefault(role, number)
    return schools
