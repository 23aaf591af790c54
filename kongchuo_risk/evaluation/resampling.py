"""Metrics of one model for many resamples of schools at once."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from kongchuo_risk.evaluation.calibration import intercepts, slopes
from kongchuo_risk.evaluation.sample import Sample, Weights


def metric_values(sample: Sample, weights: Weights) -> dict[str, np.ndarray]:
    """Every metric, each of shape (n_resamples,); undefined ones are NaN."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            **_at_capacity(sample, weights),
            **_over_the_ranking(sample, weights),
            **_brier(sample, weights),
            "calibration_slope": slopes(sample, weights),
            "calibration_intercept": intercepts(sample, weights),
            "expected_to_observed": _expected_to_observed(sample, weights),
        }


def _at_capacity(sample: Sample, weights: Weights) -> dict[str, np.ndarray]:
    hits = weights @ sample.total(sample.listed * sample.y)
    events = weights @ sample.total(sample.y)
    rows = weights @ sample.total(np.ones_like(sample.y))
    precision = hits / (weights @ sample.total(sample.listed))
    dated = sample.listed * np.isfinite(sample.lead_days)
    lead = weights @ sample.total(dated * np.nan_to_num(sample.lead_days))
    return {
        "precision_at_k": precision,
        "recall_at_k": hits / events,
        "lift_at_k": precision / (events / rows),
        "lead_days": lead / (weights @ sample.total(dated)),
    }


def _over_the_ranking(sample: Sample, weights: Weights) -> dict[str, np.ndarray]:
    """AP and ROC-AUC from counts by unit at each event's score: no resample is ever sorted."""
    happened = sample.y > 0
    owner, threshold = sample.unit[happened], sample.log_odds[happened]
    events_above = np.zeros((sample.units, len(threshold)))
    rows_above = np.zeros_like(events_above)
    calm_below = np.zeros_like(events_above)
    for unit, mine in enumerate(_rows_by_unit(sample)):
        scores, hit = np.sort(sample.log_odds[mine]), happened[mine]
        events = np.sort(sample.log_odds[mine][hit])
        calm = np.sort(sample.log_odds[mine][~hit])
        rows_above[unit] = len(scores) - np.searchsorted(scores, threshold, "left")
        events_above[unit] = len(events) - np.searchsorted(events, threshold, "left")
        left, right = (np.searchsorted(calm, threshold, side) for side in ("left", "right"))
        calm_below[unit] = (left + right) / 2
    precision = (weights @ events_above) / (weights @ rows_above)
    drawn = weights[:, owner]
    total = drawn.sum(axis=1)
    calm_total = weights @ sample.total((~happened).astype(float))
    return {
        "average_precision": np.nansum(drawn * precision, axis=1) / total,
        "roc_auc": (drawn * (weights @ calm_below)).sum(axis=1) / (total * calm_total),
    }


def _rows_by_unit(sample: Sample) -> list[np.ndarray]:
    """Positions of the rows of each unit."""
    order = np.argsort(sample.unit, kind="stable")
    ends = np.cumsum(np.bincount(sample.unit, minlength=sample.units))
    return np.split(order, ends[:-1])


def _expected_to_observed(sample: Sample, weights: Weights) -> np.ndarray:
    """Events foreseen over events that happened; NaN in a resample without events."""
    events = weights @ sample.total(sample.y)
    expected = weights @ sample.total(expit(sample.log_odds))
    return np.where(events > 0, expected / events, np.nan)


def _brier(sample: Sample, weights: Weights) -> dict[str, np.ndarray]:
    rows = weights @ sample.total(np.ones_like(sample.y))
    brier = weights @ sample.total((expit(sample.log_odds) - sample.y) ** 2) / rows
    rate = weights @ sample.total(sample.y) / rows
    return {"brier": brier, "brier_skill": 1 - brier / (rate * (1 - rate))}
