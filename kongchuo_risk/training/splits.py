"""Folds of a matrix: learn from what was known before the first test day, test on a later term."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.training.candidates import MIN_POSITIVES, trainable
from kongchuo_risk.training.splitters import LeaveSchoolOut, TermForwardSplit

__all__ = [
    "Fold",
    "LeaveSchoolOut",
    "TermForwardSplit",
    "fold_windows",
    "forward_folds",
    "leave_school_out_folds",
    "why_no_folds",
]

WINDOW_COLUMNS = ("fold", "part", "start", "end", "rows", "events")
_ONE_DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Fold:
    """One test term; positions count rows of the matrix.

    Attributes
    ----------
    train_positions, test_positions : int arrays
    label : str
        Code of the test term; behind it, in Chinese, the schools left out.
    schools : tuple of str
        Codes of the schools of which nothing was learned; empty when none was left out.
    """

    train_positions: np.ndarray
    test_positions: np.ndarray
    label: str
    schools: tuple[str, ...] = ()


def forward_folds(
    matrix: FeatureMatrix, *, window: str = "expanding", window_terms: int | None = None
) -> list[Fold]:
    """A fold per term that has earlier terms with known events to learn from.

    Parameters
    ----------
    window, window_terms
        As :class:`TermForwardSplit` has them.

    Returns
    -------
    list of Fold
        In order of time; empty when the history is too short to validate anything.
    """
    if matrix.y is None or not len(matrix):
        return []
    known = np.where(trainable(matrix), matrix.y, np.nan)
    splitter = TermForwardSplit(window=window, window_terms=window_terms)
    if not splitter.get_n_splits(y=known, groups=matrix.rows):
        return []
    term = matrix.rows["term"].astype("str").to_numpy()
    return [
        Fold(train, test, str(term[test[0]]))
        for train, test in splitter.split(matrix.rows, known, matrix.rows)
        if known[train].sum() >= MIN_POSITIVES and known[test].sum() > 0
    ]


def leave_school_out_folds(
    matrix: FeatureMatrix,
    *,
    n_splits: int | None = 5,
    window: str = "expanding",
    window_terms: int | None = None,
) -> list[Fold]:
    """Forward in time and in unseen schools: earlier terms of other schools, later ones of these.

    It shows what a school without a history may expect. A pupil who moved between two schools is
    known to both, as in life.

    Parameters
    ----------
    n_splits : int, optional
        Parts of schools, balanced by pupils and events; ``None`` leaves out one school at a time.
        Never more than there are schools.

    Returns
    -------
    list of Fold
        In order of time, then of the parts; empty with one school or too short a history. Parts
        without an event stay: together the folds of a term test every school of it.
    """
    folds = forward_folds(matrix, window=window, window_terms=window_terms)
    schools = matrix.rows["school_code"].astype("str").to_numpy()
    count = len(np.unique(schools))
    if not folds or count < 2 or matrix.y is None:
        return []
    splitter = LeaveSchoolOut(None if n_splits is None else min(n_splits, count))
    parts = [test for _, test in splitter.split(matrix.rows, np.nan_to_num(matrix.y), matrix.rows)]
    return [
        _without(fold, part, schools)
        for fold in folds
        for part in parts
        if matrix.y[np.setdiff1d(fold.train_positions, part)].sum() >= MIN_POSITIVES
        and np.isin(part, fold.test_positions).any()
    ]


def why_no_folds(matrix: FeatureMatrix) -> str:
    """Why nothing can be validated, in a sentence for the user."""
    events = 0 if matrix.y is None else int(np.nansum(matrix.y))
    terms = matrix.rows.loc[matrix.labelled, "term"].nunique()
    return (
        f"历史太短：只有 {terms} 个学期、{events} 例已知结果的疑似辍学，"
        f"没有更早的学期（至少 {MIN_POSITIVES} 例）可供学习，无法向前检验；名单由评分卡排序。"
    )


def fold_windows(folds: Sequence[Fold], matrix: FeatureMatrix) -> pd.DataFrame:
    """What each fold learned from and tested, as spans of days: the data of a picture.

    Returns
    -------
    DataFrame
        ``fold, part, start, end, rows, events``. Parts are ``train``, ``gap`` and ``test``; start
        and end are the first and last day of the part. The gap holds what lies between and was
        neither learned from nor tested. Events are known ones.
    """
    parts = [row for fold in folds for row in _spans(fold, matrix)]
    table = pd.DataFrame(parts, columns=list(WINDOW_COLUMNS))
    days = {name: pd.to_datetime(table[name]) for name in ("start", "end")}
    return table.assign(**days).astype({"rows": "int64", "events": "int64"})


def _spans(fold: Fold, matrix: FeatureMatrix) -> list[tuple[object, ...]]:
    day = pd.to_datetime(matrix.rows["as_of"]).to_numpy()
    y = np.zeros(len(matrix)) if matrix.y is None else np.nan_to_num(matrix.y)
    learned, tested = day[fold.train_positions], day[fold.test_positions]
    between = np.flatnonzero((day > learned.max()) & (day < tested.min()))
    spans = (
        ("train", learned.min(), learned.max(), fold.train_positions),
        ("gap", learned.max() + _ONE_DAY, tested.min() - _ONE_DAY, between),
        ("test", tested.min(), tested.max(), fold.test_positions),
    )
    return [
        (fold.label, part, start, end, len(positions), y[positions].sum())
        for part, start, end, positions in spans
    ]


def _without(fold: Fold, part: np.ndarray, schools: np.ndarray) -> Fold:
    """``fold`` with the schools of ``part`` unseen, and only they tested."""
    left_out = tuple(map(str, np.unique(schools[part])))
    named = left_out[0] if len(left_out) == 1 else f"{left_out[0]} 等 {len(left_out)} 所"
    return Fold(
        np.setdiff1d(fold.train_positions, part),
        np.intersect1d(fold.test_positions, part),
        f"{fold.label}，未见过 {named}",
        left_out,
    )
