"""What one adult can take on, as the tightest inequalities over numbers of pupils by kind."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from itertools import accumulate, product
from math import lcm

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull

Kind = tuple[int, bool]
"""Minutes a week that a pupil needs, and whether the pupil is 红."""


@lru_cache(maxsize=4096)
def hull_of(
    places: int, minutes: int, red_limit: int, kinds: tuple[Kind, ...]
) -> tuple[tuple[int, ...], ...]:
    """Facets of the convex hull of the numbers of pupils by kind that fit an adult's caps.

    Parameters
    ----------
    places, minutes, red_limit
        The caps.
    kinds
        Different kinds of pupils.

    Returns
    -------
    tuple of rows
        Whole numbers: coefficients by kind, then the limit of Σ coefficient × number. Together
        with "not negative" they are the hull. Kinds that do not fit even alone have coefficient
        0: nobody of them may come.

    Examples
    --------
    An hour and three places: one pupil who needs the hour leaves room for nobody else.

    >>> hull_of(3, 60, 3, ((15, False), (60, True)))
    ((1, 3, 3),)
    """
    alone = [_fits((kind,), (1,), places, minutes, red_limit) for kind in kinds]
    usable = tuple(kind for kind, fits in zip(kinds, alone, strict=True) if fits)
    if not usable:
        return ()
    places_of = np.flatnonzero(alone)
    facets = {_whole(facet) for facet in _facets(_counts(places, minutes, red_limit, usable))}
    return tuple(_with_gaps(facet, places_of.tolist(), len(kinds)) for facet in sorted(facets))


@lru_cache(maxsize=4096)
def together(kinds: tuple[Kind, ...], places: int, minutes: int, red_limit: int) -> int:
    """How many of some pupils an adult can have at once.

    >>> together(((60, True), (60, True), (15, False)), places=3, minutes=240, red_limit=1)
    2
    """
    reds = sorted(kind for kind in kinds if kind[1])[:red_limit]
    shortest = sorted([*(kind for kind in kinds if not kind[1]), *reds])
    needed = accumulate(kind[0] for kind in shortest)
    return min(places, sum(total <= minutes for total in needed))


def _counts(
    places: int, minutes: int, red_limit: int, kinds: tuple[Kind, ...]
) -> NDArray[np.int64]:
    most = [
        next(n for n in range(places, 0, -1) if _fits((kind,), (n,), places, minutes, red_limit))
        for kind in kinds
    ]
    every = product(*(range(n + 1) for n in most))
    return np.array([n for n in every if _fits(kinds, n, places, minutes, red_limit)])


def _fits(
    kinds: tuple[Kind, ...], numbers: tuple[int, ...], places: int, minutes: int, red_limit: int
) -> bool:
    needed = sum(n * kind[0] for n, kind in zip(numbers, kinds, strict=True))
    reds = sum(n for n, kind in zip(numbers, kinds, strict=True) if kind[1])
    return sum(numbers) <= places and needed <= minutes and reds <= red_limit


def _facets(points: NDArray[np.int64]) -> NDArray[np.float64]:
    """Coefficients of the facets with limit 1."""
    if points.shape[1] == 1:
        most: NDArray[np.float64] = points.max(axis=0, keepdims=True).astype(float)
        return 1.0 / most
    equations = ConvexHull(points).equations
    # Fewer pupils always fit as well, so the other facets go through nought: "not negative".
    upper = equations[equations[:, -1] < -1e-9]
    coefficients: NDArray[np.float64] = upper[:, :-1] / -upper[:, -1:]
    return coefficients


def _whole(facet: NDArray[np.float64]) -> tuple[int, ...]:
    """The same inequality in whole numbers, the limit last."""
    parts = [Fraction(float(value)).limit_denominator(1000) for value in facet]
    scale = lcm(*(part.denominator for part in parts))
    return (*(int(part * scale) for part in parts), scale)


def _with_gaps(facet: tuple[int, ...], at: list[int], size: int) -> tuple[int, ...]:
    row = [0] * size
    for place, value in zip(at, facet[:-1], strict=True):
        row[place] = value
    return (*row, facet[-1])
