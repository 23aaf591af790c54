"""The import report as an Excel workbook that a school can work through."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import xlsxwriter

from kongchuo_risk.ingestion.problems import ImportReport

_COUNT_HEADER = (
    "文件",
    "工作表",
    "数据表",
    "读入行",
    "入库",
    "已存在",
    "重复",
    "退回",
    "跳过(合计/示例)",
)
_CAUSE_HEADER = ("文件", "工作表", "列", "应当怎样", "处数")
_PROBLEM_HEADER = ("文件", "工作表", "行号", "列", "原值（姓名号码已遮盖）", "应当怎样")
_EXCEL_ROWS = 1_048_576


def write_report(report: ImportReport, path: Path) -> Path:
    """Write the summary and the list of problems; return ``path``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, options) as book:
        bold = book.add_format({"bold": True, "bg_color": "#DDEBF7", "text_wrap": True})
        summary = book.add_worksheet("汇总")
        row = _write_table(summary, bold, 0, _COUNT_HEADER, _count_rows(report), _WIDE)
        row = _write_table(summary, bold, row + 1, _CAUSE_HEADER, report.problem_counts, None)
        extra = [*report.notes, *(f"{name}：内容与以前导入的相同，已跳过" for name in
                                  report.skipped_files)]  # fmt: skip
        _write_table(summary, bold, row + 1, ("提示",), ((text,) for text in extra), None)
        problems = book.add_worksheet("问题")
        problems.autofilter(0, 0, 0, len(_PROBLEM_HEADER) - 1)
        listed = (
            (p.file, p.sheet, p.row or "整个文件", p.column, p.value, p.advice)
            for p in report.problems[: _EXCEL_ROWS - 1]
        )
        _write_table(problems, bold, 0, _PROBLEM_HEADER, listed, (24, 16, 8, 16, 24, 60))
    return path


_WIDE = (28, 16, 16, 40, 10, 10, 10, 10, 16)


def _count_rows(report: ImportReport) -> list[tuple[object, ...]]:
    return [
        (c.file, c.sheet, c.title, c.read, c.landed, c.existing, c.duplicate, c.refused, c.skipped)
        for c in report.tables
    ]


def _write_table(
    sheet: xlsxwriter.workbook.Worksheet,
    bold: xlsxwriter.format.Format,
    first: int,
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    widths: Sequence[int] | None,
) -> int:
    """Header and rows from line ``first``; returns the line after them."""
    if widths is not None:
        for position, width in enumerate(widths):
            sheet.set_column(position, position, width)
        sheet.freeze_panes(first + 1, 0)
    sheet.write_row(first, 0, header, bold)
    line = first + 1
    for row in rows:
        sheet.write_row(line, 0, row)
        line += 1
    return line
