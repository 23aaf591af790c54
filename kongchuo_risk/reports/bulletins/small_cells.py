"""Counts of a few pupils are hidden, with as many others as it takes that none can be computed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import linprog

Cell = Hashable
Equation = Mapping[Cell, int]
"""Cell → coefficient; the sum over all cells is 0."""

_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Counts:
    """Numbers that a reader would see, and what the reader knows about how they hang together.

    Attributes
    ----------
    values
        Cell → whole number.
    equations
        Of these cells and of others that are never printed, such as N − n; every one holds.
    unprinted
        Cells of the equations that are not printed in any case, with their values.
    sensitive
        Whether a cell is about pupils; others are printed however small.
    minimum
        Counts from 1 to one less than this are small.
    """

    values: Mapping[Cell, int]
    equations: tuple[Equation, ...]
    unprinted: Mapping[Cell, int]
    sensitive: Callable[[Cell], bool]
    minimum: int

    @cached_property
    def all_values(self) -> Mapping[Cell, int]:
        """Printed and unprinted cells."""
        return {**self.values, **self.unprinted}

    @cached_property
    def small(self) -> frozenset[Cell]:
        """Cells that must not be known."""
        return frozenset(
            cell
            for cell, value in self.all_values.items()
            if 0 < abs(value) < self.minimum and self.sensitive(cell)
        )

    @cached_property
    def touching(self) -> Mapping[Cell, tuple[int, ...]]:
        """Cell → positions of the equations in which it stands."""
        found: dict[Cell, list[int]] = {}
        for position, equation in enumerate(self.equations):
            for cell in equation:
                found.setdefault(cell, []).append(position)
        return {cell: tuple(positions) for cell, positions in found.items()}


def hidden_cells(counts: Counts) -> frozenset[Cell]:
    """Printed cells that must be hidden.

    Small cells are; then more, the smallest first, until from what is still printed nobody can
    tell more about a small cell than its mark does: that it may be anything from 1 to the minimum
    less 1.

    Examples
    --------
    >>> rows = {"甲校": 2, "乙校": 9, "丙校": 6, "合计": 17}
    >>> total = {"甲校": 1, "乙校": 1, "丙校": 1, "合计": -1}
    >>> counts = Counts(rows, (total,), {}, lambda cell: True, 5)
    >>> sorted(hidden_cells(counts))
    ['丙校', '甲校']
    """
    hidden = set(counts.small) | set(counts.unprinted)
    told = [cell for cell in sorted(counts.small, key=str) if _is_told(cell, hidden, counts)]
    while told:
        before = len(hidden)
        for cell in told:
            if _is_told(cell, hidden, counts):
                hidden |= _next(cell, hidden, counts)
        if len(hidden) == before:
            break
        told = [cell for cell in told if _is_told(cell, hidden, counts)]
    return frozenset(hidden & set(counts.values))


def _next(cell: Cell, hidden: set[Cell], counts: Counts) -> set[Cell]:
    """The printed count to hide next; none when everything that could help is hidden.

    An equation with one hidden cell gives that cell away: a count that stands in several of these
    helps most. Where every equation has more, what they add up to is too little, and any count
    beside the cell helps.
    """
    _, rows = _component(cell, hidden, counts)
    near = [counts.equations[position] for position in rows]
    tight = [equation for equation in near if len(hidden & set(equation)) == 1]
    own = [counts.equations[position] for position in counts.touching.get(cell, ())]
    for equations in (tight, own, near):
        found = Counter(other for equation in equations for other in equation)
        printed = [o for o in found if o not in hidden and counts.all_values[o] != 0]
        if printed:
            return {min(printed, key=lambda other: _cost(other, found[other], hidden, counts))}
    return set()


def _cost(
    cell: Cell, times: int, hidden: set[Cell], counts: Counts
) -> tuple[bool, bool, int, int, str]:
    """What is printed twice or is not about pupils costs most, then totals, then large counts."""
    equations = [counts.equations[position] for position in counts.touching.get(cell, ())]
    twins = {other for equation in equations if len(equation) == 2 for other in equation}
    twice = bool(twins - hidden - {cell})
    unneeded = twice or not counts.sensitive(cell)
    return unneeded, _is_total(cell, counts), -times, counts.all_values[cell], str(cell)


def _is_total(cell: Cell, counts: Counts) -> bool:
    equations = (counts.equations[position] for position in counts.touching.get(cell, ()))
    return any(equation[cell] < 0 and len(equation) > 2 for equation in equations)


def _is_told(cell: Cell, hidden: set[Cell], counts: Counts) -> bool:
    """Whether the printed numbers say more about a small cell than that it is small."""
    system = _system(cell, hidden, counts)
    if system is None:
        return False
    cells, matrix, right, bounds = system
    goal = np.array([1.0 if other == cell else 0.0 for other in cells])
    if counts.all_values[cell] < 0:
        goal = -goal
    low = _extreme(goal, matrix, right, bounds)
    high = _extreme(-goal, matrix, right, bounds)
    return low > 1 + _TOLERANCE or -high < counts.minimum - 1 - _TOLERANCE


def _system(
    cell: Cell, hidden: set[Cell], counts: Counts
) -> tuple[list[Cell], np.ndarray, np.ndarray, list[tuple[float | None, None]]] | None:
    """Equations in which ``cell`` and the hidden cells that hang together with it stand."""
    cells, rows = _component(cell, hidden, counts)
    if not rows:
        return None
    column = {one: number for number, one in enumerate(cells)}
    matrix = np.zeros((len(rows), len(cells)))
    right = np.zeros(len(rows))
    for line, position in enumerate(rows):
        for one, factor in counts.equations[position].items():
            if one in column:
                matrix[line, column[one]] = factor
            else:
                right[line] -= factor * counts.all_values[one]
    return cells, matrix, right, [_bound(one, counts) for one in cells]


def _component(cell: Cell, hidden: set[Cell], counts: Counts) -> tuple[list[Cell], list[int]]:
    cells, rows, front = {cell}, set[int](), [cell]
    while front:
        positions = {p for one in front for p in counts.touching.get(one, ())} - rows
        rows |= positions
        front = [
            one
            for position in positions
            for one in counts.equations[position]
            if one in hidden and one not in cells
        ]
        cells |= set(front)
    return sorted(cells, key=str), sorted(rows)


def _bound(cell: Cell, counts: Counts) -> tuple[float | None, None]:
    """A mark stands for 1 or more: a count of 0 is always printed; what is unprinted may be 0."""
    if counts.all_values[cell] < 0:
        return None, None
    return (0 if cell in counts.unprinted else 1), None


def _extreme(
    goal: np.ndarray,
    matrix: np.ndarray,
    right: np.ndarray,
    bounds: Iterable[tuple[float | None, None]],
) -> float:
    found = linprog(goal, A_eq=matrix, b_eq=right, bounds=list(bounds), method="highs")
    return -np.inf if found.fun is None else float(found.fun)
