"""A straight line on the log-odds (Platt): probabilities right, ranking and additivity kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

SLOPE_PRIOR_DEVIATION = 0.5
"""How far, a priori, a slope strays from 1; keeps the line sane when positives are few."""
_MAX_STEPS = 100


@dataclass(frozen=True)
class LogOddsLine:
    """``calibrated = intercept + slope * raw``, with a slope above zero.

    >>> LogOddsLine(2.0, -1.0).apply(np.array([0.0, 1.0])).tolist()
    [-1.0, 1.0]
    """

    slope: float = 1.0
    intercept: float = 0.0

    def apply(self, log_odds: np.ndarray) -> np.ndarray:
        """Calibrated log-odds."""
        return self.intercept + self.slope * log_odds


def fit_line(log_odds: np.ndarray, y: np.ndarray) -> LogOddsLine:
    """The most likely line, with a normal prior around slope 1 and Platt's smoothed targets.

    Parameters
    ----------
    log_odds : float array of shape (n,)
        Scores of rows that the model was not fitted on.
    y : array of shape (n,)
        0 or 1.

    Notes
    -----
    Platt (1999), "Probabilistic outputs for support vector machines": the targets
    ``(n1 + 1) / (n1 + 2)`` and ``1 / (n0 + 2)`` keep the likelihood finite.
    """
    positives = float(y.sum())
    negatives = len(y) - positives
    target = np.where(y > 0, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    theta = np.array([np.log((positives + 1) / (negatives + 1)) - np.mean(log_odds), 1.0])
    design = np.column_stack([np.ones_like(log_odds), log_odds])
    prior = np.diag([1e-9, 1 / SLOPE_PRIOR_DEVIATION**2])
    loss = _loss(theta, design, target)
    for _ in range(_MAX_STEPS):
        step = _newton_step(theta, design, target, prior)
        # Halving keeps Newton's method from running away on nearly separable scores.
        while (new := _loss(theta - step, design, target)) > loss and np.abs(step).max() > 1e-12:
            step = step / 2
        theta, loss = theta - step, new
        if np.abs(step).max() < 1e-9:
            break
    return LogOddsLine(max(float(theta[1]), 1e-3), float(theta[0]))


def _loss(theta: np.ndarray, design: np.ndarray, target: np.ndarray) -> float:
    score = design @ theta
    likelihood = np.logaddexp(0, score).sum() - target @ score
    return float(likelihood + (theta[1] - 1) ** 2 / (2 * SLOPE_PRIOR_DEVIATION**2))


def _newton_step(
    theta: np.ndarray, design: np.ndarray, target: np.ndarray, prior: np.ndarray
) -> np.ndarray:
    p = expit(design @ theta)
    gradient = design.T @ (p - target) + prior @ (theta - [0.0, 1.0])
    hessian = (design * (p * (1 - p))[:, None]).T @ design + prior
    return np.linalg.solve(hessian, gradient)
