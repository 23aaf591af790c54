"""Moments of the school's day, in the one time zone of China."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta, timezone
from enum import StrEnum

CHINA = timezone(timedelta(hours=8), "中国标准时间")
"""No place in China has another official time, and there is no summer time."""


class DayPart(StrEnum):
    """Parts of a day by which something may be due (seed rules 75–77)."""

    MORNING = "上午"
    AFTERNOON = "下午"
    EVENING = "晚上"


_ENDS = {DayPart.MORNING: time(12), DayPart.AFTERNOON: time(18), DayPart.EVENING: time(23, 59)}
_SESSIONS = {"AM": DayPart.MORNING, "PM": DayPart.AFTERNOON}


def end_of(day: date, part: DayPart = DayPart.EVENING) -> datetime:
    """Last moment of a part of a day.

    >>> end_of(date(2025, 9, 8), DayPart.AFTERNOON).isoformat()
    '2025-09-08T18:00:00+08:00'
    """
    return datetime.combine(day, _ENDS[part], tzinfo=CHINA)


def start_of(day: date) -> datetime:
    """First moment of a day."""
    return datetime.combine(day, time(0), tzinfo=CHINA)


def part_of_session(session: str) -> DayPart:
    """The part of the day in which a session (``AM`` or ``PM``) lies."""
    return _SESSIONS[session]


def day_of(moment: datetime) -> date:
    """The school's day on which a moment lies.

    >>> from datetime import UTC
    >>> day_of(datetime(2025, 9, 7, 23, tzinfo=UTC))
    datetime.date(2025, 9, 8)
    """
    return moment.astimezone(CHINA).date()


def now() -> datetime:
    """The present moment, in the school's time; another inside :func:`at_moment`."""
    return _PRETENDED.get() or datetime.now(CHINA)


@contextmanager
def at_moment(moment: datetime) -> Iterator[None]:
    """Act as if it were ``moment``: how the synthetic demo lives through a term, and tests.

    The audit log keeps the real time whatever is pretended.

    >>> with at_moment(end_of(date(2025, 9, 8))):
    ...     day_of(now())
    datetime.date(2025, 9, 8)
    """
    token = _PRETENDED.set(moment.astimezone(CHINA))
    try:
        yield
    finally:
        _PRETENDED.reset(token)


_PRETENDED: ContextVar[datetime | None] = ContextVar("pretended moment", default=None)


def shown(moment: datetime) -> str:
    """A due moment as people say it.

    >>> shown(end_of(date(2025, 9, 8), DayPart.AFTERNOON)), shown(end_of(date(2025, 9, 8)))
    ('9月8日下午', '9月8日')
    """
    local = moment.astimezone(CHINA)
    names = {end: part for part, end in _ENDS.items() if part is not DayPart.EVENING}
    part = names.get(local.time().replace(second=0, microsecond=0), "")
    return f"{local.month}月{local.day}日{part}"
