"""How days, terms, persons and sources are written on paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

NOBODY_YET = "待定"
_HALVES = {"1": "第一学期", "2": "第二学期"}


def full_day(day: date) -> str:
    """A day in the running text of a letter.

    >>> full_day(date(2026, 3, 2))
    '2026年3月2日'
    """
    return f"{day.year}年{day.month}月{day.day}日"


def short_day(day: date) -> str:
    """A day in a narrow column, where hyphens would break the line.

    >>> short_day(date(2026, 3, 2))
    '2026.3.2'
    """
    return f"{day.year}.{day.month}.{day.day}"


def term_title(term: str) -> str:
    """A term as schools write it.

    >>> term_title("2025-2026-2")
    '2025—2026学年第二学期'
    """
    first, second, half = term.split("-")
    return f"{first}—{second}学年{_HALVES[half]}"


def person(staff_no: str | None, names: Mapping[str, str]) -> str:
    """The name of a member of staff; the staff number where no name is known.

    >>> person("T1", {"T1": "教师甲"}), person("T2", {}), person(None, {})
    ('教师甲', '工号T2', '待定')
    """
    if not staff_no:
        return NOBODY_YET
    return names.get(staff_no) or f"工号{staff_no}"


def short_sources(sources: Iterable[str]) -> str:
    """Sources without the words that they quote.

    >>> short_sources(["规则64「发现学生厌学情绪」", "义务教育法 第四十四条"])
    '规则64；义务教育法 第四十四条'
    """
    return "；".join(source.split("「")[0] for source in sources)
