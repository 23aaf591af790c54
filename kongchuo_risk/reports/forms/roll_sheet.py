"""点名表: a class and the school days of a week on one page, to be filled by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from typing import Any

from kongchuo_risk.domain.clock import part_of_session
from kongchuo_risk.reports.forms.ledger_book import (
    MADE_ON,
    clean,
    formats,
    set_paper,
    write_heading,
)
from kongchuo_risk.reports.forms.school_facts import Heading, PupilLine
from kongchuo_risk.reports.templates import Field

ROLL_NAME = "点名表"
SESSIONS = ("AM", "PM")
MARKS: Mapping[str, str] = {
    "unexcused": "旷", "not_reported": "未报", "sick": "病", "personal": "事", "late": "迟",
    "left_early": "退",
}  # fmt: skip
"""Kind of absence → the sign that a teacher writes."""
FIRST, TAKEN_BY = ("学生代码", "姓名"), "点名人"
ROLL_FIELDS = (
    Field("学生代码", "系统里的学生代码"),
    Field("姓名", "学生姓名"),
    Field("日期", "一周的上课日，各有上午、下午两格：空着是到校，缺席的写符号，后面可写原因"),
    Field("点名人", "谁点的名；全到也要写，空着表示没有点名"),
)
NOTE = (
    "空着＝到校；旷、病、事、迟、退、未报＝缺席等，后面空一格可写原因，例如“病 感冒”“旷 打工”。"
    "每次点名后在“点名人”一行签名，全到也要签。"
)
_WEEKDAYS = "一二三四五六日"
_FIRST_WIDTHS, _CELL_WIDTH = (9, 9), 8.5
_SHORT_ROW, _TALL_ROW = 17.0, 22.0


@dataclass(frozen=True, slots=True)
class RollWeek:
    """What a sheet shows.

    Attributes
    ----------
    days
        School days of the week, make-up days among them.
    marks
        (pupil, day, session) → what stands in the cell.
    taken_by
        (day, session) → who called the roll.
    """

    class_id: str
    class_name: str
    pupils: Sequence[PupilLine]
    days: Sequence[date]
    marks: Mapping[tuple[str, date, str], str] = field(default_factory=dict)
    taken_by: Mapping[tuple[date, str], str] = field(default_factory=dict)

    @property
    def sessions(self) -> list[tuple[date, str]]:
        """Every session of the sheet, in the order of its columns."""
        return [(day, session) for day in self.days for session in SESSIONS]


def roll_workbook(week: RollWeek, heading: Heading) -> bytes:
    """The sheet of one class; the days' cells are dates, so that they can be read back."""
    return roll_workbooks([week], heading)


def roll_workbooks(weeks: Sequence[RollWeek], heading: Heading) -> bytes:
    """One workbook with a sheet per class."""
    import xlsxwriter

    buffer = BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": ROLL_NAME, "created": MADE_ON})
        styles = formats(book) | _own_formats(book)
        for number, week in enumerate(weeks, start=1):
            # Names of sheets are short and free of brackets; the class stands in the sheet.
            name = ROLL_NAME if len(weeks) == 1 else f"{ROLL_NAME}{number}"
            _Page(book.add_worksheet(name), week, styles).write(heading)
    return buffer.getvalue()


def _own_formats(book: Any) -> dict[str, Any]:
    font = {"font_name": "宋体", "font_size": 10.5, "border": 1, "align": "center"}
    head = font | {"bold": True, "bg_color": "#E8ECEF", "valign": "vcenter"}
    return {
        "weekday": book.add_format(head | {"num_format": 'm"月"d"日"'}),
        "mark": book.add_format(font | {"num_format": "@", "valign": "vcenter"}),
    }


class _Page:
    def __init__(self, page: Any, week: RollWeek, styles: Mapping[str, Any]) -> None:
        self._page, self._week, self._styles = page, week, styles
        self._last = len(FIRST) + len(week.sessions) - 1

    def write(self, heading: Heading) -> None:
        set_paper(self._page, ("班主任", "教务处"), upright=len(self._week.days) < 7)
        self._page.fit_to_pages(1, 1)
        head = write_heading(
            self._page, f"{self._week.class_name}{ROLL_NAME}", heading, self._styles,
            last=self._last, official=False,
        )  # fmt: skip
        self._line(head, f"班级：{self._week.class_name}　班级代码：{self._week.class_id}", 18)
        self._line(head + 1, NOTE, 28, style="note")
        self._titles(head + 2)
        self._takers(head + 4)
        for line, pupil in enumerate(self._week.pupils, start=head + 5):
            self._pupil(line, pupil)

    def _line(self, line: int, text: str, height: float, style: str = "line") -> None:
        self._page.merge_range(line, 0, line, self._last, "", self._styles[style])
        self._page.write_string(line, 0, clean(text), self._styles[style])
        self._page.set_row(line, height)

    def _titles(self, line: int) -> None:
        header = self._styles["header"]
        for place, (name, width) in enumerate(zip(FIRST, _FIRST_WIDTHS, strict=True)):
            self._page.set_column(place, place, width)
            self._page.write_string(line, place, "", header)
            self._page.write_string(line + 1, place, name, header)
        for place, (day, session) in enumerate(self._week.sessions, start=len(FIRST)):
            self._page.set_column(place, place, _CELL_WIDTH)
            self._page.write_datetime(line, place, day, self._styles["weekday"])
            part = f"周{_WEEKDAYS[day.weekday()]}{part_of_session(session)}"
            self._page.write_string(line + 1, place, part, header)
        self._page.set_row(line, 18)
        self._page.set_row(line + 1, 18)
        self._page.repeat_rows(line, line + 1)
        self._page.freeze_panes(line + 2, len(FIRST))

    def _takers(self, line: int) -> None:
        self._page.write_string(line, 0, "", self._styles["header"])
        self._page.write_string(line, 1, TAKEN_BY, self._styles["header"])
        for place, session in enumerate(self._week.sessions, start=len(FIRST)):
            self._mark(line, place, self._week.taken_by.get(session, ""))
        self._page.set_row(line, _TALL_ROW)

    def _pupil(self, line: int, pupil: PupilLine) -> None:
        self._page.write_string(line, 0, pupil.code, self._styles["mark"])
        self._page.write_string(line, 1, clean(pupil.name), self._styles["mark"])
        for place, (day, session) in enumerate(self._week.sessions, start=len(FIRST)):
            mark = self._week.marks.get((pupil.student_id, day, session), "")
            self._mark(line, place, mark)
        many = len(self._week.pupils) > 36
        self._page.set_row(line, _SHORT_ROW if many else _TALL_ROW - 3)

    def _mark(self, line: int, place: int, text: str) -> None:
        if text:
            self._page.write_string(line, place, clean(text), self._styles["mark"])
        else:
            self._page.write_blank(line, place, None, self._styles["mark"])
