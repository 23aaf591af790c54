"""Rates with n/N, interval, target, and the work done beside every one; and their formulas."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from kongchuo_risk.contracts.procedure import Target
from kongchuo_risk.reports.bulletins.items import WORK, denominator, named, numerator
from kongchuo_risk.reports.bulletins.margins import TOTAL, Margins
from kongchuo_risk.reports.bulletins.report import Report, ReportTable
from kongchuo_risk.reports.indicators.catalogue import Catalogue, Indicator
from kongchuo_risk.reports.indicators.figures import (
    NO_DATA,
    Figure,
    percent,
    target_for,
    target_words,
)
from kongchuo_risk.reports.ledgers.material import STAGES

_LEVELS = ("班", "校", "学区", "县", "市", "省")
RATE_COLUMNS = (
    "指标", "学段", "分子", "分母", "数值", "95%区间", "目标", "是否达到", "同时看：做了什么",
)  # fmt: skip
_MEETS = {True: "达到", False: "未达到", None: ""}
_NOTE = (
    "每个率都写出分子和分母；区间是 Wilson 95% 区间，人数少时很宽。"
    "率旁边是同期做的工作，不能只看率。目标来自本县规则，公式见公式表。"
)


def rate_table(margins: Margins, targets: Mapping[str, Mapping[str, Target]]) -> ReportTable:
    """All indicators of a report, by stage and in all."""
    rows = [
        _row(figure, margins)
        for indicator in shown(margins.report, margins.catalogue)
        for figure in figures(margins, indicator, targets)
    ]
    return ReportTable(
        "指标", pd.DataFrame(rows, columns=list(RATE_COLUMNS), dtype="object"), _NOTE
    )


def shown(report: Report, catalogue: Catalogue) -> list[Indicator]:
    """Indicators that mean something for the report's period and level."""
    level = _LEVELS.index(report.level)
    return [
        indicator
        for indicator in catalogue.shown_in(report.period.kind)
        if _LEVELS.index(indicator.level) <= level
    ]


def figures(
    margins: Margins, indicator: Indicator, targets: Mapping[str, Mapping[str, Target]]
) -> list[Figure]:
    """An indicator in all, and by stage where there is something to count in it."""
    stages = [
        stage
        for stage in margins.stages
        if stage != STAGES[-1] and margins.count(denominator(indicator.id), stage=stage)
    ]
    by_stage = stages if len(stages) > 1 else []
    return [figure(margins, indicator, stage, targets) for stage in ("", *by_stage)]


def figure(
    margins: Margins,
    indicator: Indicator,
    stage: str,
    targets: Mapping[str, Mapping[str, Target]],
    *,
    place: str | None = None,
) -> Figure:
    """One indicator of one stage (all for an empty one) or place."""
    n, of = numerator(indicator.id), denominator(indicator.id)
    whole = margins.count(of, stage=stage, place=place)
    hidden = [margins.is_hidden(item, stage=stage, place=place) for item in (n, of)]
    return Figure(
        indicator,
        stage or TOTAL,
        None if hidden[0] else margins.count(n, stage=stage, place=place),
        None if hidden[1] else whole,
        target_for(indicator.id, stage, targets),
        any(hidden),
    )


def _row(figure: Figure, margins: Margins) -> dict[str, object]:
    mark = margins.catalogue.small_cells.mark
    interval = figure.interval
    if not figure.hidden and not figure.denominator:
        value = figure.indicator.when_missing or NO_DATA
    else:
        value = mark if figure.value is None else percent(figure.value)
    return {
        "指标": figure.indicator.title,
        "学段": figure.stage,
        "分子": mark if figure.numerator is None else figure.numerator,
        "分母": mark if figure.denominator is None else figure.denominator,
        "数值": value,
        "95%区间": f"{percent(interval[0])} 至 {percent(interval[1])}" if interval else "",
        "目标": target_words(figure.target),
        "是否达到": _MEETS[figure.meets],
        "同时看：做了什么": effort_words(margins, figure),
    }


def effort_words(margins: Margins, figure: Figure) -> str:
    """The work of the same pupils in the same period, in one line (seed rule 102)."""
    stage = "" if figure.stage == TOTAL else figure.stage
    parts = []
    for name in figure.indicator.effort:
        title = margins.catalogue.effort_by_id[name].title
        parts.append(f"{title} {margins.count(named(WORK, name), stage=stage)}")
        if name == "按时办":
            parts[-1] += f"/{margins.count(named(WORK, '应办'), stage=stage)}"
    return "，".join(parts)


def formula_table(
    report: Report, catalogue: Catalogue, targets: Mapping[str, Mapping[str, Target]]
) -> ReportTable:
    """How every figure of the report was computed."""
    rows = [
        {
            "指标": indicator.title,
            "公式": indicator.formula,
            "单位": indicator.unit,
            "说明": indicator.note,
            "目标及出处": _targets(targets.get(indicator.id, {})),
            "依据": "；".join(_source(source) for source in indicator.source),
        }
        for indicator in shown(report, catalogue)
    ]
    return ReportTable(
        "公式", pd.DataFrame(rows), "公式与计算用的是同一份定义（indicators.yaml）。"
    )


def _targets(bounds: Mapping[str, Target]) -> str:
    return "；".join(
        f"{stage}{target_words(target)}（{'、'.join(_source(s) for s in target.source)}）"
        for stage, target in bounds.items()
    )


def _source(source: str) -> str:
    return f"规则{source}" if source.isdigit() else source
