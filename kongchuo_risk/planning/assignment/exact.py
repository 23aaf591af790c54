"""Few arcs first; prices prove that the others cannot matter; branching where it must be.

Only the cheapest arcs of each pupil are in the programme at first. The duals price all others;
those that could lower the cost come in, until none can: the optimum is then that of all arcs.
Where it is not integral, branching needs only arcs whose reduced cost is within the gap. All costs
are whole numbers, so bounds are rounded up.
"""

from __future__ import annotations

from math import ceil

import numpy as np

from kongchuo_risk.planning.assignment.instance import (
    Bools,
    Floats,
    Instance,
    Integers,
)
from kongchuo_risk.planning.assignment.programme import Programme

ARCS_PER_PUPIL = 8
TOLERANCE = 1e-6
CLOSE = 1.0
"""Prices are good enough when more arcs could lower the bound by less than this."""
ENOUGH = 0.015
"""Share of the cost within which an assignment is good enough; what is left is told as the gap."""
NEAR = 0.3
"""Arcs so near to the relaxation are tried for the pupils whom it divides."""


def solve_exactly(
    instance: Instance, first_look: Floats, *, enough: float = ENOUGH
) -> tuple[Integers, int]:
    """Column of every pupil's mentor, and a proven lower bound of the cost.

    Parameters
    ----------
    first_look : pupils × adults
        What each arc seems to cost; the cheapest of each pupil are in the programme from the start.
    enough
        Share of the cost by which it may be above the bound; 0 proves the best.
    """
    arcs = _cheapest_arcs(instance, first_look)
    while True:
        programme = Programme(instance, arcs)
        relaxed = programme.relax()
        reduced = np.where(instance.possible, programme.reduced_costs(relaxed), np.inf)
        reduced[arcs] = np.maximum(reduced[arcs], 0)
        # Lowering the duals of the pupils by these makes them feasible for every arc.
        short = np.minimum(reduced.min(axis=1, initial=0), 0)
        if short.sum() > -CLOSE:
            break
        arcs |= reduced < -TOLERANCE
    floor, reduced = relaxed.fun + short.sum(), reduced - short[:, None]
    share = programme.shares(relaxed.x)
    divided: Bools = np.abs(share - np.rint(share)).max(axis=1) > TOLERANCE
    if not divided.any() and round(relaxed.fun) == _ceil(floor):
        return programme.mentors(relaxed.x), _ceil(floor) + programme.constant
    some = ((reduced <= NEAR) & divided[:, None]) | ((share > 0.5) & ~divided[:, None])
    return _branch(instance, reduced, floor, some, enough)


def _cheapest_arcs(instance: Instance, first_look: Floats) -> Bools:
    """The arcs of every pupil that seem cheapest; ties are spread over the adults."""
    n, m = instance.shape
    if m <= ARCS_PER_PUPIL:
        return instance.possible.copy()
    spread = (np.arange(n)[:, None] * 37 + np.arange(m)[None, :] * 101) % m / m / 2
    key = np.where(instance.possible, first_look + spread, np.inf)
    nearest = np.argpartition(key, ARCS_PER_PUPIL, axis=1)[:, :ARCS_PER_PUPIL]
    arcs = np.zeros((n, m), dtype=bool)
    arcs[np.arange(n)[:, None], nearest] = True
    return (arcs | (first_look <= 0)) & instance.possible


def _branch(
    instance: Instance, reduced: Floats, relaxed: float, some: Bools, enough: float
) -> tuple[Integers, int]:
    """Whole pupils: first among a few arcs, then among all that could still matter.

    An assignment that uses an arc costs at least the relaxation and the arc's reduced cost.
    """
    bound, arcs, width = _ceil(relaxed), some, -1.0
    while True:
        programme = Programme(instance, arcs)
        found = programme.branch(relaxed)
        cost = round(found.fun)
        if cost - 1 <= relaxed + width + TOLERANCE:
            bound = max(bound, min(_ceil(found.mip_dual_bound), cost))
            break
        if cost - bound <= enough * (cost + programme.constant):
            break
        width = cost - 1 - relaxed if width >= 0 else bound - relaxed
        arcs = reduced <= width + TOLERANCE
    return programme.mentors(found.x), bound + programme.constant


def _ceil(value: float) -> int:
    return ceil(value - 1e-4)
