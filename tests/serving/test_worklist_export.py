"""The printable list, read back with another library."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from kongchuo_risk.domain.risk import Tier
from kongchuo_risk.serving.services import Services
from kongchuo_risk.serving.worklist_export import COLUMNS, PURPOSE, export_worklist
from tests.serving.school import REASON, STRENGTH, entry, make_workspace, publish_list


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> openpyxl.Workbook:
    folder = tmp_path_factory.mktemp("export")
    workspace = make_workspace(folder / "w")
    publish_list(
        workspace,
        entry("a", Tier.RED, 1),
        entry("b", Tier.YELLOW, 2),
        entry("c", Tier.YELLOW, 3, class_id="C2"),
    )
    path = export_worklist(Services(workspace), folder / "new" / "名单.xlsx")
    return openpyxl.load_workbook(path)


def test_each_school_has_one_sheet_with_its_classes_in_the_order_of_grades(
    book: openpyxl.Workbook,
) -> None:
    assert book.sheetnames == ["示例中学"]
    first = [row[0] for row in book["示例中学"].iter_rows(values_only=True)]
    assert first[3:] == ["七年级1班（1 名）", "黄", "八年级1班（2 名）", "红", "黄"]


def test_a_sheet_lists_its_pupils_with_reasons_and_measures(book: openpyxl.Workbook) -> None:
    rows = list(book["示例中学"].iter_rows(values_only=True))
    assert rows[0][0] == "示例中学　包保名单"
    assert rows[1][0] == "2025年10月15日　共 3 名：红 1 名，橙 0 名，黄 2 名"
    assert list(rows[2]) == [column.title for column in COLUMNS]
    assert rows[6][:2] == ("红", "甲一")
    assert rows[6][2] == f"{REASON.text}\n有利条件：{STRENGTH.text}\n重点群体：留守"
    assert rows[6][3] == "家访（班主任，10月22日前）"


def test_a_name_that_looks_like_a_formula_stays_text(book: openpyxl.Workbook) -> None:
    cell = book["示例中学"]["B8"]
    assert (cell.value, cell.data_type) == ("=甲二", "s")


def test_a_row_is_high_enough_for_its_longest_cell(book: openpyxl.Workbook) -> None:
    sheet = book["示例中学"]
    lines = sheet["C7"].value.count("\n") + 1
    assert lines == 3
    assert sheet.row_dimensions[7].height >= lines * 15


def test_the_sheet_prints_on_a4_landscape_with_its_header_on_every_page(
    book: openpyxl.Workbook,
) -> None:
    sheet = book.worksheets[0]
    assert sheet.page_setup.orientation == "landscape"
    assert int(sheet.page_setup.paperSize) == 9
    assert sheet.print_title_rows == "$3:$3"
    assert sheet["C5"].alignment.wrap_text


def test_the_footer_says_day_model_purpose_and_that_the_data_are_synthetic(
    book: openpyxl.Workbook,
) -> None:
    footer = book.worksheets[0].oddFooter
    assert "2025-10-15" in footer.left.text
    assert "融合模型" in footer.left.text
    assert "合成数据" in footer.left.text
    assert footer.center.text == PURPOSE


def test_no_probability_is_printed(book: openpyxl.Workbook) -> None:
    cells = [value for sheet in book for row in sheet.iter_rows(values_only=True) for value in row]
    assert not [value for value in cells if isinstance(value, float)]


def test_an_empty_list_is_a_sheet_that_says_so(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "w")
    publish_list(workspace, entry("a", Tier.NONE, 1))
    path = export_worklist(Services(workspace), tmp_path / "名单.xlsx")
    assert openpyxl.load_workbook(path).worksheets[0]["A1"].value == "这一天没有学生列入名单"
