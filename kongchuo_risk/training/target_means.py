"""Categories as the log-odds of the outcome among their rows, shrunk towards all rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import logit

FOLDS = 5
PRIOR_ROWS = 20.0
"""A category counts for itself once it has this many rows …"""
PRIOR_EVENTS = 2.0
"""… and this many of the rarer class are expected among them."""


@dataclass(frozen=True)
class TargetMeans:
    """Log-odds by category, for each column that holds categories.

    Micci-Barreca (2001), "A preprocessing scheme for high-cardinality categorical attributes".

    Attributes
    ----------
    tables : mapping of column position to float array of shape (n_categories + 1,)
        The last place is that of a missing or unknown category.
    """

    tables: Mapping[int, np.ndarray]

    @classmethod
    def of(cls, encoded: np.ndarray, y: np.ndarray, categorical: Sequence[int]) -> TargetMeans:
        """The tables of all rows."""
        return cls({column: _table(encoded[:, column], y, y.mean()) for column in categorical})

    @classmethod
    def learn(
        cls, encoded: np.ndarray, y: np.ndarray, categorical: Sequence[int], seed: int
    ) -> tuple[TargetMeans, np.ndarray]:
        """The tables of all rows, and the rows with each category told by *other* rows only.

        Without the second part a model would learn from each row's own outcome.
        """
        tables = cls.of(encoded, y, categorical)
        told = encoded.copy()
        fold = np.random.default_rng(seed).permutation(len(y)) % FOLDS
        for number in range(FOLDS):
            mine, others = fold == number, fold != number
            for column, whole in tables.tables.items():
                table = _table(encoded[others, column], y[others], y.mean(), len(whole) - 1)
                told[mine, column] = table[_places(encoded[mine, column], len(whole) - 1)]
        return tables, told

    def encode(self, encoded: np.ndarray) -> np.ndarray:
        """A copy of ``encoded`` with log-odds in place of the positions of categories."""
        told = np.array(encoded, order="F")
        for column, table in self.tables.items():
            told[:, column] = table[_places(encoded[:, column], len(table) - 1)]
        return told

    def state(self) -> dict[str, list[float]]:
        """What JSON needs to rebuild the tables."""
        return {str(column): table.tolist() for column, table in self.tables.items()}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> TargetMeans:
        """The tables that :meth:`state` described."""
        return cls({int(column): np.asarray(table) for column, table in state.items()})


def _places(codes: np.ndarray, categories: int) -> np.ndarray:
    known = np.isfinite(codes) & (codes < categories)
    return np.where(known, codes, categories).astype(np.intp)


def _table(
    codes: np.ndarray, y: np.ndarray, rate: float, categories: int | None = None
) -> np.ndarray:
    if categories is None:
        categories = int(np.nanmax(codes, initial=-1)) + 1
    place = _places(codes, categories)
    rows = np.bincount(place, minlength=categories + 1)
    events = np.bincount(place, weights=y, minlength=categories + 1)
    prior = max(PRIOR_ROWS, PRIOR_EVENTS / min(rate, 1 - rate))
    return np.asarray(logit((events + prior * rate) / (rows + prior)))
