"""What every risk model can do, from a scorecard to a blend of boosters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from kongchuo_risk.domain.matrix import FeatureMatrix


@dataclass(frozen=True)
class Contributions:
    """Exact additive parts of log-odds: ``base + values.sum(axis=1) == log_odds``.

    Attributes
    ----------
    values : float array of shape (n_rows, n_features)
        Columns in the order of ``features``.
    base : float
        Log-odds of the background, the same for every row.
    features : tuple of str
        Catalogue ids.
    """

    values: np.ndarray
    base: float
    features: tuple[str, ...]


@runtime_checkable
class RiskModel(Protocol):
    """A trained model, whatever is inside."""

    @property
    def name(self) -> str:
        """Name of the candidate, such as ``blend``."""

    @property
    def features(self) -> tuple[str, ...]:
        """Catalogue ids the model needs; a missing one stops scoring."""

    def log_odds(self, matrix: FeatureMatrix) -> np.ndarray:
        """Calibrated log-odds, shape (n_rows,)."""

    def contributions(self, matrix: FeatureMatrix) -> Contributions:
        """Exact parts of :meth:`log_odds`."""
