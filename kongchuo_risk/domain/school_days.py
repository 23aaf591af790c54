"""Days on which school is held, and deadlines that fall on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import pandas as pd

from kongchuo_risk.domain.calendar import TEACHING_DAYS

LONGEST_WAIT_DAYS = 10
"""A deadline waits for the end of a holiday, not for the end of a vacation."""


@dataclass(frozen=True)
class SchoolDays:
    """Days on which school is held; an unknown day is one from Monday to Friday."""

    known: Mapping[date, bool] = field(default_factory=dict)

    def is_open(self, day: date) -> bool:
        """Whether school is held."""
        return self.known.get(day, day.weekday() < 5)

    def due(self, start: date, within_days: int) -> date:
        """Last day of a term of ``within_days``, put off to the next school day.

        What must be done at once is never put off. In a vacation the next weekday counts: a child
        can be visited then too.

        >>> str(SchoolDays().due(date(2026, 4, 30), 3))
        '2026-05-04'
        >>> str(SchoolDays({date(2026, 5, 4): False}).due(date(2026, 4, 30), 3))
        '2026-05-05'
        """
        target = start + timedelta(days=within_days)
        if not within_days:
            return target
        days = [target + timedelta(days=wait) for wait in range(LONGEST_WAIT_DAYS + 1)]
        weekdays = (day for day in days if day.weekday() < 5)
        return next(filter(self.is_open, days), next(weekdays))

    def last_within(self, start: date, end: date) -> date:
        """Last day from ``start`` to ``end`` on which school is held; ``end`` if there is none.

        >>> str(SchoolDays().last_within(date(2026, 5, 1), date(2026, 5, 31)))
        '2026-05-29'
        """
        days = (end - timedelta(days=back) for back in range((end - start).days + 1))
        return next(filter(self.is_open, days), end)

    def after(self, start: date, number: int) -> date:
        """The ``number``-th school day after ``start``; ``start`` itself for 0.

        In a vacation there are none for weeks: after :data:`LONGEST_WAIT_DAYS` weekdays count.

        >>> str(SchoolDays().after(date(2026, 4, 30), 2))
        '2026-05-04'
        """
        day = start
        for _ in range(number):
            day = self._next(day)
        return day

    def between(self, first: date, last: date) -> list[date]:
        """School days from ``first`` to ``last``, both included."""
        days = (first + timedelta(days=number) for number in range((last - first).days + 1))
        return [day for day in days if self.is_open(day)]

    def _next(self, day: date) -> date:
        found = next(filter(self.is_open, _ahead(day)), None)
        return found or next(later for later in _ahead(day) if later.weekday() < 5)


def _ahead(day: date) -> Iterator[date]:
    return (day + timedelta(days=wait) for wait in range(1, LONGEST_WAIT_DAYS + 2))


def school_days(calendar: pd.DataFrame | None) -> SchoolDays:
    """The county's school days; rows of single schools are left out.

    Parameters
    ----------
    calendar
        Rows of the table ``calendar``; may reach beyond the day of the plan.
    """
    if calendar is None:
        return SchoolDays()
    common = calendar[calendar["school_code"].isna()]
    days = zip(common["day"].dt.date, common["day_type"].isin(TEACHING_DAYS), strict=True)
    return SchoolDays({day: bool(held) for day, held in days})
