"""Which values may be told as a risk, and which as a strength: only what is true of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.features import Feature
from kongchuo_risk.domain.matrix import FeatureMatrix

NEUTRAL_CODES = frozenset({"0", "none", "normal", "regular", "unknown"})
"""Categories that say that there is nothing to tell, such as 残疾类型：无."""


def tells_class_mean(feature: Feature) -> bool:
    """Whether the phrase puts the pupil beside the class."""
    return "{class_mean" in feature.phrase


def may_be_reason(
    feature: Feature, values: pd.Series, class_mean: np.ndarray | None = None
) -> np.ndarray:
    """Mask of values of which the feature's phrase is true and worth saying.

    Parameters
    ----------
    values : Series of shape (n_rows,)
    class_mean : float array of shape (n_rows,), optional
        Where it is given the value must not be on the safe side of it.
    """
    if not feature.phrase:
        return np.zeros(len(values), dtype=bool)
    if feature.phrase_if is not None:
        return feature.phrase_if.fits(values) & _not_better(feature, values, class_mean)
    if feature.kind == "category":
        codes = values.astype("object")
        return (codes.notna() & ~codes.isin(NEUTRAL_CODES)).to_numpy()
    return _on_risky_side(feature, values) & _not_better(feature, values, class_mean)


def may_be_mild_reason(
    feature: Feature, values: pd.Series, class_mean: np.ndarray | None = None
) -> np.ndarray:
    """Mask of values of which the phrase is true, though nobody would bring it up by itself.

    Only a phrase that says how much stays true below its own bound: 「近四周迟到 1 次」.
    """
    if "{value" not in feature.phrase and "{degree" not in feature.phrase:
        return may_be_reason(feature, values, class_mean)
    return _on_risky_side(feature, values) & _not_better(feature, values, class_mean)


def strengths_of_day(matrix: FeatureMatrix, features: Sequence[Feature]) -> np.ndarray:
    """Which strengths are true of whom.

    Returns
    -------
    bool array of shape (n_rows, n_features)
    """
    holds = np.zeros((len(matrix), len(features)), dtype=bool)
    for column, feature in enumerate(features):
        if feature.strength_if is not None:
            holds[:, column] = feature.strength_if.fits(matrix.X[feature.id])
    return holds


def _on_risky_side(feature: Feature, values: pd.Series) -> np.ndarray:
    return np.asarray(_risky_sign(feature) * _numbers(values) > 0)


def _not_better(feature: Feature, values: pd.Series, class_mean: np.ndarray | None) -> np.ndarray:
    """Whether each value is no better than the class; without a mean nothing is compared."""
    if class_mean is None:
        return np.ones(len(values), dtype=bool)
    return np.asarray(_risky_sign(feature) * (_numbers(values) - class_mean) >= 0)


def _risky_sign(feature: Feature) -> int:
    """A phrase without direction speaks of having more."""
    return feature.direction or 1


def _numbers(values: pd.Series) -> np.ndarray:
    return values.to_numpy(dtype=np.float64, na_value=np.nan)
