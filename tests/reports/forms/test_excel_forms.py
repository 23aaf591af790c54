"""The Excel forms: what is written is read back, nothing computes, every page prints on A4."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from kongchuo_risk.errors import ContractError
from kongchuo_risk.reports.forms.catalogue import entry_named
from kongchuo_risk.reports.forms.excel_forms import EXCEL_FORMS, LEDGERS, ledger_file, rows_of
from kongchuo_risk.reports.forms.ledger_book import Column
from kongchuo_risk.reports.forms.roll_sheet import RollWeek, roll_workbook, roll_workbooks
from kongchuo_risk.reports.forms.school_facts import Heading, PupilLine

DAY = date(2025, 9, 8)
HEADING = Heading("第一中学", "2025—2026学年第一学期", DAY, "一中控辍〔2025〕3号", "教师甲")
WORDS = st.text(st.sampled_from("甲乙=+@-&<{}'\"1 e"), max_size=12).map(str.strip)


def cells(workbook: bytes, name: str) -> list[list[Any]]:
    return (
        CalamineWorkbook.from_filelike(BytesIO(workbook))
        .get_sheet_by_name(name)
        .to_python(skip_empty_area=False)
    )


def table(workbook: bytes, name: str) -> list[dict[str, Any]]:
    """Rows of a ledger by the names of its columns."""
    rows = cells(workbook, name)
    titles = list(LEDGERS[name].column_names)
    head = rows.index(titles)
    return [dict(zip(titles, row, strict=True)) for row in rows[head + 1 :]]


def value_of(column: Column) -> Any:
    if column.is_day:
        return DAY
    return column.options[-1] if column.options else f"{column.name}值"


def rows_for(name: str, count: int = 2) -> list[dict[str, Any]]:
    columns = [column for column in LEDGERS[name].columns if column.name != "序号"]
    return [{column.name: value_of(column) for column in columns} for _ in range(count)]


@pytest.mark.parametrize("name", LEDGERS)
def test_a_full_ledger_is_read_back_as_it_was_written(name: str) -> None:
    rows = rows_for(name)
    read = table(ledger_file(name, HEADING, rows), name)
    numbered = "序号" in LEDGERS[name].column_names
    expected = [{**row, **({"序号": n} if numbered else {})} for n, row in enumerate(rows, 1)]
    assert read == expected


@settings(max_examples=20, deadline=None)
@given(st.lists(WORDS, min_size=3, max_size=3))
def test_whatever_is_written_stands_there_as_text_and_never_computes(said: list[str]) -> None:
    row = dict(zip(("姓名", "下一步", "备注"), said, strict=True))
    workbook = ledger_file("劝返工作台账", HEADING, [row])
    read = table(workbook, "劝返工作台账")[0]
    assert {name: read[name] for name in row} == row
    page = load_workbook(BytesIO(workbook)).active
    assert not any(cell.data_type == "f" for line in page.iter_rows() for cell in line)


def test_a_heading_that_looks_like_a_formula_is_text() -> None:
    odd = Heading("=1+1", "=2", DAY, "=3", "=4")
    page = load_workbook(BytesIO(ledger_file("辍学台账", odd))).active
    assert not any(cell.data_type == "f" for line in page.iter_rows() for cell in line)


def fit_of(page: Any) -> tuple[int, int, int]:
    """Kind of paper (9 is A4), pages wide, pages high (0: as many as needed)."""
    setup = page.page_setup
    assert page.sheet_properties.pageSetUpPr.fitToPage
    sides = (1 if side is None else int(side) for side in (setup.fitToWidth, setup.fitToHeight))
    return (int(setup.paperSize), *sides)


@pytest.mark.parametrize("name", LEDGERS)
def test_a_ledger_prints_on_a4_with_its_titles_and_signatures_on_every_page(name: str) -> None:
    page = load_workbook(BytesIO(ledger_file(name, HEADING, rows_for(name)))).active
    assert fit_of(page) == (9, 1, 0)
    assert page.print_title_rows
    assert "填表人" in page.oddFooter.left.text
    assert "&P" in page.oddFooter.right.text or "[Page]" in page.oddFooter.right.text
    top = "".join(str(cell) for row in cells(ledger_file(name, HEADING), name)[:3] for cell in row)
    assert ("文号：一中控辍〔2025〕3号" in top) is entry_named(name).numbered


@pytest.mark.parametrize("name", LEDGERS)
def test_an_empty_ledger_has_empty_rows_and_nothing_in_them(name: str) -> None:
    page = load_workbook(BytesIO(ledger_file(name, Heading()))).active
    head = next(
        row[0].row
        for row in page.iter_rows()
        if [cell.value for cell in row] == list(LEDGERS[name].column_names)
    )
    assert page.max_row - head == LEDGERS[name].blank_rows
    below = page.iter_rows(min_row=head + 1, values_only=True)
    assert all(cell is None for row in below for cell in row)
    assert page.row_dimensions[head + 1].height > 27


def test_equal_content_gives_equal_bytes() -> None:
    first, second = (ledger_file("包保名册", HEADING, rows_for("包保名册")) for _ in range(2))
    assert first == second


def test_columns_that_a_ledger_does_not_have_are_named() -> None:
    with pytest.raises(ContractError, match="《包保名册》没有这些列：排名、分数"):
        ledger_file("包保名册", HEADING, [{"排名": 1}, {"分数": 2}])
    with pytest.raises(ContractError, match="没有叫“黑名单”的表册"):
        ledger_file("黑名单", HEADING)


def test_rows_of_a_report_keep_the_columns_that_the_form_has() -> None:
    report = pd.DataFrame(
        {"student_id": ["a"], "姓名": ["学生甲"], "登记日期": [pd.Timestamp(DAY)], "去向": [None]}
    )
    rows = rows_of("辍学台账", report)
    assert [list(row) for row in rows] == [["姓名", "登记日期"]]
    assert table(ledger_file("辍学台账", HEADING, rows), "辍学台账")[0]["登记日期"] == DAY


def test_choices_are_offered_where_a_column_has_them() -> None:
    page = load_workbook(BytesIO(ledger_file("走访登记表", HEADING))).active
    lists = [rule.formula1 for rule in page.data_validations.dataValidation]
    assert '"上门,电话,线上"' in lists
    assert '"是,否"' in lists


def test_every_excel_form_says_what_its_columns_hold() -> None:
    assert {entry.name for entry in EXCEL_FORMS} == {*LEDGERS, "点名表"}
    assert all(field.meaning for entry in EXCEL_FORMS for field in entry.columns)


PUPILS = [PupilLine(f"p{n}", f"学生{n}", f"p{n}", "七年级1班", "C1") for n in range(50)]
WEEK = RollWeek("C1", "七年级1班", PUPILS, (DAY, date(2025, 9, 9)), {("p0", DAY, "PM"): "病 感冒"})


def test_a_week_of_fifty_pupils_is_one_page_with_two_columns_a_day() -> None:
    page = load_workbook(BytesIO(roll_workbook(WEEK, HEADING))).active
    assert fit_of(page) == (9, 1, 1)
    rows = cells(roll_workbook(WEEK, HEADING), "点名表")
    titles = next(row for row in rows if row[:2] == ["学生代码", "姓名"])
    assert titles[2:] == ["周一上午", "周一下午", "周二上午", "周二下午"]
    assert rows[rows.index(titles) - 1][2:] == [DAY, DAY, date(2025, 9, 9), date(2025, 9, 9)]
    assert rows[rows.index(titles) + 2] == ["p0", "学生0", "", "病 感冒", "", ""]


def test_a_school_s_classes_stand_on_a_sheet_each() -> None:
    workbook = roll_workbooks([WEEK, WEEK], HEADING)
    assert load_workbook(BytesIO(workbook)).sheetnames == ["点名表1", "点名表2"]
