"""Few arcs first; prices prove that the others cannot matter; branching where it must be.

Only the cheapest arcs of each pupil are in the programme at first. The duals price all others;
those that could lower the cost come in, until none can: the optimum is then that of all arcs.
Where it is not integral, branching needs only arcs whose reduced cost is within the gap. All costs
are whole numbers, so bounds are rounded up.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

from kongchuo_risk.planning.assignment.highs import Solver
from kongchuo_risk.planning.assignment.instance import Bools, Floats, Instance, Integers
from kongchuo_risk.planning.assignment.programme import Programme, mentors_of

ARCS_PER_PUPIL = 6
TOLERANCE = 1e-6
CLOSE = 1.0
"""Prices are good enough when more arcs could lower the bound by less than this."""
ENOUGH = 0.015
"""Share of the cost within which an assignment is good enough; what is left is told as the gap."""
NEAR = 1.0
"""Arcs so near to the relaxation are tried, for the pupils whom it divides and then for all."""
NODES = 5_000
"""Branching stops here, the same on every machine; the gap is then told."""


@dataclass(frozen=True)
class Relaxed:
    """The optimum over fractions of pupils.

    Attributes
    ----------
    value
        Of the fractions.
    floor
        What no assignment costs less than.
    share, reduced : pupils × adults
        Of every pupil; and what an assignment that uses the arc costs at least above ``floor``.
    """

    value: float
    floor: float
    share: Floats
    reduced: Floats


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
    programme = Programme(instance)
    relaxed = _relax(programme, _cheapest_arcs(instance, first_look))
    share = relaxed.share
    divided: Bools = np.abs(share - np.rint(share)).max(axis=1) > TOLERANCE
    if not divided.any() and round(relaxed.value) == _ceil(relaxed.floor):
        return mentors_of(share), _ceil(relaxed.floor)
    return _branch(programme, relaxed, divided, enough)


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


def _relax(programme: Programme, arcs: Bools) -> Relaxed:
    """Bring in arcs until the others cannot lower the bound by much."""
    solver, inside = Solver(programme, programme.columns(arcs), presolve="off"), arcs
    while True:
        solver.run()
        reduced = programme.reduced_costs(solver.dual)
        reduced[inside] = np.maximum(reduced[inside], 0)
        # Lowering the duals of the pupils by these makes them feasible for every arc.
        short = np.minimum(reduced.min(axis=1, initial=0), 0)
        if short.sum() > -CLOSE:
            break
        more = reduced < -TOLERANCE
        solver.add(programme.columns(more))
        inside = inside | more
    return Relaxed(
        solver.value, solver.value + short.sum(), solver.shares, reduced - short[:, None]
    )


def _branch(
    programme: Programme, relaxed: Relaxed, divided: Bools, enough: float
) -> tuple[Integers, int]:
    """Whole pupils: first those who were divided, then everybody, on more and more arcs."""
    settled = (relaxed.share > 0.5) & ~divided[:, None]
    first = settled | (relaxed.reduced <= NEAR) & divided[:, None]
    best = _whole(programme, first, settled, enough=0.0)
    bound = _ceil(relaxed.floor)
    for width in (bound - relaxed.floor, NEAR, np.inf):
        cost = round(best.value)
        if cost - bound <= enough * cost:
            break
        # An assignment that costs less than this one has no arc beyond.
        needed = cost - 1 - relaxed.floor
        arcs = relaxed.reduced <= min(width, needed) + TOLERANCE
        other = _whole(programme, arcs, enough=enough)
        best = min(best, other, key=lambda solver: solver.value)
        if needed <= width:
            bound = max(bound, min(_ceil(other.bound), cost))
            break
    return mentors_of(best.shares), bound


def _whole(
    programme: Programme, arcs: Bools, settled: Bools | None = None, *, enough: float
) -> Solver:
    """The best over some arcs, proven, or within what is enough."""
    solver = Solver(
        programme, programme.columns(arcs), whole=True,
        settled=None if settled is None else programme.columns(settled),
        mip_abs_gap=0.99, mip_rel_gap=enough, mip_max_nodes=NODES,
    )  # fmt: skip
    solver.run()
    return solver


def _ceil(value: float) -> int:
    return ceil(value - 1e-4)
