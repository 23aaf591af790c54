"""Ranking metrics under many resamples at once, so that two models meet on the same draws."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

METRICS = ("AUC", "AP", "Brier")


def unit_draws(unit: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    """How often each row is drawn when whole units are; the first line draws each row once.

    Returns
    -------
    float array of shape (1 + resamples, n_rows)
    """
    number = np.unique(unit, return_inverse=True)[1]
    units = int(number.max()) + 1
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(units, np.full(units, 1 / units), size=resamples)
    return np.vstack([np.ones(units), drawn])[:, number]


def weighted_metrics(y: np.ndarray, p: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """ROC-AUC, average precision and Brier score under every line of weights.

    Ties count as in scikit-learn: a step of the curve for AP, half for ROC-AUC.

    Returns
    -------
    float array of shape (n_lines, 3)

    >>> y, p = np.array([0, 1, 1]), np.array([0.2, 0.2, 0.9])
    >>> weighted_metrics(y, p, np.ones((1, 3))).round(3).tolist()
    [[0.75, 0.833, 0.23]]
    """
    order = np.argsort(-p, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(p[order]) != 0, True))
    events = np.cumsum(weights[:, order] * y[order], axis=1)[:, ends]
    calm = np.cumsum(weights[:, order] * (1 - y[order]), axis=1)[:, ends]
    step = np.diff(events, axis=1, prepend=0.0)
    with np.errstate(invalid="ignore"):
        precision = np.nan_to_num(events / (events + calm))
    calm_step = np.diff(calm, axis=1, prepend=0.0)
    above = (events - step / 2) * calm_step
    total = events[:, -1]
    return np.column_stack([
        above.sum(axis=1) / (total * calm[:, -1]),
        (step * precision).sum(axis=1) / total,
        (weights * (p - y) ** 2).sum(axis=1) / weights.sum(axis=1),
    ])  # fmt: skip


def fold_metrics(
    y: np.ndarray,
    tests: Sequence[np.ndarray],
    scores: Sequence[np.ndarray],
    draws: np.ndarray,
) -> np.ndarray:
    """Means over test parts, shape (n_lines, 3)."""
    parts = [
        weighted_metrics(y[test], p, draws[:, test]) for test, p in zip(tests, scores, strict=True)
    ]
    return np.asarray(np.nanmean(parts, axis=0))
