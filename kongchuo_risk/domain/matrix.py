"""Rows to learn from or to score: pupils as of days, their features, place and outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

ROW_COLUMNS = ("student_id", "as_of", "term", "school_code", "class_id", "grade")
"""Columns of :attr:`FeatureMatrix.rows` that are always there."""


@dataclass(frozen=True)
class FeatureMatrix:
    """Features of pupils as of days; one row is one pupil on one day.

    Attributes
    ----------
    X : DataFrame of shape (n_rows, n_features)
        Columns are catalogue ids; numbers are float64 with NaN for unknown, categories pandas
        ``category``. RangeIndex.
    rows : DataFrame of shape (n_rows, …)
        :data:`ROW_COLUMNS`, then ``event_on`` (day of the event, if any),
        ``outcome_known_on`` (when the outcome could be known), ``treated`` (a measure was
        delivered before the outcome), then audit columns.
    y : float array of shape (n_rows,) or None
        1 suspected or dropped out within the horizon, 0 not, NaN not known yet.
    """

    X: pd.DataFrame
    rows: pd.DataFrame
    y: np.ndarray | None = None

    def __post_init__(self) -> None:
        missing = [name for name in ROW_COLUMNS if name not in self.rows]
        if missing:
            raise ValueError(f"rows lack {missing}")
        if len(self.X) != len(self.rows) or (self.y is not None and len(self.y) != len(self.X)):
            raise ValueError("X, rows and y differ in length")

    def __len__(self) -> int:
        return len(self.X)

    def take(self, keep: np.ndarray) -> FeatureMatrix:
        """The rows chosen by a boolean mask or by positions."""
        positions = np.flatnonzero(keep) if keep.dtype == bool else keep
        return FeatureMatrix(
            self.X.iloc[positions].reset_index(drop=True),
            self.rows.iloc[positions].reset_index(drop=True),
            None if self.y is None else self.y[positions],
        )

    @property
    def labelled(self) -> np.ndarray:
        """Mask of the rows whose outcome is known."""
        if self.y is None:
            return np.zeros(len(self), dtype=bool)
        return np.asarray(np.isfinite(self.y))


def concatenate(parts: Sequence[FeatureMatrix]) -> FeatureMatrix:
    """One matrix of several days, in the order given; categories are united."""
    X = pd.concat([part.X for part in parts], ignore_index=True)
    for name in parts[0].X.select_dtypes("category"):
        categories = sorted({c for part in parts for c in part.X[name].cat.categories})
        X[name] = pd.Categorical(X[name], categories=categories)
    rows = pd.concat([part.rows for part in parts], ignore_index=True)
    if any(part.y is None for part in parts):
        return FeatureMatrix(X, rows)
    return FeatureMatrix(X, rows, np.concatenate([np.asarray(part.y) for part in parts]))
