"""The linear programme of one school: its variables, its rows, and how its answers are read.

Variables are s (the k-th place of j is used), z (household h has j), u (pupil i is left out) and
x (pupil i goes to adult j)::

    minimise  Σ price·s + sibling weight·(Σ z − households) + Σ leaving_out·u + Σ cost·x
    Σ_j x_ij + u_i = 1                    every pupil i
    Σ_i x_ij = Σ_k s_jk                   every adult j
    Σ_i facet_i·x_ij ≤ limit              every adult j and facet of what j can take on
    x_ij ≤ z_hj,  Σ_i∈h x_ij ≤ q·z_hj     siblings of household h, q of whom fit with j

Hours make knapsacks of the adults; the facets (:mod:`kongchuo_risk.planning.assignment.hulls`)
and q make the relaxation so tight that little or no branching is left.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp

from kongchuo_risk.planning.assignment.instance import (
    NO_MENTOR,
    Bools,
    Floats,
    Instance,
    Integers,
)
from kongchuo_risk.planning.assignment.rows import facet_rows, sibling_rows, sums


class Programme:
    """Every variable and row of a school; the solver is given some of the pairings.

    Attributes
    ----------
    first
        Column of the first pairing; s, z and u stand before.
    matrix : rows × columns
    price, upper : columns
        Nothing is below 0. Pairings have no upper bound, so that reduced costs say everything.
    low, high : rows
    constant
        To be added to the value.
    """

    def __init__(self, instance: Instance) -> None:
        self._possible = instance.possible
        facets, limit = facet_rows(instance)
        siblings, pairs = sibling_rows(instance)
        self.matrix = _matrix(instance, facets, siblings, pairs)
        self.first = self.matrix.shape[1] - facets.shape[1]
        self.price = _prices(instance, pairs.shape[1])
        self.upper = _upper(instance, self.first, self.matrix.shape[1])
        self.low, self.high = _limits(instance, limit, siblings.shape[0])
        self.constant = -instance.sibling_weight * len(instance.households)

    def columns(self, arcs: Bools) -> Integers:
        """Where those pairings stand."""
        return self.first + np.flatnonzero(arcs[self._possible])

    def reduced_costs(self, dual: Floats) -> Floats:
        """What one more unit of every pairing would at least cost; infinite where impossible.

        Parameters
        ----------
        dual
            Of every row.
        """
        reduced = np.full(self._possible.shape, np.inf)
        reduced[self._possible] = (self.price - dual @ self.matrix)[self.first :]
        return reduced

    def shares(self, columns: Integers, values: Floats) -> Floats:
        """Share of every pupil that every adult gets."""
        every = np.zeros(len(self.price))
        every[columns] = values
        shares = np.zeros(self._possible.shape)
        shares[self._possible] = every[self.first :]
        return shares


def mentors_of(shares: Floats) -> Integers:
    """Column of every pupil's mentor."""
    taken = shares > 0.5
    mentors: Integers = np.where(taken.any(axis=1), taken.argmax(axis=1), NO_MENTOR)
    return mentors


def _matrix(
    instance: Instance, facets: sp.csr_array, siblings: sp.csr_array, pairs: sp.csr_array
) -> sp.csc_array:
    n, m = instance.shape
    pupil, adult = np.nonzero(instance.possible)
    blocks: list[list[Any]] = [
        [None, None, sp.eye_array(n), sums(pupil, n)],
        [-sums(instance.slots[0], m), None, None, sums(adult, m)],
        [None, None, None, facets],
        [None, pairs, None, siblings],
    ]
    return sp.csc_array(sp.block_array(blocks, format="csc"))


def _prices(instance: Instance, pairs: int) -> Floats:
    siblings = np.full(pairs, instance.sibling_weight)
    arcs = instance.cost[instance.possible]
    prices = np.concatenate([instance.slots[1], siblings, instance.leaving_out, arcs])
    return prices.astype(float)


def _upper(instance: Instance, first: int, columns: int) -> Floats:
    upper = np.full(columns, np.inf)
    upper[: len(instance.slots[0])] = 1
    upper[first - len(instance.fixed) : first][instance.fixed] = 0
    return upper


def _limits(instance: Instance, facets: Floats, siblings: int) -> tuple[Floats, Floats]:
    """Lower and upper limit of every row."""
    n, m = instance.shape
    equal, free = np.concatenate([np.ones(n), np.zeros(m)]), len(facets) + siblings
    low = np.concatenate([equal, np.full(free, -np.inf)])
    return low, np.concatenate([equal, facets, np.zeros(siblings)])
