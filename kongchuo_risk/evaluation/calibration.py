"""Do the probabilities mean what they say: slope, intercept, and a table by bins."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import expit

from kongchuo_risk.evaluation.sample import Sample, Weights, interval

_STEPS = 50
_BIN_COLUMNS = ("bin", "predicted", "observed", "low", "high", "n")


def slopes(sample: Sample, weights: Weights) -> np.ndarray:
    """Slope of the outcome on the log-odds by resample; 1 is calibrated, NaN for constant scores.

    Each resample takes one Newton step from the estimate on all rows, from sums by school (the
    one-step bootstrap of Schucany & Wang 1991): no resample is ever refitted.
    """
    if np.ptp(sample.log_odds) < 1e-12 or not 0 < sample.y.sum() < len(sample.y):
        return np.full(len(weights), np.nan)
    theta = _line(sample)
    p = expit(theta[0] + theta[1] * sample.log_odds)
    spread = p * (1 - p)
    pull = [sample.total(sample.y - p), sample.total((sample.y - p) * sample.log_odds)]
    bend = [sample.total(spread * sample.log_odds**power) for power in (0, 1, 2)]
    (g0, g1), (h0, h1, h2) = (weights @ g for g in pull), (weights @ h for h in bend)
    return np.asarray(theta[1] + (h0 * g1 - h1 * g0) / (h0 * h2 - h1 * h1))


def intercepts(sample: Sample, weights: Weights) -> np.ndarray:
    """Calibration in the large by resample: log-odds by which risks are too low (0 is right)."""
    shift = 0.0
    for _ in range(_STEPS):
        p = expit(sample.log_odds + shift)
        shift += (sample.y - p).sum() / max((p * (1 - p)).sum(), 1e-12)
    p = expit(sample.log_odds + shift)
    pull, bend = weights @ sample.total(sample.y - p), weights @ sample.total(p * (1 - p))
    return np.asarray(shift + pull / bend)


def calibration_table(sample: Sample, weights: Weights, *, bins: int = 10) -> pd.DataFrame:
    """Predicted and observed rate in bins of about equally many *expected* events.

    With rare events bins of equally many rows would put nearly all events in the last one.

    Returns
    -------
    DataFrame
        Columns ``bin`` (from 1, rising risk), ``predicted``, ``observed``, ``low``, ``high``
        (95 % interval of ``observed``), ``n``.
    """
    p = expit(sample.log_odds)
    order = np.argsort(p, kind="stable")
    share = np.empty(len(p))
    share[order] = np.cumsum(p[order]) / p.sum()
    number = np.minimum((share * bins - 1e-9).astype(int), bins - 1)
    parts = [_bin(sample, p, number == place, weights) for place in np.unique(number)]
    return pd.DataFrame(parts).assign(bin=np.arange(1, len(parts) + 1))[list(_BIN_COLUMNS)]


def _bin(sample: Sample, p: np.ndarray, inside: np.ndarray, weights: Weights) -> dict[str, float]:
    events = weights @ sample.total(inside * sample.y)
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = interval(events / (weights @ sample.total(inside.astype(float))))
    return {
        "predicted": p[inside].mean(), "observed": sample.y[inside].mean(), "low": low,
        "high": high, "n": int(inside.sum()),
    }  # fmt: skip


def _line(sample: Sample) -> np.ndarray:
    design = np.column_stack([np.ones_like(sample.log_odds), sample.log_odds])
    theta = np.array([0.0, 1.0])
    for _ in range(_STEPS):
        p = expit(design @ theta)
        hessian = (design * (p * (1 - p))[:, None]).T @ design + 1e-9 * np.eye(2)
        step = np.linalg.solve(hessian, design.T @ (sample.y - p))
        # A long step from a poor start would overshoot on rare events.
        theta += step / max(1.0, np.abs(step).max())
        if np.abs(step).max() < 1e-9:
            break
    return theta
