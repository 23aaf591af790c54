"""From attendance to suspicion: who is missing unexplained is looked for at once (rule 53)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from kongchuo_risk.contracts.procedure import Detection
from kongchuo_risk.domain.attendance import (
    Absence,
    ClassSheet,
    Observation,
    Suspicion,
    WatchTag,
)
from kongchuo_risk.domain.calendar import SESSIONS
from kongchuo_risk.domain.case import Trigger

Moment = tuple[date, str]
"""A session: its day, and AM or PM."""


@dataclass(frozen=True, slots=True)
class Run:
    """Unexplained sessions in a row, up to the last sheet."""

    student_id: str
    since: Moment
    sessions: int
    not_reported: bool = False


def runs_of(sheets: Iterable[ClassSheet]) -> list[Run]:
    """Pupils of one class who are missing without explanation at its last sheet.

    A session without a sheet is unknown: it neither breaks a run nor makes it longer. Holidays
    have no sheets and so do no harm. Sick leave, or being seen, ends a run.

    Parameters
    ----------
    sheets
        Sheets of one class as they stand, in any order.
    """
    ordered = sorted(sheets, key=lambda sheet: _place((sheet.day, sheet.session)))
    if not ordered:
        return []
    last = {absence.student_id: absence for absence in ordered[-1].absences}
    missing = [pupil for pupil, absence in last.items() if absence.is_unexplained]
    return [_run(pupil, ordered) for pupil in sorted(missing)]


def suspicions_of(
    sheets: Sequence[ClassSheet],
    *,
    rules: Detection,
    school: tuple[int, int] | None = None,
) -> list[Suspicion]:
    """What the sheets of one class ask to be looked into.

    Parameters
    ----------
    sheets
        Of one class, at least as far back as the longest run that matters.
    rules
        How many sessions make a suspicion, and what is held for a person.
    school
        Unexplained and expected pupils of the whole school in the last session, where known.

    Returns
    -------
    list of Suspicion
        ``held`` says why no case opens by itself; the same sheets always give the same list.
    """
    runs = [run for run in runs_of(sheets) if run.sessions >= rules.suspect_after_sessions]
    if not runs:
        return []
    newest = max(sheets, key=lambda sheet: _place((sheet.day, sheet.session)))
    held = _mass_absence(newest, rules, school)
    return [
        Suspicion(
            student_id=run.student_id,
            school_code=newest.school_code,
            class_id=newest.class_id,
            since=run.since[0],
            session=run.since[1],
            sessions=run.sessions,
            trigger=Trigger.NOT_REPORTED if run.not_reported else Trigger.ABSENCE,
            held=held,
        )
        for run in runs
    ]


def ended_runs(before: Iterable[Suspicion], sheets: Sequence[ClassSheet]) -> list[Suspicion]:
    """Suspicions that the sheets no longer bear out: explained afterwards, or the pupil came.

    Nothing is deleted for that: a person reads that the absence was explained.
    """
    missing = {run.student_id: run.since[0] for run in runs_of(sheets)}
    return [found for found in before if missing.get(found.student_id) != found.since]


def is_early_sign(observation: Observation, rules: Detection) -> bool:
    """Whether a pupil goes on the watch list (rules 55, 63–65)."""
    return observation.tag in rules.early_sign_tags


def is_suspicion(observation: Observation, rules: Detection) -> bool:
    """Whether what was seen is a suspicion at once, such as a pupil who ran away."""
    return observation.tag in rules.suspicion_tags


def watch_tags(
    *, struggling: bool, returned: bool, signs: int, was_away: bool
) -> tuple[WatchTag, ...]:
    """Tags of rule 66 from facts.

    Parameters
    ----------
    struggling
        In the lowest quarter of the grade.
    returned
        Came back after a dropout.
    signs
        Observations of early signs in the last 120 days.
    was_away
        Had a case of 疑似辍学 before.
    """
    wanted = {
        WatchTag.STRUGGLING: struggling,
        WatchTag.RETURNER: returned,
        WatchTag.LEAVES_EASILY: signs >= 2 or (was_away and not returned),
    }
    return tuple(tag for tag, holds in wanted.items() if holds)


def school_counts(sheets: Iterable[ClassSheet]) -> Mapping[tuple[str, Moment], tuple[int, int]]:
    """(school, session) → unexplained and expected pupils over the classes that took a sheet.

    A school of which one class is known so far has no count: it says nothing of the others.
    """
    taken: dict[tuple[str, Moment], list[ClassSheet]] = {}
    for sheet in sheets:
        taken.setdefault((sheet.school_code, (sheet.day, sheet.session)), []).append(sheet)
    return {
        key: (sum(map(_unexplained, found)), sum(sheet.enrolled for sheet in found))
        for key, found in taken.items()
        if len(found) > 1
    }


def _run(pupil: str, ordered: Sequence[ClassSheet]) -> Run:
    """The run of a pupil who is missing at the last sheet."""
    run: list[tuple[ClassSheet, Absence]] = []
    for sheet in reversed(ordered):
        found = next((a for a in sheet.absences if a.student_id == pupil), None)
        if found is None or not found.is_unexplained:
            break
        run.append((sheet, found))
    first = run[-1][0]
    kinds = {absence.kind for _, absence in run}
    return Run(pupil, (first.day, first.session), len(run), "not_reported" in kinds)


def _mass_absence(sheet: ClassSheet, rules: Detection, school: tuple[int, int] | None) -> str:
    """Why a person must look first; empty when nothing speaks for weather or a market day."""
    least, away = rules.mass_pupils, _unexplained(sheet)
    if away >= max(least, rules.mass_share_of_class * sheet.enrolled):
        return f"本班应到 {sheet.enrolled} 人，{away} 人无故未到，可能是天气、集市、流感等，请判断"
    # One of five at a teaching point is a fifth of the school and no mass absence.
    if school is not None and school[0] >= max(least, rules.mass_share_of_school * school[1]):
        return f"全校应到 {school[1]} 人，{school[0]} 人无故未到，可能是天气、集市、流感等，请判断"
    return ""


def _unexplained(sheet: ClassSheet) -> int:
    return sum(absence.is_unexplained for absence in sheet.absences)


def _place(moment: Moment) -> tuple[date, int]:
    return moment[0], SESSIONS.index(moment[1])
