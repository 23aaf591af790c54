"""Values of the procedure; a test names only what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from kongchuo_risk.contracts.profiles import load_profile
from kongchuo_risk.domain.actor import Actor, Role
from kongchuo_risk.domain.attendance import Absence, ClassSheet
from kongchuo_risk.domain.case import Case, CaseEvent, CaseStatus, Destination
from kongchuo_risk.domain.clock import CHINA
from kongchuo_risk.domain.school_days import SchoolDays
from kongchuo_risk.domain.task import Task
from kongchuo_risk.domain.visit import (
    Attitude,
    Delivery,
    Notice,
    NoticeKind,
    Step,
    StepKind,
    Visit,
    VisitMode,
    Visitor,
    VisitResult,
)
from kongchuo_risk.procedure import CaseFacts, Setting, case_tasks

MONDAY = date(2025, 9, 8)
NATIONAL = load_profile("国家2024").procedure
YONGZHEN = load_profile("永镇").procedure
TEACHER = Actor("班主任甲", frozenset({Role.HOMEROOM}), "T1")
PRINCIPAL = Actor("校长乙", frozenset({Role.PRINCIPAL}), "T9")
CLERK = Actor("学籍员丙", frozenset({Role.REGISTRAR}), "T5")
OFFICE = Actor("学区丁", frozenset({Role.OFFICE}))
ALL_PAPERS = tuple(NoticeKind)


def at(day: int, hour: int = 9, minute: int = 0) -> datetime:
    """A moment ``day`` days after the Monday."""
    moment = datetime(MONDAY.year, MONDAY.month, MONDAY.day, hour, minute, tzinfo=CHINA)
    return moment + timedelta(days=day)


def day(number: int) -> date:
    """A day so many days after the Monday."""
    return MONDAY + timedelta(days=number)


def case(status: CaseStatus = CaseStatus.SUSPECTED, **changes: Any) -> Case:
    """A pupil who was first missed on the Monday morning; the case is the seventeenth."""
    plain = Case("a", "S1", "C1", MONDAY, status, owner_staff="T1", absent_since=MONDAY, id=17)
    return replace(plain, **changes)


def known(**changes: Any) -> dict[str, Any]:
    """Cause and destination, as guards ask for them."""
    return {"cause": "11", "destination": Destination.AT_HOME} | changes


def facts(of: Case | None = None, known_at: datetime | None = None, **parts: Any) -> CaseFacts:
    """A case that was opened on the Monday at nine."""
    of = of or case()
    opened = CaseEvent(
        17, known_at or at(0), None, CaseStatus.SUSPECTED, "T1", "",
        replace(of, status=CaseStatus.SUSPECTED),
    )  # fmt: skip
    events = parts.pop("events", ())
    values = {name: tuple(value) for name, value in parts.items()}
    return CaseFacts(of, events=(opened, *events), **values)


def moved(to: CaseStatus, when: datetime, *, before: CaseStatus = CaseStatus.PERSUADING,
          **changes: Any) -> CaseEvent:  # fmt: skip
    """A stored move."""
    return CaseEvent(17, when, before, to, "T1", "", case(to, **changes))


def visit(when: datetime, *roles: Role, **changes: Any) -> Visit:
    """A visit at home by a class teacher (or ``roles``) who met pupil and guardian."""
    visitors = tuple(Visitor(f"{role}某", role) for role in roles or (Role.HOMEROOM,))
    plain = Visit(
        "a", when, VisitMode.HOME, visitors, VisitResult.NOT_RETURNED, case_id=17,
        met_student=True, met_guardian=True, talk="谈了学校的情况", attitude=Attitude.HESITANT,
        guardian_opinion="同意返校", next_step="三天后再去", id=1,
    )  # fmt: skip
    return replace(plain, **changes)


def visits(*days: int) -> list[Visit]:
    """Visits at home on some days after the Monday."""
    return [visit(at(day, 15), id=number) for number, day in enumerate(days, start=1)]


def notice(kind: NoticeKind, day: int, *, deadline: int | None = None,
           delivered: int | None = None) -> Notice:  # fmt: skip
    """A paper issued some days after the Monday."""
    return Notice(
        "a", kind, f"{kind}{day}", MONDAY + timedelta(days=day), "监护人", "校长乙", case_id=17,
        deadline=None if deadline is None else MONDAY + timedelta(days=deadline),
        delivery=None if delivered is None else Delivery.IN_PERSON,
        delivered_on=None if delivered is None else MONDAY + timedelta(days=delivered),
        receipt="" if delivered is None else "监护人签字",
    )  # fmt: skip


def step(kind: StepKind, when: datetime, **changes: Any) -> Step:
    return replace(Step(17, kind, when, "T1"), **changes)


def paper(name: str) -> Step:
    return step(StepKind.PAPER, at(1), paper=name)


def observed(day: int, *, at_school: bool = True) -> Step:
    return step(StepKind.OBSERVED, at(day), at_school=at_school)


def setting(moment: datetime, procedure: Any = NATIONAL) -> Setting:
    return Setting(procedure, SchoolDays(), moment)


def tasks(of: CaseFacts, moment: datetime, procedure: Any = NATIONAL) -> dict[str, Task]:
    """Tasks of a case by kind (the last of a kind where there are several)."""
    return {task.kind: task for task in case_tasks(of, setting(moment, procedure))}


def sheet(day: int, session: str = "AM", *missing: str, kind: str = "unexcused",
          enrolled: int = 40, **changes: Any) -> ClassSheet:  # fmt: skip
    """A sheet of a class some days after the Monday."""
    absences = tuple(Absence(pupil, kind) for pupil in missing)
    plain = ClassSheet("S1", "C1", MONDAY + timedelta(days=day), session, enrolled, absences)
    return replace(plain, **changes)


def names(found: Sequence[object]) -> list[str]:
    return [str(getattr(item, "student_id", item)) for item in found]
