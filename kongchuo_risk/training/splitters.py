"""Splitters in the manner of scikit-learn: terms yet to come, schools never seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from sklearn.model_selection import BaseCrossValidator
from sklearn.utils import indexable

MIN_LABELLED_SHARE = 0.5
"""A day is tested once this share of its rows is labelled: a list of one grade is no list."""
WINDOWS = ("expanding", "rolling")
_DAYS = ["term", "as_of", "outcome_known_on"]
_Split = tuple[np.ndarray, np.ndarray]


class _GroupSplitter(BaseCrossValidator):
    """What both splitters share: ``groups`` are needed, and the folds follow from them."""

    # How scikit-learn learns that `groups` go to a splitter without being asked for.
    __metadata_request__split: ClassVar[dict[str, bool]] = {"groups": True}

    n_splits: int | None

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[_Split]:
        """Yield train and test positions, each in rising order.

        Parameters
        ----------
        X : array-like of shape (n_rows, …)
        y : array-like of shape (n_rows,), optional
            Rows whose ``y`` is missing are on neither side.
        groups : array-like of shape (n_rows,) or DataFrame
            See the class.

        Raises
        ------
        ValueError
            When a parameter or ``groups`` is wrong, or nothing can be tested.
        """
        X, y, groups = indexable(X, y, groups)
        folds = self._folds(y, groups)
        if not folds:
            raise ValueError(f"{self} finds nothing to test: too few groups, or none known in time")
        yield from folds

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Number of folds; 0 when nothing can be tested."""
        if groups is None and self.n_splits is not None:
            return self.n_splits
        return len(self._folds(y, groups))

    def _folds(self, y: Any, groups: Any) -> list[_Split]:
        if groups is None:
            raise ValueError("The 'groups' parameter should not be None.")
        usable = None if y is None else ~pd.isna(pd.Series(y)).to_numpy()
        return [
            (np.flatnonzero(train), np.flatnonzero(test))
            for train, test in self._masks(y, groups, usable)
        ]

    def _masks(self, y: Any, groups: Any, usable: np.ndarray | None) -> list[_Split]:
        raise NotImplementedError


class TermForwardSplit(_GroupSplitter):
    """Test on a later term what was learned from earlier ones, one horizon apart.

    ``groups`` are the terms of the rows, in any sortable form, or a frame with the columns
    ``term, as_of, outcome_known_on`` such as :attr:`FeatureMatrix.rows`. With the frame the gap
    follows the days: a day is learned from only when its horizon was over before the first test
    day, because events come to light sooner than their absence, and taking row by row would teach
    too high a rate. Events that were entered only later are left out, each by itself. Without
    ``y``, or with other than two classes, a day waits for the last of its outcomes.

    Parameters
    ----------
    n_splits : int, optional
        Test the last so many terms; by default every term that has something to learn from.
    window : {"expanding", "rolling"}
        Learn from everything before, or from the last ``window_terms`` terms of it.
    window_terms : int, optional
        Terms in a rolling window.
    gap : int, optional
        Whole terms left out between the last term learned from and the term tested. By default
        one horizon: one whole term when only terms are given, else the real days.

    Examples
    --------
    >>> terms = ["2023-1", "2023-2", "2024-1", "2024-2"]
    >>> for train, test in TermForwardSplit().split(terms, groups=terms):
    ...     print(train.tolist(), "->", test.tolist())
    [0] -> [2]
    [0, 1] -> [3]
    >>> TermForwardSplit(window="rolling", window_terms=1, gap=0).get_n_splits(groups=terms)
    3
    """

    def __init__(
        self,
        n_splits: int | None = None,
        *,
        window: str = "expanding",
        window_terms: int | None = None,
        gap: int | None = None,
    ) -> None:
        self.n_splits = n_splits
        self.window = window
        self.window_terms = window_terms
        self.gap = gap

    def _masks(self, y: Any, groups: Any, usable: np.ndarray | None) -> list[_Split]:
        self._check_parameters()
        if isinstance(groups, pd.DataFrame):
            moments, masks = _by_day(groups, y, usable, self.gap or 0)
        else:
            moments, masks = _by_term(groups, usable, 1 if self.gap is None else self.gap)
        folds = [
            (self._windowed(train, moments), test)
            for train, test in masks
            if train.any() and test.any()
        ]
        if self.n_splits is None:
            return folds
        if len(folds) < self.n_splits:
            raise ValueError(f"n_splits={self.n_splits}, but {len(folds)} terms can be tested")
        return folds[-self.n_splits :]

    def _windowed(self, train: np.ndarray, moments: np.ndarray) -> np.ndarray:
        if self.window_terms is None:
            return train
        recent = np.unique(moments[train])[-self.window_terms :]
        return np.asarray(train & np.isin(moments, recent))

    def _check_parameters(self) -> None:
        if self.window not in WINDOWS:
            raise ValueError(f"window must be one of {WINDOWS}, got {self.window!r}")
        if (self.window == "rolling") != (self.window_terms is not None):
            raise ValueError("window_terms goes with window='rolling', and only with it")
        for name, least in (("n_splits", 1), ("window_terms", 1), ("gap", 0)):
            _check_count(name, getattr(self, name), least)


class LeaveSchoolOut(_GroupSplitter):
    """Leave whole schools out: each fold tests schools of which nothing was learned.

    ``groups`` are the school codes of the rows, or a frame with ``school_code`` and, to count each
    pupil once, ``student_id``, such as :attr:`FeatureMatrix.rows`.

    Parameters
    ----------
    n_splits : int, optional
        Put the schools into so many parts, balanced by pupils and by events (rows of the greater
        of two classes); by default every school is a part of its own.

    Examples
    --------
    >>> schools = ["a", "a", "a", "b", "c", "c"]
    >>> for train, test in LeaveSchoolOut(2).split(schools, groups=schools):
    ...     print(train.tolist(), "->", test.tolist())
    [3, 4, 5] -> [0, 1, 2]
    [0, 1, 2] -> [3, 4, 5]
    """

    def __init__(self, n_splits: int | None = None) -> None:
        self.n_splits = n_splits

    def _masks(self, y: Any, groups: Any, usable: np.ndarray | None) -> list[_Split]:
        _check_count("n_splits", self.n_splits, 2)
        frame = isinstance(groups, pd.DataFrame)
        if frame:
            _require_columns(groups, ["school_code"])
        school, count = _codes(groups["school_code"] if frame else groups)
        if self.n_splits is not None and self.n_splits > count:
            raise ValueError(f"n_splits={self.n_splits}, but there are {count} schools")
        if count < 2:
            raise ValueError("groups name one school only; at least two are needed")
        by_pupil = frame and "student_id" in groups
        pupil = groups["student_id"].to_numpy() if by_pupil else np.arange(len(school))
        known = np.ones(len(school), dtype=bool) if usable is None else usable
        part = np.arange(count)
        if self.n_splits is not None:
            event = known & ~_calm(y, len(school))
            part = _balanced(_sizes(school, pupil, event), self.n_splits)
        out = [part[school] == number for number in range(part.max() + 1)]
        return [(known & ~mask, known & mask) for mask in out]


def _by_term(
    terms: Any, usable: np.ndarray | None, gap: int
) -> tuple[np.ndarray, Iterator[_Split]]:
    """Rank of each row's term; then for each term what lies before it, and the term itself."""
    moment, count = _codes(terms)
    known = np.ones(len(moment), dtype=bool) if usable is None else usable
    masks = ((known & (moment < t - gap), known & (moment == t)) for t in range(count))
    return moment, masks


def _by_day(
    rows: pd.DataFrame, y: Any, usable: np.ndarray | None, gap: int
) -> tuple[np.ndarray, Iterator[_Split]]:
    """As :func:`_by_term`, but only what was known before the first test day lies before it."""
    _require_columns(rows, _DAYS)
    rows = rows[_DAYS].reset_index(drop=True)
    day, known_on = pd.to_datetime(rows["as_of"]), pd.to_datetime(rows["outcome_known_on"])
    known = known_on.notna().to_numpy() if usable is None else usable
    known_on = known_on.where(known)
    horizon_end = known_on.where(_calm(y, len(rows))).groupby(day).transform("max")
    testable = known & (pd.Series(known).groupby(day).transform("mean") >= MIN_LABELLED_SHARE)
    moment, count = _codes(_first_day(rows["term"], day))

    def masks() -> Iterator[_Split]:
        for t in range(count):
            test = testable & (moment == t)
            first = day[test].min()
            before = (horizon_end < first) & (known_on < first) & (moment < t - gap)
            yield (known & before).to_numpy(), test.to_numpy()

    return moment, masks()


def _first_day(term: pd.Series, day: pd.Series) -> pd.Series:
    """First day of each row's term: the order of terms, whatever they are called."""
    if term.isna().any() or day.isna().any():
        raise ValueError("groups: term and as_of must not be missing")
    return day.groupby(term, observed=True).transform("min")


def _codes(groups: Any) -> tuple[np.ndarray, int]:
    """Rank of each row's group in sorted order, and the number of groups."""
    values = pd.Series(groups)
    if values.isna().any():
        raise ValueError("groups must not be missing")
    codes, groups_found = pd.factorize(values, sort=True)
    return codes, len(groups_found)


def _calm(y: Any, rows: int) -> np.ndarray:
    """Mask of the rows of the lower of two classes; all rows when there are not two.

    When the last of them is known, the horizon of their day is over.
    """
    if y is None:
        return np.ones(rows, dtype=bool)
    values = pd.Series(y).reset_index(drop=True)
    classes = np.sort(values.dropna().unique())
    if len(classes) != 2:
        return np.ones(rows, dtype=bool)
    return (values == classes[0]).to_numpy(dtype=bool, na_value=False)


def _sizes(school: np.ndarray, pupil: np.ndarray, event: np.ndarray) -> np.ndarray:
    """Share of all pupils and of all events in each school, shape (n_schools, 2)."""
    pairs = pd.DataFrame({"school": school, "pupil": pupil}).drop_duplicates()
    sizes = np.column_stack(
        [np.bincount(pairs["school"]), np.bincount(school, weights=event)]
    ).astype(float)
    return sizes / np.maximum(sizes.sum(axis=0), 1.0)


def _balanced(sizes: np.ndarray, parts: int) -> np.ndarray:
    """Part of each school: the largest first, each to where it adds the least imbalance."""
    part = np.empty(len(sizes), dtype=np.intp)
    load = np.zeros((parts, sizes.shape[1]))
    for school in np.argsort(-sizes.sum(axis=1), kind="stable"):
        # Growth of the sum of squares: smallest where both pupils and events are scarce.
        growth = (load * sizes[school]).sum(axis=1)
        lightest = np.lexsort((load.sum(axis=1), growth))[0]
        part[school] = lightest
        load[lightest] += sizes[school]
    return part


def _require_columns(rows: pd.DataFrame, names: list[str]) -> None:
    missing = [name for name in names if name not in rows]
    if missing:
        raise ValueError(f"groups is a frame without {missing}; it needs {names}")


def _check_count(name: str, value: Any, least: int) -> None:
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if value is not None and not (whole and value >= least):
        raise ValueError(f"{name} must be None or a whole number from {least} on, got {value!r}")
