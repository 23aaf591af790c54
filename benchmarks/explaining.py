"""Exact SHAP values of boosted trees: tables of the leaves beside LightGBM's own, in one run."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from typing import Any

import lightgbm
import numpy as np

from kongchuo_risk.training.boosters import fit_plain
from kongchuo_risk.training.member import FitContext

COLUMNS = 60
THREADS = 2


def run(quick: bool) -> list[dict[str, Any]]:
    """Seconds for 20,000 rows (quick: 2,000) of 60 columns, a tenth missing, with 300 trees."""
    rows = 2_000 if quick else 20_000
    X, y = _table(rows, seed=1)
    member = fit_plain(X, y, FitContext((), (0,) * COLUMNS, seed=1, threads=THREADS))
    booster = lightgbm.Booster(model_str=member.text)
    member.contributions(X[:10])  # builds the tables and compiles, outside of the clock
    ours, (values, _) = _timed(lambda: member.contributions(X))
    theirs, expected = _timed(lambda: booster.predict(X, pred_contrib=True, num_threads=THREADS))
    if not np.allclose(values, np.asarray(expected)[:, :-1], rtol=0, atol=1e-9):
        raise AssertionError("the tables and LightGBM disagree")
    return [
        {
            "name": "contributions",
            "ours": ours,
            "theirs": theirs,
            "ratio": theirs / ours,
            "unit": "s (theirs: LightGBM pred_contrib)",
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "rows": rows,
        }
    ]


def _table(rows: int, *, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, COLUMNS))
    risk = X[:, :8].sum(axis=1) - 4.0
    X[rng.random(X.shape) < 0.1] = np.nan
    return X, (rng.random(rows) < 1 / (1 + np.exp(-risk))).astype(float)


def _timed(call: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = call()
    return time.perf_counter() - start, result
