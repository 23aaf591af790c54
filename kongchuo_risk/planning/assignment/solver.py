"""The cheapest assignment of one school under every cap, proven.

Minimised is Σ cost(i, j) + Σ the costs of the places used + sibling weight × further mentors of a
household. When no other cap than places binds, an assignment over places is the answer; else the
linear programme of :mod:`kongchuo_risk.planning.assignment.programme` takes over.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import linear_sum_assignment

from kongchuo_risk.planning.assignment.exact import ENOUGH, solve_exactly
from kongchuo_risk.planning.assignment.instance import (
    NO_MENTOR,
    Bools,
    Floats,
    Instance,
    Integers,
    keeps_caps,
    total_cost,
)


@dataclass(frozen=True)
class Solution:
    """Column of each pupil's mentor (:data:`NO_MENTOR`: none), its cost and a proven bound."""

    mentor: Integers
    cost: int
    bound: int

    @property
    def placed(self) -> Bools:
        return np.not_equal(self.mentor, NO_MENTOR)


def by_places(instance: Instance) -> Solution:
    """The cheapest assignment when only places and wishes count: a bound, often the answer.

    ``scipy.optimize.linear_sum_assignment`` over places, and one column per pupil for nobody.
    """
    every = _over_places(instance)
    owner = instance.slots[0]
    columns = linear_sum_assignment(every)[1]
    mentor = np.append(owner, NO_MENTOR)[np.minimum(columns, len(owner))]
    floor = every[np.arange(len(every)), columns].sum()
    return Solution(mentor, total_cost(instance, mentor), int(floor))


def reduced_by_places(instance: Instance) -> Floats:
    """What every pairing costs beyond the prices of the places in the cheapest assignment.

    The prices are shortest paths: lowered until no pupil would rather have another's place.
    """
    every, (owner, _) = _over_places(instance), instance.slots
    columns = linear_sum_assignment(every)[1]
    own = every[np.arange(len(every)), columns]
    price = np.zeros(every.shape[1], dtype=np.int64)
    while True:
        excess = every - (own - price[columns])[:, None]
        lower = np.minimum(price, excess.min(axis=0))
        if (lower == price).all():
            break
        price = lower
    reduced = np.full(instance.shape[::-1], np.inf)
    np.minimum.at(reduced, owner, (excess - price)[:, : len(owner)].T)
    return reduced.T


def _over_places(instance: Instance) -> Integers:
    """Pupils × places, then one column per pupil for having none."""
    owner, price = instance.slots
    n = instance.shape[0]
    never = (n + 1) * (int(instance.leaving_out.max(initial=0)) + 1)
    priced = instance.cost[:, owner] + price
    offered = np.where(instance.possible[:, owner], priced, never * (n + 1))
    out = np.where(instance.fixed, never, instance.leaving_out)
    return np.hstack([offered, np.broadcast_to(out[:, None], (n, n))])


def solve(instance: Instance) -> Solution:
    """The cheapest assignment of as many pupils as can be placed, those at most risk first.

    How many are placed is settled before the cost: first the largest number, then the ranks, then
    the cost among all assignments of those pupils.
    """
    if not instance.cost.size:
        return Solution(np.full(instance.shape[0], NO_MENTOR, dtype=np.int64), 0, 0)
    solution = _cheapest(instance)
    if solution.placed.all():
        return solution
    placed = _cheapest(_only_placing(instance), enough=0).placed
    part = _cheapest(instance.only(placed))
    mentor = np.full(instance.shape[0], NO_MENTOR, dtype=np.int64)
    mentor[placed] = part.mentor
    return Solution(mentor, part.cost, part.bound)


def _only_placing(instance: Instance) -> Instance:
    """The same caps, with no other cost than leaving pupils out: as few as can be, the last ones.

    The weights n(n + 1) + n − i decrease with the rank i, and one pupil more always costs more
    than any choice of others.
    """
    n = instance.shape[0]
    return replace(
        instance,
        cost=np.zeros_like(instance.cost), load_weight=0, households=(), sibling_weight=0,
        unplaced=n * (n + 1) + n - np.arange(n, dtype=np.int64),
    )  # fmt: skip


def _cheapest(instance: Instance, *, enough: float = ENOUGH) -> Solution:
    first = by_places(instance)
    if first.cost == first.bound and keeps_caps(instance, first.mentor):
        return first
    mentor, bound = solve_exactly(instance, reduced_by_places(instance), enough=enough)
    return Solution(mentor, total_cost(instance, mentor), bound)
