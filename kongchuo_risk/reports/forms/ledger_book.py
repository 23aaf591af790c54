"""Excel forms on A4: a heading, a table to print, and cells that never compute."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any

import pandas as pd

from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.reports.forms.filling import day_or_line, or_line
from kongchuo_risk.reports.forms.row_heights import row_height
from kongchuo_risk.reports.forms.school_facts import Heading, Row
from kongchuo_risk.reports.templates import Field

A4 = 9
FONT = "宋体"
MADE_ON = datetime(2026, 1, 1)  # noqa: DTZ001 - a workbook's time has no zone
"""Written into every workbook, so that equal content gives equal bytes."""
YES_NO = ("是", "否")
_NOT_IN_EXCEL = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MOST_CHOICES = 255
"""Excel's longest list of choices in a cell, all their signs together."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a ledger."""

    name: str
    width: float
    """In Latin characters; a Chinese sign takes two."""
    meaning: str = ""
    choices: tuple[str, ...] = ()
    codes: str = ""
    """A code list whose labels are the choices."""
    is_day: bool = False

    @property
    def options(self) -> tuple[str, ...]:
        """What may be chosen; empty when any text may stand there."""
        if not self.codes:
            return self.choices
        return tuple(code.label for code in load_schema().codes[self.codes].values.values())

    @property
    def field(self) -> Field:
        """What the column holds, for the page that lists the fields."""
        says = f"{'、'.join(self.choices)} 之一" if self.choices else "日期" if self.is_day else ""
        return Field(self.name, self.meaning or says or self.name)


@dataclass(frozen=True, slots=True)
class Ledger:
    """A table that is printed, filled by hand or on the screen."""

    name: str
    columns: tuple[Column, ...]
    note: str = ""
    """How it is filled; stands above the table."""
    is_typed: bool = False
    """Whether it can be imported back."""
    is_official: bool = False
    """Whether it bears 文号 and 签发人."""
    is_upright: bool = False
    signers: tuple[str, ...] = ("填表人", "审核人", "负责人")
    blank_rows: int = 16
    blank_height: float = 28.0
    """Points of an empty row, room for handwriting."""

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


def clean(value: object) -> str:
    """A cell as text; empty when nothing is known.

    >>> clean(None), clean(float("nan")), clean(3), clean(date(2025, 9, 1))
    ('', '', '3', '2025-09-01')
    """
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return ""
    if isinstance(value, (pd.Timestamp, datetime)):
        value = value.date()
    return _NOT_IN_EXCEL.sub("", str(value).replace("\r\n", "\n").replace("\r", "\n"))


def ledger_workbook(ledger: Ledger, heading: Heading, rows: Sequence[Row]) -> bytes:
    """The workbook; without rows it has empty ones to be filled by hand.

    Equal content gives equal bytes.
    """
    import xlsxwriter

    buffer = BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": ledger.name, "created": MADE_ON})
        page = book.add_worksheet(ledger.name)
        set_paper(page, ledger.signers, upright=ledger.is_upright)
        _Writer(page, ledger, formats(book)).write(heading, rows)
    return buffer.getvalue()


def set_paper(page: Any, signers: Sequence[str], *, upright: bool) -> None:
    """A4, as wide as the page, signatures and page numbers below every page."""
    if upright:
        page.set_portrait()
    else:
        page.set_landscape()
    page.set_paper(A4)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.75)
    page.center_horizontally()
    page.fit_to_pages(1, 0)
    signed = "　　".join(f"{who}：____________" for who in signers)
    page.set_footer(f"&L&9{signed}&R&9内部资料　第 &P 页，共 &N 页")


def formats(book: Any) -> dict[str, Any]:
    """Cell formats by what they are for."""
    font = {"font_name": FONT, "font_size": 10.5}
    cell = font | {"border": 1, "valign": "vcenter", "text_wrap": True}
    return {
        "title": book.add_format(font | {"font_size": 16, "bold": True, "align": "center"}),
        "line": book.add_format(font | {"valign": "vcenter"}),
        "note": book.add_format(font | {"font_size": 9, "text_wrap": True, "valign": "top"}),
        "header": book.add_format(cell | {"bold": True, "align": "center", "bg_color": "#E8ECEF"}),
        # As text: Excel would read a pupil's code such as 12e4 as a number.
        "text": book.add_format(cell | {"num_format": "@"}),
        "short": book.add_format(cell | {"num_format": "@", "align": "center"}),
        "number": book.add_format(cell | {"align": "center"}),
        "day": book.add_format(cell | {"num_format": "yyyy-mm-dd", "align": "center"}),
    }


def write_heading(
    page: Any, title: str, heading: Heading, styles: Mapping[str, Any], *, last: int, official: bool
) -> int:
    """Number and signer, title, unit and period; how many rows they take.

    ``last`` is the last column of the table.
    """
    line = 0
    if official:
        number, signer = or_line(heading.doc_no, 16), or_line(heading.signer, 10)
        _across(page, line, last, f"文号：{number}　　　　签发人：{signer}", styles["line"])
        line += 1
    _across(page, line, last, title, styles["title"])
    page.set_row(line, 26)
    parts = [f"单位：{or_line(heading.unit, 16)}", f"期间：{or_line(heading.period, 14)}"]
    parts.append(f"填报日期：{day_or_line(heading.day)}")
    _across(page, line + 1, last, "　　".join(parts), styles["line"])
    page.set_row(line + 1, 20)
    return line + 2


def _across(page: Any, line: int, last: int, text: str, style: Any) -> None:
    page.merge_range(line, 0, line, last, "", style)
    # A merged range alone would take a text that begins with = for a formula.
    page.write_string(line, 0, clean(text), style)


class _Writer:
    def __init__(self, page: Any, ledger: Ledger, styles: Mapping[str, Any]) -> None:
        self._page, self._ledger, self._styles = page, ledger, styles
        self._widths = [column.width for column in ledger.columns]
        self._last = len(ledger.columns) - 1

    def write(self, heading: Heading, rows: Sequence[Row]) -> None:
        head = write_heading(
            self._page, self._ledger.name, heading, self._styles,
            last=self._last, official=self._ledger.is_official,
        )  # fmt: skip
        if self._ledger.note:
            self._note(head)
            head += 1
        self._titles(head)
        lines = list(rows) or [{}] * self._ledger.blank_rows
        for line, row in enumerate(lines, start=head + 1):
            self._row(line, row, number=line - head if rows else None)
        self._offer_choices(head + 1, head + len(lines))

    def _note(self, line: int) -> None:
        _across(self._page, line, self._last, self._ledger.note, self._styles["note"])
        self._page.set_row(line, 0.8 * row_height([self._ledger.note], [1.15 * sum(self._widths)]))

    def _titles(self, line: int) -> None:
        for place, column in enumerate(self._ledger.columns):
            self._page.set_column(place, place, column.width)
            self._page.write_string(line, place, column.name, self._styles["header"])
        self._page.set_row(line, row_height(self._ledger.column_names, self._widths))
        self._page.repeat_rows(line)
        self._page.freeze_panes(line + 1, 0)

    def _row(self, line: int, row: Row, *, number: int | None) -> None:
        cells = {"序号": number, **row}
        for place, column in enumerate(self._ledger.columns):
            self._cell(line, place, column, cells.get(column.name))
        texts = [clean(cells.get(column.name)) for column in self._ledger.columns]
        is_open = number is None or self._ledger.is_typed
        least = self._ledger.blank_height if is_open else 24.0
        self._page.set_row(line, max(least, row_height(texts, self._widths)))

    def _cell(self, line: int, place: int, column: Column, value: object) -> None:
        if isinstance(value, date) and not pd.isna(value):
            self._page.write_datetime(line, place, pd.Timestamp(value).to_pydatetime(),
                                      self._styles["day"])  # fmt: skip
        elif isinstance(value, (int, float)) and not isinstance(value, bool) and value == value:
            self._page.write_number(line, place, value, self._styles["number"])
        elif text := clean(value):
            style = "text" if column.width > 8 else "short"
            self._page.write_string(line, place, text, self._styles[style])
        else:
            self._page.write_blank(line, place, None, self._empty(column))

    def _empty(self, column: Column) -> Any:
        return self._styles["day" if column.is_day else "text"]

    def _offer_choices(self, first: int, last: int) -> None:
        for place, column in enumerate(self._ledger.columns):
            options = column.options
            if options and len("，".join(options)) <= _MOST_CHOICES:
                advice = f"请选：{'、'.join(options)}"
                self._page.data_validation(first, place, last, place, {
                    "validate": "list", "source": list(options), "error_type": "warning",
                    "error_title": column.name, "error_message": advice[:_MOST_CHOICES],
                })  # fmt: skip
