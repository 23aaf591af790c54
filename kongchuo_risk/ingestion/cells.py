"""Readers of single cells: from what schools write to what is stored, or advice."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from kongchuo_risk.contracts.tables import STUDENT_KEY, CodeList, Field, Schema
from kongchuo_risk.ingestion.dates import (
    day_advice,
    parse_day,
    parse_grade,
    parse_moment,
    parse_month,
    parse_term_words,
)
from kongchuo_risk.ingestion.identifiers import (
    BadIdentifierError,
    read_id_number,
    read_student_key,
)
from kongchuo_risk.tables.sealing import Sealer

Reader = Callable[[object], object]
_TRUE = frozenset(["是", "√", "✓", "✔", "☑", "对", "有", "y", "yes", "t", "true", "1", "○"])
_FALSE = frozenset(
    ["否", "×", "✗", "✘", "☒", "x", "无", "没有", "n", "no", "f", "false", "0", "不是"]
)
_NUMBER = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*([^\d.+-]*)")
_UNITS = frozenset(
    ["", "公里", "千米", "km", "元", "分", "次", "人", "名", "个", "岁", "分钟", "小时", "课时",
     "级", "天", "%"]
)  # fmt: skip
_KM_PER_UNIT = {"米": 0.001, "m": 0.001, "里": 0.5, "华里": 0.5}
_SEPARATORS = re.compile(r"[、,;/|\s]+")
MOST_LABELS = 12
"""More labels than these are not listed in advice."""


class BadCellError(ValueError):
    """A cell cannot be read; the text says what would be right."""


def plain_text(cell: object) -> str:
    """A cell as half-width text without outer spaces; whole numbers without ``.0``.

    >>> plain_text("　Ａ1 "), plain_text(7.0)
    ('A1', '7')
    """
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d}"
    return unicodedata.normalize("NFKC", str(cell)).strip().lstrip("'`‘")


def read_flag(cell: object) -> bool:
    """Yes or no: 是/否, √/×, 有/无, Y/N, 1/0, also full-width.

    >>> read_flag("√"), read_flag("Ｎ"), read_flag(1.0)
    (True, False, True)
    """
    word = plain_text(cell).lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise BadCellError("应为 是 或 否（√、×、1、0 也可）")


def read_number(cell: object, field: Field) -> float:
    """A number with or without its unit, within the field's bounds.

    >>> from kongchuo_risk.contracts.tables import load_schema
    >>> distance = load_schema().tables["students"].by_name["school_distance_km"]
    >>> read_number("2.5km", distance), read_number("３公里", distance), read_number(4, distance)
    (2.5, 3.0, 4.0)
    """
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        number = float(cell)
    else:
        found = _NUMBER.fullmatch(plain_text(cell).replace(",", ""))
        if found is None:
            raise BadCellError("应为数字")
        number = float(found[1]) * _factor(found[2].strip().lower(), field)
    return _bounded(number, field)


def _factor(unit: str, field: Field) -> float:
    if field.name.endswith("_km") and unit in _KM_PER_UNIT:
        return _KM_PER_UNIT[unit]
    if unit not in _UNITS:
        raise BadCellError(f"应为数字，不认识单位“{unit}”")
    return 1.0


def _bounded(number: float, field: Field) -> float:
    low, high = field.constraints.minimum, field.constraints.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        raise BadCellError(f"应在 {low:g} 到 {high:g} 之间" if low is not None and high is not None
                      else f"超出范围（下限 {low}，上限 {high}）")  # fmt: skip
    if number < 0:
        raise BadCellError("不能为负数")
    return number


def read_integer(cell: object, field: Field) -> int:
    """A whole number, with the same freedom as :func:`read_number`."""
    number = read_number(cell, field)
    if not number.is_integer():
        raise BadCellError("应为整数")
    return int(number)


@dataclass(frozen=True)
class CodeReader:
    """Words of a code list → stored code, whatever the spelling of brackets and spaces."""

    codes: CodeList
    words: Mapping[str, str]

    @classmethod
    def of(cls, codes: CodeList) -> CodeReader:
        return cls(codes, {_code_word(word): code for word, code in codes.code_by_word.items()})

    def read(self, cell: object) -> str:
        """The stored code of a word; an open list keeps a word it does not know."""
        word = _code_word(cell)
        code = self.words.get(word) or self.words.get(word.zfill(2)) or self._by_flag(word)
        if code is not None:
            return code
        if self.codes.open:
            return plain_text(cell)
        raise BadCellError(f"应为：{self._choices()}")

    def read_many(self, cell: object) -> str:
        """Several codes, stored with 、 between them, each once."""
        words = [word for word in _SEPARATORS.split(plain_text(cell)) if word]
        return "、".join(dict.fromkeys(self.read(word) for word in words))

    def _by_flag(self, word: str) -> str | None:
        if word in _TRUE:
            return self.words.get("是")
        return self.words.get("否") if word in _FALSE else None

    def _choices(self) -> str:
        labels = [value.label for value in self.codes.values.values()]
        more = " 等" if len(labels) > MOST_LABELS else ""
        return "、".join(labels[:MOST_LABELS]) + more


def _code_word(cell: object) -> str:
    return re.sub(r"\s+", "", plain_text(cell)).lower()


def _required(
    parse: Callable[[object], object | None], advice: str | Callable[[object], str]
) -> Reader:
    def read(cell: object) -> object:
        found = parse(cell)
        if found is None:
            raise BadCellError(advice if isinstance(advice, str) else advice(cell))
        return found

    return read


_SPECIAL: dict[str, Reader] = {
    "term": _required(parse_term_words, "应为学期，如 2025-2026-1 或 2025-2026学年第一学期"),
    "grade": _required(parse_grade, "应为年级，如 七年级、初一 或 7"),
    "month": _required(parse_month, "应为年月，如 202309 或 2023年9月"),
}
_read_day = _required(parse_day, day_advice)
_read_moment = _required(parse_moment, "应为日期和时间，如 2023-09-01 08:00")


def reader_of(field: Field, schema: Schema, sealer: Sealer) -> Reader:
    """How cells of a field are read."""
    if field.name == STUDENT_KEY:
        return _identifier(read_student_key)
    if field.name == "id_number":
        return _identifier(read_id_number)
    codes = schema.codes_of(field)
    if codes is not None:
        reader = CodeReader.of(codes)
        return reader.read_many if field.reads == "codes" else reader.read
    if field.reads in _SPECIAL:
        return _SPECIAL[field.reads]
    if field.is_confidential_text:
        return lambda cell: sealer.seal(str(cell).strip())
    return _reader_of_type(field)


def _reader_of_type(field: Field) -> Reader:
    if field.name == "birth_date":
        return _read_birth_month
    readers: dict[str, Reader] = {
        "string": plain_text,
        "integer": lambda cell: read_integer(cell, field),
        "number": lambda cell: read_number(cell, field),
        "boolean": read_flag,
        "date": _read_day,
        "datetime": _read_moment,
    }
    return readers[field.type]


def _read_birth_month(cell: object) -> object:
    """A birthday keeps its month only: the first of the month is stored."""
    month = parse_month(cell)
    if month is None:
        raise BadCellError("应为出生日期，如 2012-05-01 或 2012年5月")
    return parse_day(month + "01")


def _identifier(read: Callable[[object], str | None]) -> Reader:
    def read_cell(cell: object) -> object:
        try:
            return read(cell)
        except BadIdentifierError as error:
            raise BadCellError(str(error)) from None

    return read_cell
