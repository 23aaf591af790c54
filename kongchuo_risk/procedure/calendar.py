"""A school calendar where none was imported: holidays and make-up days from a kept-up library."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from datetime import date, timedelta

import pandas as pd

from kongchuo_risk.domain.calendar import term_bounds, term_of
from kongchuo_risk.domain.school_days import SchoolDays

USUAL_TERMS = {"1": ((9, 1), (1, 20)), "2": ((2, 20), (7, 5))}
"""Half of the year → month and day on which it usually begins and ends (an assumption)."""
UNKNOWN_YEAR = "工具自带的节假日只到 {last} 年，{year} 年先按周一至周五上课，请在校历里修改"


def proposed_calendar(
    term: str, *, first: date | None = None, last: date | None = None
) -> pd.DataFrame:
    """A term's calendar to be edited in Excel and imported as 校历.

    Parameters
    ----------
    term
        Such as ``2025-2026-1``.
    first, last
        First and last school day; the usual ones when empty.

    Returns
    -------
    DataFrame
        ``term``, ``day``, ``day_type`` (``school``, ``makeup`` or ``holiday``), ``note``; one row
        for each day of the term.

    Examples
    --------
    >>> table = proposed_calendar("2025-2026-1").set_index("day")
    >>> table.loc[["2025-10-01", "2025-10-11"], "day_type"].tolist()
    ['holiday', 'makeup']
    """
    begin, end = usual_days(term)
    days = pd.date_range(first or begin, last or end, freq="D")
    rows = [(term, day, *_day_type(day.date())) for day in days]
    return pd.DataFrame(rows, columns=["term", "day", "day_type", "note"])


def usual_days(term: str) -> tuple[date, date]:
    """First and last day on which a term usually holds school."""
    (month, day), (last_month, last_day) = USUAL_TERMS[term[-1]]
    start, end = term_bounds(term)
    return date(start.year, month, day), date(end.year, last_month, last_day)


def completed(known: SchoolDays, first: date, last: date) -> SchoolDays:
    """Known school days, and for all others of a time what the library says.

    What a school entered is never changed. Between the usual terms there is no school.
    """
    proposed = {day: _is_open(day) for day in _days(first, last) if day not in known.known}
    return SchoolDays({**proposed, **known.known})


def unknown_years(first: date, last: date) -> list[str]:
    """Warnings for years whose holidays the library does not know yet."""
    newest = _newest_known_year()
    return [
        UNKNOWN_YEAR.format(last=newest, year=year)
        for year in range(max(first.year, newest + 1), last.year + 1)
    ]


def _is_open(day: date) -> bool:
    begin, end = usual_days(term_of(day))
    return begin <= day <= end and _day_type(day)[0] != "holiday"


def _day_type(day: date) -> tuple[str, str]:
    """Kind and note of a day: what the state has announced, else Monday to Friday."""
    import chinese_calendar

    weekday = day.weekday() < 5
    try:
        is_holiday, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return ("school", "") if weekday else ("holiday", "周末")
    if is_holiday:
        return "holiday", _HOLIDAYS.get(str(name), "周末")
    return ("school", "") if weekday else ("makeup", "调休上课")


_HOLIDAYS = {
    "New Year's Day": "元旦", "Spring Festival": "春节", "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节", "Dragon Boat Festival": "端午节", "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节", "Anti-Fascist 70th Day": "抗战胜利纪念日",
}  # fmt: skip


def _newest_known_year() -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from chinese_calendar.constants import holidays
    return int(max(day.year for day in holidays))


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))
