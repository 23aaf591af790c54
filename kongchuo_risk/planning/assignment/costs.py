"""What speaks for every pairing of a school, as arrays of pupils × adults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kongchuo_risk.contracts.assignment import AssignmentTerms
from kongchuo_risk.domain.risk import Tier
from kongchuo_risk.planning.assignment.instance import Bools, Floats, Instance, Integers
from kongchuo_risk.planning.assignment.rules import Decisions
from kongchuo_risk.planning.assignment.schools import Adult, Pupil


@dataclass(frozen=True)
class Fit:
    """Which terms hold for which pairing.

    Attributes
    ----------
    held
        Term → pupils × adults.
    cost : int64, pupils × adults
        Weights of the terms that hold for another adult of the school and not for this one.
    """

    held: Mapping[str, Bools]
    cost: Integers


def fit_of(pupils: Sequence[Pupil], adults: Sequence[Adult], terms: AssignmentTerms) -> Fit:
    """What speaks for each pairing, and what it costs.

    cost(i, j) = Σ over terms t of weight(t) · [t holds for i and some adult, not for i and j].
    """
    numbers = [adult.staff_no for adult in adults]
    held = {
        "homeroom": _same([pupil.homeroom for pupil in pupils], numbers),
        "continuity": _same([pupil.previous for pupil in pupils], numbers),
        "village": _same([pupil.village for pupil in pupils], [adult.village for adult in adults]),
        "subject": _teaches(pupils, adults),
    }
    cost = np.zeros((len(pupils), len(adults)), dtype=np.int64)
    for name, holds in held.items():
        cost += terms.by_id[name].weight * (holds.any(axis=1, keepdims=True) & ~holds)
    return Fit(held, cost)


def _same(of_pupils: Sequence[str], of_adults: Sequence[str]) -> Bools:
    """Where the texts are equal and known."""
    codes = {text: place for place, text in enumerate({*of_adults} - {""})}
    left = np.array([codes.get(text, -1) for text in of_pupils], dtype=np.int64)
    right = np.array([codes.get(text, -2) for text in of_adults], dtype=np.int64)
    return np.equal(left[:, None], right[None, :])


def _teaches(pupils: Sequence[Pupil], adults: Sequence[Adult]) -> Bools:
    """Where the adult teaches a subject in which the pupil needs help."""
    wanted = {subject for pupil in pupils for subject in pupil.needs}
    by_subject = {
        subject: np.array([subject in adult.subjects for adult in adults], dtype=bool)
        for subject in wanted
    }
    found = np.zeros((len(pupils), len(adults)), dtype=bool)
    for row, pupil in enumerate(pupils):
        for subject in pupil.needs:
            found[row] |= by_subject[subject]
    return found


def instance_of(
    pupils: Sequence[Pupil],
    adults: Sequence[Adult],
    fit: Fit,
    fixed: Mapping[str, str],
    decisions: Decisions,
    terms: AssignmentTerms,
) -> Instance:
    """The problem to solve: pupils at most risk first, every cap and wish in arrays.

    Parameters
    ----------
    pupils
        Those who need a mentor, in the order of their rank.
    fixed
        Pupil → teacher, within everybody's caps.
    """
    away = np.array([adult.staff_no in decisions.away for adult in adults], dtype=bool)
    places = np.array([adult.places for adult in adults], dtype=np.int64)
    return Instance(
        cost=fit.cost,
        allowed=_allowed(pupils, adults, fixed, decisions) & ~away,
        places=np.where(away, 0, places),
        hours=np.array([adult.hours for adult in adults], dtype=float),
        needed=hours_needed(pupils, terms),
        red=np.array([pupil.tier == Tier.RED for pupil in pupils], dtype=bool),
        red_limit=terms.limits.red_per_mentor.value,
        load_weight=terms.load.weight,
        households=_households(pupils),
        sibling_weight=terms.weight("siblings"),
        fixed=np.array([pupil.student_id in fixed for pupil in pupils], dtype=bool),
    )


def hours_needed(pupils: Sequence[Pupil], terms: AssignmentTerms) -> Floats:
    """Hours a week that each pupil's mentor needs."""
    return np.array([terms.hours[pupil.tier] for pupil in pupils], dtype=float)


def _allowed(
    pupils: Sequence[Pupil], adults: Sequence[Adult], fixed: Mapping[str, str], decisions: Decisions
) -> Bools:
    allowed = np.ones((len(pupils), len(adults)), dtype=bool)
    for row, pupil in enumerate(pupils):
        student = pupil.student_id
        if student in fixed:
            allowed[row] = [adult.staff_no == fixed[student] for adult in adults]
        elif student in decisions.vetoes or student in decisions.asks:
            allowed[row] = [not decisions.against(student, adult) for adult in adults]
    return allowed


def _households(pupils: Sequence[Pupil]) -> tuple[tuple[int, ...], ...]:
    """Rows of siblings; households of one are left out."""
    rows: dict[str, list[int]] = {}
    for row, pupil in enumerate(pupils):
        if pupil.household:
            rows.setdefault(pupil.household, []).append(row)
    return tuple(tuple(members) for members in rows.values() if len(members) > 1)
