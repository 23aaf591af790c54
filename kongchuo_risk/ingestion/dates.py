"""Days, months, terms and grades as schools write them."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta

from kongchuo_risk.domain.calendar import parse_term

_EARLIEST, _LATEST = date(1950, 1, 1), date(2100, 12, 31)
_EXCEL_EPOCH = date(1899, 12, 30)
_SERIALS = range(18_264, 73_416)
"""Excel's day numbers of the years 1950 to 2100."""
_DAY = re.compile(
    r"(\d{4})\s*[-/.。年]\s*(\d{1,2})\s*[-/.。月]\s*(\d{1,2})\s*[日号]?"
    r"\s*(?:\(?(?:星期|周)[一二三四五六日天]\)?)?"
)
_WITHOUT_YEAR = re.compile(r"\d{1,2}\s*[-/.月]\s*\d{1,2}\s*[日号]?")
_SHORT_YEAR = re.compile(r"\d{2}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*[日号]?")
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_MONTH = re.compile(r"(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*月?")
_CLOCK = re.compile(r"[T\s]*(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?$")
_YEARS = re.compile(r"(\d{4})\s*(?:[-/~至—–]+\s*(\d{4}|\d{2}))?\s*(?:学年度?|年)?\s*(.*)")
_HALVES = {"1": "1一上秋", "2": "2二下春"}
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九十")}
_GRADE = re.compile(r"(小学|初中|高中|初|高)?第?([一二三四五六七八九十]{1,3}|\d{1,2})(年级|年)?")
_STAGE_OFFSET = {"小学": 0, "初中": 6, "初": 6, "高中": 9, "高": 9}


def parse_day(cell: object) -> date | None:
    """A day: 2023年9月1日, 2023-9-1, 2023/9/1, 2023.9.1, 20230901, an Excel day number.

    Impossible days and two-digit years are ``None``.

    >>> parse_day("2023年9月1日"), parse_day(45170), parse_day("2023-02-30")
    (datetime.date(2023, 9, 1), datetime.date(2023, 9, 1), None)
    """
    moment = parse_moment(cell)
    return moment.date() if moment else None


def parse_moment(cell: object) -> datetime | None:
    """A day with or without the time of day.

    >>> parse_moment("2018/1/27 12:21:32")
    datetime.datetime(2018, 1, 27, 12, 21, 32)
    """
    if isinstance(cell, datetime):
        found: datetime | None = cell.replace(tzinfo=None)
    elif isinstance(cell, date):
        found = datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 - a school's local day
    elif isinstance(cell, (int, float)) and not isinstance(cell, bool):
        found = _from_number(float(cell))
    else:
        found = _from_text(_plain(cell))
    return found if found is not None and _EARLIEST <= found.date() <= _LATEST else None


def day_advice(cell: object) -> str:
    """What is wrong with a cell that :func:`parse_day` cannot read, and what would be right.

    >>> day_advice("9月1日")
    '没有年份，不知道是哪一年；请写完整，如 2023-09-01'
    """
    text = _plain(cell)
    if _WITHOUT_YEAR.fullmatch(text):
        return "没有年份，不知道是哪一年；请写完整，如 2023-09-01"
    if _SHORT_YEAR.fullmatch(text):
        return "年份要写四位数，如 2023-09-01"
    if _DAY.fullmatch(text) or _COMPACT_DAY.fullmatch(text):
        return "没有这一天（1950 至 2100 年）；请核对，如 2023-09-01"
    return "应为日期，如 2023-09-01、2023年9月1日 或 20230901"


def _plain(cell: object) -> str:
    return unicodedata.normalize("NFKC", str(cell)).strip()


def _from_number(number: float) -> datetime | None:
    if int(number) in _SERIALS:
        day = _EXCEL_EPOCH + timedelta(days=int(number))
        seconds = round((number - int(number)) * 86_400)
        return _moment(day.year, day.month, day.day) + timedelta(seconds=seconds)
    return _from_text(str(int(number))) if number == int(number) else None


def _from_text(text: str) -> datetime | None:
    clock = _CLOCK.search(text)
    day = text[: clock.start()] if clock else text
    found = _DAY.fullmatch(day.strip()) or _COMPACT_DAY.fullmatch(day.strip())
    try:
        if found is None:
            return _from_number(float(text)) if re.fullmatch(r"\d{5}(\.\d+)?", text) else None
        start = _moment(*(int(part) for part in found.groups()))
        if clock:
            hour, minute, second = (int(part or 0) for part in clock.groups())
            start = start.replace(hour=hour, minute=minute, second=second)
    except ValueError:
        return None
    return start


def _moment(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day)  # noqa: DTZ001 - school times are local, without a zone


def parse_month(cell: object) -> str | None:
    """A month as ``YYYYMM``: 2023年9月, 2023-09, 202309, or a whole day.

    >>> parse_month("2023年9月"), parse_month(202309.0), parse_month("2023-13")
    ('202309', '202309', None)
    """
    day = parse_day(cell)
    if day is not None:
        return f"{day:%Y%m}"
    text = str(int(cell)) if isinstance(cell, float) and cell == int(cell) else _plain(cell)
    found = _MONTH.fullmatch(text)
    if found is None or not 1 <= int(found[2]) <= 12 or not 1950 <= int(found[1]) <= 2100:
        return None
    return f"{found[1]}{int(found[2]):02d}"


def parse_term_words(cell: object) -> str | None:
    """A term code from the ways schools write it.

    >>> [parse_term_words(text) for text in
    ...  ("2025-2026-1", "2025-2026学年第二学期", "2025学年上学期", "2026年春季")]
    ['2025-2026-1', '2025-2026-2', '2025-2026-1', '2025-2026-2']
    """
    text = _plain(cell).replace("(", "").replace(")", "")
    code = parse_term(text)
    found = _YEARS.fullmatch(text)
    if code is not None or found is None:
        return code
    half = _half(found[3])
    if half is None:
        return None
    first = int(found[1])
    if found[2]:
        last = int(found[2]) if len(found[2]) == 4 else first // 100 * 100 + int(found[2])
        return f"{first}-{last}-{half}" if last == first + 1 else None
    if half == "2" and "学年" not in text:
        first -= 1  # 「2026年春季」 belongs to the school year 2025-2026
    return f"{first}-{first + 1}-{half}"


def _half(words: str) -> str | None:
    core = re.sub(r"[-第学期季度\s]", "", words)
    return next((half for half, signs in _HALVES.items() if core and core in signs), None)


def parse_grade(cell: object) -> int | None:
    """A grade from 1 to 12: 七年级, 初一, 高二, 七, 7, 小学三年级, 七年级(2)班.

    >>> [parse_grade(text) for text in ("七年级", "初一", "高二", 7.0, "小学三年级", "十三")]
    [7, 7, 11, 7, 3, None]
    """
    if isinstance(cell, (int, float)):
        return int(cell) if cell == int(cell) and 1 <= cell <= 12 else None
    found = _GRADE.match(_plain(cell))
    if found is None:
        return None
    number = int(found[2]) if found[2].isdigit() else _chinese_number(found[2])
    if found[1] and number <= 6:
        number += _STAGE_OFFSET[found[1]]
    return number if 1 <= number <= 12 else None


def _chinese_number(text: str) -> int:
    if text == "十":
        return 10
    if text.startswith("十"):
        return 10 + _DIGITS[text[1]]
    return _DIGITS[text] if len(text) == 1 else 99
