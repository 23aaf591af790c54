"""Which table every sheet is, and what a person must know of those that are none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from kongchuo_risk.contracts.tables import Schema
from kongchuo_risk.ingestion.headers import Layout, lay_out, recognise
from kongchuo_risk.ingestion.problems import ImportReport, Problem
from kongchuo_risk.ingestion.raw import Sheet
from kongchuo_risk.ingestion.wide_scores import wide_layout

_NO_TABLE = "认不出是哪张表：请用 kongchuo template 的表头，或按表名命名工作表（如 学生）"


def recognised(
    sheets: Iterable[Sheet], schema: Schema, report: ImportReport
) -> Iterator[tuple[Sheet, Layout]]:
    """Sheets that are a table, with their layout; the report says why the others are none."""
    for sheet in sheets:
        layout = _layout(sheet, schema)
        if layout is not None and not layout.missing:
            _note_columns(sheet, layout, report)
            yield sheet, layout
        elif layout is None and _is_prose(sheet):
            report.note(f"{sheet.file} 像是说明文字，没有读")
        else:
            advice = _NO_TABLE if layout is None else _missing_columns(layout)
            report.refuse([Problem(sheet.file, sheet.sheet, 0, "", "", advice)])


def _layout(sheet: Sheet, schema: Schema) -> Layout | None:
    if sheet.table is not None:
        return lay_out(schema.tables[sheet.table], sheet.header)
    names = [name for name in (sheet.sheet, Path(sheet.file).stem) if name]
    found = recognise(schema, names, sheet.header)
    if found is None or found.missing:
        return wide_layout(schema, sheet.header) or found
    return found


def _is_prose(sheet: Sheet) -> bool:
    return sheet.file.lower().endswith(".txt") and len(sheet.header) == 1


def _missing_columns(layout: Layout) -> str:
    titles = "、".join(field.title for field in layout.missing)
    return f"像是“{layout.table.title}”表，但缺少必填的列：{titles}"


def _note_columns(sheet: Sheet, layout: Layout, report: ImportReport) -> None:
    """Say which columns were left aside, so that no misspelt title is lost in silence."""
    if sheet.table is not None:
        return
    place = f"{sheet.file} {sheet.sheet}".strip()
    for title in layout.repeated(sheet.header):
        report.note(f"{place}：“{title}”出现不止一次，用的是第一列")
    unused = layout.unused(sheet.header)
    if unused:
        report.note(
            f"“{layout.table.title}”表没有用到这些列：{'、'.join(unused)}；"
            "若应导入，请改成填报模板中的列名"
        )
