"""A county of two schools, small enough to count by hand; everything in it is made up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from hypothesis import strategies as st

from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.case import NEXT_STATUS, Case, CaseEvent, CaseStatus, Destination
from kongchuo_risk.domain.clock import CHINA
from kongchuo_risk.domain.records import Records
from kongchuo_risk.domain.school_record import RecordKind, SchoolRecord
from kongchuo_risk.domain.visit import (
    Attitude,
    Delivery,
    Notice,
    NoticeKind,
    Visit,
    VisitMode,
    Visitor,
    VisitResult,
)
from kongchuo_risk.procedure.periods import Period, period_of
from kongchuo_risk.reports.ledgers.history import CaseHistory
from kongchuo_risk.reports.ledgers.material import Material, Scope
from kongchuo_risk.reports.ledgers.roll import Rolls
from tests.builders import records, table

COUNTY, PRIMARY, JUNIOR = (
    Scope("甲县", "县"), Scope("甲小学", "校", ("S1",)), Scope("乙中学", "校", ("S2",)),
)  # fmt: skip
OCTOBER: Period = period_of(date(2025, 10, 1), "month")
ROSTER_DAY = date(2025, 9, 5)


def on(month: int, day: int, hour: int = 9, year: int = 2025) -> datetime:
    """A moment of the autumn of 2025."""
    return datetime.combine(date(year, month, day), time(hour), tzinfo=CHINA)


def primary_pupil(name: str, **more: Any) -> dict[str, Any]:
    """A pupil of grade 3 at S1."""
    row = {"student_id": name, "school_code": "S1", "class_id": "P1", "grade": 3}
    return {**row, "known_on": ROSTER_DAY, **more}


def junior_pupil(name: str, **more: Any) -> dict[str, Any]:
    """A pupil of grade 8 at S2."""
    row = {"student_id": name, "school_code": "S2", "class_id": "J1", "grade": 8}
    return {**row, "known_on": ROSTER_DAY, **more}


def roster(*more: dict[str, Any]) -> list[dict[str, Any]]:
    """p1 to p6 at the primary school, j1 to j8 at the junior high school, and further rows."""
    own = [primary_pupil(f"p{n}") for n in range(1, 7)]
    return [*own, *(junior_pupil(f"j{n}") for n in range(1, 9)), *more]


def county_records(*more: dict[str, Any], **tables: Any) -> Records:
    """Records of both schools; ``more`` are further rows of ``students``."""
    schools = [
        {"school_code": "S1", "school_name": "甲小学", "school_type": "primary"},
        {"school_code": "S2", "school_name": "乙中学", "school_type": "junior"},
    ]
    filled = {name: table(name, rows) for name, rows in tables.items()}
    return records(students=table("students", roster(*more)), schools=table("schools", schools),
                   **filled)  # fmt: skip


ROLLS = Rolls(county_records())
"""The county without any change, made once."""


def case(pupil: str, number: int, since: date, **more: Any) -> Case:
    """A case of a pupil of either school."""
    school, class_id = ("S1", "P1") if pupil.startswith("p") else ("S2", "J1")
    plain = Case(pupil, school, class_id, since, CaseStatus.SUSPECTED, "T1", absent_since=since)
    return replace(plain, id=number, **more)


def events(of: Case, *moves: tuple[datetime, CaseStatus], **last: Any) -> list[CaseEvent]:
    """The events of a case: the moves in their order; ``last`` changes the case at the last one."""
    found: list[CaseEvent] = []
    before: CaseStatus | None = None
    for number, (at, status) in enumerate(moves, start=1):
        changes = last if number == len(moves) else {}
        now = replace(of, status=status, **changes)
        found.append(CaseEvent(of.id or 0, at, before, status, "T1", "", now))
        before = status
    return found


def visit(pupil: str, number: int, at: datetime, **more: Any) -> Visit:
    """A visit at home by the class teacher, recorded the same hour."""
    plain = Visit(
        pupil, at, VisitMode.HOME, (Visitor("班主任甲", Role.HOMEROOM),), VisitResult.NOT_RETURNED,
        case_id=number, met_student=True, met_guardian=True, talk="谈话", next_step="再去",
        attitude=Attitude.HESITANT, guardian_opinion="同意", recorded_at=at.isoformat(),
    )  # fmt: skip
    return replace(plain, **more)


def notice(pupil: str, number: int, issued: date, delivered: date | None = None) -> Notice:
    """A notice of return."""
    return Notice(
        pupil, NoticeKind.RETURN_NOTICE, f"控辍{number}号", issued, "监护人", "校长乙",
        case_id=number, delivery=Delivery.IN_PERSON if delivered else None, delivered_on=delivered,
        receipt="监护人签字" if delivered else "",
    )  # fmt: skip


def school_record(kind: RecordKind, school: str, day: date, **more: Any) -> SchoolRecord:
    return SchoolRecord(kind, school, day, "记录", **more)


SUSPECTED, PERSUADING, RETURNED = (
    CaseStatus.SUSPECTED, CaseStatus.PERSUADING, CaseStatus.RETURNED,
)  # fmt: skip


def autumn_events() -> list[CaseEvent]:
    """j1 away since September; j2 away a week in October; j3 since the end of it; p1 in September.

    j1 becomes 辍学 on 6 October, 28 days after 8 September.
    """
    return [
        *events(case("j1", 1, date(2025, 9, 8), cause="11"), (on(9, 15), SUSPECTED),
                (on(9, 16), PERSUADING), destination=Destination.WORKING),
        *events(case("j2", 2, date(2025, 10, 13)), (on(10, 13), SUSPECTED),
                (on(10, 14), PERSUADING), (on(10, 20), RETURNED), returned_on=date(2025, 10, 20)),
        *events(case("j3", 3, date(2025, 10, 27)), (on(10, 28), SUSPECTED)),
        *events(case("p1", 4, date(2025, 9, 22)), (on(9, 22), SUSPECTED), (on(9, 29), RETURNED)),
    ]  # fmt: skip


def autumn(*more: CaseEvent, visits: Iterable[Visit] = (), **material: Any) -> Material:
    """The county's autumn of 2025: p6 transfers out on 10 October; j8 is missing from the 20th."""
    missing = junior_pupil("j8", status="15", known_on=date(2025, 10, 20))
    moved = {
        "student_id": "p6", "change_type": "21", "day": date(2025, 10, 10),
        "to_school": "外县小学", "approved_on": date(2025, 10, 9),
    }  # fmt: skip
    own = (
        visit("j1", 1, on(10, 2)), visit("j1", 1, on(10, 9)),
        visit("j2", 2, on(10, 13, 15), result=VisitResult.PROMISED),
    )  # fmt: skip
    history = CaseHistory(
        (*autumn_events(), *more), (*own, *visits),
        (notice("j1", 1, date(2025, 10, 7), date(2025, 10, 8)),),
        records=(school_record(RecordKind.TERM_CHECK, "S2", date(2025, 10, 15), class_id="J1"),),
    )  # fmt: skip
    rows = county_records(missing, registration_changes=[moved])
    return Material(Rolls(rows), history, **material)


_PUPILS = [*(f"p{n}" for n in range(1, 7)), *(f"j{n}" for n in range(1, 9))]
AUTUMN_FIRST, AUTUMN_DAYS = date(2025, 9, 8), 90


@st.composite
def case_walks(draw: st.DrawFn) -> tuple[CaseEvent, ...]:
    """Some pupils' cases on some days of the autumn, each along moves that are allowed."""
    found: list[CaseEvent] = []
    pupils = draw(st.lists(st.sampled_from(_PUPILS), unique=True, max_size=6))
    for number, pupil in enumerate(pupils, start=1):
        days = sorted(draw(st.lists(st.integers(0, AUTUMN_DAYS), min_size=1, max_size=5)))
        status = CaseStatus.SUSPECTED
        moves = []
        for place, day in enumerate(days):
            at = on(9, 8, 8) + timedelta(days=day, hours=place)
            moves.append((at, status))
            status = draw(st.sampled_from(sorted(NEXT_STATUS[status])))
        found += events(case(pupil, number, AUTUMN_FIRST + timedelta(days=days[0])), *moves)
    return tuple(found)
