"""Figures of a training with Chinese words: each takes a tidy table and returns a figure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.dates import date2num
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, PercentFormatter

from kongchuo_risk.evaluation.drawing import (
    BLUE,
    CYCLE,
    GREY,
    INK,
    ORANGE,
    PALE,
    SKY,
    ReportFigure,
    draw_intervals,
    height_of,
    name_ends,
    name_rows,
    paper,
    share,
    styled,
    write_beside,
)
from kongchuo_risk.evaluation.evaluation import METRIC_TITLES
from kongchuo_risk.evaluation.gate import RULE_TITLES

RULES = ("random", "school_only", "abc_rules", "scorecard")
"""Rankings that need no training, drawn in grey."""
SHARES = ("recall_at_k", "precision_at_k", "average_precision", "roc_auc")
"""Metrics that are told in percent."""
_PARTS = {
    "train": ("学习", BLUE),
    "gap": ("间隔（结果未定，不用）", PALE),
    "test": ("检验", ORANGE),
}
_AT_CAPACITY = ("recall_at_k", "precision_at_k")
_SHOWN_FEATURES = 20
_LEAST_DAYS = 10
_WILSON = 1.959964
"""Normal quantile of a 95 % interval."""


@styled()
def windows_figure(windows: pd.DataFrame) -> ReportFigure:
    """When each fold learned and was tested: ``fold, part, start, end, rows, events``."""
    folds = list(dict.fromkeys(windows["fold"].astype(str)))
    figure, (axes,) = paper(
        height_of(2 * len(folds), extra=1.0),
        "向前检验的时间窗口",
        "只用检验学期开始前结果已经清楚的日子学习；块上为记录条数与其中的疑似辍学数。",
    )
    places = dict(zip(folds, name_rows(axes, folds), strict=True))
    for fold, part, start, end, rows, events in windows[
        ["fold", "part", "start", "end", "rows", "events"]
    ].itertuples(index=False):
        _, colour = _PARTS[part]
        left, right = _day_number(start), _day_number(end)
        # A fold that is tested on a single day still has to be seen.
        width = max(right - left, _LEAST_DAYS)
        place = places[str(fold)]
        axes.barh(place, width, left=left, height=0.42, color=colour, zorder=2 + (part != "gap"))
        if part != "gap":
            text = f"{rows:,} 条 / {events:,} 例"
            middle = left + width / 2
            axes.annotate(
                text, (middle, place + 0.26), ha="center", va="bottom", fontsize=7, color=INK
            )
    axes.xaxis_date()
    axes.margins(x=0.06)
    handles = [Patch(color=colour, label=label) for label, colour in _PARTS.values()]
    figure.legend(handles=handles, loc="outside upper right", ncols=3)
    return figure


@styled()
def calibration_figure(calibration: pd.DataFrame) -> ReportFigure:
    """Predicted against observed share with 95 % intervals: ``bin, predicted, observed, n``.

    Intervals are Wilson's (1927); both axes are logarithmic, because the outcome is rare. A group
    without an event is drawn as its upper bound.
    """
    table = calibration[calibration["predicted"] > 0]
    low, high = _wilson(table["observed"] * table["n"], table["n"])
    floor = _floor(table, high)
    figure, (axes,) = paper(
        4.6,
        "预测与实际",
        "每点是预测相近的一组，竖线为 95% 区间，灰点没有发生；在虚线上为一致。",
    )
    top = min(1.0, 1.6 * max(table["predicted"].max(), high.max()))
    axes.plot([floor, top], [floor, top], color=GREY, linestyle="--", linewidth=1)
    seen = (table["observed"] > 0).to_numpy()
    axes.vlines(table["predicted"], np.maximum(low, floor), high, color=np.where(seen, BLUE, GREY))
    shown = np.where(seen, table["observed"], floor)
    axes.scatter(
        table["predicted"], shown, s=26, color=np.where(seen, BLUE, GREY), zorder=3, clip_on=False
    )
    for x, y, n in zip(table["predicted"], high, table["n"], strict=True):
        axes.annotate(
            f"{n:,}", (x, y), (0, 3), textcoords="offset points", ha="center", fontsize=6.5,
            color=GREY,
        )  # fmt: skip
    axes.set(xscale="log", yscale="log", xlim=(floor, top), ylim=(floor, top), aspect="equal")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 3)))
        axis.set_major_formatter(FuncFormatter(share))
        axis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("预测的比例")
    axes.set_ylabel("实际的比例（点上为人次）")
    return figure


@styled()
def capacity_figure(metrics: pd.DataFrame) -> ReportFigure:
    """Precision and recall within the places of the staff: ``model, metric, value, low, high``."""
    shown = [
        name for name in ("recall_at_k", "precision_at_k") if (metrics["metric"] == name).any()
    ]
    models = _rules_first(metrics["model"])
    figure, panels = paper(
        height_of(len(models)),
        "名额之内，与简单规则比较",
        "横线为 95% 区间（按学校重抽样）；灰色为不需训练的规则，蓝色为训练的模型。",
        panels=max(len(shown), 1),
    )
    for axes, metric in zip(panels, shown, strict=False):
        rows = metrics[metrics["metric"] == metric].set_index("model").reindex(models)
        places = name_rows(axes, [RULE_TITLES.get(name, name) for name in models])
        colours = [GREY if name in RULES else BLUE for name in models]
        draw_intervals(axes, rows, places, colours)
        axes.xaxis.set_major_formatter(FuncFormatter(share))
        axes.set_xlim(left=0)
        axes.set_xlabel(METRIC_TITLES[metric])
    for axes in panels[1:]:
        axes.tick_params(labelleft=False)
    return figure


@styled()
def terms_figure(by_fold: pd.DataFrame, metric: str = "recall_at_k") -> ReportFigure:
    """One line per candidate over the test terms: ``fold, model, metric, value``."""
    rows = by_fold[by_fold["metric"] == metric]
    folds = list(dict.fromkeys(rows["fold"].astype(str)))
    title = METRIC_TITLES.get(metric, metric)
    figure, (axes,) = paper(3.6, f"各检验学期的{title}", "灰线为不需训练的规则。")
    wide = rows.assign(fold=rows["fold"].astype(str)).pivot_table(
        index="fold", columns="model", values="value"
    ).reindex(folds)  # fmt: skip
    models = _rules_first(wide.columns)
    colours = _colours(models)
    for name in models:
        axes.plot(
            np.arange(len(folds)), wide[name], color=colours[name], marker="o", markersize=4,
            linestyle=_dashes(name),
        )  # fmt: skip
    ends = {name: float(wide[name].iloc[-1]) for name in models}
    name_ends(axes, len(folds) - 1, _titled(ends), _titled(colours))
    axes.set_xticks(np.arange(len(folds)), folds)
    if metric in SHARES:
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_xlim(-0.2, len(folds) - 0.8)
    return figure


@styled()
def gain_figure(gains: pd.DataFrame, *, capacity: float | None = None) -> ReportFigure:
    """Share of events found against the length of the list: ``model, listed, found``.

    Parameters
    ----------
    capacity : float, optional
        Share of the pupils for whom there are places, marked in the figure.
    """
    models = _rules_first(gains["model"])
    colours = _colours(models)
    figure, (axes,) = paper(
        4.0,
        "名单越长，找出越多",
        "名单同样长时，越靠上的线找出的疑似辍学越多。",
    )
    longest = 0.3 if capacity is None else min(1.0, max(0.3, 2 * capacity))
    ends = {}
    for name in models:
        rows = gains[gains["model"] == name]
        axes.plot(rows["listed"], rows["found"], color=colours[name], linestyle=_dashes(name))
        ends[name] = float(np.interp(longest, rows["listed"], rows["found"]))
    axes.set_xlim(0, longest)
    axes.set_ylim(0, max(0.1, min(1.02, 1.08 * max(ends.values(), default=1))))
    if capacity is not None:
        axes.axvline(capacity, color=INK, linewidth=0.8)
        axes.annotate(
            f"现有名额 {capacity:.1%}",
            (capacity, 0),
            (4, 5),
            textcoords="offset points",
            fontsize=8,
        )
    name_ends(axes, longest, _titled(ends), _titled(colours))
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_xlabel("名单占学生的比例")
    axes.set_ylabel("找出的疑似辍学")
    return figure


@styled()
def importance_figure(importance: pd.DataFrame) -> ReportFigure:
    """The heaviest features: ``label, group, mean_abs_contribution``."""
    rows = importance.nlargest(_SHOWN_FEATURES, "mean_abs_contribution")
    figure, (axes,) = paper(
        height_of(len(rows)),
        "依据哪些信息",
        "条越长，与预测的关系平均越大；与预测有关，不等于原因。",
    )
    places = name_rows(axes, list(rows["label"]))
    axes.barh(places, rows["mean_abs_contribution"], height=0.62, color=SKY)
    for place, value, group in zip(
        places, rows["mean_abs_contribution"], rows["group"], strict=True
    ):
        write_beside(axes, float(value), float(place), str(group))
    axes.margins(x=0.14)
    axes.set_xlabel("平均贡献（对数几率）")
    return figure


def _rules_first(models: Iterable[str]) -> list[str]:
    """Each candidate once, the rules before the trained models."""
    known = list(RULE_TITLES)
    names = dict.fromkeys(map(str, models))
    return sorted(names, key=lambda name: known.index(name) if name in known else len(known))


def _colours(models: list[str]) -> dict[str, str]:
    """Grey for rules, a colour of their own for the trained models."""
    trained = [name for name in models if name not in RULES]
    chosen = {name: CYCLE[place % len(CYCLE)] for place, name in enumerate(reversed(trained))}
    return {name: chosen.get(name, GREY) for name in models}


def _dashes(model: str) -> str:
    """Rules are told apart by their strokes."""
    strokes = {"random": (0, (1, 2)), "school_only": ":", "abc_rules": "-.", "scorecard": "--"}
    return strokes.get(model, "-")  # type: ignore[return-value]


def _titled(by_model: dict[str, Any]) -> dict[str, Any]:
    return {RULE_TITLES.get(name, name): value for name, value in by_model.items()}


def _wilson(events: pd.Series, n: pd.Series) -> tuple[pd.Series, pd.Series]:
    """95 % interval of a share (Wilson 1927), which stays within 0 and 1."""
    z2 = _WILSON**2
    middle = (events + z2 / 2) / (n + z2)
    half = _WILSON / (n + z2) * np.sqrt(events * (n - events) / n + z2 / 4)
    return (middle - half).clip(lower=0), (middle + half).clip(upper=1)


def _floor(table: pd.DataFrame, high: pd.Series) -> float:
    """Lower end of both axes: a little below the smallest share that is drawn."""
    shares = pd.concat([table["predicted"], table["observed"], high])
    return float(shares[shares > 0].min()) / 2


def _day_number(day: object) -> float:
    """Place of a day on matplotlib's axis of dates."""
    return float(date2num(pd.Timestamp(str(day))))  # type: ignore[no-untyped-call]
