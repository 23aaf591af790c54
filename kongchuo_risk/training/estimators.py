"""``DropoutRiskClassifier``: a calibrated blend with exact contributions, for any table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, Self

import numpy as np
import pandas as pd
from joblib import effective_n_jobs
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    assert_all_finite,
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from kongchuo_risk.training.calibration import LogOddsLine, fit_line
from kongchuo_risk.training.cohorts import CohortRanks
from kongchuo_risk.training.columns import ColumnEncoder
from kongchuo_risk.training.member import FitContext, Member, Shape
from kongchuo_risk.training.members import MEMBERS, fit_members

ENOUGH_TO_CALIBRATE = 500
"""Scored rows of the rarer class after which no further part is fitted for the line."""
Split = tuple[np.ndarray, np.ndarray]


class DropoutRiskClassifier(ClassifierMixin, BaseEstimator):
    """Binary risk: boosted trees and an additive logistic regression, averaged on the log-odds.

    The mean of the members' log-odds goes through a straight line fitted out of fold (Platt), so
    that :meth:`contributions` add up exactly to :meth:`decision_function`. No class weights and no
    resampling: both ruin calibration.

    Parameters
    ----------
    members : sequence of str
        Any of ``lightgbm`` (categories as ordered numbers), ``extra_trees`` (random cuts,
        categories as sets), ``target_trees`` (random cuts, categories as target means) and
        ``logistic`` (additive: slopes, bends, categories).
    monotone : mapping of column name to -1 or 1, optional
        Directions that every member respects; columns left out are free.
    cohort : str, optional
        Column naming the cohort of a row, such as a term. Numbers are then also seen as ranks
        within the cohort, among the rows that are passed together: score a cohort whole.
    learning_rate, trees, num_leaves, max_depth, min_child_samples, ridge_c
        Size and restraint of the members; see :class:`~kongchuo_risk.training.member.Shape`.
    calibration_folds : int
        Out-of-fold parts for the calibration line, of which no more are fitted than it needs; 0
        leaves the log-odds as they are.
    most_negatives : float, optional
        Rows of the first class kept per event when the members learn, for speed on rare events;
        the log-odds are corrected exactly. By default all are kept.
    n_jobs : int, optional
        Members that learn side by side; by default as many as there are processors.
    random_state : int
        Seed; the same seed gives the same model, whatever ``n_jobs``.

    Attributes
    ----------
    classes_ : array of the two classes; the second is the event
    members_ : dict of fitted members
    calibration_ : :class:`LogOddsLine`

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({"absences": rng.poisson(1.0, 400), "boards": rng.random(400) < 0.5})
    >>> y = (X["absences"] + rng.normal(size=400) > 2).astype(int)
    >>> model = DropoutRiskClassifier().fit(X, y)
    >>> values, base = model.contributions(X)
    >>> bool(np.allclose(base + values.sum(axis=1), model.decision_function(X)))
    True
    """

    def __init__(
        self,
        *,
        members: Sequence[str] = MEMBERS,
        monotone: Mapping[str, int] | None = None,
        cohort: str | None = None,
        learning_rate: float = 0.03,
        trees: int = 300,
        num_leaves: int = 15,
        max_depth: int = 6,
        min_child_samples: int = 30,
        ridge_c: float = 0.2,
        calibration_folds: int = 2,
        most_negatives: float | None = None,
        n_jobs: int | None = None,
        random_state: int = 0,
    ) -> None:
        self.members = members
        self.monotone = monotone
        self.cohort = cohort
        self.learning_rate = learning_rate
        self.trees = trees
        self.num_leaves = num_leaves
        self.max_depth = max_depth
        self.min_child_samples = min_child_samples
        self.ridge_c = ridge_c
        self.calibration_folds = calibration_folds
        self.most_negatives = most_negatives
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(self, X: Any, y: Any, *, groups: Any = None, times: Any = None) -> Self:
        """Fit the members and the calibration line.

        Parameters
        ----------
        X : DataFrame or array of shape (n_rows, n_columns)
            Missing values, flags and categories are welcome in a frame.
        y : array of shape (n_rows,)
            Two classes.
        groups : array of shape (n_rows,), optional
            Rows of one group (a pupil, a school) never help to calibrate one another; not looked at
            where ``times`` differ.
        times : sortable array of shape (n_rows,), optional
            The line is fitted forward in time: on rows scored by models of strictly earlier rows.

        Raises
        ------
        ValueError
            When a parameter, a column, ``y``, ``groups`` or ``times`` cannot be used.
        """
        self._check_parameters()
        frame = self._frame(X, reset=True)
        target = self._target(y, len(frame))
        self.encoder_ = ColumnEncoder.learn(frame)
        self._check_monotone()
        encoded = self.encoder_.encode(frame)
        self.ranks_ = None
        if self.cohort is not None:
            barred = set(self.encoder_.categorical)
            self.ranks_ = CohortRanks.learn(frame, encoded, self.cohort, barred)
        encoded = self._with_ranks(frame, encoded)
        context = self._context()
        splits = _enough(self._calibration_splits(target, groups, times), target)
        # The line needs the size of the scores, not their last digit.
        quick = replace(context, shape=context.shape.quicker())
        parts = [(np.arange(len(target)), context), *((train, quick) for train, _ in splits)]
        self.members_, *folds = fit_members(self.members, encoded, target, parts)
        out_of_fold = np.full((len(target), len(self.members)), np.nan)
        for fold, (_, test) in zip(folds, splits, strict=True):
            out_of_fold[test] = _stack(fold, encoded[test])
        self.calibration_ = LogOddsLine()
        scored = np.isfinite(out_of_fold).all(axis=1)
        self.out_of_fold_, self.out_of_fold_target_ = out_of_fold[scored], target[scored]
        return self.recalibrate(self.out_of_fold_, self.out_of_fold_target_)

    def recalibrate(self, member_log_odds: np.ndarray, y: np.ndarray) -> Self:
        """Fit the line anew on rows that the members did not learn from.

        Parameters
        ----------
        member_log_odds : float array of shape (n, n_members)
            As :meth:`member_log_odds` gives it.
        y : 0/1 array of shape (n,)
            Without both classes the line stays as it is.
        """
        if len(y) and 0 < np.sum(y) < len(y):
            self.calibration_ = fit_line(member_log_odds.mean(axis=1), np.asarray(y, dtype=float))
        return self

    def restricted(self, members: Sequence[str]) -> DropoutRiskClassifier:
        """The same fit with fewer members, calibrated on the same out-of-fold rows."""
        check_is_fitted(self)
        if unknown := [name for name in members if name not in self.members_]:
            raise ValueError(
                f"member {unknown[0]!r} was not fitted; {', '.join(self.members_)} were"
            )
        part = DropoutRiskClassifier(**{**self.get_params(), "members": tuple(members)})
        for name in ("n_features_in_", "feature_names_in_", "classes_", "encoder_", "ranks_"):
            if hasattr(self, name):
                setattr(part, name, getattr(self, name))
        part.members_ = {name: self.members_[name] for name in members}
        part.calibration_ = LogOddsLine()
        columns = [list(self.members_).index(name) for name in members]
        part.out_of_fold_ = self.out_of_fold_[:, columns]
        part.out_of_fold_target_ = self.out_of_fold_target_
        return part.recalibrate(part.out_of_fold_, part.out_of_fold_target_)

    @classmethod
    def from_parts(
        cls,
        *,
        encoder: ColumnEncoder,
        members: Mapping[str, Member],
        calibration: LogOddsLine,
        classes: Sequence[Any],
        ranks: CohortRanks | None = None,
    ) -> Self:
        """A fitted classifier put together from saved parts."""
        model = cls(members=tuple(members), cohort=ranks.by if ranks else None)
        model.ranks_ = ranks
        model.encoder_, model.members_, model.calibration_ = encoder, dict(members), calibration
        model.classes_ = np.asarray(classes)
        model.n_features_in_ = len(encoder.names)
        model.feature_names_in_ = np.asarray(encoder.names, dtype=object)
        model.out_of_fold_, model.out_of_fold_target_ = np.empty((0, len(members))), np.empty(0)
        return model

    def member_log_odds(self, X: Any) -> np.ndarray:
        """Raw log-odds of every member, shape (n_rows, n_members)."""
        encoded = self._encoded(X)
        return _stack(self.members_, encoded)

    def decision_function(self, X: Any) -> np.ndarray:
        """Calibrated log-odds of the second class, shape (n_rows,)."""
        mean = self.member_log_odds(X).mean(axis=1)
        return self.calibration_.apply(mean)

    def predict_proba(self, X: Any) -> np.ndarray:
        """Probabilities of both classes, shape (n_rows, 2)."""
        risk = expit(self.decision_function(X))
        return np.column_stack([1 - risk, risk])

    def predict(self, X: Any) -> np.ndarray:
        """The more probable class."""
        positive = self.decision_function(X) > 0
        return self.classes_[positive.astype(int)]

    def contributions(self, X: Any) -> tuple[np.ndarray, float]:
        """Exact parts of the log-odds.

        Returns
        -------
        values : float array of shape (n_rows, n_columns)
        base : float
            ``base + values.sum(axis=1)`` is :meth:`decision_function`.

        Raises
        ------
        ArithmeticError
            When the parts do not add up; they must never be shown then.
        """
        encoded = self._encoded(X)
        total, base_total = np.zeros(encoded.shape), 0.0
        for member in self.members_.values():
            part, base_part = member.contributions(encoded)
            total += part
            base_total += base_part
        share = self.calibration_.slope / len(self.members_)
        values = self._by_column(share * total)
        base = self.calibration_.intercept + share * base_total
        whole = self.calibration_.apply(_stack(self.members_, encoded).mean(axis=1))
        if not np.allclose(base + values.sum(axis=1), whole, rtol=1e-7, atol=1e-7):
            raise ArithmeticError("contributions do not add up to the log-odds")
        return values, float(base)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        return tags

    def _encoded(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        frame = self._frame(X, reset=False)
        return self._with_ranks(frame, self.encoder_.encode(frame))

    def _with_ranks(self, frame: pd.DataFrame, encoded: np.ndarray) -> np.ndarray:
        if self.ranks_ is None:
            return encoded
        ranks = self.ranks_.ranks(frame, encoded)
        # The name of a cohort is new every term: there is nothing in it to learn.
        encoded[:, self.encoder_.names.index(self.ranks_.by)] = 0.0
        return np.hstack([encoded, ranks])

    def _by_column(self, values: np.ndarray) -> np.ndarray:
        """Contributions of ranks added to those of the columns that were ranked."""
        if self.ranks_ is None:
            return values
        columns = values[:, : len(self.encoder_.names)].copy()
        columns[:, list(self.ranks_.columns)] += values[:, columns.shape[1] :]
        return columns

    def _frame(self, X: Any, *, reset: bool) -> pd.DataFrame:
        if isinstance(X, pd.DataFrame):
            if not X.columns.is_unique:
                twice = X.columns[X.columns.duplicated()][0]
                raise ValueError(f"two columns of X are called {twice!r}")
            validate_data(self, X, reset=reset, skip_check_array=True)
            if len(X) == 0 and reset:
                raise ValueError("Found array with 0 sample(s) while a minimum of 1 is required.")
            return X
        values = validate_data(self, X, reset=reset, dtype=float, ensure_all_finite="allow-nan")
        return pd.DataFrame(values, columns=[f"x{i}" for i in range(values.shape[1])])

    def _target(self, y: Any, rows: int) -> np.ndarray:
        if y is None:
            raise ValueError("requires y to be passed, but the target y is None")
        labels = column_or_1d(y, warn=True)
        assert_all_finite(labels, input_name="y")
        check_consistent_length(np.empty(rows), labels)
        check_classification_targets(labels)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) > 2:
            raise ValueError("Only binary classification is supported. Unknown label type.")
        if len(self.classes_) < 2:
            raise ValueError(f"y has one class only ({self.classes_[0]!r}); two are needed")
        return codes.astype(float)

    def _check_parameters(self) -> None:
        if isinstance(self.members, str) or not self.members:
            raise ValueError(f"members must be a list of some of {', '.join(MEMBERS)}")
        if self.most_negatives is not None and not self.most_negatives > 0:
            raise ValueError(f"most_negatives must be above 0, got {self.most_negatives!r}")

    def _check_monotone(self) -> None:
        for name, direction in (self.monotone or {}).items():
            if name not in self.encoder_.names:
                raise ValueError(f"monotone names a column that is not in X: {name!r}")
            if direction not in (-1, 0, 1):
                raise ValueError(f"monotone[{name!r}] must be -1, 0 or 1, got {direction!r}")

    def _context(self) -> FitContext:
        wanted = dict(self.monotone or {})
        directions = [
            0 if i in self.encoder_.categorical else int(wanted.get(name, 0))
            for i, name in enumerate(self.encoder_.names)
        ]
        directions += [directions[i] for i in self.ranks_.columns] if self.ranks_ else []
        names = self.encoder_.names
        return FitContext(
            categorical=tuple(i for i in self.encoder_.categorical if names[i] != self.cohort),
            monotone=tuple(directions),
            seed=self.random_state,
            threads=effective_n_jobs(-1 if self.n_jobs is None else self.n_jobs),
            shape=Shape(**{field.name: getattr(self, field.name) for field in fields(Shape)}),
            most_negatives=self.most_negatives,
        )

    def _calibration_splits(self, target: np.ndarray, groups: Any, times: Any) -> Iterator[Split]:
        rarer = int(min(target.sum(), len(target) - target.sum()))
        folds = min(self.calibration_folds, rarer)
        if folds < 2:
            return
        moments = None if times is None else _ranks(times, len(target), "times")
        if moments is not None and moments.max() > 0:
            yield from _forward(moments, target, folds)
            return
        if groups is None:
            splitter = StratifiedKFold(folds, shuffle=True, random_state=self.random_state)
        else:
            groups = _ranks(groups, len(target), "groups")
            folds = min(folds, int(groups.max()) + 1)
            if folds < 2:
                return
            splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=self.random_state)
        for train, test in splitter.split(target, target, groups):
            if 0 < target[train].sum() < len(train):
                yield train, test


def _enough(splits: Iterator[Split], target: np.ndarray) -> list[Split]:
    """As many parts as a line needs, which has two numbers only."""
    taken: list[Split] = []
    rarer = 0
    for train, test in splits:
        taken.append((train, test))
        rarer += int(min(target[test].sum(), len(test) - target[test].sum()))
        if rarer >= ENOUGH_TO_CALIBRATE:
            break
    return taken


def _ranks(values: Any, rows: int, name: str) -> np.ndarray:
    """Place of each row's value among the sorted values."""
    series = pd.Series(values)
    if len(series) != rows:
        raise ValueError(f"{name} has {len(series)} values, X has {rows} rows")
    if series.isna().any():
        raise ValueError(f"{name} must not be missing")
    return pd.factorize(series, sort=True)[0]


def _forward(moments: np.ndarray, target: np.ndarray, folds: int) -> Iterator[Split]:
    """Blocks of time with about equally many events; each is scored by all that came before.

    The latest comes first: it is most like what is to be scored.
    """
    events = np.bincount(moments, weights=target)
    share = (np.cumsum(events) - events / 2) / max(events.sum(), 1.0)
    block = np.minimum((share * (folds + 1)).astype(int), folds)[moments]
    for number in range(folds, 0, -1):
        train, test = np.flatnonzero(block < number), np.flatnonzero(block == number)
        if len(test) and 0 < target[train].sum() < len(train):
            yield train, test


def _stack(members: Mapping[str, Member], encoded: np.ndarray) -> np.ndarray:
    return np.column_stack([member.log_odds(encoded) for member in members.values()])
