"""Means of the day against which a pupil's value is told."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kongchuo_risk.domain.matrix import FeatureMatrix


class ClassMean(float):
    """A mean that says whose it is when a phrase prints it.

    >>> "{:.1f}".format(ClassMean(0.24)), "{:.1f}".format(ClassMean(0.02))
    ('本班平均 0.2', '本班其他同学几乎没有')
    """

    def __format__(self, spec: str) -> str:
        text = super().__format__(spec)
        # 「本班平均 0.0」 beside a pupil's own absences reads like a mistake.
        return f"本班平均 {text}" if any(c in "123456789" for c in text) else "本班其他同学几乎没有"


def class_means(matrix: FeatureMatrix, numbers: Sequence[str], chosen: np.ndarray) -> pd.DataFrame:
    """Mean of each pupil's class on the pupil's day, unknown values left out.

    Parameters
    ----------
    matrix : FeatureMatrix
        Everybody on the day; the means are taken over all rows.
    numbers : sequence of str
        Features whose mean is told.
    chosen : int array of shape (n_chosen,)
        Positions of the rows that are asked about.

    Returns
    -------
    DataFrame of shape (n_chosen, len(numbers))
    """
    values = matrix.X[list(numbers)].astype("float64")
    by_place = values.groupby(
        [matrix.rows["as_of"], matrix.rows["class_id"].astype("str")], sort=False
    )
    place = by_place.ngroup().to_numpy()[chosen]
    # ngroup numbers the groups in the order in which the means come out.
    return by_place.mean().iloc[place].reset_index(drop=True)
