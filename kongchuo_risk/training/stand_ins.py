"""What stands in for a value where training knew no gap: the middle, so that it says nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kongchuo_risk.training.target_means import TargetMeans


def learn_stand_ins(encoded: np.ndarray, y: np.ndarray, categorical: Sequence[int]) -> np.ndarray:
    """One value per column, NaN for a column that had gaps in training and so can learn from them.

    LightGBM takes a gap that it has never seen for a zero, which may be the safest or the worst
    value of all. A number is replaced by its median; a category, also one that is new this year, by
    the known one whose outcomes lie nearest to the average.

    Returns
    -------
    float array of shape (n_columns,)
    """
    middle = np.full(encoded.shape[1], np.nan)
    whole = [c for c in range(encoded.shape[1]) if not np.isnan(encoded[:, c]).any()]
    for column in whole:
        middle[column] = np.median(encoded[:, column])
    means = TargetMeans.of(encoded, y, [c for c in categorical if c in whole])
    for column, table in means.tables.items():
        # The last place belongs to rows without a category, of which there are none here.
        middle[column] = np.argmin(np.abs(table[:-1] - table[-1]))
    return middle


def stand_in(encoded: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """``encoded`` with the gaps filled that training did not know.

    >>> stand_in(np.array([[np.nan, np.nan]]), np.array([2.0, np.nan])).tolist()
    [[2.0, nan]]
    """
    return np.where(np.isnan(encoded), middle, encoded)
