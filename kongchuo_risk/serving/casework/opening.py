"""A case is opened: where the pupil is, who answers, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kongchuo_risk.cases import CaseStore
from kongchuo_risk.domain.case import Case, CaseStatus, Trigger
from kongchuo_risk.domain.clock import day_of
from kongchuo_risk.serving.casework.room import Room


@dataclass(frozen=True, slots=True)
class Beginning:
    """What opened a case: ``since`` is today when empty."""

    trigger: Trigger = Trigger.REPORTED
    since: date | None = None
    session: str = "AM"


def open_case(
    store: CaseStore,
    room: Room,
    student_id: str,
    status: CaseStatus,
    beginning: Beginning,
    *,
    note: str,
) -> Case:
    """Open a case in a unit of work: its owner is the 包保 teacher, else the class teacher.

    Raises
    ------
    CaseError
        When the pupil has an open case.
    NotFoundError
        When there is no such pupil.
    """
    school_code, class_id = room.roll().place_of(student_id)
    today = day_of(room.moment)
    away = status is not CaseStatus.EARLY_SIGN
    case = Case(
        student_id,
        school_code,
        class_id,
        today,
        status,
        owner_staff=owner_of(store, room, student_id, class_id),
        trigger=beginning.trigger,
        absent_since=(beginning.since or today) if away else None,
        absent_session=beginning.session,
    )
    return store.cases.add(case, by=room.by, note=note)


def owner_of(store: CaseStore, room: Room, student_id: str, class_id: str) -> str | None:
    """Who answers for a pupil: the approved 包保 teacher, the proposed one, the class teacher."""
    run = store.runs.current()
    approved = store.assignments.of_pupil(student_id)
    proposed = None
    if run is not None and run.id is not None:
        proposed = store.runs.pairings(run.id, [student_id]).get(student_id)
    chosen = approved or proposed
    return chosen.staff_no if chosen is not None else room.roll().homerooms.get(class_id)
