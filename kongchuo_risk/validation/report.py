"""Findings as a Chinese text and as a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import xlsxwriter

from kongchuo_risk.validation.findings import Finding

_SEVERITY = {"error": "错误", "warning": "警告", "info": "提示"}
_COLUMNS = ("程度", "检查", "说明", "建议", "表", "数量", "占比", "举例")
_WIDTHS = (6, 24, 60, 44, 16, 8, 8, 50)


def render_report(findings: Sequence[Finding]) -> str:
    """All findings as text, one paragraph each.

    >>> print(render_report([]))
    数据检查：没有发现问题。
    """
    if not findings:
        return "数据检查：没有发现问题。"
    counts = "，".join(
        f"{label} {number} 项"
        for code, label in _SEVERITY.items()
        if (number := sum(finding.severity == code for finding in findings))
    )
    return "\n".join([f"数据检查：{counts}。", *map(_paragraph, findings)])


def write_report(findings: Sequence[Finding], path: Path) -> None:
    """All findings as an Excel sheet 数据检查, one row each."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path)) as book:
        bold = book.add_format({"bold": True})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        percent = book.add_format({"num_format": "0.0%", "valign": "top"})
        sheet = book.add_worksheet("数据检查")
        for position, width in enumerate(_WIDTHS):
            sheet.set_column(position, position, width, wrap)
        sheet.write_row(0, 0, _COLUMNS, bold)
        for number, finding in enumerate(findings, start=1):
            sheet.write_row(number, 0, _row(finding))
            if finding.share is not None:
                sheet.write_number(number, 6, finding.share, percent)
        sheet.freeze_panes(1, 0)


def _row(finding: Finding) -> list[str | int]:
    return [
        _SEVERITY[finding.severity],
        finding.title,
        finding.explanation,
        finding.advice,
        finding.table,
        finding.count,
        "",
        "；".join(finding.examples),
    ]


def _paragraph(finding: Finding) -> str:
    examples = f"\n    例：{'；'.join(finding.examples)}" if finding.examples else ""
    head = f"[{_SEVERITY[finding.severity]}] {finding.title}：{finding.explanation}"
    return f"{head}{examples}\n    建议：{finding.advice}"
