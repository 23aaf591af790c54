"""The import report as an Excel workbook that a school can work through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter

from kongchuo_risk.ingestion.problems import ImportReport

_EXCEL_ROWS = 1_048_576
_A4 = 9
_COLUMNS_A_PAGE = 14


@dataclass(frozen=True)
class _Page:
    """One worksheet: its columns with their widths in characters."""

    name: str
    columns: tuple[tuple[str, int], ...]
    rows: Iterable[Sequence[object]]


def write_report(report: ImportReport, path: Path) -> Path:
    """Write the counts, the causes, the single problems and the notes; return ``path``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, options) as book:
        head = book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1, "align": "center",
                                "text_wrap": True, "valign": "vcenter"})  # fmt: skip
        body = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
        for page in _pages(report):
            _write_page(book.add_worksheet(page.name), page, head, body)
    return path


def _pages(report: ImportReport) -> Iterator[_Page]:
    place = (("文件", 28), ("工作表", 16))
    counts = (
        ("数据表", 14),
        ("读入行", 10),
        ("入库", 10),
        ("已存在", 10),
        ("重复", 10),
        ("退回", 10),
    )
    skipped = ("跳过(不是记录)", 10)
    yield _Page("汇总", (*place, *counts, skipped), [*_count_rows(report), _total(report)])
    found = (("行号", 10), ("列", 16), ("原值（姓名号码已遮盖）", 24), ("应当怎样", 64))
    yield _Page("问题", (*place, *found), _problem_rows(report))
    causes = (("列", 16), ("应当怎样", 64), ("处数", 10))
    yield _Page("原因", (*place, *causes), report.problem_counts)
    again = (f"{name}：内容与以前导入的相同，已跳过" for name in report.skipped_files)
    yield _Page("提示", (("提示", 110),), ((text,) for text in (*report.notes, *again)))


def _count_rows(report: ImportReport) -> list[tuple[object, ...]]:
    return [
        (c.file, c.sheet, c.title, c.read, c.landed, c.existing, c.duplicate, c.refused, c.skipped)
        for c in report.tables
    ]


def _total(report: ImportReport) -> tuple[object, ...]:
    skipped = sum(count.skipped for count in report.tables)
    return ("合计", "", "", report.read, report.landed, report.existing, report.duplicate,
            report.refused, skipped)  # fmt: skip


def _problem_rows(report: ImportReport) -> Iterator[tuple[object, ...]]:
    for problem in report.problems[: _EXCEL_ROWS - 1]:
        row = problem.row or "整个文件"
        yield problem.file, problem.sheet, row, problem.column, problem.value, problem.advice


def _write_page(sheet: Any, page: _Page, head: Any, body: Any) -> None:
    """Header and rows, to be filtered on the screen and printed a page wide."""
    for position, (_, width) in enumerate(page.columns):
        sheet.set_column(position, position, width)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, 0, len(page.columns) - 1)
    set_up_print(sheet)
    sheet.set_row(0, 32)
    sheet.write_row(0, 0, [title for title, _ in page.columns], head)
    for line, row in enumerate(page.rows, start=1):
        sheet.write_row(line, 0, row, body)


def set_up_print(sheet: Any, *, columns: int = 1) -> None:
    """Print across on A4, the header on every page; many columns take several pages' width."""
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(-(-columns // _COLUMNS_A_PAGE), 0)
    sheet.repeat_rows(0)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.set_footer("&L&A&R第 &P 页，共 &N 页")
