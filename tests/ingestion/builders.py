"""Small files as schools write them; each test changes only what it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import xlsxwriter

from kongchuo_risk.ingestion.problems import ImportReport
from kongchuo_risk.serving.importing import import_files
from kongchuo_risk.workspace import Workspace, create_workspace

TODAY = date(2025, 12, 31)
G1, G2 = "G340123201205010018", "G340123201206020027"
SCHOOLS = [["学校标识码", "学校名称", "办学类型"], ["S1", "甲校", "小学"]]
CLASSES = [["学期", "班级代码", "学校标识码", "年级", "班级名称"],
           ["2025-2026-1", "C1", "S1", "七年级", "七年级(1)班"]]  # fmt: skip
STUDENTS = [["学籍号", "姓名", "学校标识码", "班级代码", "年级", "信息日期"],
            [G1, "张三", "S1", "C1", "7", "2025-09-01"],
            [G2, "李四", "S1", "C1", "7", "2025-09-01"]]  # fmt: skip
EXAMS = [["考试编号", "学期", "考试名称", "考试类型", "考试日期", "年级", "公布日期"],
         ["E1", "2025-2026-1", "期中", "期中", "2025-11-05", "7", "2025-11-10"]]  # fmt: skip
ROSTER = {"学校": SCHOOLS, "班级": CLASSES, "学生": STUDENTS, "考试": EXAMS}
ATTENDANCE_HEADER = ["学籍号", "日期", "时段", "考勤类型"]
Rows = Sequence[Sequence[object]]


def workbook(path: Path, sheets: Mapping[str, Rows]) -> Path:
    """A workbook with plain cells."""
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for line, row in enumerate(rows):
                sheet.write_row(line, 0, row)
    return path


def csv_file(path: Path, rows: Rows, *, encoding: str = "utf-8", separator: str = ",") -> Path:
    """A CSV file; no cell may hold the separator."""
    text = "".join(separator.join(map(str, row)) + "\r\n" for row in rows)
    path.write_bytes(text.encode(encoding))
    return path


def attendance(path: Path, *rows: Sequence[object], **options: str) -> Path:
    """A CSV file of attendance exceptions."""
    return csv_file(path, [ATTENDANCE_HEADER, *rows], **options)


def workspace_with_roster(folder: Path) -> Workspace:
    """A workspace that knows one school, one class, two pupils and one exam."""
    workspace = create_workspace(folder / "ws")
    report = import_at(workspace, workbook(folder / "花名册.xlsx", ROSTER))
    assert not report.problems, report.summary()
    return workspace


def import_at(workspace: Workspace, *paths: Path, **options: object) -> ImportReport:
    """Import on the last day of 2025, unless told otherwise."""
    return import_files(workspace, list(paths), **{"today": TODAY, **options})  # type: ignore[arg-type]
