"""The list on paper: an A4 sheet per class, for the class teacher's folder."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from kongchuo_risk.serving.views import Overview

if TYPE_CHECKING:
    from kongchuo_risk.serving.services import Services

PURPOSE = "名单只用于帮扶，不作评价学生的依据"
A4 = 9
MAX_ROW_POINTS = 409.0
"""Excel's highest row."""
_SHEET_NAME_LENGTH = 31
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")


class Column(NamedTuple):
    """A column of the sheet; ``characters`` counts Latin ones, a Chinese one takes two."""

    title: str
    source: str
    characters: int


COLUMNS = (
    Column("层级", "tier", 6),
    Column("姓名", "name", 10),
    Column("与预测有关的情况", "reasons", 40),
    Column("有利条件", "strengths", 22),
    Column("建议措施", "measures", 34),
    Column("包保教师", "mentor", 10),
    Column("重点群体", "watch", 12),
    Column("最近联系", "last_contact", 11),
    Column("本周落实", "", 14),
)


def export_worklist(services: Services, path: Path, school_code: str | None = None) -> Path:
    """Write the printable list.

    Parameters
    ----------
    services
        Whose list.
    path
        File to write; its folder is made.
    school_code
        One school; all when empty.

    Returns
    -------
    Path
        ``path``.
    """
    content = services.worklist_workbook(school_code)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def workbook_bytes(services: Services, school_code: str | None = None) -> bytes:
    """The workbook: a sheet per class, landscape, header repeated, cells that never compute."""
    import xlsxwriter

    overview, worklist = services.overview(), services.worklist(school_code)
    buffer = BytesIO()
    # Names and reasons come from schools: a cell that starts with = stays text.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(buffer, options) as book:
        formats = _formats(book)
        for sheet_name, title, rows in _sheets(worklist):
            sheet = book.add_worksheet(sheet_name)
            _set_page(sheet, overview)
            _fill(sheet, title, rows, formats)
    return buffer.getvalue()


def _sheets(worklist: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    if worklist.empty:
        yield "名单", "这一天没有学生列入名单", worklist
        return
    taken: set[str] = set()
    groups = worklist.groupby(["school_code", "grade", "class_name", "class_id"], sort=True)
    for _, rows in groups:
        first = rows.iloc[0]
        title = f"{first['school_name']} {first['class_name']}　帮扶名单（{len(rows)} 名）"
        name = _free_name(f"{first['class_name']} {first['school_name']}", taken)
        yield name, title, rows.sort_values("rank")


def _free_name(text: str, taken: set[str]) -> str:
    """A sheet name that Excel accepts and that no other sheet has."""
    base = _FORBIDDEN.sub(" ", text).strip()[: _SHEET_NAME_LENGTH - 4] or "班级"
    number = 1
    name = base
    while name.casefold() in taken:
        number += 1
        name = f"{base} {number}"
    taken.add(name.casefold())
    return name


def _formats(book: Any) -> Mapping[str, Any]:
    cell = {"border": 1, "valign": "top", "text_wrap": True, "font_size": 10}
    return {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "header": book.add_format(cell | {"bold": True, "bg_color": "#E8EDF2"}),
        "cell": book.add_format(cell),
        "day": book.add_format(cell | {"num_format": "yyyy-mm-dd"}),
    }


def _set_page(sheet: Any, overview: Overview) -> None:
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.8)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(1)
    sheet.freeze_panes(2, 2)
    model = _footer_text(f"名单日期 {overview.as_of:%Y-%m-%d}　排序：{overview.model[:40]}")
    synthetic = "　合成数据" if overview.synthetic else ""
    sheet.set_footer(f"&L&8{model}{synthetic}&C&8{PURPOSE}&R&8第 &P 页，共 &N 页")


def _footer_text(text: str) -> str:
    """An ampersand would start a footer code."""
    return text.replace("&", "&&")


def _fill(sheet: Any, title: str, rows: pd.DataFrame, formats: Mapping[str, Any]) -> None:
    sheet.write_string(0, 0, title, formats["title"])
    for position, column in enumerate(COLUMNS):
        sheet.set_column(position, position, column.characters)
        sheet.write_string(1, position, column.title, formats["header"])
    for number, row in enumerate(rows.to_dict("records"), start=2):
        for position, column in enumerate(COLUMNS):
            _write(sheet, number, position, row.get(column.source), formats)
        sheet.set_row(number, _row_height(row))


def _write(sheet: Any, row: int, column: int, value: Any, formats: Mapping[str, Any]) -> None:
    if isinstance(value, pd.Timestamp):
        sheet.write_datetime(row, column, value.to_pydatetime(), formats["day"])
    else:
        sheet.write_string(row, column, _text(value), formats["cell"])


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return "\n".join(value)
    return value if isinstance(value, str) else ""


def _row_height(row: Mapping[Any, Any]) -> float:
    """Points for the cell with most lines; Excel does not measure wrapped Chinese by itself."""
    lines = [_lines(row.get(column.source), column.characters) for column in COLUMNS]
    return min(MAX_ROW_POINTS, 14.0 * max(1, *lines))


def _lines(value: Any, characters: int) -> int:
    texts = _text(value).split("\n")
    widths = (sum(1 if ord(sign) < 256 else 2 for sign in text) for text in texts)
    return sum(max(1, -(-width // characters)) for width in widths)
