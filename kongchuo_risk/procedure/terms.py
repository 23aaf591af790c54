"""Terms of a deadline as moments."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pandas as pd

from kongchuo_risk.contracts.procedure import DeadlineRule
from kongchuo_risk.domain.clock import DayPart, end_of
from kongchuo_risk.domain.school_days import SchoolDays

_PARTS = (DayPart.MORNING, DayPart.AFTERNOON, DayPart.EVENING)
_PLACE = {"AM": 0, "PM": 1}


def due_after(
    start: date, rule: DeadlineRule, calendar: SchoolDays, *, session: str = "AM"
) -> datetime:
    """The moment by which ``rule`` asks for something that began on ``start``.

    Parameters
    ----------
    start
        Day on which the term begins to run.
    rule
        Its ``within`` and ``unit``.
    calendar
        For terms in school days.
    session
        For terms in half-days: the session in which it began; what begins in the afternoon is due
        in the evening, and nothing is left overnight (seed rules 75–77).

    Examples
    --------
    >>> from kongchuo_risk.contracts.profiles import load_profile
    >>> visit = load_profile("永镇").procedure.deadlines["first_visit"]
    >>> due_after(date(2025, 9, 8), visit, SchoolDays(), session="PM").strftime("%d %H:%M")
    '08 23:59'
    >>> archive = load_profile("国家2024").procedure.deadlines["new_archive"]
    >>> str(due_after(date(2025, 12, 31), archive, SchoolDays()).date())
    '2026-02-28'
    """
    if rule.unit == "half_day":
        return end_of(start, _PARTS[min(_PLACE[session] + rule.within, len(_PARTS) - 1)])
    if rule.unit == "school_day":
        return end_of(calendar.after(start, rule.within))
    if rule.unit == "month":
        return end_of((pd.Timestamp(start) + pd.DateOffset(months=rule.within)).date())
    days = rule.within * (7 if rule.unit == "week" else 1)
    return end_of(start + timedelta(days=days))
