"""How candidates compare: one table to read, one chart per metric."""

from __future__ import annotations

import math

import altair as alt
import pandas as pd

from kongchuo_risk.app.components.charts import HELPS, NEUTRAL, Drawing, finish, quiet_axis
from kongchuo_risk.evaluation.evaluation import METRIC_TITLES
from kongchuo_risk.evaluation.gate import RULE_TITLES

HEADLINE = ("recall_at_k", "precision_at_k", "lift_at_k", "average_precision", "roc_auc")
"""Metrics of the table; the others are in the chart, one at a time."""
PLAIN_TITLES = {
    "recall_at_k": "名额内找出",
    "precision_at_k": "每百名名单中",
    "lift_at_k": "相对随机",
}
"""Shorter titles where the cell says the rest."""
EXPLAINED = {
    "recall_at_k": "后来疑似辍学的学生中，有多少在名单上。",
    "precision_at_k": "名单上每 100 名学生，后来疑似辍学的人数。其余学生也得到了关心，不算白费。",
    "lift_at_k": "在同样的名额内，找出的人数是随机抽取的几倍。",
    "average_precision": "从名单最前到最后的平均准确程度；结果越少见，数值越小。",
    "roc_auc": "任取一名后来辍学的和一名没有辍学的，前者排在前面的可能；50% 等于乱猜。",
    "brier": "预测比例与实际结果的平均平方差，越小越好。",
    "brier_skill": "比“人人都按基础发生率预测”好多少；0 是一样好。",
    "calibration_slope": "1 最好；小于 1 说明预测偏极端。",
    "calibration_intercept": "0 最好；小于 0 说明预测偏高。",
    "expected_to_observed": "1 最好；大于 1 说明预计的人数比实际多。",
    "lead_days": "列入名单的日子比结果早多少天。",
}
"""What each metric means, under the chart."""
RULES = ("random", "school_only", "abc_rules", "scorecard")
"""Rules that need no training; they stand first, and a model has to beat them."""
KINDS = ("简单规则", "训练的模型")
_PERCENT_DECIMALS = {"recall_at_k": 0, "average_precision": 1, "roc_auc": 0}


def metric_label(metric: str) -> str:
    """Chinese name of a metric; an unknown one keeps its own."""
    return METRIC_TITLES.get(metric, metric)


def model_label(model: str) -> str:
    """Chinese name of a candidate; an unknown one keeps its own."""
    return RULE_TITLES.get(model, model)


def figure(metric: str, value: float) -> str:
    """A value as people say it.

    >>> figure("recall_at_k", 0.4823), figure("precision_at_k", 0.0064)
    ('48%', '0.6 名')
    >>> figure("lift_at_k", 4.18), figure("lead_days", 40.3), figure("brier", 0.00213)
    ('4.2 倍', '40 天', '0.0021')
    """
    if metric == "precision_at_k":
        return f"{value * 100:.1f} 名"
    if metric in _PERCENT_DECIMALS:
        return f"{value:.{_PERCENT_DECIMALS[metric]}%}"
    if metric == "lift_at_k":
        return f"{value:.1f} 倍"
    if metric == "lead_days":
        return f"{value:.0f} 天"
    return f"{value:.2g}" if abs(value) < 0.01 else f"{value:.2f}"


def metrics_table(metrics: pd.DataFrame) -> pd.DataFrame:
    """One row per candidate, rules first; one column per :data:`HEADLINE` metric.

    >>> one = {"model": ["scorecard"], "metric": ["roc_auc"], "value": [0.81234]}
    >>> metrics_table(pd.DataFrame(one | {"low": [0.78], "high": [0.84]})).iloc[0].to_list()
    ['简单规则', '81%（78%–84%）']
    """
    headline = rules_first(metrics[metrics["metric"].isin(HEADLINE)])
    rows = headline[["metric", "value", "low", "high"]].itertuples(index=False)
    cells = headline.assign(模型=headline["name"], cell=[_cell(*row) for row in rows])
    table = cells.pivot_table(
        index="模型", columns="metric", values="cell", aggfunc="first", sort=False
    )
    table = table.reindex(columns=[name for name in HEADLINE if name in table]).fillna("—")
    titles = [PLAIN_TITLES.get(name, metric_label(name)) for name in map(str, table)]
    table = table.set_axis(titles, axis=1)
    table.insert(0, "类别", cells.drop_duplicates("模型").set_index("模型")["kind"])
    return table


def rules_first(metrics: pd.DataFrame) -> pd.DataFrame:
    """The rows with ``name`` and ``kind`` of each candidate, rules before trained models."""
    order = metrics["model"].map({name: place for place, name in enumerate(RULES)})
    kinds = order.isna().map({False: KINDS[0], True: KINDS[1]})
    named = metrics.assign(name=metrics["model"].map(model_label), kind=kinds)
    return named.loc[order.fillna(len(RULES)).sort_values(kind="stable").index]


def interval_chart(metric: pd.DataFrame) -> Drawing:
    """A point and its interval for each candidate on one metric; rules grey, models blue."""
    table = rules_first(metric)
    scale = 100.0 if table["metric"].iloc[0] == "precision_at_k" else 1.0
    table[["value", "low", "high"]] *= scale
    form = "%" if table["metric"].iloc[0] in _PERCENT_DECIMALS else "~g"
    base = alt.Chart(table).encode(
        y=alt.Y(
            "name:N",
            sort=list(table["name"]),
            title=None,
            axis=quiet_axis(11),
            scale=alt.Scale(type="point", padding=0.5),
        ),
        color=alt.Color(
            "kind:N",
            title=None,
            scale=alt.Scale(domain=list(KINDS), range=[NEUTRAL, HELPS]),
            legend=alt.Legend(orient="top"),
        ),
        tooltip=[
            alt.Tooltip("name:N", title="模型"),
            *(
                alt.Tooltip(f"{column}:Q", title=title, format=".3~g" if form == "~g" else ".1%")
                for column, title in (("value", "数值"), ("low", "区间下限"), ("high", "区间上限"))
            ),
        ],
    )
    lines = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", title=None, axis=alt.Axis(tickCount=6, format=form)), x2="high:Q"
    )
    points = base.mark_point(filled=True, size=110, opacity=1).encode(
        x="value:Q",
        shape=alt.Shape(
            "kind:N", scale=alt.Scale(domain=list(KINDS), range=["diamond", "circle"]), title=None
        ),
    )
    return finish((lines + points).properties(height=alt.Step(30)))


def _cell(metric: str, value: float, low: float, high: float) -> str:
    if math.isnan(value):
        return "—"
    if math.isnan(low) or math.isnan(high) or low == high:
        return figure(metric, value)
    bounds = figure(metric, low), figure(metric, high)
    unit = bounds[1].rpartition(" ")[2] if " " in bounds[1] else ""
    first = bounds[0].removesuffix(f" {unit}") if unit else bounds[0]
    return f"{figure(metric, value)}（{first}–{bounds[1]}）"
