"""Sections of the model card on groups of pupils, sensitive inputs and the data to compare with."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.gates import NOT_RECORDED
from kongchuo_risk.evaluation.drift_baseline import DriftBaseline
from kongchuo_risk.evaluation.fairness import GROUP_METRIC_TITLES, INSUFFICIENT, Fairness

_SHOWN_GROUPS = 12
_SHARES = ("miss_rate", "precision_at_k", "listed_share")


def section(title: str, body: str) -> str:
    """A section of the card; nothing without a body.

    >>> print(section("局限", "无"), section("局限", ""))
    ## 局限
    <BLANKLINE>
    无
    <BLANKLINE>
    """
    return f"## {title}\n\n{body.rstrip()}\n" if body else ""


def fairness_section(fairness: Fairness | None, *, of: str) -> str:
    """Figures by group, those of small groups left out, and a sentence per attribute.

    Parameters
    ----------
    of : str
        Chinese name of the model whose lists are looked at.
    """
    if fairness is None or fairness.table.empty:
        return ""
    said = "\n".join(f"- {text}" for text in fairness.sentences.values())
    note = (
        f"看的是{of}在检验学期的名单。漏报率是后来疑似辍学而不在名单上的比例；组太小时只写“{INSUFFICIENT}”，"
        f"没有登记的学生单列为“{NOT_RECORDED}”。\n\n"
    )
    return section("对各群体是否一样", f"{note}{said}\n\n{markdown(group_table(fairness))}")


def group_table(fairness: Fairness) -> pd.DataFrame:
    """One row per group with enough pupils, one column per figure, as Chinese texts.

    Of the many schools of a county, those with the highest miss rates.
    """
    shown = _most_missed(fairness.table[fairness.table["enough"]])
    texts = shown.assign(
        text=[
            _told(str(metric), float(value), float(low), float(high))
            for metric, value, low, high in zip(
                shown["metric"], shown["value"], shown["low"], shown["high"], strict=True
            )
        ]
    )
    key = ["attribute", "group", "pupils", "events"]
    wide = texts.set_index([*key, "metric"])["text"].unstack("metric")
    wide = wide.reindex(columns=list(GROUP_METRIC_TITLES)).rename(columns=GROUP_METRIC_TITLES)
    order = shown[key].drop_duplicates()
    table = wide.loc[pd.MultiIndex.from_frame(order)].reset_index()
    names = {"attribute": "项目", "group": "群体", "pupils": "学生", "events": "疑似辍学"}
    return table.rename(columns=names).rename_axis(None, axis=1)


def _most_missed(table: pd.DataFrame) -> pd.DataFrame:
    miss = table[table["metric"] == "miss_rate"]
    place = miss.groupby("column")["value"].rank(ascending=False, method="first")
    kept = miss.loc[place <= _SHOWN_GROUPS, ["column", "group"]]
    return table.merge(kept, on=["column", "group"])


def prices_section(prices: pd.DataFrame | None) -> str:
    """What leaving each sensitive input in or out costs or brings."""
    if prices is None or prices.empty:
        return ""
    told = prices[["input", "choice", "text"]].set_axis(["信息", "做法", "结果"], axis=1)
    return section("敏感信息放不放入模型的代价", markdown(told))


def drift_section(baseline: DriftBaseline | None) -> str:
    """With what the day's data will be compared."""
    if baseline is None or not baseline.days:
        return ""
    first, last = baseline.days[0].as_of, baseline.days[-1].as_of
    rates = baseline.label_rates()
    told = "、".join(f"{1000 * events / rows:.1f}" for rows, events in rates)
    text = (
        f"随模型保存了 {len(baseline.days)} 个训练日（{first} 至 {last}）中 "
        f"{len(baseline.features)} 项信息和风险分数的分布。排序前，当天的数据与往年同一时段最相近的"
        "一天比较；往年同期都有而当天全无的信息会使排序停止，不用任何数值代替。"
    )
    if rates:
        text += f"\n\n各学期每 1000 名学生中疑似辍学的人数（每个名单日平均）：{told}。"
    return section("与今后数据的对照", text)


def markdown(table: pd.DataFrame) -> str:
    """A Markdown table; pandas would need one more library for it."""
    rows = [list(map(str, table.columns)), ["---"] * table.shape[1]]
    rows += [[str(cell) for cell in row] for row in table.itertuples(index=False)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def _told(metric: str, value: float, low: float, high: float) -> str:
    if not np.isfinite(value):
        return "—"
    if metric in _SHARES:
        return f"{100 * value:.1f}%（{100 * low:.1f}–{100 * high:.1f}）"
    digits = 4 if metric == "brier" else 2
    return f"{value:.{digits}f}（{low:.{digits}f}–{high:.{digits}f}）"
