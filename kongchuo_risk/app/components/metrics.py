"""How candidates compare: one table to read, one chart per metric."""

from __future__ import annotations

import math

import altair as alt
import pandas as pd

from kongchuo_risk.app.components.charts import HELPS, Drawing, finish, quiet_axis
from kongchuo_risk.evaluation.evaluation import METRIC_TITLES
from kongchuo_risk.evaluation.gate import RULE_TITLES

HEADLINE = ("precision_at_k", "recall_at_k", "lift_at_k", "average_precision", "roc_auc")
"""Metrics of the table; the others are in the chart, one at a time."""


def metric_label(metric: str) -> str:
    """Chinese name of a metric; an unknown one keeps its own."""
    return METRIC_TITLES.get(metric, metric)


def model_label(model: str) -> str:
    """Chinese name of a candidate; an unknown one keeps its own."""
    return RULE_TITLES.get(model, model)


def metrics_table(metrics: pd.DataFrame) -> pd.DataFrame:
    """One row per candidate, one column per :data:`HEADLINE` metric, each with its interval.

    >>> one = {"model": ["scorecard"], "metric": ["roc_auc"], "value": [0.81234]}
    >>> metrics_table(pd.DataFrame(one | {"low": [0.78], "high": [0.84]})).iloc[0, 0]
    '0.812（0.780–0.840）'
    """
    headline = metrics[metrics["metric"].isin(HEADLINE)]
    cells = headline.assign(
        模型=headline["model"].map(model_label),
        metric=headline["metric"].map(metric_label),
        cell=[
            _cell(value, low, high)
            for value, low, high in headline[["value", "low", "high"]].itertuples(index=False)
        ],
    )
    table = cells.pivot_table(
        index="模型", columns="metric", values="cell", aggfunc="first", sort=False
    )
    table.columns.name = None
    return table.fillna("—")


def interval_chart(metric: pd.DataFrame) -> Drawing:
    """A point and its interval for each candidate on one metric."""
    table = metric.assign(name=metric["model"].map(model_label))
    base = alt.Chart(table).encode(
        y=alt.Y(
            "name:N",
            sort=list(table["name"]),
            title=None,
            axis=quiet_axis(11),
            scale=alt.Scale(type="point", padding=0.5),
        ),
        tooltip=[
            alt.Tooltip("name:N", title="模型"),
            alt.Tooltip("value:Q", title="数值", format=".3f"),
            alt.Tooltip("low:Q", title="区间下限", format=".3f"),
            alt.Tooltip("high:Q", title="区间上限", format=".3f"),
        ],
    )
    lines = base.mark_rule(color=HELPS, strokeWidth=2).encode(
        x=alt.X("low:Q", title=None, axis=alt.Axis(tickCount=6)), x2="high:Q"
    )
    points = base.mark_circle(color=HELPS, size=110, opacity=1).encode(x="value:Q")
    return finish((lines + points).properties(height=alt.Step(30)))


def _cell(value: float, low: float, high: float) -> str:
    if math.isnan(value):
        return "—"
    interval = "" if math.isnan(low) or math.isnan(high) else f"（{_number(low)}–{_number(high)}）"
    return f"{_number(value)}{interval}"


def _number(value: float) -> str:
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3f}"
