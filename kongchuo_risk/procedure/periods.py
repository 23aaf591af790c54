"""Periods of reports: days, weeks, months, quarters, terms and school years."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from kongchuo_risk.domain.calendar import school_year_start, term_bounds, term_of

Kind = Literal["day", "week", "month", "quarter", "term", "year"]


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of days with the name under which its report is filed."""

    kind: Kind
    name: str
    first: date
    last: date

    def holds(self, day: date) -> bool:
        """Whether a day lies in it."""
        return self.first <= day <= self.last


def period_of(day: date, kind: Kind) -> Period:
    """The period of a kind in which ``day`` lies.

    Examples
    --------
    >>> period_of(date(2025, 10, 15), "week").name, period_of(date(2025, 10, 15), "year").name
    ('2025年第42周', '2025-2026学年')
    >>> str(period_of(date(2026, 2, 3), "quarter").last)
    '2026-03-31'
    """
    return _MAKERS[kind](day)


def periods_before(day: date, kind: Kind, *, count: int) -> Iterator[Period]:
    """The last ``count`` periods whose report may be due: a day's is due on the day itself."""
    period = period_of(day, kind)
    if kind != "day":
        period = period_of(period.first - timedelta(days=1), kind)
    for _ in range(count):
        yield period
        period = period_of(period.first - timedelta(days=1), kind)


def _day(day: date) -> Period:
    return Period("day", day.isoformat(), day, day)


def _week(day: date) -> Period:
    year, week, weekday = day.isocalendar()
    first = day - timedelta(days=weekday - 1)
    return Period("week", f"{year}年第{week}周", first, first + timedelta(days=6))


def _month(day: date) -> Period:
    first = day.replace(day=1)
    return Period("month", f"{day.year}年{day.month}月", first, _end_of_month(day))


def _quarter(day: date) -> Period:
    number = (day.month - 1) // 3
    first = date(day.year, 3 * number + 1, 1)
    last = _end_of_month(date(day.year, 3 * number + 3, 1))
    return Period("quarter", f"{day.year}年第{number + 1}季度", first, last)


def _term(day: date) -> Period:
    term = term_of(day)
    return Period("term", f"{term[:9]}学年第{'一二'[int(term[-1]) - 1]}学期", *term_bounds(term))


def _year(day: date) -> Period:
    start = school_year_start(day).year
    name = f"{start}-{start + 1}学年"
    return Period("year", name, date(start, 8, 1), date(start + 1, 7, 31))


def _end_of_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


_MAKERS: dict[Kind, Callable[[date], Period]] = {
    "day": _day, "week": _week, "month": _month, "quarter": _quarter, "term": _term, "year": _year,
}  # fmt: skip
