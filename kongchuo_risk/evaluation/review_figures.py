"""Figures of a review: groups, drift, choice of model, more data, fewer features."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, PercentFormatter

from kongchuo_risk.evaluation.drawing import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PALE,
    ReportFigure,
    draw_intervals,
    height_of,
    name_rows,
    paper,
    styled,
    write_beside,
)
from kongchuo_risk.evaluation.drift import RATE, STABLE, VERDICTS
from kongchuo_risk.evaluation.evaluation import METRIC_TITLES
from kongchuo_risk.evaluation.fairness import GROUP_METRIC_TITLES
from kongchuo_risk.evaluation.gate import RULE_TITLES

AXIS_TITLES = {"terms": "学习的学期数", "schools": "学习的学校数", "rows": "学习的记录数"}
_SHARES = ("miss_rate", "precision_at_k", "listed_share")
MOST_GROUPS = 8
"""An attribute with more groups is not drawn."""
_SHOWN_DRIFT = 20


@styled()
def fairness_figure(fairness: pd.DataFrame, metric: str = "miss_rate") -> ReportFigure:
    """One metric by group: ``attribute, group, events, metric, value, low, high, enough``."""
    rows = compared(fairness[fairness["metric"] == metric]).reset_index(drop=True)
    title = GROUP_METRIC_TITLES.get(metric, metric)
    figure, (axes,) = paper(
        height_of(len(rows)),
        f"各群体的{title}",
        "横线为 95% 区间，括号内为疑似辍学数；灰色的人数太少。群体很多的方面只列在表中。",
    )
    enough = rows["enough"].astype(bool).to_numpy()
    places = name_rows(axes, _group_names(rows))
    draw_intervals(axes, rows[enough], places[enough], [BLUE] * int(enough.sum()))
    for place in places[~enough]:
        _say_too_few(axes, place)
    for label, known in zip(axes.get_yticklabels(), enough, strict=True):
        label.set_color(INK if known else GREY)
    changes = np.flatnonzero(rows["attribute"].to_numpy()[1:] != rows["attribute"].to_numpy()[:-1])
    for place in places[changes]:
        axes.axhline(place - 0.5, color=PALE, linewidth=0.8)
    if metric in _SHARES:
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.set_xlim(left=0)
    axes.set_xlabel(title)
    return figure


def compared(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of the attributes with few groups; fifty schools are a table, not a picture."""
    groups = rows.groupby("attribute", sort=False)["group"].transform("size")
    return rows[groups <= MOST_GROUPS]


@styled()
def drift_figure(drift: pd.DataFrame) -> ReportFigure:
    """What changed most between training and a day: ``label, statistic, value, verdict``."""
    rows = drift[drift["value"].notna() & (drift["statistic"] != RATE)]
    worst = rows["verdict"].map({verdict: place for place, verdict in enumerate(VERDICTS)})
    rows = rows.assign(worst=worst).nlargest(_SHOWN_DRIFT, ["worst", "value"])
    figure, (axes,) = paper(
        height_of(len(rows)), "当日数据与往年同期相比", "条越长，变化越大；橙色的值得留意。"
    )
    names = rows["label"].astype(str) + "（" + rows["statistic"].astype(str) + "）"
    places = name_rows(axes, list(names))
    calm = (rows["verdict"] == STABLE).to_numpy()
    axes.barh(places, rows["value"], height=0.62, color=np.where(calm, PALE, ORANGE))
    for place, value, verdict in zip(places, rows["value"], rows["verdict"], strict=True):
        write_beside(axes, float(value), float(place), str(verdict))
    axes.margins(x=0.16)
    axes.set_xlabel("变化的大小")
    return figure


@styled()
def audition_figure(audition: pd.DataFrame) -> ReportFigure:
    """Regret on the next term of each rule of choosing: ``title, mean_regret, next_pick``."""
    rows = audition[audition["mean_regret"].notna()].sort_values("mean_regret", kind="stable")
    figure, (axes,) = paper(
        height_of(len(rows)),
        "按哪条规则选模型，下一学期最不后悔",
        "遗憾 = 下一学期最好的候选比选中的候选高多少，越短越好；旁边是它为下学期选中的候选。",
    )
    places = name_rows(axes, list(rows["title"].astype(str)))
    regret = rows["mean_regret"].to_numpy(dtype=float)
    axes.barh(places, regret, height=0.6, color=np.where(regret <= regret.min(), GREEN, PALE))
    for place, value, picked in zip(places, regret, rows["next_pick"].fillna(""), strict=True):
        title = RULE_TITLES.get(str(picked), str(picked))
        write_beside(axes, float(value), float(place), f"{value:.3f}　{title}")
    axes.set_xlim(0, max(1.6 * float(regret.max()), 0.01))
    axes.set_xlabel("平均遗憾")
    return figure


@styled()
def learning_figure(learning: pd.DataFrame, metric: str | None = None) -> ReportFigure:
    """What more terms or schools bring: ``axis, size, metric, value, low, high``.

    Without a name the first metric of the table is drawn.
    """
    chosen = metric or str(learning["metric"].iloc[0])
    rows = learning[learning["metric"] == chosen]
    kinds = list(dict.fromkeys(rows["axis"].astype(str)))
    figure, panels = paper(
        3.2, "再多一些数据，会好多少", "阴影为 95% 区间；线还在上升，说明数据仍不够。", len(kinds)
    )
    for axes, kind in zip(panels, kinds, strict=True):
        part = rows[rows["axis"].astype(str) == kind].sort_values("size")
        axes.fill_between(
            part["size"], part["low"], part["high"], color=BLUE, alpha=0.18, linewidth=0
        )
        axes.plot(part["size"], part["value"], color=BLUE, marker="o", markersize=4)
        axes.set_xticks(sorted(part["size"].unique()))
        axes.set_ylim(min(rows["low"].min(), 0), 1.08 * rows["high"].max())
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.set_xlabel(AXIS_TITLES.get(kind, kind))
    panels[0].set_ylabel(METRIC_TITLES.get(chosen, chosen))
    return figure


@styled()
def ablation_figure(ablation: pd.DataFrame, metric: str | None = None) -> ReportFigure:
    """Change of a metric by group of features: ``group, choice, metric, change, low, high``.

    One panel per choice, such as 去掉 and 只用; without a name the first metric is drawn.
    """
    chosen = metric or str(ablation["metric"].iloc[0])
    rows = ablation[ablation["metric"] == chosen]
    choices = list(dict.fromkeys(rows["choice"].astype(str)))
    first = rows[rows["choice"].astype(str) == choices[0]].sort_values("change", kind="stable")
    groups = list(first["group"].astype(str))
    title = METRIC_TITLES.get(chosen, chosen)
    figure, panels = paper(
        height_of(len(groups)),
        f"每组信息对“{title}”的作用",
        "与用全部信息的模型相比；横线为 95% 区间，跨过竖线的（灰色）看不出差别。",
        len(choices),
    )
    for axes, choice in zip(panels, choices, strict=True):
        part = rows[rows["choice"].astype(str) == choice].set_index("group").reindex(groups)
        sure = (part["high"] < 0) | (part["low"] > 0)
        colours = [BLUE if one else GREY for one in sure]
        places = name_rows(axes, groups)
        draw_intervals(axes, part.rename(columns={"change": "value"}), places, colours)
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.xaxis.set_major_formatter(FuncFormatter(points))
        axes.set_xlabel(f"{choice}这组信息（百分点）")
    for axes in panels[1:]:
        axes.tick_params(labelleft=False)
    return figure


def points(change: float, _: object = None) -> str:
    """A change of a share in percentage points.

    >>> points(-0.05), points(0.0), points(0.125)
    ('-5', '0', '+12.5')
    """
    return f"{100 * change:+.3g}" if abs(change) > 1e-9 else "0"


def _group_names(rows: pd.DataFrame) -> list[str]:
    return [
        f"{attribute}·{group}（{events:,.0f}）"
        for attribute, group, events in rows[["attribute", "group", "events"]].itertuples(
            index=False
        )
    ]


def _say_too_few(axes: Axes, place: float) -> None:
    axes.annotate(
        "数据不足", (0.01, place), xycoords=("axes fraction", "data"), va="center",
        color=GREY, fontsize=8,
    )  # fmt: skip
