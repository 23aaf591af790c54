"""The Excel workbook that a school fills in: a sheet per table, made from the contracts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter

from kongchuo_risk.contracts.tables import STUDENT_KEY, Field, Schema, Table
from kongchuo_risk.ingestion.report import set_up_print

EXAMPLE_MARK = "示例："
"""Beginning of an example row; the import leaves such rows out."""
_FILLABLE_ROWS = 5_000
_LISTS = "代码表"
_WIDTH_BY_TYPE = {"date": 13, "datetime": 18, "boolean": 10, "integer": 10, "number": 12}
_GUIDE = (
    "1. 每张工作表是一张表；没有的表可以空着或删掉，列可以增减，列名不要改。",
    "2. 带 ★ 的列必填。灰色的“示例”行仅供参考，导入时自动跳过，可以留着也可以删掉。",
    "3. 学籍号、身份证件号等列已设为文本格式；从别处粘贴时请选“只粘贴值”，以免号码变成 3.4E+17。",
    "4. 日期可写 2025-09-01、2025年9月1日 或 20250901；是否类填 是 或 否；多个选项用顿号分开。",
    "5. 考勤只记异常（缺勤、迟到、早退），正常出席不用填；点过名的时段填在“点名表”。",
    "6. 登记日期是学校得知此事的日期；不填则取事情发生的日期。更正旧记录时请填更正的日期。",
    "7. 成绩也可以交每科一列的表（学籍号、姓名、语文、数学…），工作表用考试编号或考试名称命名。",
    "8. 姓名、号码、住址、电话入库时加密，分析人员看不到。",
)
_EXAMPLES: Mapping[str, str] = {
    "student_key": "G340123201205010018", "id_number": "", "student_name": "张某",
    "school_code": "3401000001", "class_id": "3401000001-2024-1", "class_name": "七年级(1)班",
    "term": "2025-2026-1", "grade": "七年级", "enrol_month": "202409", "exam_id": "2025秋期中-7",
    "exam_name": "期中考试", "staff_no": "T001", "staff_name": "李某", "homeroom_staff": "T001",
    "school_name": "某某学校", "reported_at": "2025-09-01 08:20", "visitors": "T001",
    "measure": "家访", "instrument": "学校心理量表", "birth_date": "2012-05",
    "phone": "13800000000", "guardian_phone": "13800000000",
    "seat": "1", "score": "85", "full_score": "100", "minutes": "10", "village": "某村",
}  # fmt: skip
_EXAMPLE_BY_TYPE = {"date": "2025-09-01", "boolean": "否", "integer": "1", "number": "1"}


@dataclass(frozen=True)
class _Formats:
    required: Any
    optional: Any
    example: Any
    text: Any
    date: Any
    wrap: Any
    title: Any
    cell: Any
    link: Any


def write_template(path: Path, schema: Schema, *, example: bool = True) -> Path:
    """Write the workbook.

    Parameters
    ----------
    path
        Where to, ``.xlsx``.
    schema
        Tables and code lists; the workbook follows them when they change.
    example
        Whether each sheet gets a grey example row, which the import skips.

    Returns
    -------
    Path
        ``path``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(path) as book:
        formats = _formats(book)
        _write_guide(book, schema, formats)
        sheets = [(table, book.add_worksheet(table.title)) for table in schema.tables.values()]
        ranges = _write_lists(book, schema)
        for table, sheet in sheets:
            _write_table(sheet, table, schema, formats, ranges)
            if example:
                _write_example(sheet, table, schema, formats)
    return path


def _formats(book: xlsxwriter.Workbook) -> _Formats:
    head = {"bold": True, "border": 1, "text_wrap": True, "align": "center", "valign": "vcenter"}
    return _Formats(
        required=book.add_format({**head, "bg_color": "#F8CBAD"}),
        optional=book.add_format({**head, "bg_color": "#DDEBF7"}),
        example=book.add_format({"font_color": "#7F7F7F", "italic": True, "num_format": "@"}),
        text=book.add_format({"num_format": "@"}),
        date=book.add_format({"num_format": "yyyy-mm-dd"}),
        wrap=book.add_format({"text_wrap": True, "valign": "vcenter"}),
        title=book.add_format({"bold": True, "font_size": 16, "valign": "vcenter"}),
        cell=book.add_format({"border": 1, "text_wrap": True, "valign": "vcenter"}),
        link=book.add_format(
            {"border": 1, "font_color": "#0563C1", "underline": 1, "valign": "vcenter"}
        ),
    )


def _write_guide(book: xlsxwriter.Workbook, schema: Schema, formats: _Formats) -> None:
    sheet = book.add_worksheet("填写说明")
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 2, 48)
    sheet.hide_gridlines(2)
    sheet.set_row(0, 30)
    sheet.merge_range(0, 0, 0, 2, "学校数据填报模板 填写说明", formats.title)
    for line, text in enumerate(_GUIDE, start=1):
        sheet.merge_range(line, 0, line, 2, text, formats.wrap)
        sheet.set_row(line, 20)
    first = len(_GUIDE) + 2
    sheet.write_row(first, 0, ("工作表", "内容", "一行是什么"), formats.optional)
    for line, table in enumerate(schema.tables.values(), start=first + 1):
        sheet.write_url(line, 0, f"internal:'{table.title}'!A1", formats.link, table.title)
        sheet.write_row(line, 1, (table.description, table.grain), formats.cell)
    set_up_print(sheet)


def _write_lists(book: xlsxwriter.Workbook, schema: Schema) -> dict[str, str]:
    """Code lists on a hidden sheet; code list → range for the drop-downs."""
    sheet = book.add_worksheet(_LISTS)
    sheet.hide()
    ranges = {}
    for column, (name, codes) in enumerate(schema.codes.items()):
        labels = [value.label for value in codes.values.values()]
        sheet.write(0, column, codes.title)
        sheet.write_column(1, column, labels)
        letter = xlsxwriter.utility.xl_col_to_name(column)
        ranges[name] = f"={_LISTS}!${letter}$2:${letter}${len(labels) + 1}"
    return ranges


def _write_table(
    sheet: Any, table: Table, schema: Schema, formats: _Formats, ranges: Mapping[str, str]
) -> None:
    sheet.freeze_panes(1, 1)
    sheet.set_row(0, 34)
    set_up_print(sheet, columns=len(table.fields))
    sheet.repeat_columns(0)
    for position, field in enumerate(table.fields):
        mark = "★" if field.required else ""
        sheet.write(0, position, mark + field.title, formats.required if mark else formats.optional)
        note = _note(field, schema)
        if note:
            sheet.write_comment(0, position, note, {"x_scale": 2, "y_scale": 1.5})
        kind = formats.date if field.type == "date" else formats.text
        plain = field.type in ("integer", "number")
        sheet.set_column(position, position, _width(field, schema), None if plain else kind)
        choices = _choices(field, ranges)
        if choices is not None:
            sheet.data_validation(1, position, _FILLABLE_ROWS, position, choices)


def _width(field: Field, schema: Schema) -> int:
    """Characters that the title and what is filled in need; a Chinese one is as wide as two."""
    example = example_cell(field, schema)
    texts = [field.title + "★", EXAMPLE_MARK + example if field.required else example]
    widest = max(sum(2 if character > "\u2e80" else 1 for character in text) for text in texts)
    least = 24 if field.name in (STUDENT_KEY, "id_number") else _WIDTH_BY_TYPE.get(field.type, 14)
    return min(max(least, widest + 2), 30)


def _note(field: Field, schema: Schema) -> str:
    parts = [field.description]
    codes = schema.codes_of(field)
    if codes is not None:
        labels = "、".join(value.label for value in codes.values.values())
        parts.append(
            f"{'可填多个，用顿号分开' if field.reads == 'codes' else '任选一项'}：{labels}"
        )
    if field.aliases:
        parts.append(f"也认得这些列名：{'、'.join(field.aliases)}")
    return "\n".join(part for part in parts if part)


def _choices(field: Field, ranges: Mapping[str, str]) -> dict[str, Any] | None:
    """Drop-down of a column: it warns about other words, because aliases are welcome too."""
    if field.reads == "codes":
        return None
    if field.type == "boolean":
        source: object = ["是", "否"]
    elif field.codes is not None:
        source = ranges[field.codes]
    else:
        return None
    message = {
        "error_title": "不在列表中",
        "error_message": "建议从下拉列表中选择；确实需要也可保留。",
    }
    return {"validate": "list", "source": source, "error_type": "warning", **message}


def _write_example(sheet: Any, table: Table, schema: Schema, formats: _Formats) -> None:
    for position, field in enumerate(table.fields):
        text = example_cell(field, schema)
        prefix = EXAMPLE_MARK if position == 0 else ""
        sheet.write_string(1, position, prefix + text, formats.example)


def example_cell(field: Field, schema: Schema) -> str:
    """What the example row shows for a field: the first code, or a made-up value.

    >>> from kongchuo_risk.contracts.tables import load_schema
    >>> schema = load_schema()
    >>> example_cell(schema.tables["attendance"].by_name["kind"], schema)
    '无故缺勤'
    """
    codes = schema.codes_of(field)
    if codes is not None:
        return next(iter(codes.values.values())).label
    return _EXAMPLES.get(field.name, _EXAMPLE_BY_TYPE.get(field.type, ""))
