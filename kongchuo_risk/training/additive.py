"""The additive member: ridge logistic regression on numbers, their bends, and categories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from kongchuo_risk.training.member import FitContext, blocks

MIN_CATEGORY_ROWS = 5
"""A category seen less often gets no coefficient of its own."""
MOST_CATEGORIES = 200
"""Of a column with more categories the most common get one: the design must fit into memory."""
MOST_ROWS = 200_000
"""The weights are settled long before this many rows."""
MOST_CELLS = 50_000_000
"""Of the design: 400 MB, and some five times that while it is made and fitted."""
CLIP_DEVIATIONS = 6.0
"""A number is followed no further from its mean than this."""
KNOTS = 5
HINGE_SCALE = 0.3
"""Bends are this much smaller than slopes before the penalty, so that lines bend reluctantly."""
MIN_DISTINCT = 4
"""Columns with fewer distinct values have nothing to bend."""
_ROUNDS = 10


@dataclass(frozen=True)
class AdditiveMember:
    """Ridge logistic regression on a design of pieces, each made from one column.

    The design holds the scaled numbers, their ramps, one column per category, and indicators of
    missing values. A ramp climbs from 0 to 1 between two cuts; the last cut of a free column lies
    at the clip, so that its ramps are the hinges of a linear spline.

    Attributes
    ----------
    fill, centre, scale : float arrays of shape (n_columns,)
        Median, mean and standard deviation of each number.
    straight : bool array of shape (n_columns,)
        Columns with a slope: numbers of no prescribed direction.
    ramps : float array of shape (n_ramps, 4)
        Column, lower and upper cut in standard deviations, and height.
    levels : int array of shape (n_levels, 2)
        Column and category position of each one-hot column.
    shares : float array of shape (n_levels,)
        Share of each category in training; what a row shows whose category is new.
    gaps : int array
        Columns that had missing values in training.
    coefficients, background : float arrays of shape (n_columns + n_ramps + n_levels + n_gaps,)
        Weights, and means of the design in training.
    """

    fill: np.ndarray
    centre: np.ndarray
    scale: np.ndarray
    straight: np.ndarray
    ramps: np.ndarray
    levels: np.ndarray
    shares: np.ndarray
    gaps: np.ndarray
    coefficients: np.ndarray
    background: np.ndarray
    intercept: float

    def log_odds(self, encoded: np.ndarray) -> np.ndarray:
        """Intercept plus weighted sum."""
        parts = [self.design(encoded[rows]) @ self.coefficients for rows in blocks(encoded)]
        return self.intercept + np.concatenate([np.empty(0), *parts])

    def shifted(self, by: float) -> AdditiveMember:
        """The same weights with ``by`` added to the intercept."""
        return replace(self, intercept=self.intercept + by)

    def contributions(self, encoded: np.ndarray) -> tuple[np.ndarray, float]:
        """Coefficient times distance from the training mean, summed back to the source columns."""
        base = float(self.intercept + self.background @ self.coefficients)
        values = np.empty(encoded.shape)
        for rows in blocks(encoded):
            values[rows] = self._by_source(encoded[rows])
        return values, base

    def design(self, encoded: np.ndarray) -> np.ndarray:
        """Design matrix of shape (n_rows, n_columns + n_ramps + n_levels + n_gaps)."""
        missing = np.isnan(encoded)
        scaled = (np.where(missing, self.fill, encoded) - self.centre) / self.scale
        np.clip(scaled, -CLIP_DEVIATIONS, CLIP_DEVIATIONS, out=scaled)
        column, low, high, height = self.ramps.T
        climbed = (scaled[:, column.astype(np.intp)] - low) / (high - low)
        ramps = np.clip(climbed, 0.0, 1.0, out=climbed) * height
        owner = self.levels[:, 0]
        onehot = encoded[:, owner] == self.levels[:, 1]
        new = missing[:, owner] & ~np.isin(owner, self.gaps)
        onehot = np.where(new, self.shares, onehot)
        return np.hstack([scaled * self.straight, ramps, onehot, missing[:, self.gaps]])

    @property
    def sources(self) -> np.ndarray:
        """Column that each column of the design was made from."""
        columns = np.arange(len(self.fill))
        ramps = self.ramps[:, 0].astype(np.intp)
        return np.concatenate([columns, ramps, self.levels[:, 0], self.gaps])

    def _by_source(self, encoded: np.ndarray) -> np.ndarray:
        parts = (self.design(encoded) - self.background) * self.coefficients
        columns = encoded.shape[1]
        values = parts[:, :columns].copy()
        for position, source in enumerate(self.sources[columns:], start=columns):
            values[:, source] += parts[:, position]
        return values

    def state(self) -> dict[str, Any]:
        """What JSON needs to rebuild the member."""
        arrays = {name: getattr(self, name).tolist() for name in _TYPES}
        return {**arrays, "intercept": self.intercept}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> AdditiveMember:
        """The member that :meth:`state` described."""
        arrays: dict[str, np.ndarray] = {
            name: np.asarray(state[name], dtype=kind) for name, kind in _TYPES.items()
        }
        arrays["ramps"] = arrays["ramps"].reshape(-1, 4)
        arrays["levels"] = arrays["levels"].reshape(-1, 2)
        return cls(**arrays, intercept=float(state["intercept"]))


_TYPES: Mapping[str, type] = {
    "fill": float, "centre": float, "scale": float, "straight": bool, "ramps": float,
    "levels": np.intp, "shares": float, "gaps": np.intp, "coefficients": float, "background": float,
}  # fmt: skip


def rows_enough(encoded: np.ndarray, categorical: Sequence[int]) -> int:
    """Rows to learn from at most, so that a wide design fits into memory too.

    >>> rows_enough(np.zeros((1, 10)), ()), rows_enough(np.zeros((1, 100)), ())
    (200000, 71428)
    """
    levels = [np.nanmax(encoded[:, column], initial=-1) + 1 for column in categorical]
    width = encoded.shape[1] * (KNOTS + 2) + np.minimum(levels, MOST_CATEGORIES).sum()
    return int(min(MOST_ROWS, MOST_CELLS / max(width, 1)))


def fit_additive(encoded: np.ndarray, y: np.ndarray, context: FitContext) -> AdditiveMember:
    """Fit by Newton's method; a column with a direction only rises or only falls."""
    draft = _draft(encoded, context)
    design = draft.design(encoded)
    wanted = np.asarray(context.monotone)[draft.sources]
    wanted[np.arange(len(wanted)) >= encoded.shape[1] + len(draft.ramps)] = 0
    coefficients, intercept = _fit_with_signs(design, y, wanted, context.shape.ridge_c)
    return replace(
        draft,
        coefficients=coefficients,
        background=design.mean(axis=0),
        intercept=intercept,
    )


def _fit_with_signs(
    design: np.ndarray, y: np.ndarray, signs: np.ndarray, strength: float
) -> tuple[np.ndarray, float]:
    """Ridge logistic regression whose coefficients obey ``signs``.

    Those that come out with the wrong sign are set to zero and the rest is fitted again; a few
    rounds do, since dropping the worst offenders seldom turns the others.
    """
    kept = np.ptp(design, axis=0) > 0
    model = LogisticRegression(C=strength, solver="newton-cholesky", max_iter=200)
    coefficients = np.zeros(design.shape[1])
    for _ in range(_ROUNDS):
        if not kept.any():
            rate = y.mean()
            return coefficients, float(np.log(rate / (1 - rate)))
        model.fit(design[:, kept], y)
        coefficients = np.zeros(design.shape[1])
        coefficients[kept] = model.coef_[0]
        wrong = coefficients * signs < 0
        if not wrong.any():
            break
        kept &= ~wrong
    coefficients[coefficients * signs < 0] = 0.0
    return coefficients, float(model.intercept_[0])


def _draft(encoded: np.ndarray, context: FitContext) -> AdditiveMember:
    """The pieces of the design, without weights."""
    missing = np.isnan(encoded)
    empty = missing.all(axis=0)
    safe = np.where(empty, 0.0, encoded)
    fill = np.nanmedian(safe, axis=0)
    filled = np.where(missing, fill, safe)
    centre, spread = filled.mean(axis=0), filled.std(axis=0)
    tiny = spread <= 1e-12 * np.maximum(1.0, np.abs(fill))
    scale = np.where(tiny, 1.0, spread)
    number = np.ones(encoded.shape[1], dtype=bool)
    number[list(context.categorical)] = False
    free = np.asarray(context.monotone) == 0
    scaled = np.clip((filled - centre) / scale, -CLIP_DEVIATIONS, CLIP_DEVIATIONS)
    ramps = [
        ramp
        for column in np.flatnonzero(number)
        for ramp in _ramps(int(column), scaled[:, column], free=bool(free[column]))
    ]
    levels = _levels(encoded, context.categorical)
    return AdditiveMember(
        fill=fill,
        centre=centre,
        scale=scale,
        straight=number & free,
        ramps=np.array(ramps, dtype=float).reshape(-1, 4),
        levels=levels,
        shares=(encoded[:, levels[:, 0]] == levels[:, 1]).mean(axis=0),
        gaps=np.flatnonzero(missing.any(axis=0) & ~empty),
        coefficients=np.empty(0),
        background=np.empty(0),
        intercept=0.0,
    )


def _ramps(column: int, values: np.ndarray, *, free: bool) -> Iterator[tuple[float, ...]]:
    """Hinges for a free column; for one with a direction ramps that cover it end to end."""
    bends = np.unique(np.quantile(values, np.linspace(0, 1, KNOTS + 2)[1:-1]))
    if free:
        if len(np.unique(values)) < MIN_DISTINCT:
            return
        for low in bends[bends < CLIP_DEVIATIONS]:
            spread = np.maximum(values - low, 0.0).std()
            if spread > 0:
                height = HINGE_SCALE * (CLIP_DEVIATIONS - low) / spread
                yield column, low, CLIP_DEVIATIONS, height
        return
    cuts = np.unique([values.min(), *bends, values.max()])
    for low, high in pairwise(cuts):
        # With this height a straight line costs what it costs a column without ramps.
        yield column, low, high, (high - low) * np.sqrt(len(cuts) - 1)


def _levels(encoded: np.ndarray, categorical: Sequence[int]) -> np.ndarray:
    found = []
    for column in categorical:
        values = encoded[:, column]
        level, count = np.unique(values[np.isfinite(values)], return_counts=True)
        common = np.sort(np.argsort(-count, kind="stable")[:MOST_CATEGORIES])
        level, count = level[common], count[common]
        found += [(column, int(code)) for code in level[count >= MIN_CATEGORY_ROWS]]
    return np.array(found, dtype=np.intp).reshape(-1, 2)
