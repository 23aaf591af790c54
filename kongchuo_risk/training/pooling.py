"""School effects on the log-odds, shrunk by how much is known of each school."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy.special import expit

from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.domain.model import Contributions, RiskModel

SCHOOL_EFFECT = "school_effect"
"""Name of the added contribution: it is a place, not a feature of the catalogue."""
LEAST_DEVIATION, MOST_DEVIATION = 0.02, 3.0
"""Deviations of school effects that are searched; what is smaller counts as none."""
_MAX_STEPS = 60


@dataclass(frozen=True)
class PooledModel:
    """A model plus a random intercept per school, shrunk by what is known of the school.

    The effect is the same for everybody in a school, so it never changes the order within a
    school's list. It changes probabilities, hence calibration by school, and comparisons between
    schools. A school of which nothing is known gets exactly the base model.

    Attributes
    ----------
    base : RiskModel
    effects : mapping of school code to log-odds
    deviation : float
        Standard deviation of the effects between schools; 0 when the schools do not differ.
    """

    name: str
    base: RiskModel
    effects: Mapping[str, float]
    deviation: float

    @property
    def features(self) -> tuple[str, ...]:
        return self.base.features

    def log_odds(self, matrix: FeatureMatrix) -> np.ndarray:
        """Log-odds of the base plus the effect of the pupil's school."""
        return self.shifted(self.base.log_odds(matrix), matrix.rows)

    def shifted(self, log_odds: np.ndarray, rows: pd.DataFrame) -> np.ndarray:
        """Log-odds that the base has given already, plus the effects of the rows' schools."""
        return np.asarray(log_odds + self._effect(rows))

    def contributions(self, matrix: FeatureMatrix) -> Contributions:
        """Parts of the base, and one column named :data:`SCHOOL_EFFECT`."""
        parts = self.base.contributions(matrix)
        values = np.column_stack([parts.values, self._effect(matrix.rows)])
        return Contributions(values, parts.base, (*parts.features, SCHOOL_EFFECT))

    def state(self) -> dict[str, Any]:
        """What JSON needs beside the base to rebuild the model."""
        return {"effects": dict(self.effects), "deviation": self.deviation}

    @classmethod
    def from_state(cls, name: str, base: RiskModel, state: Mapping[str, Any]) -> PooledModel:
        """The model that :meth:`state` described."""
        return cls(name, base, dict(state["effects"]), state["deviation"])

    def _effect(self, rows: pd.DataFrame) -> np.ndarray:
        school = rows["school_code"].astype("str")
        return school.map(dict(self.effects)).astype("float64").fillna(0.0).to_numpy()


def fit_pooled(
    name: str, base: RiskModel, rows: pd.DataFrame, log_odds: np.ndarray, y: np.ndarray
) -> PooledModel:
    """School effects on what the base model did not learn from.

    Parameters
    ----------
    rows : DataFrame of shape (n, …)
        Their ``school_code``, ``student_id`` and ``term``.
    log_odds : float array of shape (n,)
        Calibrated scores of ``base``, out of sample: those of earlier forward folds.
    y : 0/1 array of shape (n,)

    Notes
    -----
    A pupil seen on several days of a term counts once. A shift that all schools share is left to
    the calibration line: effects are differences between schools.
    """
    school = pd.Categorical(rows["school_code"].astype("str"))
    sample = _Places(
        np.asarray(school.codes, dtype=np.intp),
        len(school.categories),
        np.asarray(log_odds, dtype=float),
        np.asarray(y, dtype=float),
        once_per_term(rows),
    ).centred()
    deviation = sample.deviation() if sample.count > 1 else 0.0
    effects = sample.modes(deviation**2) if deviation else np.zeros(0)
    pairs = zip(school.categories, effects.tolist(), strict=False)
    return PooledModel(name, base, {str(code): effect for code, effect in pairs}, deviation)


def once_per_term(rows: pd.DataFrame) -> np.ndarray:
    """Weights by which every pupil counts once per term, on however many days it was seen.

    >>> once_per_term(pd.DataFrame({"student_id": ["a", "a", "b"], "term": ["t"] * 3})).tolist()
    [0.5, 0.5, 1.0]
    """
    pupil = rows.groupby(["student_id", "term"], observed=True)["term"]
    return 1.0 / pupil.transform("size").to_numpy(dtype=float)


@dataclass(frozen=True)
class _Places:
    """Scored rows by place: ``logit P(y) = offset + effect of the place``."""

    place: np.ndarray
    count: int
    offset: np.ndarray
    y: np.ndarray
    weight: np.ndarray

    def centred(self) -> _Places:
        """The same rows with offsets that fit their sum of events."""
        whole = _Places(np.zeros_like(self.place), 1, self.offset, self.y, self.weight)
        # A prior this wide only keeps the shift finite when nobody, or everybody, had an event.
        shift = whole.modes(100.0)[0]
        return _Places(self.place, self.count, self.offset + shift, self.y, self.weight)

    def modes(self, variance: float) -> np.ndarray:
        """Penalised maximum of the likelihood for each place, shape (count,)."""
        effect = np.zeros(self.count)
        for _ in range(_MAX_STEPS):
            p = expit(self.offset + effect[self.place])
            slope = self._total(self.y - p) - effect / variance
            # The likelihood is concave; bounded steps keep Newton's method from running away.
            step = np.clip(slope / (self._total(p * (1 - p)) + 1 / variance), -1.0, 1.0)
            effect = effect + step
            if np.abs(step).max() < 1e-9:
                break
        return effect

    def deviation(self) -> float:
        """Deviation between places with the highest marginal likelihood; 0 when none helps."""
        found = minimize_scalar(
            lambda log_deviation: -self._evidence(float(np.exp(2 * log_deviation))),
            bounds=(np.log(LEAST_DEVIATION), np.log(MOST_DEVIATION)),
            method="bounded",
            options={"xatol": 0.02},
        )
        nothing = self._likelihood(np.zeros(self.count)).sum()
        deviation = float(np.exp(found.x))
        small = deviation < 1.05 * LEAST_DEVIATION
        return 0.0 if small or -found.fun <= nothing else deviation

    def _evidence(self, variance: float) -> float:
        """Marginal log-likelihood by Laplace's method, one integral per place."""
        effect = self.modes(variance)
        p = expit(self.offset + effect[self.place])
        curvature = 1 + variance * self._total(p * (1 - p))
        penalty = effect**2 / (2 * variance) + np.log(curvature) / 2
        return float((self._likelihood(effect) - penalty).sum())

    def _likelihood(self, effect: np.ndarray) -> np.ndarray:
        score = self.offset + effect[self.place]
        return self._total(self.y * score - np.logaddexp(0, score))

    def _total(self, values: np.ndarray) -> np.ndarray:
        return np.bincount(self.place, weights=self.weight * values, minlength=self.count)
