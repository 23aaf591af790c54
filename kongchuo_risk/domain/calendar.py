"""Terms, sessions and the days on which school was held."""

from __future__ import annotations

import re
from datetime import date

import pandas as pd

SESSIONS = ("AM", "PM")
"""The two sessions of a school day, in order."""
TEACHING_DAYS = frozenset({"school", "makeup", "exam"})
"""Day types on which pupils are expected at school."""
_TERM = re.compile(r"(\d{4})-(\d{4})-([12])")


def term_of(day: date) -> str:
    """Code of the term in which ``day`` lies: autumn is August–January, spring the rest.

    >>> term_of(date(2025, 9, 1)), term_of(date(2026, 1, 10)), term_of(date(2026, 3, 1))
    ('2025-2026-1', '2025-2026-1', '2025-2026-2')
    """
    year = day.year if day.month >= 8 else day.year - 1
    half = 1 if day.month >= 8 or day.month == 1 else 2
    return f"{year}-{year + 1}-{half}"


def terms_of(days: pd.Series) -> pd.Series:
    """:func:`term_of` for a whole column of timestamps; missing days give a missing term."""
    autumn = days.dt.month.ge(8) | days.dt.month.eq(1)
    start = days.dt.year.sub(days.dt.month.lt(8).astype("int64"))
    known = days.notna()
    code = pd.Series(pd.NA, index=days.index, dtype="str")
    first = start[known].astype("int64")
    half = autumn[known].map({True: "1", False: "2"})
    code[known] = first.astype("str") + "-" + (first + 1).astype("str") + "-" + half
    return code


def parse_term(text: str) -> str | None:
    """``text`` as a term code, or ``None`` when it is none.

    >>> parse_term("2025-2026-2"), parse_term("2025-2027-1")
    ('2025-2026-2', None)
    """
    found = _TERM.fullmatch(text.strip())
    if found is None or int(found[2]) != int(found[1]) + 1:
        return None
    return found[0]


def term_bounds(term: str) -> tuple[date, date]:
    """First and last possible day of a term (not its teaching days).

    >>> term_bounds("2025-2026-2")
    (datetime.date(2026, 2, 1), datetime.date(2026, 7, 31))
    """
    start = int(term[:4])
    if term.endswith("1"):
        return date(start, 8, 1), date(start + 1, 1, 31)
    return date(start + 1, 2, 1), date(start + 1, 7, 31)


def next_term(term: str) -> str:
    """The term after ``term``.

    >>> next_term("2025-2026-1"), next_term("2025-2026-2")
    ('2025-2026-2', '2026-2027-1')
    """
    start = int(term[:4])
    return f"{start}-{start + 1}-2" if term.endswith("1") else f"{start + 1}-{start + 2}-1"


def school_year_start(day: date) -> date:
    """1 September of the school year in which ``day`` lies.

    >>> school_year_start(date(2026, 3, 1))
    datetime.date(2025, 9, 1)
    """
    return date(day.year if day.month >= 8 else day.year - 1, 9, 1)
