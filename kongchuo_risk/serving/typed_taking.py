"""Records from paper taken into the case database; the same file again changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from kongchuo_risk.cases import CaseStore
from kongchuo_risk.domain.attendance import ClassSheet, Observation
from kongchuo_risk.domain.clock import part_of_session
from kongchuo_risk.domain.visit import Step, Visit
from kongchuo_risk.serving.typed_sheets import observation_key, step_key, visit_key


@dataclass
class Taken:
    """What an import brought."""

    added: int = 0
    known: int = 0
    """Records that were there already, the same."""
    conflicts: list[str] = field(default_factory=list)
    """Where the database says otherwise: a person decides, nothing was changed."""

    @property
    def summary(self) -> str:
        """One line for the person who typed.

        >>> Taken(added=3, known=1).summary
        '新增 3 条，已有 1 条'
        """
        different = f"，{len(self.conflicts)} 处与系统里的不同，没有改动" if self.conflicts else ""
        return f"新增 {self.added} 条，已有 {self.known} 条{different}"


def open_case_ids(store: CaseStore) -> dict[str, int]:
    """Pupil → the case that is open."""
    return {case.student_id: case.id for case in store.cases.open_in() if case.id is not None}


def take_visits(store: CaseStore, visits: Iterable[Visit], by: str) -> Taken:
    """Store the visits that are not there yet: pupil, minute and mode make a visit.

    One from before the absence of its case is kept as a routine visit, without the case.
    """
    taken = Taken()
    for visit in visits:
        if visit_key(visit) in map(visit_key, store.visits.of_pupil(visit.student_id)):
            taken.known += 1
        else:
            store.visits.add(_of_its_case(store, visit), by=by)
            taken.added += 1
    return taken


def _of_its_case(store: CaseStore, visit: Visit) -> Visit:
    if visit.case_id is None:
        return visit
    case = store.cases.get(visit.case_id)
    began = min(case.opened_on, case.absent_since or case.opened_on)
    return visit if visit.day >= began else replace(visit, case_id=None)


def take_observations(store: CaseStore, observations: Iterable[Observation], by: str) -> Taken:
    """Store the observations that are not there yet: pupil, day and tag make one."""
    taken = Taken()
    for seen in observations:
        before = store.observations.of_pupil(seen.student_id)
        if observation_key(seen) in map(observation_key, before):
            taken.known += 1
        else:
            store.observations.add(replace(seen, note=_noted(seen.note, seen.by, by)), by=by)
            taken.added += 1
    return taken


def take_steps(store: CaseStore, steps: Iterable[Step], by: str) -> Taken:
    """Store the steps that are not there yet: case, kind, minute and paper make one.

    The database names who typed it; who took the step is kept in the note.
    """
    taken = Taken()
    for step in steps:
        if step_key(step) in map(step_key, store.steps.of_case(step.case_id)):
            taken.known += 1
        else:
            store.steps.add(replace(step, note=_noted(step.note, step.by, by)), by=by)
            taken.added += 1
    return taken


def take_sheets(store: CaseStore, sheets: Iterable[ClassSheet], by: str) -> Taken:
    """Store head counts of sessions that have none; one that differs is told and left alone.

    Absences are looked into afterwards, as after every import of attendance.
    """
    taken = Taken()
    for sheet in sheets:
        before = store.sheets.get(sheet.class_id, sheet.day, sheet.session)
        if before is None:
            store.sheets.add(sheet, by=by)
            taken.added += 1
        elif _says(before) == _says(sheet):
            taken.known += 1
        else:
            taken.conflicts.append(_difference(before, sheet))
    return taken


def _noted(note: str, doer: str, typist: str) -> str:
    if not doer or doer == typist:
        return note
    return f"{note}（经办：{doer}）"


def _says(sheet: ClassSheet) -> tuple[object, ...]:
    return sheet.enrolled, frozenset(sheet.absences)


def _difference(before: ClassSheet, typed: ClassSheet) -> str:
    part = part_of_session(typed.session)
    counts = f"系统里应到 {before.enrolled}、缺席 {before.absent}"
    own = f"表上应到 {typed.enrolled}、缺席 {typed.absent}"
    return (
        f"班级 {typed.class_id} {typed.day:%Y-%m-%d} {part}的点名与系统里的不同"
        f"（{counts}；{own}），没有改动；要更正请在系统里改"
    )
