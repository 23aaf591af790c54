"""Our classifier beside six others on seven tasks of real records; everybody with defaults.

Same folds, same columns, one run. Intervals are 95 %, by paired bootstrap over students, pupils or
villages. Libraries that are not installed are left out by name.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from benchmarks._paired import METRICS, fold_metrics, unit_draws
from benchmarks._real_tasks import DATA, Task, real_tasks
from benchmarks._rivals import rivals
from kongchuo_risk import DropoutRiskClassifier

OURS = "ours"
RESAMPLES = 400
LOWER_IS_BETTER = {"Brier"}


def run(quick: bool) -> list[dict[str, Any]]:
    """A row per task, metric and rival; tables in Markdown go to standard error.

    ``quick`` takes the first of the five repetitions of the UCI folds, and all the rest.
    """
    tasks = list(real_tasks(repeats=1 if quick else 5))
    if not tasks:
        print(f"models: skipped, {DATA.name} is not beside the checkout", file=sys.stderr)
        return []
    makers = {OURS: lambda: DropoutRiskClassifier(), **rivals()}
    figures = {task.name: _figures(task, makers) for task in tasks}
    seconds = {name: seconds for name, (_, seconds) in figures.items()}
    metrics = {name: values for name, (values, _) in figures.items()}
    for metric in METRICS:
        print(_markdown(metrics, metric), file=sys.stderr)
    for fresh in (False, True):
        part = {task.name: metrics[task.name] for task in tasks if task.fresh is fresh}
        print(_mean_ranks(part, fresh=fresh), file=sys.stderr)
    print(_fit_seconds(seconds), file=sys.stderr)
    return [row for task in tasks for row in _rows(task, metrics[task.name])]


Maker = Callable[[], Any]
Figures = Mapping[str, np.ndarray]
"""Model → metrics of shape (1 + resamples, 3); the first line is the plain figure."""


def _figures(task: Task, makers: Mapping[str, Maker]) -> tuple[Figures, dict[str, float]]:
    draws = unit_draws(task.unit, RESAMPLES, seed=0)
    tests = [test for _, test in task.splits]
    figures, seconds = {}, {}
    for name, make in makers.items():
        start = time.perf_counter()
        scores = [_scores(make(), task, train, test) for train, test in task.splits]
        seconds[name] = (time.perf_counter() - start) / len(tests)
        figures[name] = fold_metrics(task.y, tests, scores, draws)
        plain = "  ".join(
            f"{metric} {value:.4f}" for metric, value in zip(METRICS, figures[name][0], strict=True)
        )
        print(f"{task.name:16} {name:22} {plain}  {seconds[name]:6.2f} s", file=sys.stderr)
    return figures, seconds


def _scores(model: Any, task: Task, train: np.ndarray, test: np.ndarray) -> np.ndarray:
    model.fit(task.X.iloc[train], task.y[train])
    return np.asarray(model.predict_proba(task.X.iloc[test]))[:, 1]


def _rows(task: Task, figures: Figures) -> list[dict[str, Any]]:
    rows = []
    for position, metric in enumerate(METRICS):
        ours = figures[OURS][:, position]
        for name, values in figures.items():
            if name == OURS:
                continue
            difference = ours - values[:, position]
            low, high = np.quantile(difference[1:], [0.025, 0.975])
            rows.append(
                {
                    "name": f"{task.name} {metric} against {name}",
                    "ours": round(float(ours[0]), 4),
                    "theirs": round(float(values[0, position]), 4),
                    "ratio": round(float(ours[0] / values[0, position]), 4),
                    "unit": f"{metric}, difference {low:+.4f} to {high:+.4f}",
                    "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
                    "rows": len(task.y),
                }
            )
    return rows


def _markdown(figures: Mapping[str, Figures], metric: str) -> str:
    """One metric: a line per model, a column per task; † where ours is better beyond chance."""
    position = METRICS.index(metric)
    sign = -1 if metric in LOWER_IS_BETTER else 1
    lines = [f"| {metric} | {' | '.join(figures)} |", "|---" * (len(figures) + 1) + "|"]
    for name in next(iter(figures.values())):
        cells = []
        for task in figures.values():
            values, ours = task[name][:, position], task[OURS][:, position]
            surely = np.quantile(sign * (ours - values)[1:], 0.025) > 0
            cells.append(f"{values[0]:.4f}{' †' if name != OURS and surely else ''}")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _mean_ranks(figures: Mapping[str, Figures], *, fresh: bool) -> str:
    ranks = {}
    for position, metric in enumerate(METRICS):
        table = pd.DataFrame(
            {name: {model: v[0, position] for model, v in task.items()}
             for name, task in figures.items()}
        )  # fmt: skip
        ranks[metric] = table.rank(ascending=metric in LOWER_IS_BETTER).mean(axis=1)
    which = "that nothing was chosen on" if fresh else "of the bar"
    table = pd.DataFrame(ranks).round(2)
    return f"Mean rank over {len(figures)} tasks {which}:\n{table.to_string()}\n"


def _fit_seconds(seconds: Mapping[str, Mapping[str, float]]) -> str:
    table = pd.DataFrame(seconds).round(2)
    return f"Seconds to fit and score, one split:\n{table.to_string()}\n"
