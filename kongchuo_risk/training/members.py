"""The members of the blend: regularised boosters and a ridge logistic regression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import lightgbm
import numpy as np
from sklearn.linear_model import LogisticRegression

from kongchuo_risk.training.treeshap import LeafTables, leaf_tables

ONE_THREAD_BELOW_ROWS = 20_000
"""Below this many rows a second thread costs more than it gains."""
RIDGE_C = 0.1
MIN_CATEGORY_ROWS = 5
"""A category seen less often gets no coefficient of its own."""
CLIP_DEVIATIONS = 6.0
"""The linear member follows a number no further from its mean than this."""
_BOOSTING = {
    "objective": "binary",
    "learning_rate": 0.03,
    "num_leaves": 15,
    "max_depth": 6,
    # The library's 0.001 lets leaf values run away when positives are rare.
    "min_sum_hessian_in_leaf": 1.0,
    "lambda_l2": 1.0,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}


@dataclass(frozen=True)
class FitContext:
    """What a member may know beside the rows."""

    categorical: tuple[int, ...]
    monotone: tuple[int, ...] | None
    seed: int
    threads: int
    most_negatives: float | None = None
    """Calm rows kept per event when learning; see :func:`fit_members`."""


class Member(Protocol):
    """One part of the blend; works on the array of :class:`ColumnEncoder`."""

    def shifted(self, by: float) -> Member:
        """The same member with ``by`` added to its log-odds."""

    def log_odds(self, encoded: np.ndarray) -> np.ndarray:
        """Raw log-odds, shape (n_rows,)."""

    def contributions(self, encoded: np.ndarray) -> tuple[np.ndarray, float]:
        """Exact parts by column, shape (n_rows, n_columns), and the base."""


@dataclass(frozen=True)
class BoosterMember:
    """LightGBM trees, kept as the text that is saved, so that what is loaded is what was used."""

    text: str
    threads: int = 1
    shift: float = 0.0

    def __getstate__(self) -> dict[str, Any]:
        """The text and what goes with it; trees and tables are made from it again."""
        return {"text": self.text, "threads": self.threads, "shift": self.shift}

    def log_odds(self, encoded: np.ndarray) -> np.ndarray:
        """Sum of the leaves, and the shift."""
        if not len(encoded):
            return np.empty(0)
        rows = np.ascontiguousarray(encoded)
        raw = self._booster.predict(rows, num_threads=self.threads, raw_score=True)
        return self.shift + np.asarray(raw)

    def shifted(self, by: float) -> BoosterMember:
        """The same trees with ``by`` added to the log-odds."""
        return replace(self, shift=self.shift + by)

    def contributions(self, encoded: np.ndarray) -> tuple[np.ndarray, float]:
        """Exact path-dependent SHAP values (Lundberg et al. 2020) from the tables of the leaves."""
        return self._tables.values(encoded, threads=self.threads), self.shift + self._tables.base

    @cached_property
    def _tables(self) -> LeafTables:
        return leaf_tables(self._booster)

    @cached_property
    def _booster(self) -> lightgbm.Booster:
        return lightgbm.Booster(model_str=self.text)


def fit_booster(
    encoded: np.ndarray, y: np.ndarray, context: FitContext, *, trees: int, extra_trees: bool
) -> BoosterMember:
    """Grow ``trees`` small trees; ``extra_trees`` draws the cut points at random."""
    rows = len(y)
    parameters = {
        **_BOOSTING,
        "min_data_in_leaf": max(3, min(30, rows // 40)),
        "min_data_in_bin": 1 if rows < 1000 else 3,
        "extra_trees": extra_trees,
        "seed": context.seed + (1 if extra_trees else 0),
        "num_threads": context.threads,
    }
    if context.monotone is not None and any(context.monotone):
        parameters["monotone_constraints"] = list(context.monotone)
    data = lightgbm.Dataset(
        encoded, y, categorical_feature=list(context.categorical), params=parameters
    )
    booster = lightgbm.train(parameters, data, num_boost_round=trees)
    return BoosterMember(booster.model_to_string(), context.threads)


@dataclass(frozen=True)
class RidgeMember:
    """Ridge logistic regression on scaled numbers, one-hot categories and missing indicators.

    Attributes
    ----------
    fill, centre, scale : float arrays of shape (n_columns,)
        Median, mean and standard deviation of each number; unused for categories.
    levels : int array of shape (n_levels, 2)
        Column and category position of each one-hot column.
    gaps : int array
        Columns that had missing values in training.
    coefficients, background : float arrays of shape (n_columns + n_levels + n_gaps,)
        Weights, and means of the design in training.
    """

    categorical: tuple[int, ...]
    fill: np.ndarray
    centre: np.ndarray
    scale: np.ndarray
    levels: np.ndarray
    gaps: np.ndarray
    coefficients: np.ndarray
    background: np.ndarray
    intercept: float

    def log_odds(self, encoded: np.ndarray) -> np.ndarray:
        """Intercept plus weighted sum."""
        return self.intercept + self.design(encoded) @ self.coefficients

    def shifted(self, by: float) -> RidgeMember:
        """The same weights with ``by`` added to the intercept."""
        return replace(self, intercept=self.intercept + by)

    def contributions(self, encoded: np.ndarray) -> tuple[np.ndarray, float]:
        """Coefficient times distance from the training mean, summed back to the source columns."""
        parts = (self.design(encoded) - self.background) * self.coefficients
        columns = encoded.shape[1]
        values = parts[:, :columns]
        for offset, source in enumerate([*self.levels[:, 0], *self.gaps]):
            values[:, source] += parts[:, columns + offset]
        return values, float(self.intercept + self.background @ self.coefficients)

    def design(self, encoded: np.ndarray) -> np.ndarray:
        """Design matrix of shape (n_rows, n_columns + n_levels + n_gaps)."""
        missing = np.isnan(encoded)
        scaled = (np.where(missing, self.fill, encoded) - self.centre) / self.scale
        np.clip(scaled, -CLIP_DEVIATIONS, CLIP_DEVIATIONS, out=scaled)
        scaled[:, list(self.categorical)] = 0.0
        onehot = encoded[:, self.levels[:, 0]] == self.levels[:, 1]
        return np.hstack([scaled, onehot, missing[:, self.gaps]])

    def state(self) -> dict[str, Any]:
        """What JSON needs to rebuild the member."""
        return {
            name: value.tolist() if isinstance(value, np.ndarray) else value
            for name, value in vars(self).items()
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> RidgeMember:
        """The member that :meth:`state` described."""
        floats = ("fill", "centre", "scale", "coefficients", "background")
        return cls(
            categorical=tuple(state["categorical"]),
            levels=np.asarray(state["levels"], dtype=np.intp).reshape(-1, 2),
            gaps=np.asarray(state["gaps"], dtype=np.intp),
            intercept=float(state["intercept"]),
            **{name: np.asarray(state[name], dtype=np.float64) for name in floats},
        )


def fit_ridge(encoded: np.ndarray, y: np.ndarray, context: FitContext) -> RidgeMember:
    """Ridge logistic regression with C = 0.1 on the standardised design."""
    missing = np.isnan(encoded)
    draft = RidgeMember(
        categorical=context.categorical,
        **_scaling(encoded, missing),
        levels=_levels(encoded, context.categorical),
        gaps=np.flatnonzero(missing.any(axis=0) & ~missing.all(axis=0)),
        coefficients=np.empty(0),
        background=np.empty(0),
        intercept=0.0,
    )
    design = draft.design(encoded)
    model = LogisticRegression(C=RIDGE_C, solver="newton-cholesky", max_iter=200).fit(design, y)
    learned = {
        "coefficients": model.coef_[0],
        "background": design.mean(axis=0),
        "intercept": float(model.intercept_[0]),
    }
    return RidgeMember(**{**vars(draft), **learned})


def _scaling(encoded: np.ndarray, missing: np.ndarray) -> dict[str, np.ndarray]:
    empty = missing.all(axis=0)
    safe = np.where(empty, 0.0, encoded)
    fill = np.nanmedian(safe, axis=0)
    filled = np.where(missing, fill, safe)
    spread = filled.std(axis=0)
    tiny = spread <= 1e-12 * np.maximum(1.0, np.abs(fill))
    return {"fill": fill, "centre": filled.mean(axis=0), "scale": np.where(tiny, 1.0, spread)}


def _levels(encoded: np.ndarray, categorical: Sequence[int]) -> np.ndarray:
    found = []
    for column in categorical:
        values = encoded[:, column]
        level, count = np.unique(values[np.isfinite(values)], return_counts=True)
        found += [(column, int(code)) for code in level[count >= MIN_CATEGORY_ROWS]]
    return np.array(found, dtype=np.intp).reshape(-1, 2)


def fit_members(
    names: Sequence[str], encoded: np.ndarray, y: np.ndarray, context: FitContext
) -> dict[str, Member]:
    """Fit members on the same rows.

    With ``context.most_negatives`` all events are kept and a random part of the calm rows; taking a
    share ``f`` of them multiplies every odds by ``1 / f``, which adding ``log f`` undoes exactly
    (Prentice & Pyke 1979).
    """
    kept, log_share = _thinned(y, context)
    part, target = encoded[kept], y[kept]
    return {name: _fit(name, part, target, context).shifted(log_share) for name in names}


def _thinned(y: np.ndarray, context: FitContext) -> tuple[np.ndarray, float]:
    calm = np.flatnonzero(y == 0)
    most = len(calm)
    if context.most_negatives is not None:
        most = min(most, int(np.ceil(context.most_negatives * y.sum())))
    if most == len(calm):
        return np.arange(len(y)), 0.0
    drawn = np.random.default_rng(context.seed).choice(calm, most, replace=False)
    return np.sort(np.concatenate([np.flatnonzero(y > 0), drawn])), float(np.log(most / len(calm)))


def _fit(name: str, encoded: np.ndarray, y: np.ndarray, context: FitContext) -> Member:
    if name == "logistic":
        return fit_ridge(encoded, y, context)
    if name == "lightgbm":
        return fit_booster(encoded, y, context, trees=300, extra_trees=False)
    if name == "extra_trees":
        return fit_booster(encoded, y, context, trees=400, extra_trees=True)
    raise ValueError(f"unknown member {name!r}; known: lightgbm, extra_trees, logistic")
