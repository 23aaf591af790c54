"""Attendance at the desk: a sheet is entered, and who is missing is looked for at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from kongchuo_risk.cases import CaseStore, case_reader, case_store
from kongchuo_risk.domain.attendance import (
    ClassSheet,
    Observation,
    Suspicion,
    SuspicionState,
)
from kongchuo_risk.domain.case import Case, CaseStatus, Trigger
from kongchuo_risk.procedure import (
    is_early_sign,
    is_suspicion,
    school_counts,
    suspicions_of,
)
from kongchuo_risk.serving.casework.cases import open_case
from kongchuo_risk.serving.casework.room import Room

LOOK_BACK = timedelta(days=45)
"""A run that is longer has its case long since; a vacation lies within."""
_REOPENED = frozenset({CaseStatus.EARLY_SIGN, CaseStatus.RETURNED, CaseStatus.FOLLOW_UP})


@dataclass(frozen=True)
class Entered:
    """What an entry led to."""

    sheet: ClassSheet
    opened: tuple[Case, ...] = ()
    """Cases that it opened, or opened again."""
    held: tuple[Suspicion, ...] = ()
    """Absences that wait for a person."""


class AttendanceDesk:
    """Sheets and observations, as class teachers enter them."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def blank(self, class_id: str, day: date, session: str) -> ClassSheet:
        """The sheet to fill: as it stands when there is one, else with everybody present."""
        with case_reader(self._room.engine) as store:
            known = store.sheets.get(class_id, day, session)
        if known is not None:
            return known
        roll = self._room.rolls.of(day)
        pupils = roll.of_class(class_id)
        return ClassSheet(roll.school_of_class[class_id], class_id, day, session, len(pupils))

    def enter(self, sheet: ClassSheet) -> Entered:
        """Store a sheet and look into it, all in one unit of work.

        Raises
        ------
        CaseError
            When the sheet cannot be right, or somebody entered it meanwhile.
        """
        sheet.check(self._room.rolls.of(sheet.day).of_class(sheet.class_id))
        with case_store(self._room.engine) as store:
            stored = store.sheets.add(sheet, by=self._room.by)
            opened, held = self._look_into(store, sheet.class_id, sheet.day)
        return Entered(stored, tuple(opened), tuple(held))

    def detect(self, day: date) -> list[Entered]:
        """Look into every class's sheets of a day again; a second run changes nothing."""
        with case_store(self._room.engine) as store:
            sheets = store.sheets.of_day(day)
            newest = {sheet.class_id: sheet for sheet in sheets}
            found = []
            for class_id, sheet in sorted(newest.items()):
                opened, held = self._look_into(store, class_id, day)
                found.append(Entered(sheet, tuple(opened), tuple(held)))
        return found

    def observe(self, observation: Observation) -> tuple[Observation, Case | None]:
        """Record a sign; some put the pupil on the watch list, some open a case at once."""
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
        with case_store(self._room.engine) as store:
            held = store.suspicions.get(suspicion_id)
            case = self._case_of(store, held) if is_case else None
            return store.suspicions.judge(
                suspicion_id,
                state=SuspicionState.CASE if is_case else SuspicionState.DISMISSED,
                by=self._room.by,
                note=note,
                case_id=case.id if case else None,
            )

    def _look_into(
        self, store: CaseStore, class_id: str, day: date
    ) -> tuple[list[Case], list[Suspicion]]:
        sheets = store.sheets.between(day - LOOK_BACK, day, [class_id])
        if not sheets:
            return [], []
        found = suspicions_of(
            sheets, rules=self._room.procedure.detection, school=self._school(store, sheets)
        )
        self._note_ended(store, class_id, sheets, found)
        judged = {
            (known.student_id, known.since)
            for known in store.suspicions.of_pupils(each.student_id for each in found)
            if known.state is not SuspicionState.HELD
        }
        fresh = [each for each in found if (each.student_id, each.since) not in judged]
        held = [store.suspicions.add(each, by=self._room.by) for each in fresh if each.held]
        opened = [self._case_of(store, each) for each in fresh if not each.held]
        return [case for case in opened if case is not None], held

    def _case_of(self, store: CaseStore, found: Suspicion) -> Case | None:
        """Open the pupil's case, or open it again; ``None`` when it is open already."""
        known = store.cases.open_of([found.student_id]).get(found.student_id)
        note = f"{found.since}起连续 {found.sessions} 个半天无故未到"
        if known is None:
            return open_case(
                store, self._room, found.student_id, trigger=Trigger(found.trigger),
                status=CaseStatus.SUSPECTED, absent_since=found.since,
                absent_session=found.session, note=note,
            )  # fmt: skip
        if known.status not in _REOPENED:
            return None
        again = replace(
            known.move_to(CaseStatus.SUSPECTED), absent_since=found.since,
            absent_session=found.session, returned_on=None,
        )  # fmt: skip
        return store.cases.save(again, by=self._room.by, note=note)

    def _note_ended(
        self,
        store: CaseStore,
        class_id: str,
        sheets: Sequence[ClassSheet],
        found: Iterable[Suspicion],
    ) -> None:
        """Say in a case that its absence was explained or is over; a person decides what then."""
        missing = {each.student_id for each in found}
        newest = max(sheets, key=lambda sheet: (sheet.day, sheet.session == "PM"))
        roll = self._room.rolls.of(newest.day).classes.get(class_id, ())
        for case in store.cases.open_of(roll).values():
            seen_before = case.status is CaseStatus.SUSPECTED and case.absent_since is not None
            if seen_before and case.student_id not in missing:
                self._note_seen(store, case, newest)

    def _note_seen(self, store: CaseStore, case: Case, sheet: ClassSheet) -> None:
        absence = next((a for a in sheet.absences if a.student_id == case.student_id), None)
        session = "上午" if sheet.session == "AM" else "下午"
        what = "到校" if absence is None else "缺勤已有说明"
        note = f"{sheet.day}{session}点名：{what}，请核实后变更案件"
        if all(event.note != note for event in store.cases.events(case.id or 0)):
            store.cases.save(case, by=self._room.by, note=note)

    def _school(self, store: CaseStore, sheets: Sequence[ClassSheet]) -> tuple[int, int] | None:
        newest = max(sheets, key=lambda sheet: (sheet.day, sheet.session == "PM"))
        everybody = store.sheets.of_day(newest.day, newest.school_code)
        counts = school_counts(everybody)
        return counts.get((newest.school_code, (newest.day, newest.session)))

    def _suspect(self, store: CaseStore, seen: Observation, known: Case | None) -> Case | None:
        if known is None:
            return self._open_on(store, seen, CaseStatus.SUSPECTED)
        if known.status not in _REOPENED:
            return None
        again = replace(known.move_to(CaseStatus.SUSPECTED), absent_since=seen.day)
        return store.cases.save(again, by=self._room.by, note=seen.note)

    def _open_on(self, store: CaseStore, seen: Observation, status: CaseStatus) -> Case:
        return open_case(
            store, self._room, seen.student_id, trigger=Trigger.EARLY_SIGN, status=status,
            absent_since=seen.day, absent_session="AM", note=seen.note,
        )  # fmt: skip
