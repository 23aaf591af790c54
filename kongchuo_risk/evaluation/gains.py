"""How many events a list finds as it grows longer, for every candidate."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kongchuo_risk.domain.matrix import FeatureMatrix

_SHARES = np.unique(np.concatenate([np.linspace(0, 0.2, 41), np.linspace(0.2, 1, 17)]))
"""Shares of the pupils, denser where lists are."""


def gain_table(scores: pd.DataFrame, matrix: FeatureMatrix) -> pd.DataFrame:
    """Share of the events found by a list of each length, made anew on each day.

    Parameters
    ----------
    scores : DataFrame
        As for :func:`~kongchuo_risk.evaluation.evaluation.evaluate`: index is the position in
        ``matrix``, columns ``fold`` and the log-odds of each candidate.

    Returns
    -------
    DataFrame
        ``model, listed, found``, both shares from 0 to 1; pupils with equal scores share their
        places.
    """
    columns = ["model", "listed", "found"]
    if scores.empty or matrix.y is None:
        return pd.DataFrame(columns=columns)
    positions = scores.index.to_numpy(dtype=np.intp)
    y = np.asarray(matrix.y, dtype=float)[positions]
    day = matrix.rows["as_of"].to_numpy()[positions]
    parts = [
        pd.DataFrame({"model": model, "listed": _SHARES, "found": _found(scores[model], y, day)})
        for model in scores.columns.drop("fold")
    ]
    return pd.concat(parts, ignore_index=True)[columns]


def _found(log_odds: pd.Series, y: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Expected share of the events within each of :data:`_SHARES`, ties drawn by lot."""
    by_day = pd.Series(-log_odds.to_numpy()).groupby(day)
    pupils = by_day.transform("size").to_numpy()
    first = (by_day.rank(method="min").to_numpy() - 1) / pupils
    last = by_day.rank(method="max").to_numpy() / pupils
    event = y > 0
    first, last = first[event, None], last[event, None]
    return np.asarray(np.clip((_SHARES - first) / (last - first), 0, 1).mean(axis=0))
