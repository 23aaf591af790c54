"""The problem of one school in arrays: costs, caps, and what an assignment costs and keeps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import gcd

import numpy as np
from numpy.typing import NDArray

from kongchuo_risk.planning.assignment.hulls import Kind

Bools = NDArray[np.bool_]
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

NO_MENTOR = -1
MINUTES = 60


@dataclass(frozen=True)
class Instance:
    """Pupils (rows, the one at most risk first) and adults (columns) of one school.

    Attributes
    ----------
    cost : int64, pupils × adults
    allowed : bool, pupils × adults
        What no veto, wish or absence forbids; of a fixed pupil only the fixed adult.
    places : int64, adults
    hours, needed : float
        Of each adult a week (may be infinite), and for each pupil.
    red : bool, pupils
        At most ``red_limit`` of them per adult.
    load_weight
        The k-th of n places costs ``load_weight · (2k − 1) / 2n``, rounded.
    households
        Rows of siblings; every mentor of a household beyond the first costs ``sibling_weight``.
    fixed : bool, pupils
        Must be placed; fixed points fit the caps together.
    unplaced : int64, pupils, or None
        What it costs to leave a pupil out; None: more than any pairing.
    """

    cost: Integers
    allowed: Bools
    places: Integers
    hours: Floats
    needed: Floats
    red: Bools
    red_limit: int
    load_weight: int
    households: tuple[tuple[int, ...], ...]
    sibling_weight: int
    fixed: Bools
    unplaced: Integers | None = None

    @property
    def shape(self) -> tuple[int, int]:
        return self.cost.shape[0], self.cost.shape[1]

    @cached_property
    def usable_places(self) -> Integers:
        """Places, no more than there are pupils."""
        return np.minimum(self.places, self.shape[0])

    @cached_property
    def minutes(self) -> Integers:
        """Minutes a week of each pupil."""
        return np.rint(self.needed * MINUTES).astype(np.int64)

    @cached_property
    def minutes_free(self) -> Integers:
        """Minutes of each adult, cut to what whole pupils can use."""
        step = gcd(*self.minutes.tolist()) or 1
        most = int(self.minutes.sum()) + step
        free = np.minimum(self.hours * MINUTES + 1e-6, most)
        return np.floor(free / step).astype(np.int64) * step

    @cached_property
    def possible(self) -> Bools:
        """Pairings that are allowed and fit the adult's caps when alone."""
        free = (self.places > 0)[None, :] & (self.minutes[:, None] <= self.minutes_free[None, :])
        return self.allowed & free & ~(self.red[:, None] & (self.red_limit < 1))

    @cached_property
    def kinds(self) -> tuple[tuple[Kind, ...], Integers]:
        """Kinds of pupils by minutes and 红, and the kind of every pupil."""
        codes, kind = np.unique(self.minutes * 2 + self.red, return_inverse=True)
        return tuple((int(code) // 2, bool(code % 2)) for code in codes), kind

    @cached_property
    def slots(self) -> tuple[Integers, Integers]:
        """Adult and cost of every place that could be used, the cheapest of an adult first."""
        usable = self.usable_places
        owner = np.repeat(np.arange(len(usable)), usable)
        nth = np.arange(len(owner)) - np.repeat(np.cumsum(usable) - usable, usable)
        price = self.load_weight * (2 * nth + 1) / (2 * self.places[owner])
        return owner, np.floor(price + 0.5).astype(np.int64)

    @cached_property
    def leaving_out(self) -> Integers:
        """What it costs to leave each pupil without a mentor."""
        if self.unplaced is not None:
            return self.unplaced
        n = self.shape[0]
        dearest = int(self.cost.max(initial=0)) + self.load_weight + self.sibling_weight + 1
        return np.full(n, (n + 1) * dearest, dtype=np.int64)

    def only(self, rows: Bools) -> Instance:
        """The same school with some of the pupils."""
        place = np.cumsum(rows) - 1
        kept = (tuple(int(place[i]) for i in home if rows[i]) for home in self.households)
        return replace(
            self,
            cost=self.cost[rows], allowed=self.allowed[rows], needed=self.needed[rows],
            red=self.red[rows], fixed=self.fixed[rows],
            households=tuple(home for home in kept if len(home) > 1),
            unplaced=None if self.unplaced is None else self.unplaced[rows],
        )  # fmt: skip


def total_cost(instance: Instance, mentor: Integers) -> int:
    """What an assignment costs, pupils left out included."""
    rows = np.flatnonzero(mentor != NO_MENTOR)
    owner, price = instance.slots
    load = np.bincount(mentor[rows], minlength=instance.shape[1])
    first = np.searchsorted(owner, np.arange(instance.shape[1]))
    used = np.arange(len(owner)) - first[owner] < load[owner]
    return int(
        instance.cost[rows, mentor[rows]].sum()
        + price[used].sum()
        + instance.leaving_out[mentor == NO_MENTOR].sum()
        + instance.sibling_weight * _further_mentors(instance, mentor)
    )


def _further_mentors(instance: Instance, mentor: Integers) -> int:
    found = ({mentor[i] for i in home} - {NO_MENTOR} for home in instance.households)
    return sum(max(0, len(mentors) - 1) for mentors in found)


def keeps_caps(instance: Instance, mentor: Integers) -> bool:
    """Whether places, hours, 红 pupils per mentor, wishes and fixed points are all kept."""
    rows = np.flatnonzero(mentor != NO_MENTOR)
    columns, adults = mentor[rows], instance.shape[1]
    load = np.bincount(columns, minlength=adults)
    minutes = np.bincount(columns, weights=instance.minutes[rows], minlength=adults)
    reds = np.bincount(columns, weights=instance.red[rows], minlength=adults)
    return bool(
        instance.allowed[rows, columns].all()
        and (load <= instance.places).all()
        and (minutes <= instance.minutes_free).all()
        and (reds <= instance.red_limit).all()
        and (mentor[instance.fixed] != NO_MENTOR).all()
    )
