"""Forward validation: learn from what was known before the first test day, test on a later term."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.training.candidates import MIN_POSITIVES, trainable

MIN_LABELLED_SHARE = 0.5
"""A day is tested once this share of its rows is labelled: a list of one grade is no list."""


@dataclass(frozen=True)
class Fold:
    """One test term; positions count rows of the matrix.

    Attributes
    ----------
    train_positions, test_positions : int arrays
    label : str
        Code of the test term.
    """

    train_positions: np.ndarray
    test_positions: np.ndarray
    label: str


def forward_folds(matrix: FeatureMatrix) -> list[Fold]:
    """A fold per term that has earlier terms with known events to learn from.

    A day is learned from only when its horizon was over before the first test day: events come to
    light sooner than their absence, so taking row by row would teach too high a rate. A gap of one
    horizon follows. Events that were entered only later are left out, each by itself.

    Returns
    -------
    list of Fold
        In order of time; empty when the history is too short to validate anything.
    """
    if matrix.y is None:
        return []
    usable = trainable(matrix)
    known_on = pd.to_datetime(matrix.rows["outcome_known_on"]).where(usable)
    day = matrix.rows["as_of"]
    horizon_end = known_on.where(matrix.y == 0).groupby(day).transform("max")
    testable = usable & (pd.Series(usable).groupby(day).transform("mean") >= MIN_LABELLED_SHARE)
    folds = []
    for term in sorted(matrix.rows.loc[testable, "term"].astype("str").unique()):
        test = testable & (matrix.rows["term"].astype("str") == term).to_numpy()
        first_day = day[test].min()
        train = usable & ((horizon_end < first_day) & (known_on < first_day)).to_numpy()
        if matrix.y[train].sum() >= MIN_POSITIVES and matrix.y[test].sum() > 0:
            folds.append(Fold(np.flatnonzero(train), np.flatnonzero(test), term))
    return folds


def why_no_folds(matrix: FeatureMatrix) -> str:
    """Why nothing can be validated, in a sentence for the user."""
    events = 0 if matrix.y is None else int(np.nansum(matrix.y))
    terms = matrix.rows.loc[matrix.labelled, "term"].nunique()
    return (
        f"历史太短：只有 {terms} 个学期、{events} 例已知结果的疑似辍学，"
        f"没有更早的学期（至少 {MIN_POSITIVES} 例）可供学习，无法向前检验；名单由评分卡排序。"
    )
