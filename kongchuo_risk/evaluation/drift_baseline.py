"""What the data looked like on each training day, small enough to lie beside the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.gates import DriftBounds, Gate
from kongchuo_risk.domain.calendar import term_bounds, term_of
from kongchuo_risk.domain.matrix import FeatureMatrix

FORMAT = 1
SCORE = "(score)"
"""Name under which the scores' shape is kept."""
_TAIL = 0.99
_KNOWN_SHARE = 0.5
"""An outcome rate counts only days of which half the outcomes are known."""


@dataclass(frozen=True)
class ReferenceDay:
    """One training day.

    Attributes
    ----------
    as_of : date
    rows, labelled, events : int
        Pupils, of whom the outcome is known, of whom something happened.
    """

    as_of: date
    rows: int
    labelled: int
    events: int

    @property
    def term(self) -> str:
        return term_of(self.as_of)

    @property
    def into_term(self) -> int:
        """Days since the first possible day of the term."""
        return (self.as_of - term_bounds(self.term)[0]).days


@dataclass(frozen=True)
class Shape:
    """Histogram of one column on every reference day.

    Attributes
    ----------
    edges : float array, or None for categories
        Upper bounds of all bins but the last: below everything seen in training, about equally
        many rows each, above everything seen.
    categories : tuple of str, or None for numbers
        The last bin is every other value.
    counts : int array of shape (n_days, n_bins)
    missing : int array of shape (n_days,)
    known_share : mapping of grade to float
        How much of a grade has a value, over all reference days: some things are asked of the
        older pupils only.
    """

    edges: np.ndarray | None
    categories: tuple[str, ...] | None
    counts: np.ndarray
    missing: np.ndarray
    known_share: Mapping[int, float]

    @property
    def is_number(self) -> bool:
        return self.edges is not None

    @property
    def rows(self) -> np.ndarray:
        """Rows of each reference day, with a value or without."""
        return np.asarray(self.counts.sum(axis=1) + self.missing)

    def place(self, column: pd.Series) -> np.ndarray:
        """Bin of each value, −1 for a missing one."""
        return _place(column, self.edges, self.categories)


@dataclass(frozen=True)
class DriftBaseline:
    """The reference days and the shape of every feature and of the scores on them."""

    days: tuple[ReferenceDay, ...]
    shapes: Mapping[str, Shape]

    @classmethod
    def learn(
        cls,
        matrix: FeatureMatrix,
        log_odds: np.ndarray,
        *,
        gate: Gate,
        features: Sequence[str] | None = None,
    ) -> DriftBaseline:
        """Shapes of ``features`` (all of the matrix by default) on the last training days.

        Parameters
        ----------
        log_odds : float array of shape (n_rows,)
            Scores of the rows by the model that will score the days to come; NaN where there is
            none.
        """
        every = np.sort(matrix.rows["as_of"].unique())
        kept = every[-int(gate.drift.reference_days.value) :]
        recent = matrix.take(matrix.rows["as_of"].isin(kept).to_numpy())
        scores = np.asarray(log_odds)[matrix.rows["as_of"].isin(kept).to_numpy()]
        number = np.searchsorted(kept, recent.rows["as_of"].to_numpy())
        names = list(features) if features is not None else list(matrix.X)
        columns = {str(name): recent.X[name] for name in names} | {SCORE: pd.Series(scores)}
        bins = int(gate.drift.bins.value)
        grade = recent.rows["grade"].to_numpy(dtype=float, na_value=0).astype(int)
        shapes = {
            name: _learn(column, number, len(kept), bins, grade) for name, column in columns.items()
        }
        return cls(tuple(_days(recent, kept, number)), shapes)

    @property
    def features(self) -> tuple[str, ...]:
        """Columns that are watched."""
        return tuple(name for name in self.shapes if name != SCORE)

    def same_time(self, day: date, bounds: DriftBounds) -> list[int]:
        """Positions of the reference days in the same weeks of the same half-year, terms ago.

        Attendance early in a term, exams taken and years on record all depend on the moment.
        """
        half = self._earlier(day, same_half=True)
        return [place for place in half if self._apart(place, day) <= bounds.comparable_days.value]

    def comparable(self, day: date, bounds: DriftBounds) -> list[int]:
        """:meth:`same_time`, or else the three nearest days of the same half-year, or of any.

        Days of the term itself serve only when there are no others.
        """
        same = self.same_time(day, bounds)
        others = self._earlier(day, same_half=True) or self._earlier(day, same_half=False)
        nearest = sorted(others, key=lambda place: self._apart(place, day))[:3]
        return same or sorted(nearest) or list(range(len(self.days)))

    def _earlier(self, day: date, *, same_half: bool) -> list[int]:
        term = term_of(day)
        return [
            place for place, one in enumerate(self.days)
            if one.term != term and (not same_half or one.term[-1] == term[-1])
        ]  # fmt: skip

    def _apart(self, place: int, day: date) -> int:
        return abs(self.days[place].into_term - ReferenceDay(day, 0, 0, 0).into_term)

    def label_rates(self) -> list[tuple[float, float]]:
        """Pupils with known outcome and events among them, per term in order of time.

        Means over the term's days that are known by half: one pupil's event is seen from each.
        """
        terms: dict[str, list[tuple[int, int]]] = {}
        for day in self.days:
            if day.labelled >= _KNOWN_SHARE * day.rows:
                terms.setdefault(day.term, []).append((day.labelled, day.events))
        means = [np.mean(terms[term], axis=0) for term in sorted(terms)]
        return [(float(rows), float(events)) for rows, events in means]

    def state(self) -> dict[str, Any]:
        """What JSON needs to rebuild the baseline; some 100 kB for a hundred features."""
        return {
            "format": FORMAT,
            "days": [[str(d.as_of), d.rows, d.labelled, d.events] for d in self.days],
            "shapes": {name: _state(shape) for name, shape in self.shapes.items()},
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> DriftBaseline:
        """The baseline that :meth:`state` described."""
        if state["format"] > FORMAT:
            raise ValueError(f"format = {state['format']!r}")
        days = tuple(ReferenceDay(date.fromisoformat(day), *rest) for day, *rest in state["days"])
        return cls(days, {name: _shape(one) for name, one in state["shapes"].items()})


def _days(recent: FeatureMatrix, kept: np.ndarray, number: np.ndarray) -> list[ReferenceDay]:
    labelled = recent.labelled
    events = np.zeros(len(recent)) if recent.y is None else np.nan_to_num(recent.y)
    sums = [
        np.bincount(number, weights=values, minlength=len(kept)).astype(int)
        for values in (np.ones(len(recent)), labelled.astype(float), events)
    ]
    return [
        ReferenceDay(pd.Timestamp(day).date(), *(int(values[place]) for values in sums))
        for place, day in enumerate(kept)
    ]


def _learn(column: pd.Series, number: np.ndarray, days: int, bins: int, grade: np.ndarray) -> Shape:
    edges = _edges(column, bins) if pd.api.types.is_numeric_dtype(column.dtype) else None
    categories = None if edges is not None else _categories(column)
    place = _place(column, edges, categories)
    size = len(edges) + 1 if edges is not None else len(categories or ()) + 1
    known = place >= 0
    counts = np.bincount(number[known] * size + place[known], minlength=days * size)
    missing = np.bincount(number[~known], minlength=days)
    asked, told = np.bincount(grade), np.bincount(grade, weights=known.astype(float))
    share = {int(g): round(float(told[g] / asked[g]), 4) for g in np.flatnonzero(asked)}
    return Shape(edges, categories, counts.reshape(days, size), missing, share)


def _edges(column: pd.Series, bins: int) -> np.ndarray:
    """Just below the least value, quantiles, and the largest value; each once."""
    values = column.to_numpy(dtype=float, na_value=np.nan)
    values = values[np.isfinite(values)]
    if not len(values):
        return np.array([0.0])
    inner = np.quantile(values, [*np.arange(1, bins) / bins, _TAIL], method="inverted_cdf")
    lowest = np.nextafter(values.min(), -np.inf)
    return np.unique(np.array([lowest, *inner, values.max()]))


def _categories(column: pd.Series) -> tuple[str, ...]:
    return tuple(sorted(column.dropna().astype("str").unique()))


def _place(
    column: pd.Series, edges: np.ndarray | None, categories: tuple[str, ...] | None
) -> np.ndarray:
    if edges is not None:
        values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        return np.where(np.isnan(values), -1, np.searchsorted(edges, values, side="left"))
    known = pd.Index(categories or (), dtype=object)
    found = known.get_indexer(pd.Index(column.astype("str"), dtype=object))
    return np.where(column.isna().to_numpy(), -1, np.where(found < 0, len(known), found))


def _state(shape: Shape) -> dict[str, Any]:
    return {
        "edges": None if shape.edges is None else [float(edge) for edge in shape.edges],
        "categories": shape.categories,
        "counts": shape.counts.tolist(),
        "missing": shape.missing.tolist(),
        "known_share": {str(grade): share for grade, share in shape.known_share.items()},
    }


def _shape(state: Mapping[str, Any]) -> Shape:
    edges = None if state["edges"] is None else np.array(state["edges"], dtype=float)
    known = None if state["categories"] is None else tuple(state["categories"])
    counts = np.array(state["counts"], dtype=np.int64)
    share = {int(grade): float(value) for grade, value in state["known_share"].items()}
    return Shape(edges, known, counts, np.array(state["missing"], dtype=np.int64), share)
