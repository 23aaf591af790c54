"""Cells of a typed sheet: read kindly, and refused in words that say what would be right."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time
from enum import StrEnum
from typing import TypeVar

from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.clock import CHINA, now
from kongchuo_risk.domain.visit import Visitor
from kongchuo_risk.ingestion.cells import BadCellError, CodeReader, read_flag
from kongchuo_risk.ingestion.dates import day_advice, parse_day
from kongchuo_risk.ingestion.identifiers import mask
from kongchuo_risk.ingestion.problems import Problem
from kongchuo_risk.reports.forms.school_facts import PupilLine
from kongchuo_risk.serving.class_roster import NoSuchPupilError, Roster, plain
from kongchuo_risk.serving.tables_book import Row

Choice = TypeVar("Choice", bound=StrEnum)
PARTS_OF_DAY = {"上午": time(9), "下午": time(15), "晚上": time(19)}
"""Hours that stand for a part of a day, where paper says no more."""
_CLOCK = re.compile(r"(\d{1,2})[:.时点](\d{1,2})?分?")
_WITH_ROLE = re.compile(r"(.+?)[（(](.+)[)）]")
_SEPARATORS = re.compile(r"[、,，;；/\n]+")
_PERSONAL = frozenset({"姓名", "监护人", "走访人", "谈话内容", "监护人意见", "困难", "情况"})
"""Columns whose contents a list of problems does not repeat."""
_ROLE_WORDS: Mapping[Role, tuple[str, ...]] = {
    Role.MENTOR: ("包保", "帮扶教师", "包案教师"),
    Role.SUBJECT: ("科任", "任课教师", "教师"),
    Role.COUNSELLOR: ("心理老师", "心理健康教师"),
    Role.REGISTRAR: ("学籍专干",),
    Role.DEAN: ("教务主任", "政教主任", "德育主任", "主任"),
    Role.OFFICE: ("中心校", "学区"),
    Role.BUREAU: ("教体局", "教育局"),
    Role.TOWNSHIP: ("乡镇", "镇政府", "乡政府", "乡镇干部"),
    Role.VILLAGE: ("村委会", "居委会", "村干部", "村支书"),
    Role.POLICE: ("派出所", "民警"),
    Role.JUSTICE: ("司法所", "法院", "检察院"),
}
"""Further words that schools write for a role."""
_ROLES = {plain(role): role for role in Role} | {
    plain(word): role for role, words in _ROLE_WORDS.items() for word in words
}


class TypedRow:
    """One row, read cell by cell; what is wrong is collected, so that all of it is told at once."""

    def __init__(self, row: Row, *, file: str, sheet: str) -> None:
        self._row, self._file, self._sheet = row, file, sheet
        self.problems: list[Problem] = []

    @property
    def number(self) -> int:
        return self._row.number

    def refuse(self, column: str, advice: str) -> None:
        """Note that a cell is wrong."""
        shown = self._row.text(column)
        value = mask(shown) if column in _PERSONAL else shown[:30]
        self.problems.append(Problem(self._file, self._sheet, self.number, column, value, advice))

    def text(self, column: str) -> str:
        """A cell as text."""
        return self._row.text(column)

    def pupil(self, roster: Roster) -> PupilLine | None:
        """Whom the row is about."""
        try:
            return roster.find(self.text("班级"), self.text("姓名"), self.text("学生代码"))
        except NoSuchPupilError as error:
            self.refuse(error.column, error.advice)
            return None

    def day(self, column: str = "日期") -> date | None:
        """A day; an empty cell is ``None``."""
        if not self.text(column):
            return None
        found = parse_day(self._row.cells[column])
        if found is None:
            self.refuse(column, day_advice(self._row.cells[column]))
        return found

    def past_day(self) -> date | None:
        """The day of what happened: needed, and not in the future."""
        if not self.text("日期"):
            self.refuse("日期", "请写日期，如 2025-09-08")
            return None
        found = self.day()
        if found is not None and found > now().date():
            self.refuse("日期", "日期在今天之后，请核对")
        return found

    def moment(self) -> datetime | None:
        """Day and time of what happened."""
        day, clock = self.past_day(), self._clock()
        return datetime.combine(day, clock, tzinfo=CHINA) if day and clock else None

    def _clock(self) -> time | None:
        cell = self._row.cells.get("时间")
        found = parse_clock(cell)
        if found is None:
            self.refuse("时间", "应为 14:30 这样的时间，或上午、下午、晚上")
        return found

    def choice(
        self, column: str, options: type[Choice], *, codes: str = "", needed: bool = True
    ) -> Choice | None:
        """One of the options, in the words of the code list ``codes`` as well."""
        said = self.text(column)
        words = {plain(option): option for option in options} | _other_words(options, codes)
        found = words.get(plain(said))
        if found is None and (said or needed):
            self.refuse(column, f"应为：{'、'.join(options)}")
        return found

    def code(self, column: str, codes: str, *, needed: bool = True) -> str | None:
        """A stored code, from the words that schools write for it."""
        if not self.text(column) and not needed:
            return None
        try:
            return CodeReader.of(load_schema().codes[codes]).read(self.text(column))
        except BadCellError as error:
            self.refuse(column, str(error))
            return None

    def flag(self, column: str) -> bool | None:
        """是 or 否; ``None`` for an empty cell."""
        if not self.text(column):
            return None
        try:
            return read_flag(self._row.cells[column])
        except BadCellError as error:
            self.refuse(column, str(error))
            return None

    def visitors(self, column: str, staff: Mapping[str, str]) -> tuple[Visitor, ...]:
        """Who went along; ``staff`` has the numbers of names that are known."""
        parts = [part.strip() for part in _SEPARATORS.split(self.text(column)) if part.strip()]
        if not parts:
            self.refuse(column, "请写走访人，如 姓名（班主任）")
        found = [parse_visitor(part, staff) for part in parts]
        if None in found:
            self.refuse(column, f"应为 姓名（身份），身份是：{'、'.join(Role)}")
        return tuple(visitor for visitor in found if visitor is not None)


def _other_words(options: type[Choice], codes: str) -> dict[str, Choice]:
    if not codes:
        return {}
    known = load_schema().codes[codes].values.values()
    labels = {option.value: option for option in options}
    return {
        plain(alias): labels[code.label]
        for code in known
        if code.label in labels
        for alias in code.aliases
    }


def parse_visitor(text: str, staff: Mapping[str, str] | None = None) -> Visitor | None:
    """A visitor written as ``姓名（身份）``; ``None`` when it is written otherwise.

    >>> parse_visitor("教师甲（中心校（学区））").role.value, parse_visitor("教师乙") is None
    ('中心校（学区）', True)
    """
    found = _WITH_ROLE.fullmatch(text)
    role = _ROLES.get(plain(found[2])) if found else None
    if found is None or role is None:
        return None
    name = found[1].strip()
    return Visitor(name, role, (staff or {}).get(name))


def parse_clock(cell: object) -> time | None:
    """A time of day: 14:30, 14时30分, a cell of Excel, or a part of the day.

    >>> [parse_clock(cell) for cell in ("14：30", "下午", 0.5, "25:00")]
    [datetime.time(14, 30), datetime.time(15, 0), datetime.time(12, 0), None]
    """
    if isinstance(cell, datetime):
        cell = cell.time()
    if isinstance(cell, time):
        return cell.replace(second=0, microsecond=0, tzinfo=None)
    if isinstance(cell, float) and 0 <= cell < 1:
        minutes = round(cell * 24 * 60)
        return time(minutes // 60 % 24, minutes % 60)
    text = unicodedata.normalize("NFKC", str(cell or "")).strip()
    found = _CLOCK.fullmatch(text)
    if found is None:
        return PARTS_OF_DAY.get(text)
    hour, minute = int(found[1]), int(found[2] or 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None
