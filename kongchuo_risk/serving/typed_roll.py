"""点名表 read back: a week of a class as one sheet per session."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.domain.attendance import Absence, ClassSheet
from kongchuo_risk.domain.clock import now
from kongchuo_risk.errors import CaseError, ImportRefusedError
from kongchuo_risk.ingestion.dates import parse_day
from kongchuo_risk.ingestion.identifiers import mask
from kongchuo_risk.ingestion.problems import Problem
from kongchuo_risk.reports.forms.roll_sheet import FIRST, MARKS, ROLL_NAME, TAKEN_BY
from kongchuo_risk.reports.forms.school_facts import PupilLine
from kongchuo_risk.serving.class_roster import NoSuchPupilError, Roster

_SESSIONS = {"上午": "AM", "下午": "PM"}
_PRESENT = frozenset({"到", "√", "✓", "✔"})
_CLASS = "班级代码："


def read_roll_sheet(path: Path, roster: Roster) -> tuple[list[ClassSheet], list[Problem]]:
    """Sheets of every session that was called, and the cells that cannot be read.

    A session counts as called when somebody signed for it, or when a cell of it is marked. One
    with a cell that cannot be read is left out whole: half a head count would be a wrong one.

    Raises
    ------
    ImportRefusedError
        When the file is no workbook, or has no 点名表.
    """
    sheets: list[ClassSheet] = []
    problems: list[Problem] = []
    for name, rows in _pages(path):
        page = _Page(path.name, name, rows, roster)
        sheets += page.sheets()
        problems += page.problems
    return sheets, problems


def _pages(path: Path) -> Iterator[tuple[str, list[list[Any]]]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(path)
    except (CalamineError, OSError) as error:
        raise ImportRefusedError(f"{path} 不是有效的 Excel 文件，或已损坏") from error
    names = [name for name in book.sheet_names if name.startswith(ROLL_NAME)]
    if not names:
        raise ImportRefusedError(f"{path} 里没有工作表“{ROLL_NAME}”（表名不要改）")
    for name in names:
        yield name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)


@dataclass(frozen=True, slots=True)
class _Session:
    column: int
    day: date
    session: str


class _Page:
    def __init__(self, file: str, name: str, rows: Sequence[Sequence[Any]], roster: Roster) -> None:
        self._file, self._name, self._rows, self._roster = file, name, rows, roster
        self.problems: list[Problem] = []

    def sheets(self) -> list[ClassSheet]:
        """Sheets of the sessions that were called and can be read."""
        titles = self._title_row()
        pupils = self._class_pupils()
        if titles is None or not pupils:
            return []
        lines = self._lines(titles + 2, pupils)
        read = (self._sheet(session, titles, lines, pupils) for session in self._sessions(titles))
        return [sheet for sheet in read if sheet is not None]

    def _title_row(self) -> int | None:
        """The row with the sessions; that of the days stands above it, that of signers below."""
        heads = [tuple(map(_text, row[: len(FIRST)])) for row in self._rows]
        for place in range(1, len(heads) - 1):
            if heads[place] == FIRST and heads[place + 1][-1] == TAKEN_BY:
                return place
        advice = f"找不到“{'、'.join(FIRST)}”和“{TAKEN_BY}”两行；请用印好的点名表，表头不要改"
        self._refuse(0, "", "", advice)
        return None

    def _class_pupils(self) -> list[PupilLine]:
        said = next((text for row in self._rows for text in map(_text, row) if _CLASS in text), "")
        class_id = said.partition(_CLASS)[2].strip()
        try:
            return self._roster.of_class(class_id)
        except NoSuchPupilError as error:
            self._refuse(0, "班级代码", class_id, error.advice)
            return []

    def _sessions(self, titles: int) -> Iterator[_Session]:
        for column in range(len(FIRST), len(self._rows[titles])):
            title = _text(self._rows[titles][column])
            session = next((code for word, code in _SESSIONS.items() if word in title), None)
            if session is None:
                continue
            day = parse_day(self._rows[titles - 1][column])
            if day is None or (day > now().date() and self._is_called(titles, column)):
                advice = "应为上课日的日期，且不在今天之后；请用印好的点名表"
                self._refuse(titles, title, _text(self._rows[titles - 1][column]), advice)
            else:
                yield _Session(column, day, session)

    def _lines(self, first: int, pupils: Sequence[PupilLine]) -> dict[int, PupilLine]:
        """Row → pupil."""
        found: dict[int, PupilLine] = {}
        for place in range(first, len(self._rows)):
            code, name = map(_text, self._rows[place][: len(FIRST)])
            if not (code or name):
                continue
            try:
                found[place] = self._roster.find(pupils[0].class_id, name, code)
            except NoSuchPupilError as error:
                value = mask(name) if error.column == "姓名" else code
                self._refuse(place + 1, error.column, value, error.advice)
        return found

    def _is_called(self, titles: int, column: int) -> bool:
        return any(_text(row[column]) for row in self._rows[titles + 1 :])

    def _sheet(
        self,
        session: _Session,
        titles: int,
        lines: dict[int, PupilLine],
        pupils: Sequence[PupilLine],
    ) -> ClassSheet | None:
        if not self._is_called(titles, session.column):
            return None
        column = [_text(row[session.column]) for row in self._rows]
        marked = [place for place in range(titles + 2, len(column)) if column[place]]
        absences = [self._absence(place, session, column[place], lines) for place in marked]
        sheet = ClassSheet(
            pupils[0].school_code,
            pupils[0].class_id,
            session.day,
            session.session,
            enrolled=len(pupils),
            absences=tuple(found for found in absences if found is not None and found.kind),
            taken_by=column[titles + 1],
        )
        return None if None in absences else self._checked(sheet, pupils)

    def _checked(self, sheet: ClassSheet, pupils: Sequence[PupilLine]) -> ClassSheet | None:
        try:
            sheet.check(pupil.student_id for pupil in pupils)
        except CaseError as error:
            self._refuse(0, f"{sheet.day:%Y-%m-%d} {sheet.session}", "", str(error))
            return None
        return sheet

    def _absence(
        self, place: int, session: _Session, mark: str, lines: dict[int, PupilLine]
    ) -> Absence | None:
        """The absence of a mark; with an empty kind for a pupil marked as present."""
        pupil, said = lines.get(place), read_mark(mark)
        if said is None:
            signs = "、".join(MARKS.values())
            title = f"{session.day:%Y-%m-%d} {session.session}"
            self._refuse(place + 1, title, mark, f"应为：{signs}；空着是到校")
        if pupil is None or said is None:
            return None
        kind, reason, note = said
        return Absence(pupil.student_id, kind, reason, note)

    def _refuse(self, row: int, column: str, value: str, advice: str) -> None:
        self.problems.append(Problem(self._file, self._name, row, column, value[:30], advice))


def read_mark(text: str) -> tuple[str, str | None, str] | None:
    """Kind, reason and note of a mark; an empty kind for present, ``None`` for an unknown sign.

    >>> read_mark("病 感冒"), read_mark("旷"), read_mark("事假 办户口"), read_mark("√")
    (('sick', 'illness', ''), ('unexcused', None, ''), ('personal', None, '办户口'), ('', None, ''))
    >>> read_mark("？") is None
    True
    """
    if text in _PRESENT:
        return "", None, ""
    kinds = _kinds()
    length = next((n for n in range(len(text), 0, -1) if text[:n] in kinds), 0)
    if not length:
        return None
    said = text[length:].strip(" 　：:，,（）()")
    reason = load_schema().codes["absence_reason"].code_by_word.get(said)
    return kinds[text[:length]], reason, "" if reason else said


@lru_cache(maxsize=1)
def _kinds() -> dict[str, str]:
    """Every word for a kind of absence that a 点名表 may hold."""
    words = load_schema().codes["attendance_kind"].code_by_word
    known = {word: code for word, code in words.items() if code in MARKS}
    return known | {sign: code for code, sign in MARKS.items()}


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else str(cell).strip()
