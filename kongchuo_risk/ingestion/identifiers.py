"""学籍号 and 身份证号: what Excel does to them, and what a valid one looks like."""

from __future__ import annotations

import re
from datetime import date

from kongchuo_risk.tables.sealing import normalised_key

_REGISTRATION = re.compile(r"[GJL]\d{17}[\dX]")
_ID_NUMBER = re.compile(r"\d{17}[\dX]")
_LIKE_CITIZEN_NUMBER = re.compile(r"\d{15,}|\d{14,}[^\d]")
"""So many digits stand in no other document."""
_SCIENTIFIC = re.compile(r"\d(\.\d+)?E\+?\d{2}")
_LONGEST_EXACT = 10**15
"""Excel keeps 15 digits; of anything longer the rest has become zeros."""
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"
DAMAGED = "号码被 Excel 变成了数字，后几位已丢失；请把该列设为“文本”格式后重新填写"


class BadIdentifierError(ValueError):
    """The number cannot be used; the text says why and what helps."""


def check_digit(first_17: str) -> str:
    """Check digit of a citizen number (GB 11643-1999, ISO 7064 MOD 11-2).

    >>> check_digit("11010519491231002")
    'X'
    """
    weighed = sum(int(d) * weight for d, weight in zip(first_17, _WEIGHTS, strict=True))
    return _CHECK_DIGITS[weighed % 11]


def read_student_key(cell: object) -> str:
    """A 学籍号, 身份证号 or local pupil number as it counts for identity.

    Raises
    ------
    BadIdentifierError
        When Excel damaged the number, or it cannot name one pupil of a school.

    Examples
    --------
    >>> read_student_key(14454.0), read_student_key(" g11010519491231002x ")
    ('14454', 'G11010519491231002X')
    """
    key = _as_text(cell)
    if re.fullmatch(r"[GJL]\d{9,}X?", key) and not is_registration_number(key):
        raise BadIdentifierError(f"全国学籍号应为 19 位，这里是 {len(key)} 位；请核对")
    return _citizen_number(key) if _LIKE_CITIZEN_NUMBER.fullmatch(key) else key


def read_id_number(cell: object) -> str | None:
    """A citizen number with valid birthday and check digit; other documents as they are.

    Words such as 无 are no number.

    Raises
    ------
    BadIdentifierError
        When Excel damaged the number, or it is no valid citizen number.
    """
    key = _as_text(cell)
    if not any(character.isdigit() for character in key):
        return None
    return _citizen_number(key) if _LIKE_CITIZEN_NUMBER.fullmatch(key) else key


def _citizen_number(key: str) -> str:
    if len(key) == 15:
        raise BadIdentifierError("这是 15 位旧身份证号；请填 18 位身份证号")
    if len(key) != 18:
        raise BadIdentifierError(f"身份证号应为 18 位，这里是 {len(key)} 位；请核对")
    if not _ID_NUMBER.fullmatch(key):
        raise BadIdentifierError("身份证号最后一位应为数字或 X")
    if key.endswith("000"):
        raise BadIdentifierError(DAMAGED)
    if _birthday(key) is None:
        raise BadIdentifierError("身份证号第 7–14 位不是有效的出生日期")
    if check_digit(key[:17]) != key[17]:
        raise BadIdentifierError("身份证号校验位不对，号码可能抄错；请核对")
    return key


def is_registration_number(key: str) -> bool:
    """Whether a key has the form of a national 学籍号 (19 characters)."""
    return _REGISTRATION.fullmatch(key) is not None


def is_national_number(key: str) -> bool:
    """Whether a key is a 学籍号 or a 身份证号, and not a number that a school gave.

    >>> is_national_number("11010519491231002X"), is_national_number("07")
    (True, False)
    """
    return is_registration_number(key) or _ID_NUMBER.fullmatch(key) is not None


def is_seat_number(key: str) -> bool:
    """Whether a key can only be a number within a class.

    >>> is_seat_number("07"), is_seat_number("14454")
    (True, False)
    """
    return re.fullmatch(r"\d{1,2}", key) is not None


def mask(text: str) -> str:
    """An identity as the report may show it: first three and last two characters.

    >>> mask("G34012320100501001X"), mask("陈某某")
    ('G34****1X', '陈**')
    """
    if len(text) > 7:
        return f"{text[:3]}****{text[-2:]}"
    return text[:1] + "*" * (len(text) - 1)


def _as_text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, (int, float)) and abs(cell) >= _LONGEST_EXACT:
        raise BadIdentifierError(DAMAGED)
    key = normalised_key(str(cell))
    if _SCIENTIFIC.fullmatch(key):
        raise BadIdentifierError(DAMAGED)
    return key[:-2] if re.fullmatch(r"\d+\.0", key) else key


def _birthday(key: str) -> date | None:
    try:
        return date(int(key[6:10]), int(key[10:12]), int(key[12:14]))
    except ValueError:
        return None
