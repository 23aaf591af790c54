"""The list on paper: a sheet per school, class by class, for the weekly meeting."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from kongchuo_risk.domain.risk import Tier
from kongchuo_risk.serving.directory import by_class
from kongchuo_risk.serving.tables_book import A4, FONT, row_height
from kongchuo_risk.serving.views import Overview

if TYPE_CHECKING:
    from kongchuo_risk.serving.services import Services

PURPOSE = "只用于帮扶，不作评价学生的依据；内部使用，请勿张贴"
_HEADER_ROW = 2
_SHEET_NAME_LENGTH = 31
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
_BAND_COLOURS = {Tier.RED: "#F4B6B0", Tier.ORANGE: "#FBDDB8", Tier.YELLOW: "#FFF6D6"}


class Column(NamedTuple):
    """A column of the sheet; ``characters`` counts Latin ones, a Chinese one takes two."""

    title: str
    source: str
    characters: int


COLUMNS = (
    Column("层级", "tier", 5),
    Column("姓名", "name", 9),
    Column("与预测有关的情况", "circumstances", 39),
    Column("建议措施（责任人，期限）", "measures", 35),
    Column("包保教师", "mentor", 9),
    Column("最近联系", "last_contact", 11),
    Column("本周落实", "", 21),
)
"""Their widths fill an A4 sheet in landscape; the page is fitted to them."""


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
    """The workbook: a sheet per school, landscape, header repeated, cells that never compute."""
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
            _write_head(sheet, title, rows, overview, formats)
            _write_classes(sheet, rows, formats)
    return buffer.getvalue()


def _sheets(worklist: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    if worklist.empty:
        yield "名单", "这一天没有学生列入名单", worklist
        return
    taken: set[str] = set()
    for _, rows in worklist.groupby("school_code", sort=True):
        school = str(rows["school_name"].iloc[0])
        yield _free_name(school, taken), f"{school}　包保名单", by_class(rows)


def _free_name(text: str, taken: set[str]) -> str:
    """A sheet name that Excel accepts and that no other sheet has."""
    base = _FORBIDDEN.sub(" ", text).strip()[: _SHEET_NAME_LENGTH - 4] or "学校"
    number = 1
    name = base
    while name.casefold() in taken:
        number += 1
        name = f"{base} {number}"
    taken.add(name.casefold())
    return name


def _formats(book: Any) -> dict[str, Any]:
    font = {"font_name": FONT, "font_size": 10.5}
    cell = font | {"border": 1, "border_color": "#8A949E", "valign": "vcenter", "text_wrap": True}
    middle = cell | {"align": "center"}
    bands = {
        str(tier): book.add_format(middle | {"bold": True, "bg_color": colour})
        for tier, colour in _BAND_COLOURS.items()
    }
    return bands | {
        "title": book.add_format(font | {"bold": True, "font_size": 16}),
        "subtitle": book.add_format(font | {"font_color": "#44505C"}),
        "header": book.add_format(middle | {"bold": True, "bg_color": "#DCE4EC"}),
        "class": book.add_format(cell | {"bold": True, "font_size": 11, "bg_color": "#F0F3F6"}),
        "cell": book.add_format(cell),
        "day": book.add_format(middle | {"num_format": "yyyy-mm-dd"}),
    }


def _set_page(sheet: Any, overview: Overview) -> None:
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.7)
    # Columns differ in width from one office program to the next; fitting keeps them on the page.
    sheet.fit_to_pages(1, 0)
    sheet.center_horizontally()
    sheet.repeat_rows(_HEADER_ROW)
    sheet.freeze_panes(_HEADER_ROW + 1, 2)
    ranked = _footer_text(f"名单日期 {overview.as_of:%Y-%m-%d}　由{overview.model[:40]}排序")
    synthetic = "　合成数据" if overview.synthetic else ""
    sheet.set_footer(f"&L&8{ranked}{synthetic}&C&8{PURPOSE}&R&8第 &P 页，共 &N 页")


def _footer_text(text: str) -> str:
    """An ampersand would start a footer code."""
    return text.replace("&", "&&")


def _write_head(
    sheet: Any, title: str, rows: pd.DataFrame, overview: Overview, formats: Mapping[str, Any]
) -> None:
    sizes = rows["tier"].value_counts()
    bands = "，".join(f"{tier} {sizes.get(str(tier), 0)} 名" for tier in _BAND_COLOURS)
    sheet.set_row(0, 26)
    sheet.write_string(0, 0, title, formats["title"])
    day = f"{overview.as_of.year}年{overview.as_of.month}月{overview.as_of.day}日"
    sheet.write_string(1, 0, f"{day}　共 {len(rows)} 名：{bands}", formats["subtitle"])
    sheet.set_row(_HEADER_ROW, 20)
    for position, column in enumerate(COLUMNS):
        sheet.set_column(position, position, column.characters)
        sheet.write_string(_HEADER_ROW, position, column.title, formats["header"])


def _write_classes(sheet: Any, rows: pd.DataFrame, formats: Mapping[str, Any]) -> None:
    line = _HEADER_ROW + 1
    for _, pupils in rows.groupby("class_id", sort=False):
        heading = f"{pupils['class_name'].iloc[0]}（{len(pupils)} 名）"
        sheet.set_row(line, 20)
        sheet.merge_range(line, 0, line, len(COLUMNS) - 1, "", formats["class"])
        sheet.write_string(line, 0, heading, formats["class"])
        for number, pupil in enumerate(pupils.to_dict("records"), start=line + 1):
            _write_pupil(sheet, number, pupil, formats)
        line += 1 + len(pupils)


def _write_pupil(
    sheet: Any, line: int, pupil: Mapping[Any, Any], formats: Mapping[str, Any]
) -> None:
    cells = {**pupil, "circumstances": _circumstances(pupil)}
    texts = [_text(cells.get(column.source)) for column in COLUMNS]
    for position, (column, text) in enumerate(zip(COLUMNS, texts, strict=True)):
        day = cells.get(column.source)
        if isinstance(day, pd.Timestamp):
            sheet.write_datetime(line, position, day.to_pydatetime(), formats["day"])
        else:
            style = formats.get(text, formats["cell"]) if column.source == "tier" else None
            sheet.write_string(line, position, text, style or formats["cell"])
    widths = [column.characters for column in COLUMNS]
    sheet.set_row(line, row_height(texts, widths))


def _circumstances(pupil: Mapping[Any, Any]) -> tuple[str, ...]:
    """Reasons, then what protects and the key groups, each on a line of its own."""
    groups = ("重点群体：" + "、".join(pupil["watch"]),) if pupil["watch"] else ()
    helps = ("有利条件：" + "；".join(pupil["strengths"]),) if pupil["strengths"] else ()
    return (*pupil["reasons"], *helps, *groups)


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return "\n".join(value)
    return value if isinstance(value, str) else ""
