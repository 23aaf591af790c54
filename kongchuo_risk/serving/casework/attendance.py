"""Attendance at the desk: a sheet is entered, and who is missing is looked for at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from kongchuo_risk.cases import CaseStore, case_reader, case_store
from kongchuo_risk.domain.attendance import ClassSheet, Observation, Suspicion, SuspicionState
from kongchuo_risk.domain.calendar import SESSIONS
from kongchuo_risk.domain.case import Case, CaseStatus, Trigger
from kongchuo_risk.domain.clock import day_of
from kongchuo_risk.errors import CaseError
from kongchuo_risk.procedure import is_early_sign, is_suspicion
from kongchuo_risk.serving.casework.lookout import LOOK_BACK, Found, Lookout
from kongchuo_risk.serving.casework.opening import Beginning, open_case
from kongchuo_risk.serving.casework.permits import Deed
from kongchuo_risk.serving.casework.roll import Roll
from kongchuo_risk.serving.casework.room import Room

LOOKED = "查找缺勤"
"""Subject of the audit rows that say up to which day the sheets were looked into."""
LATE_IMPORTS = timedelta(days=7)
"""So far back every run looks again: attendance is imported days after it was taken."""
_OPEN_AGAIN = frozenset({CaseStatus.EARLY_SIGN, CaseStatus.RETURNED, CaseStatus.FOLLOW_UP})


@dataclass(frozen=True)
class Entered:
    """What an entry led to."""

    sheet: ClassSheet
    found: Found


@dataclass(frozen=True)
class ClassDay:
    """What a class's teacher is expected to enter on a day.

    Attributes
    ----------
    is_school_day
        Whether school is held; on another day nothing is expected.
    pupils
        Pupil → name, as on the roll of the day.
    sheets
        Morning and afternoon as they stand; version 0 when nobody entered one yet.
    """

    class_id: str
    day: date
    is_school_day: bool
    pupils: dict[str, str]
    sheets: tuple[ClassSheet, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """Sessions whose sheet is still to be entered."""
        if not self.is_school_day:
            return ()
        return tuple(sheet.session for sheet in self.sheets if not sheet.version)


@dataclass(frozen=True)
class CaughtUp:
    """What a run over the sheets of some days found."""

    first: date
    last: date
    classes: int
    found: Found


class AttendanceDesk:
    """Sheets and observations, as class teachers enter them."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def attendance_of(self, class_id: str, day: date) -> ClassDay:
        """What is expected of a class on a day, and what was entered already."""
        roll = self._room.rolls.of(day)
        pupils = roll.of_class(class_id)
        with case_reader(self._room.engine) as store:
            sheets = tuple(_sheet(store, roll, class_id, session) for session in SESSIONS)
        return ClassDay(class_id, day, roll.calendar.is_open(day), roll.names(pupils), sheets)

    def blank(self, class_id: str, day: date, session: str) -> ClassSheet:
        """The sheet to fill: as it stands when there is one, else with everybody present."""
        with case_reader(self._room.engine) as store:
            return _sheet(store, self._room.rolls.of(day), class_id, session)

    def enter(self, sheet: ClassSheet) -> Entered:
        """Store a sheet and look into it, all in one unit of work.

        Raises
        ------
        CaseError
            When the sheet cannot be right, or somebody entered it meanwhile.
        """
        today = day_of(self._room.moment)
        self._room.require(Deed.SHEET, f"班级{sheet.class_id}")
        if sheet.day > today:
            raise CaseError(f"{sheet.day}还没有到，不能点名")
        sheet.check(self._room.rolls.of(sheet.day).of_class(sheet.class_id))
        found = Found()
        # A sheet that comes late may complete a run that goes on until today.
        days = {sheet.day, today}
        self._prepare(sheet.class_id, days)
        with case_store(self._room.engine) as store:
            stored = store.sheets.add(sheet, by=self._room.by)
            Lookout(self._room, store).look(sheet.class_id, days, found)
        return Entered(stored, found)

    def catch_up(self, day: date) -> CaughtUp:
        """Look into every sheet, entered or imported, of the days since the last such run.

        A run that was missed is made up for by the next one, and a second one changes nothing.
        The first run of a workspace looks at one day, and later ones at none before it: its past
        is not turned into cases.
        """
        roll, found = self._room.roll(), Found()
        with case_reader(self._room.engine) as store:
            first = _first_to_look_at(store, day)
        days = [first + timedelta(days=number) for number in range((day - first).days + 1)]
        for class_id in sorted(roll.classes):
            self._look(class_id, days, found)
        with case_store(self._room.engine) as store:
            store.note(
                self._room.by, "查找缺勤", LOOKED, day=str(day), opened=len(found.opened),
                held=len(found.held),
            )  # fmt: skip
        return CaughtUp(first, day, len(roll.classes), found)

    def _look(self, class_id: str, days: Sequence[date], found: Found) -> None:
        """Look into one class in a unit of work of its own: nobody who writes waits for all."""
        self._prepare(class_id, days)
        with case_store(self._room.engine) as store:
            Lookout(self._room, store).look(class_id, days, found)

    def _prepare(self, class_id: str, days: Iterable[date]) -> None:
        """Read imported attendance before the database is locked for a writer."""
        chosen = sorted(days)
        roll = self._room.roll()
        self._room.imported.of_class(roll, class_id, chosen[0] - LOOK_BACK, chosen[-1])

    def observe(self, observation: Observation) -> tuple[Observation, Case | None]:
        """Record a sign; some put the pupil on the watch list, some open a case at once."""
        self._room.require(Deed.OBSERVE, observation.student_id)
        self._room.roll().place_of(observation.student_id)
        rules = self._room.procedure.detection
        with case_store(self._room.engine) as store:
            stored = store.observations.add(observation, by=self._room.by)
            known = store.cases.open_of([observation.student_id]).get(observation.student_id)
            if is_suspicion(observation, rules):
                return stored, self._suspect(store, stored, known)
            if known is None and is_early_sign(observation, rules):
                return stored, self._open_on(store, stored, CaseStatus.EARLY_SIGN)
        return stored, None

    def held(self, school_code: str | None = None) -> list[Suspicion]:
        """Absences that wait for a person, of one school or of all."""
        with case_reader(self._room.engine) as store:
            return store.suspicions.open(school_code)

    def judge(self, suspicion_id: int, *, is_case: bool, note: str = "") -> Suspicion:
        """Open a case of a held absence, or say why it is none.

        Raises
        ------
        CaseError
            When it was judged before, or is dismissed without a word.
        """
        self._room.require(Deed.JUDGE, f"待判断{suspicion_id}")
        with case_store(self._room.engine) as store:
            held = store.suspicions.get(suspicion_id)
            case = Lookout(self._room, store).open_for(held) if is_case else None
            return store.suspicions.judge(
                suspicion_id,
                state=SuspicionState.CASE if is_case else SuspicionState.DISMISSED,
                by=self._room.by,
                note=note,
                case_id=case.id if case else None,
            )

    def _suspect(self, store: CaseStore, seen: Observation, known: Case | None) -> Case | None:
        if known is None:
            return self._open_on(store, seen, CaseStatus.SUSPECTED)
        if known.status not in _OPEN_AGAIN:
            return None
        again = replace(
            known.move_to(CaseStatus.SUSPECTED), absent_since=seen.day, returned_on=None
        )
        return store.cases.save(again, by=self._room.by, note=seen.note)

    def _open_on(self, store: CaseStore, seen: Observation, status: CaseStatus) -> Case:
        beginning = Beginning(Trigger.EARLY_SIGN, seen.day)
        return open_case(store, self._room, seen.student_id, status, beginning, note=seen.note)


def _sheet(store: CaseStore, roll: Roll, class_id: str, session: str) -> ClassSheet:
    known = store.sheets.get(class_id, roll.day, session)
    if known is not None:
        return known
    pupils = roll.of_class(class_id)
    return ClassSheet(roll.school_of_class[class_id], class_id, roll.day, session, len(pupils))


def _first_to_look_at(store: CaseStore, day: date) -> date:
    """First day of a run up to ``day``: some days before the last one, never before the first."""
    looked = [date.fromisoformat(str(row.detail["day"])) for row in store.audit_rows(LOOKED)]
    if not looked:
        return day
    return min(day, max(min(looked), max(looked) - LATE_IMPORTS))
