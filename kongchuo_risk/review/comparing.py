"""Figures of trials on the same test rows and the same resamples, so that changes are paired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.evaluation.listing import Capacity
from kongchuo_risk.evaluation.resampling import metric_values
from kongchuo_risk.evaluation.sample import interval
from kongchuo_risk.evaluation.view import View

METRICS = ("recall_at_k", "average_precision")
"""What a review looks at: pupils found within capacity, and the ranking as a whole."""

Figures = Mapping[str, np.ndarray]
"""Metric → array of shape (1 + n_resamples,): the figure itself, then those of the resamples."""


def figures_of(
    scores: Mapping[str, pd.DataFrame],
    matrix: FeatureMatrix,
    *,
    capacity: Capacity,
    candidate: str,
    bootstrap: int,
    seed: int,
) -> dict[str, Figures]:
    """Figures of each trial, all on the same resamples.

    Parameters
    ----------
    scores : mapping of trial to DataFrame
        As :meth:`Trials.scores` gives them; all trials have the same rows.
    """
    first = next(iter(scores.values()))
    columns = {name: frame[candidate].reindex(first.index) for name, frame in scores.items()}
    together = pd.DataFrame(columns).assign(fold=first["fold"])
    view = View.of(together, matrix, capacity)
    drawn = view.units.draw(bootstrap, seed)
    weights = np.vstack([np.ones((1, view.units.number)), drawn])
    found: dict[str, Figures] = {}
    for name in scores:
        values = metric_values(view.sample(name), weights)
        found[name] = {metric: values[metric] for metric in METRICS}
    return found


def change(figures: Figures, baseline: Figures, metric: str) -> tuple[float, float, float]:
    """How much higher a figure is than that of ``baseline``, with its 95 % interval."""
    return told(figures[metric] - baseline[metric])


def told(values: np.ndarray) -> tuple[float, float, float]:
    """A figure and its 95 % interval.

    >>> told(np.array([7.0, 3.0, 3.0]))
    (7.0, 3.0, 3.0)
    """
    return float(values[0]), *interval(values[1:])


def averaged(several: Sequence[Figures]) -> Figures:
    """The mean figure of several trials; their resamples are kept beside each other."""
    return {
        metric: np.concatenate(
            [
                [np.mean([figures[metric][0] for figures in several])],
                *[figures[metric][1:] for figures in several],
            ]
        )
        for metric in METRICS
    }


def in_words(metric: str, change: float, low: float, high: float) -> str:
    """A change in Chinese, shares in percentage points.

    >>> in_words("recall_at_k", -0.051, -0.08, -0.02)
    '−5.1 个百分点（95% 区间 −8.0 至 −2.0）'
    """
    scale, digits, unit = (100, 1, " 个百分点") if metric == "recall_at_k" else (1, 3, "")
    numbers = [f"{scale * value:+.{digits}f}" for value in (change, low, high)]
    text = f"{numbers[0]}{unit}（95% 区间 {numbers[1]} 至 {numbers[2]}）"
    return text.replace("-", "−")
