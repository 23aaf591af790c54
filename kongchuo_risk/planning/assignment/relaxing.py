"""When caps or wishes leave pupils without a mentor: the smallest change that helps them all.

Counted are units: a pupil admitted beyond an adult's caps is one, a veto or wish given up is one.
Every unit concerns one pupil, and without the pupils concerned the rest is an assignment within
all caps; so no relaxation is smaller than the number of pupils who cannot be placed, plus what more
those need whom no adult may have. When moving nobody else reaches that bound it is the smallest;
otherwise everybody may move.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint, milp

from kongchuo_risk.domain.assignment import Relaxation
from kongchuo_risk.planning.assignment.instance import MINUTES, NO_MENTOR, Bools, Floats, Integers
from kongchuo_risk.planning.assignment.placing import Placed


@dataclass(frozen=True)
class Relaxed:
    """Adults of all pupils when caps may be exceeded.

    Attributes
    ----------
    mentor
        Column of every pupil's adult.
    beyond
        Whether the pupil is admitted beyond the adult's caps.
    lifted
        Rules given up for each pupil.
    """

    mentor: Integers
    beyond: Bools
    lifted: Integers

    @property
    def units(self) -> int:
        return int(self.beyond.sum() + self.lifted.sum())


def relaxations_of(placed: Placed) -> tuple[Relaxation, ...]:
    """The smallest change with which every pupil has a mentor; empty when all have one."""
    out = ~placed.solution.placed
    present = np.array(
        [adult.staff_no not in placed.decisions.away for adult in placed.school.adults], dtype=bool
    )
    if not out.any() or not present.any():
        return ()
    against = _against(placed)
    least = np.maximum(against[:, present].min(axis=1), 1)[out].sum()
    found = _smallest(placed, out, against, present)
    if found.units > least:
        found = _smallest(placed, ~placed.instance.fixed, against, present)
    return tuple(_told(placed, found))


def _against(placed: Placed) -> Integers:
    """Rules that each pairing would go against."""
    counts = np.zeros(placed.instance.shape, dtype=np.int64)
    decisions = placed.decisions
    for row, pupil in enumerate(placed.wanted):
        if pupil.student_id in decisions.vetoes or pupil.student_id in decisions.asks:
            adults = placed.school.adults
            counts[row] = [len(decisions.against(pupil.student_id, adult)) for adult in adults]
    return counts


def _smallest(placed: Placed, movable: Bools, against: Integers, present: Bools) -> Relaxed:
    """Fewest units, then the best fit, with only some pupils moving.

    Of every pupil i who may move and adult j: x (within the caps) or y (beyond them); the k-th
    admission beyond an adult's caps is dearer than the one before, so that they are spread.
    """
    rows, adults = np.flatnonzero(movable), np.flatnonzero(present)
    n, m = len(rows), len(adults)
    extra = min(n, int((~placed.solution.placed).sum()))
    fit = placed.instance.cost[np.ix_(rows, adults)].ravel()
    lifts = against[np.ix_(rows, adults)].ravel()
    steps = np.tile(np.arange(extra), m)
    unit = n * (int(fit.max(initial=0)) + extra) + 1
    pupil, adult = np.repeat(np.arange(n), m), np.tile(np.arange(m), n)
    arcs, places = np.arange(n * m), np.arange(m * extra)
    price = np.concatenate([unit * lifts + fit, unit * (lifts + 1) + fit, steps]).astype(float)
    each = _matrix(np.tile(pupil, 2), np.arange(2 * n * m), 1.0, (n, len(price)))
    over = _matrix(adult, n * m + arcs, 1.0, (m, len(price))) - _matrix(
        np.repeat(np.arange(m), extra), 2 * n * m + places, 1.0, (m, len(price))
    )
    found = milp(
        price,
        integrality=np.concatenate([np.ones(2 * n * m), np.zeros(m * extra)]).astype(np.int64),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(each, 1, 1),
            LinearConstraint(over, 0, 0),
            *_caps(placed, rows, adults, len(price)),
        ],
        options={"mip_rel_gap": 0.0},
    )
    if found.x is None:
        raise RuntimeError(f"no relaxation was found: {found.message}")
    taken = np.flatnonzero(found.x[: 2 * n * m] > 0.5)
    return _relaxed(placed, rows[pupil[taken % (n * m)]], adults[adult[taken % (n * m)]],
                    taken >= n * m, against)  # fmt: skip


def _caps(
    placed: Placed, rows: Integers, adults: Integers, size: int
) -> Iterator[LinearConstraint]:
    """Places, minutes and 红 pupils that those who stay leave free."""
    instance, stays = placed.instance, placed.solution.mentor.copy()
    stays[rows] = NO_MENTOR
    kept = np.flatnonzero(stays != NO_MENTOR)
    n, m = len(rows), len(adults)
    pupil, adult = np.repeat(np.arange(n), m), np.tile(np.arange(m), n)
    limit = np.full(instance.shape[1], instance.red_limit)
    for weight, cap in (
        (np.ones(instance.shape[0]), instance.places),
        (instance.minutes.astype(float), instance.minutes_free),
        (instance.red.astype(float), limit),
    ):
        used = np.bincount(stays[kept], weights=weight[kept], minlength=instance.shape[1])
        matrix = _matrix(adult, np.arange(n * m), weight[rows][pupil], (m, size))
        yield LinearConstraint(matrix, -np.inf, (cap - used)[adults])


def _matrix(
    rows: Integers, columns: Integers, values: Floats | float, shape: tuple[int, int]
) -> sp.csr_array:
    return sp.csr_array((np.full(len(rows), values), (rows, columns)), shape=shape)


def _relaxed(
    placed: Placed, rows: Integers, columns: Integers, beyond: Bools, against: Integers
) -> Relaxed:
    mentor, over = placed.solution.mentor.copy(), np.zeros(len(placed.wanted), dtype=bool)
    lifted = np.zeros(len(placed.wanted), dtype=np.int64)
    mentor[rows], over[rows], lifted[rows] = columns, beyond, against[rows, columns]
    return Relaxed(mentor, over, lifted)


def _told(placed: Placed, found: Relaxed) -> Iterator[Relaxation]:
    instance, size = placed.instance, placed.instance.shape[1]
    load = np.bincount(found.mentor, minlength=size) - instance.places
    minutes = np.bincount(found.mentor, weights=instance.minutes, minlength=size)
    reds = np.bincount(found.mentor, weights=instance.red, minlength=size) - instance.red_limit
    free = np.minimum(instance.hours * MINUTES, 1e9)
    moved = (found.mentor != placed.solution.mentor) & placed.solution.placed
    helped = ~placed.solution.placed & (found.lifted == 0)
    others = f"，并调整另外 {moved.sum()} 名学生的包保教师" if moved.any() else ""
    for column in np.unique(found.mentor[found.beyond]):
        here = helped & (found.mentor == column)
        students = _students(placed, here if here.any() else helped)
        places, hours = (
            max(0, int(load[column])),
            max(0.0, minutes[column] - free[column]) / MINUTES,
        )
        number = placed.school.adults[column].staff_no
        more = _more(places, hours, max(0, int(reds[column])))
        text = f"{number} {more}，可为 {'、'.join(students)} 安排包保教师{others}"
        units = int((found.beyond & (found.mentor == column)).sum())
        yield Relaxation(number, places, float(hours), students, (), units, text)
    for row in np.flatnonzero(found.lifted):
        pupil, adult = placed.wanted[row], placed.school.adults[found.mentor[row]]
        rules = tuple(map(str, placed.decisions.against(pupil.student_id, adult)))
        text = (
            f"如征得同意取消{'、'.join(rules)}，可由 {adult.staff_no} 担任 {pupil.student_id} "
            f"的包保教师{others}"
        )
        student = (pupil.student_id,)
        yield Relaxation(adult.staff_no, 0, 0.0, student, rules, len(rules), text)


def _students(placed: Placed, rows: Bools) -> tuple[str, ...]:
    return tuple(placed.wanted[row].student_id for row in np.flatnonzero(rows))


def _more(places: int, hours: float, reds: int) -> str:
    parts: Sequence[str] = (
        f"增加 {places} 个包保名额" if places else "",
        f"每周增加 {hours:g} 小时" if hours > 0 else "",
        f"多带 {reds} 名红色学生" if reds else "",
    )
    return "、".join(part for part in parts if part)
