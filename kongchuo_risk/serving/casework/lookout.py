"""Who is missing is looked for: from the sheets of a class to cases and held suspicions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from kongchuo_risk.cases import CaseStore
from kongchuo_risk.domain.attendance import ABSENT, ClassSheet, Suspicion, SuspicionState
from kongchuo_risk.domain.case import AWAY, Case, CaseStatus, Trigger
from kongchuo_risk.domain.clock import part_of_session
from kongchuo_risk.procedure import school_counts, suspicions_of
from kongchuo_risk.procedure.detection import runs_of
from kongchuo_risk.serving.casework.opening import Beginning, open_case
from kongchuo_risk.serving.casework.room import Room

LOOK_BACK = timedelta(days=45)
"""A run that is longer has its case long since; a vacation lies within."""
SEEN = "请核实后变更案件"
"""End of a note that an absence is over or explained: a person decides what then."""
_OPEN_AGAIN = frozenset({CaseStatus.RETURNED, CaseStatus.FOLLOW_UP, CaseStatus.CLOSED})


@dataclass
class Found:
    """What was found in the sheets of some classes."""

    opened: list[Case] = field(default_factory=list)
    """Cases that were opened, opened again, or found to have begun earlier."""
    noted: list[Case] = field(default_factory=list)
    """Cases in which it now says that the absence is over, explained, or goes on."""
    held: list[Suspicion] = field(default_factory=list)
    """Absences that wait for a person."""
    withdrawn: list[Suspicion] = field(default_factory=list)
    """Held absences that a correction explained."""


class Lookout:
    """Looks into the sheets of one class in a unit of work; a second look changes nothing."""

    def __init__(self, room: Room, store: CaseStore) -> None:
        self._room, self._store = room, store
        self._by = room.by

    def look(self, class_id: str, days: Iterable[date], found: Found) -> None:
        """Look as of the end of each of some days, and follow up on the last of them."""
        chosen = sorted(set(days))
        sheets = self.sheets(class_id, chosen[0] - LOOK_BACK, chosen[-1])
        looked_at: ClassSheet | None = None
        for day in chosen:
            past = [sheet for sheet in sheets if sheet.day <= day]
            if past and past[-1] is not looked_at:
                looked_at = past[-1]
                self._suspect(past, found)
        if sheets:
            self._follow_up(class_id, sheets, found)

    def sheets(self, class_id: str, first: date, last: date) -> list[ClassSheet]:
        """Sheets of a class, oldest first; what the desk entered goes before what was imported."""
        roll = self._room.roll()
        imported = self._room.imported.of_class(roll, class_id, first, last)
        entered = self._store.sheets.between(first, last, [class_id])
        known = {(sheet.day, sheet.session): sheet for sheet in (*imported, *entered)}
        return [known[moment] for moment in sorted(known)]

    def open_for(self, found: Suspicion) -> Case | None:
        """Open the pupil's case, open it again, or complete it; ``None`` when nothing is new."""
        known = self._store.cases.of_pupil(found.student_id)
        note = f"{found.since}起连续 {found.sessions} 个半天无故未到"
        if not known or _is_another_story(known[-1], found):
            return open_case(
                self._store, self._room, found.student_id, CaseStatus.SUSPECTED,
                Beginning(Trigger(found.trigger), found.since, found.session), note=note,
            )  # fmt: skip
        return self._go_on(known[-1], found, note)

    def _suspect(self, sheets: Sequence[ClassSheet], found: Found) -> None:
        rules = self._room.procedure.detection
        suspects = suspicions_of(sheets, rules=rules)
        if not suspects:
            return
        # The other classes are looked at only when somebody is missing.
        suspects = suspicions_of(sheets, rules=rules, school=self._school(sheets[-1]))
        judged = {
            (known.student_id, known.since)
            for known in self._store.suspicions.of_pupils(each.student_id for each in suspects)
            if known.state is not SuspicionState.HELD
        }
        for each in suspects:
            if (each.student_id, each.since) in judged:
                continue
            if each.held:
                self._hold(each, found)
            elif case := self.open_for(each):
                found.opened.append(case)

    def _hold(self, suspicion: Suspicion, found: Found) -> None:
        """Leave it to a person, unless the pupil has a case that says so already."""
        known = self._store.cases.open_of([suspicion.student_id]).get(suspicion.student_id)
        if known is None or not known.is_away:
            found.held.append(self._store.suspicions.add(suspicion, by=self._by))

    def _go_on(self, case: Case, found: Suspicion, note: str) -> Case | None:
        if case.status in _OPEN_AGAIN or case.status is CaseStatus.EARLY_SIGN:
            ended = case.closed_on or case.returned_on
            if ended is not None and found.since < ended:
                return None
            again = replace(
                case.move_to(CaseStatus.SUSPECTED), absent_since=found.since,
                absent_session=found.session, returned_on=None, closed_on=None,
            )  # fmt: skip
            return self._store.cases.save(again, by=self._by, note=note)
        if case.is_away and case.absent_since is not None and found.since < case.absent_since:
            earlier = replace(case, absent_since=found.since, absent_session=found.session)
            return self._store.cases.save(earlier, by=self._by, note=f"补录点名：{note}")
        return None

    def _follow_up(self, class_id: str, sheets: Sequence[ClassSheet], found: Found) -> None:
        missing = {run.student_id for run in runs_of(sheets)}
        pupils = self._room.roll().classes.get(class_id, [])
        for case in self._store.cases.open_of(pupils).values():
            if case.status in AWAY and case.absent_since is not None:
                self._note_change(case, sheets, missing, found)
        for held in self._store.suspicions.of_pupils(pupils):
            if held.state is SuspicionState.HELD and _is_explained(held, sheets):
                self._withdraw(held, found)

    def _note_change(
        self, case: Case, sheets: Sequence[ClassSheet], missing: set[str], found: Found
    ) -> None:
        """Say in a case that the pupil was seen, was explained, or is missing again."""
        last = self._store.cases.events(case.id or 0)[-1].note
        if case.student_id not in missing:
            note = _seen(case, sheets[-1])
            if not last.endswith(SEEN):
                found.noted.append(self._store.cases.save(case, by=self._by, note=note))
        elif last.endswith(SEEN):
            note = f"{_when(sheets[-1])}点名：又无故未到"
            found.noted.append(self._store.cases.save(case, by=self._by, note=note))

    def _withdraw(self, held: Suspicion, found: Found) -> None:
        note = f"更正点名后，{held.since}的缺勤已有说明或学生在校"
        assert held.id is not None
        found.withdrawn.append(
            self._store.suspicions.judge(
                held.id, state=SuspicionState.DISMISSED, by=self._by, note=note
            )
        )

    def _school(self, newest: ClassSheet) -> tuple[int, int] | None:
        """Unexplained and expected pupils of the whole school in the newest sheet's session."""
        roll, day = self._room.roll(), newest.day
        known = {
            (sheet.class_id, sheet.session): sheet
            for class_id in roll.classes_by_school.get(newest.school_code, {})
            for sheet in self._room.imported.of_class(roll, class_id, day, day)
        } | {
            (sheet.class_id, sheet.session): sheet
            for sheet in self._store.sheets.of_day(day, newest.school_code)
        }
        return school_counts(known.values()).get((newest.school_code, (day, newest.session)))


def _is_another_story(last: Case, found: Suspicion) -> bool:
    """Whether a pupil's last case is closed and tells nothing of this absence.

    A relapse opens the case again; a mere early sign, another school or a death does not.
    """
    gone = last.school_code != found.school_code or last.absent_since is None
    return last.status is CaseStatus.CLOSED and gone


def _is_explained(held: Suspicion, sheets: Sequence[ClassSheet]) -> bool:
    """Whether the sheet of a held absence now says otherwise."""
    first = (s for s in sheets if (s.day, s.session) == (held.since, held.session))
    return any(
        not any(a.student_id == held.student_id and a.is_unexplained for a in sheet.absences)
        for sheet in first
    )


def _seen(case: Case, sheet: ClassSheet) -> str:
    away = {absence.student_id for absence in sheet.absences if absence.kind in ABSENT}
    what = "缺勤已有说明" if case.student_id in away else "到校"
    return f"{_when(sheet)}点名：{what}，{SEEN}"


def _when(sheet: ClassSheet) -> str:
    return f"{sheet.day}{part_of_session(sheet.session)}"
