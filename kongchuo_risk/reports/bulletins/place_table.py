"""The same figures class by class, school by school or county by county (四个一)."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from kongchuo_risk.contracts.procedure import Target
from kongchuo_risk.reports.bulletins.items import (
    AWAY,
    CLOSING,
    RETURNED,
    WORK,
    denominator,
    named,
    numerator,
)
from kongchuo_risk.reports.bulletins.margins import TOTAL, Margins
from kongchuo_risk.reports.bulletins.rate_table import figure, shown
from kongchuo_risk.reports.bulletins.report import ReportTable
from kongchuo_risk.reports.indicators.catalogue import Catalogue
from kongchuo_risk.reports.indicators.figures import percent

PLACE_INDICATORS = ("巩固率", "学年辍学率", "包保覆盖率", "走访及时率", "报告及时率")
_COUNTS = {
    "在籍": named("在籍", CLOSING),
    **{state: named(state, CLOSING) for state in reversed(AWAY)},
    RETURNED: RETURNED,
    "走访": named(WORK, "走访"),
    "文书": named(WORK, "文书"),
}
_NOTE = "按名称排列，不是排名。率后面是分子/分母。"


def place_items(catalogue: Catalogue) -> tuple[str, ...]:
    """Items that are printed by place."""
    indicators = [name for name in PLACE_INDICATORS if name in catalogue.by_id]
    parts = [part(name) for name in indicators for part in (numerator, denominator)]
    return (*_COUNTS.values(), *parts)


def place_table(
    margins: Margins, names: Mapping[str, str], targets: Mapping[str, Mapping[str, Target]]
) -> ReportTable:
    """One row per place and a total; places without a name are those whom nobody has placed."""
    title = margins.report.place_title
    indicators = [i for i in shown(margins.report, margins.catalogue) if i.id in PLACE_INDICATORS]
    rows = []
    for place in (*margins.places, None):
        row: dict[str, object] = {title: TOTAL if place is None else names.get(place, place)}
        row |= {name: margins.printed(item, place=place) for name, item in _COUNTS.items()}
        for indicator in indicators:
            of_place = figure(margins, indicator, "", targets, place=place)
            mark = margins.catalogue.small_cells.mark
            n, of = (
                mark if part is None else part
                for part in (of_place.numerator, of_place.denominator)
            )
            share = "" if of_place.value is None else f"{percent(of_place.value)} "
            row[indicator.title] = f"{share}（{n}/{of}）".strip() if of else ""
        rows.append(row)
    table = pd.DataFrame(rows, dtype="object")
    table[title] = table[title].replace("", "（未注明）")
    return ReportTable(f"分{title}", table, _NOTE)
