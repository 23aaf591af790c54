"""Rows of the programme that hours, 红 pupils and siblings make of the pairings."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp

from kongchuo_risk.planning.assignment.hulls import hull_of, together
from kongchuo_risk.planning.assignment.instance import Floats, Instance, Integers

Entries = list[tuple[int, int, float]]
"""Row, column, value."""


def sums(group: Integers, groups: int) -> sp.csr_array:
    """One row per group, which adds up the columns that belong to it.

    >>> sums(np.array([1, 0, 1]), 2).toarray().tolist()
    [[0.0, 1.0, 0.0], [1.0, 0.0, 1.0]]
    """
    every = np.arange(len(group))
    return sp.csr_array((np.ones(len(group)), (group, every)), shape=(groups, len(group)))


def facet_rows(instance: Instance) -> tuple[sp.csr_array, Floats]:
    """What each adult can take on: rows over the pairings, and their limits.

    The pairings are numbered as ``np.nonzero(instance.possible)`` gives them.
    """
    pupil, adult = np.nonzero(instance.possible)
    kinds, kind = instance.kinds
    adults, facets = _facets(instance)
    table = np.array(facets, dtype=float).reshape(-1, len(kinds) + 1)
    rows = sums(adult, instance.shape[1])[np.array(adults, dtype=np.int64)]
    row = np.repeat(np.arange(len(adults)), np.diff(rows.indptr))
    rows.data = table[row, kind[pupil[rows.indices]]]
    rows.eliminate_zeros()
    return rows, table[:, -1]


def _facets(instance: Instance) -> tuple[list[int], list[tuple[int, ...]]]:
    """Adult, and coefficients by kind with the limit, of every row that places do not imply."""
    adults, facets = [], []
    places, minutes = instance.usable_places.tolist(), instance.minutes_free.tolist()
    for adult in np.flatnonzero(instance.places).tolist():
        hull = hull_of(places[adult], minutes[adult], instance.red_limit, instance.kinds[0])
        rows = [row for row in hull if max(row[:-1]) * places[adult] > row[-1]]
        adults += [adult] * len(rows)
        facets += rows
    return adults, facets


def sibling_rows(instance: Instance) -> tuple[sp.csr_array, sp.csr_array]:
    """Siblings and the adults whom their household has.

    Returns
    -------
    over the pairings, numbered as by :func:`facet_rows`
    over the pairs of a household and an adult
    """
    number = np.cumsum(instance.possible).reshape(instance.shape) - 1
    of_arcs: Entries = []
    of_pairs: Entries = []
    pairs = rows = 0
    for adult, members in _pairs(instance):
        for pupils, fitting in _groups(instance, adult, members):
            of_arcs += [(rows, int(number[pupil, adult]), 1.0) for pupil in pupils]
            of_pairs.append((rows, pairs, -fitting))
            rows += 1
        pairs += 1
    arcs = int(instance.possible.sum())
    return _sparse(of_arcs, (rows, arcs)), _sparse(of_pairs, (rows, pairs))


def _pairs(instance: Instance) -> Iterator[tuple[int, list[int]]]:
    """Adults whom a household could have, with the siblings who could go there."""
    for home in instance.households:
        possible = instance.possible[list(home)].T.tolist()
        for adult, fits in enumerate(possible):
            if any(fits):
                yield adult, [pupil for pupil, fit in zip(home, fits, strict=True) if fit]


def _groups(
    instance: Instance, adult: int, members: list[int]
) -> Iterator[tuple[list[int], float]]:
    """Sets of siblings, and how many of them the adult can have at once."""
    kinds, kind = instance.kinds
    fitting = together(
        tuple(kinds[kind[pupil]] for pupil in members),
        int(instance.usable_places[adult]), int(instance.minutes_free[adult]), instance.red_limit,
    )  # fmt: skip
    if fitting > 1 or len(members) == 1:
        yield from (([pupil], 1.0) for pupil in members)
    if fitting < len(members):
        yield members, float(max(fitting, 1))


def _sparse(entries: Entries, shape: tuple[int, int]) -> sp.csr_array:
    rows, columns, values = np.array(entries, dtype=float).reshape(-1, 3).T
    indices = (rows.astype(np.int64), columns.astype(np.int64))
    return sp.csr_array((values, indices), shape=shape)
