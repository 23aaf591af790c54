"""The linear programme of one school over some of its arcs, and what its prices say of the others.

Variables are x (pupil i goes to adult j), s (the k-th place of j is used), z (household h has j)
and u (pupil i is left out)::

    minimise  Σ cost·x + Σ price·s + sibling weight·(Σ z − households) + Σ leaving_out·u
    Σ_j x_ij + u_i = 1                    every pupil i
    Σ_i x_ij = Σ_k s_jk                   every adult j
    Σ_i facet_i·x_ij ≤ limit              every adult j and facet of what j can take on
    x_ij ≤ z_hj,  Σ_i∈h x_ij ≤ q·z_hj     siblings of household h, q of whom fit with j

Hours make knapsacks of the adults; the facets (:mod:`kongchuo_risk.planning.assignment.hulls`)
and q make the relaxation so tight that little or no branching is left.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from kongchuo_risk.planning.assignment.hulls import hull_of, together
from kongchuo_risk.planning.assignment.instance import (
    NO_MENTOR,
    Bools,
    Floats,
    Instance,
    Integers,
)

NODES = 5_000
"""Branching stops here, the same on every machine; the gap is then told."""


class Programme:
    """The programme over the pairings marked in ``arcs`` (pupils × adults)."""

    def __init__(self, instance: Instance, arcs: Bools) -> None:
        self._instance = instance
        self._rows, self._columns = np.nonzero(arcs)
        self.size = len(self._rows)
        self._owner, self._price = instance.slots
        self.constant = -instance.sibling_weight * len(instance.households)

    def relax(self) -> Any:
        """Optimum over fractions, with duals, as ``scipy.optimize.linprog`` gives it."""
        found: Any = linprog(
            self._prices, A_ub=self._unequal, b_ub=self._limits, A_eq=self._equal,
            b_eq=self._sums, bounds=self._bounds, method="highs-ds",
        )  # type: ignore[call-overload]  # fmt: skip
        if found.status != 0:
            raise RuntimeError(f"the relaxation was not solved: {found.message}")
        return found

    def branch(self, relaxed: float) -> Any:
        """Optimum over whole pupils; ``relaxed`` is a lower bound of it."""
        whole = np.zeros(len(self._prices), dtype=np.int64)
        whole[: self.size] = 1
        whole[len(whole) - self._instance.shape[0] :] = 1
        found: Any = milp(
            self._prices,
            integrality=whole,
            bounds=Bounds(*self._bounds.T),
            constraints=[
                LinearConstraint(self._equal, self._sums, self._sums),
                LinearConstraint(self._unequal, -np.inf, self._limits),
            ],
            options={"mip_rel_gap": 0.5 / (abs(relaxed) + 1), "node_limit": NODES},
        )
        if found.x is None:
            raise RuntimeError(f"branching found nothing: {found.message}")
        return found

    def reduced_costs(self, relaxed: Any) -> Floats:
        """What one more unit of every arc, in the programme or not, would at least cost.

        The duals of the sibling rows are left out; they could only raise it.
        """
        instance, n = self._instance, self._instance.shape[0]
        equal = relaxed.eqlin.marginals
        adults, facets, _ = self._facets
        kinds, kind = instance.kinds
        of_facets = np.zeros((len(kinds), instance.shape[1]))
        duals = relaxed.ineqlin.marginals[: len(adults)]
        np.add.at(of_facets.T, adults, facets * duals[:, None])
        reduced: Floats = instance.cost - equal[:n, None] - equal[None, n:] - of_facets[kind]
        return reduced

    def mentors(self, x: Floats) -> Integers:
        """Column of every pupil's mentor."""
        taken = x[: self.size] > 0.5
        mentor = np.full(self._instance.shape[0], NO_MENTOR, dtype=np.int64)
        mentor[self._rows[taken]] = self._columns[taken]
        return mentor

    def shares(self, x: Floats) -> Floats:
        """Share of every pupil that every adult gets."""
        shares = np.zeros(self._instance.shape)
        shares[self._rows, self._columns] = x[: self.size]
        return shares

    @cached_property
    def _prices(self) -> Floats:
        instance = self._instance
        arcs = instance.cost[self._rows, self._columns]
        pairs = np.full(len(self._homes), instance.sibling_weight)
        return np.concatenate([arcs, self._price, pairs, instance.leaving_out]).astype(float)

    @cached_property
    def _bounds(self) -> Floats:
        """Lower and upper bounds; arcs need none, so that reduced costs say everything."""
        fixed = self._instance.fixed
        upper = np.full(len(self._prices), np.inf)
        upper[self.size : self.size + len(self._owner)] = 1
        upper[len(upper) - len(fixed) :] = np.where(fixed, 0, np.inf)
        return np.column_stack([np.zeros_like(upper), upper])

    @cached_property
    def _sums(self) -> Floats:
        n, m = self._instance.shape
        return np.concatenate([np.ones(n), np.zeros(m)])

    @cached_property
    def _equal(self) -> sp.csr_array:
        n = self._instance.shape[0]
        arcs, slots, out = np.arange(self.size), np.arange(len(self._owner)), np.arange(n)
        rows = np.concatenate([self._rows, n + self._columns, n + self._owner, out])
        left = self.size + len(slots) + len(self._homes)
        columns = np.concatenate([arcs, arcs, self.size + slots, left + out])
        values = np.concatenate([np.ones(2 * len(arcs)), -np.ones(len(slots)), np.ones(n)])
        return _sparse(rows, columns, values, (len(self._sums), len(self._prices)))

    @cached_property
    def _facets(self) -> tuple[Integers, Floats, Floats]:
        """Adult, coefficients by kind and limit of every row that places do not imply."""
        instance, kinds = self._instance, self._instance.kinds[0]
        adults, rows = [], []
        for adult in np.flatnonzero(instance.places):
            places = int(instance.usable_places[adult])
            for row in hull_of(
                places, int(instance.minutes_free[adult]), instance.red_limit, kinds
            ):
                if max(row[:-1]) * places > row[-1]:
                    adults.append(adult)
                    rows.append(row)
        table = np.array(rows, dtype=float).reshape(-1, len(kinds) + 1)
        return np.array(adults, dtype=np.int64), table[:, :-1], table[:, -1]

    @cached_property
    def _unequal(self) -> sp.csr_array:
        return sp.csr_array(sp.vstack([self._facet_rows(), self._sibling_rows()]))

    @cached_property
    def _limits(self) -> Floats:
        limits = self._facets[2]
        return np.concatenate([limits, np.zeros(self._unequal.shape[0] - len(limits))])

    def _facet_rows(self) -> sp.csr_array:
        adults, facets, _ = self._facets
        order = np.argsort(self._columns, kind="stable")
        ends = np.searchsorted(self._columns[order], [adults, adults + 1])
        arcs = [order[first:last] for first, last in ends.T]
        rows = np.repeat(np.arange(len(adults)), [len(part) for part in arcs])
        columns = np.concatenate([*arcs, np.zeros(0, dtype=np.int64)])
        values = facets[rows, self._instance.kinds[1][self._rows[columns]]]
        return _sparse(rows, columns, values, (len(adults), len(self._prices)))

    @cached_property
    def _homes(self) -> dict[tuple[int, int], list[int]]:
        """Household and adult → arcs between them."""
        household = {i: h for h, home in enumerate(self._instance.households) for i in home}
        found: dict[tuple[int, int], list[int]] = {}
        for arc in np.flatnonzero(np.isin(self._rows, list(household))).tolist():
            key = (household[int(self._rows[arc])], int(self._columns[arc]))
            found.setdefault(key, []).append(arc)
        return found

    def _sibling_rows(self) -> sp.csr_array:
        rows = [
            [(arc, 1.0) for arc in arcs] + [(self.size + len(self._owner) + z, -fitting)]
            for z, ((_, adult), members) in enumerate(self._homes.items())
            for arcs, fitting in self._sibling_groups(adult, members)
        ]
        entries = [(row, *entry) for row, entries in enumerate(rows) for entry in entries]
        row, column, value = np.array(entries, dtype=float).reshape(-1, 3).T
        return _sparse(row, column, value, (len(rows), len(self._prices)))

    def _sibling_groups(self, adult: int, arcs: list[int]) -> Iterable[tuple[list[int], float]]:
        """Sets of a household's arcs to an adult, and how many of them can be used at once."""
        instance = self._instance
        kinds, kind = instance.kinds
        fitting = together(
            tuple(kinds[kind[self._rows[arc]]] for arc in arcs),
            int(instance.places[adult]), int(instance.minutes_free[adult]), instance.red_limit,
        )  # fmt: skip
        if fitting > 1 or len(arcs) == 1:
            yield from (([arc], 1.0) for arc in arcs)
        if fitting < len(arcs):
            yield arcs, float(max(fitting, 1))


def _sparse(rows: Any, columns: Any, values: Floats, shape: tuple[int, int]) -> sp.csr_array:
    indices = (np.asarray(rows, dtype=np.int64), np.asarray(columns, dtype=np.int64))
    return sp.csr_array((values, indices), shape=shape)
