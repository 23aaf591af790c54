"""四个一: reports of schools added up to the county's, of counties to the city's, and so on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from kongchuo_risk.errors import ContractError
from kongchuo_risk.reports.bulletins.report import PLACE_TITLES, Report, ReportTable, tidy

LEVELS = tuple(PLACE_TITLES)
_NAMES_UP_TO = LEVELS.index("县")
"""Lists of pupils go no further than the county, which answers for them."""


def add_up(reports: Sequence[Report], area: str, level: str) -> Report:
    """The report of an area from those of its parts.

    Parameters
    ----------
    reports
        Of one kind, period and day; all of one level, below ``level``.
    area
        Its name.
    level
        学区, 县, 市 or 省.

    Raises
    ------
    ContractError
        When reports of different periods, kinds or levels would be added, or one part twice.
    """
    _check(reports, level)
    first = reports[0]
    own = PLACE_TITLES[first.level] != PLACE_TITLES[level]
    parts = [r.counts.assign(place=r.place) if own else r.counts for r in reports]
    lists = _lists(reports) if LEVELS.index(level) <= _NAMES_UP_TO else ()
    return Report(
        first.kind, first.period, first.day, area, level, area, tidy(pd.concat(parts)), lists
    )


def _check(reports: Sequence[Report], level: str) -> None:
    if not reports:
        raise ContractError("没有可以汇总的报表")
    same = {(r.kind, r.period, r.day, r.level) for r in reports}
    if len(same) > 1:
        raise ContractError("只能汇总同一级、同一种、同一期间、截至同一天的报表")
    if LEVELS.index(reports[0].level) >= LEVELS.index(level):
        raise ContractError(f"{reports[0].level}级报表不能汇总成{level}级报表")
    twice = [place for place, n in Counter(r.place for r in reports).items() if n > 1]
    if twice:
        raise ContractError(f"同一单位交了两份报表：{'、'.join(twice)}")


def _lists(reports: Sequence[Report]) -> tuple[ReportTable, ...]:
    titles = dict.fromkeys(table.title for report in reports for table in report.lists)
    return tuple(_joined(title, reports) for title in titles if title not in _NOT_JOINED)


_NOT_JOINED = ("评优推荐", "分村", "留守儿童摸排")
"""Filled in by the area itself, or statistics that must be made anew from its own material."""


def _joined(title: str, reports: Sequence[Report]) -> ReportTable:
    tables = [table for report in reports for table in report.lists if table.title == title]
    columns = list(tables[0].table.columns)
    rows = [row for table in tables for row in table.table.to_dict("records")]
    note = tables[0].note
    if tables[0].named:
        note = f"{note.split('；共')[0]}；共 {len(rows)} 行"
    return ReportTable(title, pd.DataFrame(rows, columns=columns), note, tables[0].named)
