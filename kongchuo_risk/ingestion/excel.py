"""Worksheets of Excel workbooks as schools fill them: title lines, merged cells, blank rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from kongchuo_risk.contracts.tables import Schema
from kongchuo_risk.errors import ImportRefusedError
from kongchuo_risk.ingestion.headers import full_titles, header_row, is_data_sheet
from kongchuo_risk.ingestion.raw import CHUNK_ROWS, RawChunk, RawColumn

_HEADER_WITHIN = 20
"""The header stands within so many rows."""


@dataclass
class ExcelSheet:
    """One worksheet; its rows are read when they are asked for."""

    path: Path
    file: str
    sheet: str
    header: tuple[str, ...]
    header_at: int
    """Position of the header row, from 0."""
    total_rows: int | None
    caption: str = ""
    table: str | None = None
    malformed: list[tuple[int, str]] = field(default_factory=list)

    def chunks(self) -> Iterator[RawChunk]:
        with _readable():
            book = CalamineWorkbook.from_path(self.path)
            rows = _rows(book.get_sheet_by_name(self.sheet))[self.header_at + 1 :]
        numbers = np.arange(len(rows), dtype=np.int64) + self.header_at + 2
        filled = np.array([any(cell not in ("", None) for cell in row) for row in rows], dtype=bool)
        for start in range(0, len(rows), CHUNK_ROWS):
            keep = np.flatnonzero(filled[start : start + CHUNK_ROWS]) + start
            if keep.size:
                columns = [
                    RawColumn.of([_plain(rows[position][column]) for position in keep])
                    for column in range(len(self.header))
                ]
                yield RawChunk(columns, numbers[keep])


def read_workbook(
    path: Path, name: str, schema: Schema, note: Callable[[str], None]
) -> list[ExcelSheet]:
    """Worksheets that have a header; explanations, hidden and empty ones are left out.

    Parameters
    ----------
    path, name
        The workbook, and how reports call it.
    schema
        Contracts by whose titles the header is found.
    note
        Is told what was left out though it may hold data.

    Raises
    ------
    ImportRefusedError
        The file is no workbook, is damaged, or asks for a password.
    """
    with _readable():
        book = CalamineWorkbook.from_path(path)
        shown = list(_data_sheets(book, name, note))
        sheets = [
            _find_header(path, name, title, _rows(book.get_sheet_by_name(title)), schema)
            for title in shown
        ]
    found = [sheet for sheet in sheets if sheet is not None]
    if shown and not found:
        note(f"{name} 里没有数据")
    return found


def _data_sheets(book: CalamineWorkbook, name: str, note: Callable[[str], None]) -> Iterator[str]:
    for sheet in book.sheets_metadata:
        if sheet.typ != SheetTypeEnum.WorkSheet or not is_data_sheet(sheet.name):
            continue
        if sheet.visible == SheetVisibleEnum.Visible:
            yield sheet.name
        else:
            note(f"{name} 的工作表“{sheet.name}”是隐藏的，没有读；要导入请先取消隐藏")


@contextmanager
def _readable() -> Iterator[None]:
    """What the reading library objects to, in words that help."""
    try:
        yield
    except PasswordError:
        raise ImportRefusedError("文件有打开密码；请另存为没有密码的文件") from None
    except (CalamineError, OSError) as error:
        raise ImportRefusedError(
            "不是有效的 Excel 文件，或已损坏；请用 Excel 或 WPS 打开后另存为 .xlsx"
            "（有些系统导出的 .xls 其实是网页或文字）"
        ) from error


def _rows(sheet: CalamineSheet) -> list[list[object]]:
    rows: list[Any] = sheet.to_python(skip_empty_area=False)
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        # A cell merged downwards means: the same for all these rows. Titles merged across stay.
        if left == right and bottom < len(rows):
            for row in rows[top + 1 : bottom + 1]:
                row[left] = rows[top][left]
    return rows


def _find_header(
    path: Path, file: str, title: str, rows: list[list[object]], schema: Schema
) -> ExcelSheet | None:
    if not rows:
        return None
    at = header_row(rows[:_HEADER_WITHIN], schema)
    if at is None:
        filled = [
            number for number, row in enumerate(rows) if any(c not in ("", None) for c in row)
        ]
        if not filled:
            return None
        at = filled[0]
    plain = [str(cell).strip() for cell in rows[at]]
    header = full_titles(plain, rows[at - 1] if at else (), schema)
    caption = " ".join(str(cell) for row in rows[:at] for cell in row if cell not in ("", None))
    return ExcelSheet(path, file, title, header, at, len(rows) - at - 1, caption)


def _plain(cell: object) -> object:
    if isinstance(cell, (date, datetime)):
        return cell
    if isinstance(cell, time):
        return cell.isoformat()
    return cell
