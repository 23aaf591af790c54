"""The worked cases of ``data_schema/examples/procedure.yaml`` as facts and tasks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator

from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.contracts.reading import Contract, read_yaml
from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.attendance import Absence, ClassSheet, Observation, Suspicion
from kongchuo_risk.domain.case import Case, CaseEvent, CaseStatus, Destination, Proposal
from kongchuo_risk.domain.clock import CHINA, day_of
from kongchuo_risk.domain.school_days import SchoolDays
from kongchuo_risk.domain.school_record import RecordKind, RegistrationRequest, SchoolRecord
from kongchuo_risk.domain.task import Task
from kongchuo_risk.domain.visit import (
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
from kongchuo_risk.procedure import CaseFacts, SchoolFacts, completed

CALENDAR = completed(SchoolDays(), date(2025, 8, 1), date(2026, 7, 31))
_SESSIONS = {"上午": "AM", "下午": "PM"}
_HOURS = {"AM": 8, "PM": 14}


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=CHINA)


def _half_day(text: str) -> tuple[date, str]:
    day, session = text.split()
    return date.fromisoformat(day), _SESSIONS[session]


Moment = Annotated[datetime, BeforeValidator(_moment)]
HalfDay = Annotated[tuple[date, str], BeforeValidator(_half_day)]


class Made(Contract):
    at: Moment
    by: tuple[Role, ...]
    mode: VisitMode = VisitMode.HOME
    promise: date | None = None


class Paper(Contract):
    kind: NoticeKind
    issued: date
    deadline: date | None = None
    delivered: date | None = None


class Taken(Contract):
    at: Moment
    kind: StepKind


class Fields(Contract):
    owner_staff: str | None = "T1"
    cause: str | None = None
    destination: Destination | None = None
    returned_on: date | None = None


class Given(Contract):
    absent: HalfDay | None = None
    sign: date | None = None
    known: Moment | None = None
    status: CaseStatus = CaseStatus.SUSPECTED
    fields: Fields = Fields()
    visits: tuple[Made, ...] = ()
    notices: tuple[Paper, ...] = ()
    steps: tuple[Taken, ...] = ()
    papers: tuple[str, ...] = ()
    observed: tuple[date, ...] = ()
    asked: Moment | None = None


class Example(Contract):
    name: str
    rules: tuple[str, ...]
    profile: str = "国家2024"


class Expected(Example):
    now: Moment
    expect: dict[str, str] = {}  # noqa: RUF012
    never: tuple[str, ...] = ()


class DeadlineExample(Expected):
    given: Given


class MoveExample(Example):
    now: Moment
    given: Given
    to: CaseStatus
    by: Role
    note: str = ""
    evidence: tuple[str, ...] = ()
    expect: tuple[str, ...] = ()
    second: frozenset[Role] = frozenset()


class SheetGiven(Contract):
    at: HalfDay
    enrolled: int = 40
    missing: dict[str, str] = {}  # noqa: RUF012


class SheetExample(Example):
    sheets: tuple[SheetGiven, ...]
    expect: dict[str, int]
    held: bool = False


class Seen(Contract):
    day: date
    tag: str


class Recorded(Contract):
    kind: RecordKind
    day: date
    title: str


class SchoolExample(Expected):
    first_day: date | None = None
    observations: tuple[Seen, ...] = ()
    records: tuple[Recorded, ...] = ()
    request: Moment | None = None
    held: Moment | None = None


class Pupil(Contract):
    enrolled: str
    registered: bool = True
    aid: tuple[date, ...] = ()
    visited: date


class PupilExample(Expected):
    pupil: Pupil


class Examples(Contract):
    deadlines: tuple[DeadlineExample, ...]
    moves: tuple[MoveExample, ...]
    sheets: tuple[SheetExample, ...]
    school: tuple[SchoolExample, ...]
    pupils: tuple[PupilExample, ...]

    @property
    def all(self) -> list[Example]:
        return [*self.deadlines, *self.moves, *self.sheets, *self.school, *self.pupils]


def load_examples() -> Examples:
    return Examples.model_validate(read_yaml(data_schema() / "examples" / "procedure.yaml"))


def told(tasks: Iterable[Task]) -> dict[str, list[str]]:
    """Kind → due moment and state of each of its tasks."""
    found: dict[str, list[str]] = {}
    for task in tasks:
        found.setdefault(task.kind, []).append(f"{task.due:%Y-%m-%d %H:%M} {task.state}")
    return found


def case_facts(given: Given) -> CaseFacts:
    case, events = _life(given)
    steps = [Step(1, step.kind, step.at, "T1") for step in given.steps]
    steps += [Step(1, StepKind.PAPER, _noon(events[0].at), "T1", paper=p) for p in given.papers]
    steps += [
        Step(1, StepKind.OBSERVED, datetime(d.year, d.month, d.day, 9, tzinfo=CHINA), "T1",
             at_school=True)
        for d in given.observed
    ]  # fmt: skip
    asked = [Proposal(1, CaseStatus.CLOSED, "班主任甲", given.asked, id=1)] if given.asked else []
    return CaseFacts(
        case,
        tuple(events),
        tuple(_visit(number, made) for number, made in enumerate(given.visits, start=1)),
        tuple(map(_notice, given.notices)),
        tuple(steps),
        tuple(asked),
    )


def class_sheet(given: SheetGiven) -> ClassSheet:
    day, session = given.at
    missing = tuple(Absence(pupil, kind) for pupil, kind in given.missing.items())
    return ClassSheet("S1", "C1", day, session, given.enrolled, missing)


def school_facts(example: SchoolExample) -> SchoolFacts:
    asked, held = example.request, example.held
    return SchoolFacts(
        "S1",
        {"C1": "T1"},
        records=tuple(
            SchoolRecord(record.kind, "S1", record.day, record.title,
                         recorded_at=f"{record.day}T10:00:00+08:00")
            for record in example.records
        ),
        observations=tuple(Observation("甲", each.day, each.tag, "T2")
                           for each in example.observations),
        requests=(RegistrationRequest("甲", "S1", "21", day_of(asked), "迁居", id=1,
                                      asked_at=asked.isoformat()),) if asked else (),
        suspicions=(Suspicion("甲", "S1", "C1", day_of(held), "AM", 1, "无故缺勤", "大面积", id=1,
                              recorded_at=held.isoformat()),) if held else (),
        first_day=example.first_day,
    )  # fmt: skip


def _life(given: Given) -> tuple[Case, list[CaseEvent]]:
    """The case as it stands, and the events that made it."""
    since, session = given.absent or (given.sign, "AM")
    assert since is not None
    known = given.known or datetime(since.year, since.month, since.day, _HOURS[session],
                                    tzinfo=CHINA)  # fmt: skip
    fields: dict[str, Any] = dict(given.fields)
    case = Case("甲", "S1", "C1", since, given.status, absent_session=session, id=1,
                absent_since=since if given.absent else None, **fields)  # fmt: skip
    if given.status is CaseStatus.EARLY_SIGN:
        return case, [CaseEvent(1, known, None, given.status, "T1", "", case)]
    events = [CaseEvent(1, known, None, CaseStatus.SUSPECTED, "T1", "", case)]
    if given.fields.returned_on is not None:
        back = datetime.combine(given.fields.returned_on, known.timetz())
        events.append(CaseEvent(1, back, CaseStatus.SUSPECTED, given.status, "T1", "", case))
    return case, events


def _visit(number: int, made: Made) -> Visit:
    visitors = tuple(Visitor(f"{role}某", role) for role in made.by)
    return Visit("甲", made.at, made.mode, visitors, VisitResult.NOT_RETURNED, case_id=1,
                 met_student=True, met_guardian=True, promise=made.promise, id=number)  # fmt: skip


def _notice(paper: Paper) -> Notice:
    return Notice(
        "甲", paper.kind, f"{paper.kind}1号", paper.issued, "监护人", "校长乙", case_id=1,
        deadline=paper.deadline, delivered_on=paper.delivered,
        delivery=Delivery.IN_PERSON if paper.delivered else None,
        receipt="监护人签字" if paper.delivered else "",
    )  # fmt: skip


def _noon(moment: datetime) -> datetime:
    return moment.replace(hour=12)
