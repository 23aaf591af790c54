"""Test rows as one model sees them, and the draws of schools and classes from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

Weights = np.ndarray
"""How often each unit was drawn, shape (n_resamples, n_units)."""
MIN_SCHOOLS = 5
"""With fewer schools than this the schools are taken as given and only classes are drawn."""


@dataclass(frozen=True)
class Sample:
    """Test rows as one model sees them.

    Attributes
    ----------
    unit : int array of shape (n_rows,)
        Number of the class (or school) that is drawn as a whole.
    units : int
    y, log_odds, listed : float arrays of shape (n_rows,)
        Outcome, calibrated score, chance to be on the list.
    lead_days : float array of shape (n_rows,)
        Days from the list to the event; NaN without an event or without its day.
    """

    unit: np.ndarray
    units: int
    y: np.ndarray
    log_odds: np.ndarray
    listed: np.ndarray
    lead_days: np.ndarray

    def total(self, values: np.ndarray) -> np.ndarray:
        """Sum of ``values`` by unit, shape (n_units,)."""
        return np.bincount(self.unit, weights=values, minlength=self.units)

    def take(self, keep: np.ndarray) -> Sample:
        """The rows of a boolean mask; units keep their numbers."""
        return Sample(
            self.unit[keep], self.units, self.y[keep], self.log_odds[keep], self.listed[keep],
            self.lead_days[keep],
        )  # fmt: skip


@dataclass(frozen=True)
class Units:
    """What is drawn as a whole for the intervals: classes within schools, or schools.

    Attributes
    ----------
    unit : int array of shape (n_rows,)
        Unit of each row.
    school : int array of shape (n_units,)
        School of each unit; its own number when the units are schools.
    resampled : str
        What is drawn, in Chinese.
    """

    unit: np.ndarray
    school: np.ndarray
    resampled: str

    @classmethod
    def of(cls, rows: pd.DataFrame, *, one_stage_schools: float = np.inf) -> Units:
        """Units of ``rows``, schools alone from ``one_stage_schools`` schools on."""
        school, schools = pd.factorize(rows["school_code"].astype("str"))
        if len(schools) >= one_stage_schools:
            return cls(school, np.arange(len(schools)), "学校")
        group, groups = pd.factorize(rows["class_id"].astype("str"))
        unit, known = pd.factorize(school * len(groups) + group)
        resampled = "学校和校内班级" if len(schools) >= MIN_SCHOOLS else "班级"
        return cls(unit, np.asarray(known) // max(len(groups), 1), resampled)

    @property
    def number(self) -> int:
        return len(self.school)

    def draw(self, resamples: int, seed: int) -> Weights:
        """Bootstrap weights: schools with replacement, then classes of each drawn school.

        Two stages, because a handful of schools holds nearly all events: drawing whole schools
        alone then gives intervals that are too narrow (``docs/decisions/0006``).
        """
        schools = int(self.school.max(initial=-1)) + 1
        if schools == self.number:
            return draw_weights(schools, resamples, seed)
        rng = np.random.default_rng(seed)
        drawn = np.ones((resamples, schools), dtype=np.int64)
        if schools >= MIN_SCHOOLS:
            drawn[:] = rng.multinomial(schools, np.full(schools, 1 / schools), size=resamples)
        weights = np.zeros((resamples, self.number))
        for school in range(schools):
            classes = np.flatnonzero(self.school == school)
            tickets = drawn[:, school] * len(classes)
            even = np.full(len(classes), 1 / len(classes))
            weights[:, classes] = rng.multinomial(tickets, even)
        return weights


def draw_weights(units: int, resamples: int, seed: int) -> Weights:
    """Ordinary bootstrap: ``units`` draws with replacement, ``resamples`` times."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(units, np.full(units, 1 / units), size=resamples).astype(float)


def interval(values: np.ndarray, level: float = 0.95) -> tuple[float, float]:
    """Percentile interval of the finite ``values``; NaN without any.

    >>> [round(bound) for bound in interval(np.arange(1001.0), 0.9)]
    [50, 950]
    """
    finite = values[np.isfinite(values)]
    if not len(finite):
        return float("nan"), float("nan")
    low, high = np.quantile(finite, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def effective_number(counts: np.ndarray) -> float:
    """How many equal schools would share the events as unevenly (inverse Simpson index).

    >>> effective_number(np.array([10, 10])), effective_number(np.array([9, 1, 0]))
    (2.0, 1.2195121951219512)
    """
    total = float(counts.sum())
    return total**2 / float((counts**2).sum()) if total else 0.0


def effective_rows(place: np.ndarray, bins: int, rows: pd.DataFrame) -> float:
    """How many independent rows would give a histogram that varies as much as this one does.

    Pupils of a class, and classes of a school, resemble each other; the design effect (Kish 1965)
    is the variance of the bins' shares between classes (or schools, if that is more) over that of
    independent rows. At most the number of rows, at least one.

    Parameters
    ----------
    place : int array of shape (n_rows,)
        Bin of each row.
    rows : DataFrame of shape (n_rows, …)
        With ``school_code`` and ``class_id``.
    """
    n = len(place)
    if not n:
        return 1.0
    share = np.bincount(place, minlength=bins) / n
    independent = float((share * (1 - share)).sum()) / n
    school = pd.factorize(rows["school_code"].astype("str"))[0]
    group = pd.factorize(rows["class_id"].astype("str"))[0]
    classes = pd.factorize(school * (int(group.max()) + 1) + group)[0]
    between = max(_between(place, share, unit) for unit in (classes, school))
    return float(np.clip(n * independent / between, 1.0, n)) if between > 0 else float(n)


def _between(place: np.ndarray, share: np.ndarray, unit: np.ndarray) -> float:
    """Variance of the shares, summed over bins, when whole units are drawn; 0 with one unit."""
    units, bins = int(unit.max()) + 1, len(share)
    if units < 2:
        return 0.0
    counts = np.bincount(unit * bins + place, minlength=units * bins).reshape(units, bins)
    excess = counts - counts.sum(axis=1, keepdims=True) * share
    return float((excess**2).sum() / len(place) ** 2 * units / (units - 1))
