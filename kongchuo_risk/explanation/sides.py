"""Which values may be told as a risk, and which as a strength: only what is true of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.features import Feature
from kongchuo_risk.domain.matrix import FeatureMatrix


@dataclass(frozen=True)
class DayMeans:
    """Means of the day against which a pupil's value is seen.

    Attributes
    ----------
    by_class : DataFrame of shape (n_rows, n_numbers)
        Mean of the pupil's class on the pupil's day.
    reference : DataFrame of shape (n_rows, n_numbers)
        The same, but the mean of everybody where the whole class shares one value.
    """

    by_class: pd.DataFrame
    reference: pd.DataFrame


def day_means(matrix: FeatureMatrix, numbers: list[str], chosen: np.ndarray) -> DayMeans:
    """Means over the *whole* matrix, returned for the ``chosen`` positions."""
    place = [matrix.rows["as_of"], matrix.rows["class_id"].astype("str")]
    values = matrix.X[numbers].astype("float64")
    by_place = values.groupby(place, sort=False)
    row_class = by_place.ngroup().to_numpy()[chosen]
    mean, spread = by_place.mean(), by_place.max() - by_place.min()
    everybody = values.groupby(matrix.rows["as_of"]).mean()
    everybody = everybody.reindex(matrix.rows["as_of"].iloc[chosen])
    by_class = mean.iloc[row_class].reset_index(drop=True)
    varied = (spread.iloc[row_class] > 0).reset_index(drop=True)
    return DayMeans(by_class, by_class.where(varied, everybody.reset_index(drop=True)))


def risky(feature: Feature, values: pd.Series, reference: pd.Series | None) -> np.ndarray:
    """Mask of values that may be told as a reason.

    A missing value is no fact. A count or mark must lie on the risky side of the class; a flag
    must be set (or not set, when being set lowers the risk).
    """
    known = values.notna().to_numpy()
    if feature.kind == "category" or reference is None:
        return known
    if feature.kind == "boolean":
        return known & (_numbers(values) == (0.0 if feature.direction < 0 else 1.0))
    if feature.direction == 0:
        return known
    return known & (feature.direction * (_numbers(values) - _numbers(reference)) > 0)


def strong(feature: Feature, values: pd.Series, reference: pd.Series | None) -> np.ndarray:
    """Mask of values that may be told as a strength.

    A strength that names no number (「没有无故缺勤」) is told of a count only when it is zero.
    """
    known = values.notna().to_numpy()
    if not feature.strength:
        return np.zeros(len(values), dtype=bool)
    if feature.kind == "category" or reference is None:
        return known
    if feature.kind == "boolean":
        return known & (_numbers(values) == (0.0 if feature.direction > 0 else 1.0))
    if feature.direction > 0 and "{value" not in feature.strength:
        return known & (_numbers(values) == 0.0)
    if feature.direction == 0:
        return known
    return known & (feature.direction * (_numbers(values) - _numbers(reference)) <= 0)


def _numbers(values: pd.Series) -> np.ndarray:
    return values.to_numpy(dtype=np.float64, na_value=np.nan)
