"""Excel workbooks of plain Chinese tables: written to print, read back cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from kongchuo_risk.errors import ImportRefusedError

A4 = 9
FONT = "宋体"
"""On every computer with a Chinese Excel or WPS."""
LINE_POINTS = 15.5
"""A line of 10.5 points, also in the fonts that other systems put in its place."""
PADDING_POINTS = 5.0
MAX_ROW_POINTS = 409.0
"""Excel's highest row."""
_NARROW, _WIDE = 8, 46
"""Widest and narrowest column in Latin characters; a Chinese sign takes two."""
_HEADER_WITHIN = 10


@dataclass(frozen=True)
class Sheet:
    """One table of a workbook.

    ``note`` stands above the table; ``open_columns`` are those that people fill.
    """

    title: str
    table: pd.DataFrame
    note: str = ""
    open_columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One filled row: the number that Excel shows, and the cells by title."""

    number: int
    cells: Mapping[str, Any]

    def text(self, title: str) -> str:
        """A cell as text; a whole number has no decimals."""
        value = self.cells.get(title)
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        return "" if value is None else str(value).strip()


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """The workbook: landscape A4, headers repeated, cells that never compute."""
    import xlsxwriter

    buffer = BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(buffer, options) as book:
        formats = _formats(book)
        for sheet in sheets:
            _write(book.add_worksheet(sheet.title), sheet, formats)
    return buffer.getvalue()


def read_rows(path: Path, title: str, columns: Sequence[str]) -> Iterator[Row]:
    """Filled rows of one sheet; nothing when the workbook has no such sheet.

    Raises
    ------
    ImportRefusedError
        When the file is no workbook, or the sheet lacks a column.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(path)
    except (CalamineError, OSError) as error:
        raise ImportRefusedError(f"{path} 不是有效的 Excel 文件，或已损坏") from error
    if title not in book.sheet_names:
        return
    rows = book.get_sheet_by_name(title).to_python(skip_empty_area=False)
    head = next(
        (number for number, row in enumerate(rows[:_HEADER_WITHIN]) if set(columns) <= set(row)),
        None,
    )
    if head is None:
        raise ImportRefusedError(f"{path}“{title}”缺少列；应有：{'、'.join(columns)}（列名不要改）")
    titles = [str(cell).strip() for cell in rows[head]]
    for number, row in enumerate(rows[head + 1 :], start=head + 2):
        cells = {name: cell for name, cell in zip(titles, row, strict=True) if cell != ""}
        if cells:
            yield Row(number, cells)


def _formats(book: Any) -> dict[str, Any]:
    font = {"font_name": FONT, "font_size": 10.5}
    cell = font | {"border": 1, "border_color": "#8A949E", "valign": "vcenter", "text_wrap": True}
    return {
        "note": book.add_format(font | {"font_color": "#44505C", "text_wrap": True}),
        "header": book.add_format(cell | {"bold": True, "align": "center", "bg_color": "#DCE4EC"}),
        "open": book.add_format(cell | {"bg_color": "#FFF6D6"}),
        "cell": book.add_format(cell),
        "day": book.add_format(cell | {"num_format": "yyyy-mm-dd", "align": "center"}),
    }


def _write(page: Any, sheet: Sheet, formats: Mapping[str, Any]) -> None:
    page.set_landscape()
    page.set_paper(A4)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.fit_to_pages(1, 0)
    page.set_footer("&C&8内部使用，请勿张贴&R&8第 &P 页，共 &N 页")
    head = 1 if sheet.note else 0
    if sheet.note:
        last = max(len(sheet.table.columns) - 1, 1)
        page.merge_range(0, 0, 0, last, sheet.note, formats["note"])
        page.set_row(0, 15.0 * (1 + len(sheet.note) // 60))
    page.repeat_rows(head)
    page.freeze_panes(head + 1, 0)
    widths = [_width(str(title), sheet.table[title]) for title in sheet.table.columns]
    for position, (title, width) in enumerate(zip(sheet.table.columns, widths, strict=True)):
        page.set_column(position, position, width)
        page.write_string(head, position, str(title), formats["header"])
        style = formats["open" if title in sheet.open_columns else "cell"]
        for line, value in enumerate(sheet.table[title], start=head + 1):
            _write_cell(page, line, position, value, style, formats)
    for line, row in enumerate(sheet.table.itertuples(index=False), start=head + 1):
        page.set_row(line, row_height([_shown(value) for value in row], widths))


def _write_cell(
    page: Any, line: int, position: int, value: Any, style: Any, formats: Mapping[str, Any]
) -> None:
    if isinstance(value, (date, pd.Timestamp)) and not pd.isna(value):
        page.write_datetime(line, position, pd.Timestamp(value).to_pydatetime(), formats["day"])
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and not pd.isna(value):
        page.write_number(line, position, value, style)
    else:
        page.write_string(line, position, _shown(value), style)


def _shown(value: Any) -> str:
    """A cell as text; empty when nothing is known."""
    return "" if value is None or value is pd.NA or value != value else str(value)


def _width(title: str, column: pd.Series) -> float:
    texts = [title, *column.astype("object").map(lambda value: str(value)[:60])]
    longest = max(sum(1 if ord(sign) < 256 else 2 for sign in text) for text in texts)
    return float(min(max(longest + 2, _NARROW), _WIDE))


def row_height(texts: Sequence[str], widths: Sequence[float]) -> float:
    """Points for the cell with most lines; Excel does not measure wrapped Chinese by itself.

    Parameters
    ----------
    texts
        What stands in the cells of a row.
    widths
        Widths of their columns in Latin characters.
    """
    lines = max(count_lines(text, int(width)) for text, width in zip(texts, widths, strict=True))
    return min(MAX_ROW_POINTS, LINE_POINTS * lines + PADDING_POINTS)


def count_lines(text: str, characters: int) -> int:
    """Lines of a wrapped cell; a Chinese sign takes two characters and never splits.

    One character is kept back, because a mark of punctuation never starts a line.

    >>> count_lines("近四周无故缺勤", 15), count_lines("近四周无故缺勤", 14), count_lines("", 5)
    (1, 2, 1)
    """
    room = max(characters - 1, 2)
    widths = (sum(1 if ord(sign) < 256 else 2 for sign in line) for line in text.split("\n"))
    return sum(max(1, -(-width // room)) for width in widths)
