"""A report as a value: what was counted, for whom, over which period, and its tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from kongchuo_risk.procedure.periods import Period

COUNT_COLUMNS = ("place", "stage", "item", "count")
PLACE_TITLES = {"班": "班级", "校": "班级", "学区": "学校", "县": "学校", "市": "县", "省": "市"}
"""What the places within a report of each level are called."""


@dataclass(frozen=True)
class ReportTable:
    """One table of a report, ready for Excel: ``note`` stands above it.

    ``named`` tables are about single pupils and carry ``student_id``; put names in with
    :func:`~kongchuo_risk.reports.ledgers.names.with_names`.
    """

    title: str
    table: pd.DataFrame
    note: str = ""
    named: bool = False


@dataclass(frozen=True)
class Report:
    """What a periodic report says before it is printed.

    Attributes
    ----------
    kind
        日报, 周报, 月报, 季度复核, 学期报 or 学年报.
    period
    day
        Last day that was looked at; the report is the same whatever was recorded later.
    area, level
        For whom: the name, and 班, 校, 学区, 县, 市 or 省.
    place
        What this report is called among the places of the report above it: a school's code, a
        county's name.
    counts : DataFrame
        ``place, stage, item, count``: whole numbers that add up over places and stages; places
        are classes, schools, counties or cities, as ``level`` has them.
    lists
        Tables about single pupils; they stay in the school.
    """

    kind: str
    period: Period
    day: date
    area: str
    level: str
    place: str
    counts: pd.DataFrame
    lists: tuple[ReportTable, ...] = field(default=())

    @property
    def title(self) -> str:
        """As it stands above the report."""
        partial = "" if self.day >= self.period.last else f"（截至{self.day.isoformat()}）"
        return f"{self.area}控辍保学{self.kind}（{self.period.name}）{partial}"

    @property
    def place_title(self) -> str:
        """What a place of :attr:`counts` is called."""
        return PLACE_TITLES[self.level]


def tidy(counts: pd.DataFrame) -> pd.DataFrame:
    """Counts of one place, stage and item in one row, in an order that is always the same."""
    keys = list(COUNT_COLUMNS[:3])
    summed = counts.groupby(keys, sort=True, observed=True)["count"].sum()
    return summed.astype("int64").reset_index()
