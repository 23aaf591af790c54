"""包保: a responsible adult for every pupil, a mentor for those on the list, school by school."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from kongchuo_risk.contracts.assignment import AssignmentTerms, load_assignment_terms
from kongchuo_risk.domain.assignment import (
    Assignment,
    AssignmentRule,
    Change,
    ChangeKind,
    Guarantee,
    Handover,
    Relaxation,
)
from kongchuo_risk.domain.plan import Pairing
from kongchuo_risk.planning.assignment.changes import (
    ClassTeachers,
    change_of,
    class_teachers,
    ended,
    handover_of,
    stand_in_of,
)
from kongchuo_risk.planning.assignment.explaining import Explainer
from kongchuo_risk.planning.assignment.loads import guarantees_of, load_table
from kongchuo_risk.planning.assignment.placing import Placed, place_all
from kongchuo_risk.planning.assignment.relaxing import relaxations_of
from kongchuo_risk.planning.assignment.rules import decide
from kongchuo_risk.planning.assignment.schools import schools_of
from kongchuo_risk.settings import CapacitySettings


@dataclass(frozen=True)
class Part:
    """What one school contributes to the assignment."""

    placed: Placed
    pairings: tuple[Pairing, ...]
    changes: tuple[Change, ...]
    handovers: tuple[Handover, ...]
    guarantees: tuple[Guarantee, ...]
    relaxations: tuple[Relaxation, ...]
    problems: tuple[str, ...]


def assign_mentors(
    pupils: pd.DataFrame,
    staff: pd.DataFrame,
    classes: pd.DataFrame,
    capacity: CapacitySettings,
    *,
    day: date,
    terms: AssignmentTerms | None = None,
    rules: Sequence[AssignmentRule] = (),
    previous: Mapping[str, str] | None = None,
) -> Assignment:
    """One responsible adult for every pupil, at the least cost for those on the list.

    Pupils on the list (and those with a fixed mentor) get a 包保教师 of their school at minimum
    cost within everybody's places and hours; everybody else, and whoever finds no place, is the
    class teacher's. Rules 26, 33, 34 of the seeds; ``docs/assignment.md`` has the formulas.

    Parameters
    ----------
    pupils : DataFrame with ``student_id``, ``school_code``, ``class_id``, ``rank``, ``tier``
        Everybody, listed or not. If there: ``needs_subjects`` (tuple of subject codes in which the
        pupil needs help), ``village``, ``siblings`` (key of the household).
    staff, classes
        Rows of those tables as known on ``day``; the last term's class teacher counts.
    capacity
        Gives the places of teaching staff without a 包保名额.
    day
        On which rules are in force and absences counted.
    terms
        ``data_schema/assignment.yaml`` when None.
    rules
        Fixed points, vetoes, absences, wishes of families. What contradicts is told in
        ``problems`` and the rest is solved.
    previous
        Pupil → staff number of the last approved assignment.

    Returns
    -------
    Assignment
    """
    terms = terms or load_assignment_terms()
    previous = previous or {}
    schools = schools_of(pupils, staff, classes, capacity, previous)
    decisions = decide(rules, schools, day, terms.limits)
    teachers = class_teachers(classes) if previous else {}
    parts = [
        _part(placed, teachers, day, compared=bool(previous))
        for placed in place_all(schools, decisions, terms)
    ]
    whole = _joined(parts, pupils["student_id"].tolist())
    gone = tuple(ended(previous, schools, {*pupils["student_id"]}))
    return replace(
        whole,
        changes=whole.changes + gone,
        problems=(
            *decisions.problems,
            *(problem for part in parts for problem in part.placed.problems),
            *whole.problems,
        ),
        pupils=len(pupils),
    )


def _part(placed: Placed, teachers: ClassTeachers, day: date, *, compared: bool) -> Part:
    told = Explainer(placed)
    paired = [(pupil, told.pairing(pupil)) for pupil in placed.school.pupils]
    pairings, changes, handovers = [], [], []
    for pupil, pairing in paired:
        if pairing is None:
            continue
        handover = handover_of(pupil, pairing, placed, teachers, day)
        pairings.append(_with_past(pairing, pupil.previous, handover))
        if compared:
            changes.append(change_of(pupil, pairing, placed, told))
        handovers += [h for h in (handover, stand_in_of(pupil, pairing, placed)) if h]
    return Part(
        placed,
        tuple(pairings),
        tuple(changes),
        tuple(handovers),
        tuple(guarantees_of(placed, pairings, placed.terms)),
        relaxations_of(placed),
        tuple(
            f"{pupil.student_id}：本校没有可以负责的教职工（请假、回避或没有登记）"
            for pupil, pairing in paired
            if pairing is None
        ),
    )


def _with_past(pairing: Pairing, previous: str, handover: Handover | None) -> Pairing:
    was = "" if previous == pairing.staff_no else previous
    return replace(pairing, previous=was, handover=handover.text if handover else "")


def _joined(parts: Sequence[Part], order: Sequence[str]) -> Assignment:
    by_pupil = {pairing.student_id: pairing for part in parts for pairing in part.pairings}
    return Assignment(
        pairings=tuple(by_pupil[student] for student in order if student in by_pupil),
        guarantees=tuple(found for part in parts for found in part.guarantees),
        loads=load_table(part.placed for part in parts),
        changes=tuple(change for part in parts for change in _most_telling(part.changes)),
        handovers=tuple(handover for part in parts for handover in part.handovers),
        relaxations=tuple(found for part in parts for found in part.relaxations),
        problems=tuple(problem for part in parts for problem in part.problems),
        cost=float(sum(part.placed.solution.cost for part in parts)),
        bound=float(sum(part.placed.solution.bound for part in parts)),
        unplaced=tuple(
            pupil.student_id for part in parts for pupil in part.placed.without_mentor()
        ),
    )


def _most_telling(changes: Sequence[Change]) -> Iterator[Change]:
    """What changed before what stayed."""
    yield from (change for change in changes if change.kind is not ChangeKind.KEPT)
    yield from (change for change in changes if change.kind is ChangeKind.KEPT)
