"""Means of the day against which a pupil's value is seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kongchuo_risk.domain.matrix import FeatureMatrix


@dataclass(frozen=True)
class DayMeans:
    """Means of the numbers of a day, for chosen rows.

    Attributes
    ----------
    by_class : DataFrame of shape (n_rows, n_numbers)
        Mean of the pupil's class on the pupil's day; unknown values are left out.
    reference : DataFrame of shape (n_rows, n_numbers)
        The same, but the mean of everybody where the whole class shares one value.
    signed : frozenset of str
        Numbers that fall below zero for somebody on the day.
    """

    by_class: pd.DataFrame
    reference: pd.DataFrame
    signed: frozenset[str]


def day_means(matrix: FeatureMatrix, numbers: list[str], chosen: np.ndarray) -> DayMeans:
    """Means over the *whole* matrix, for the rows at the positions ``chosen``."""
    values = matrix.X[numbers].astype("float64")
    day = matrix.rows["as_of"]
    by_place = values.groupby([day, matrix.rows["class_id"].astype("str")], sort=False)
    place = by_place.ngroup().to_numpy()[chosen]
    # ngroup numbers the groups in the order in which the means come out.
    by_class = by_place.mean().iloc[place].reset_index(drop=True)
    varied = (by_place.max() > by_place.min()).iloc[place].reset_index(drop=True)
    everybody = values.groupby(day).mean().loc[day.iloc[chosen]].reset_index(drop=True)
    signed = frozenset(str(name) for name in values.columns[(values < 0).any()])
    return DayMeans(by_class, by_class.where(varied, everybody), signed)
