from pathlib import Path

import openpyxl

from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.ingestion.template import EXAMPLE_MARK, example_cell, write_template
from kongchuo_risk.tables import load_records
from kongchuo_risk.workspace import create_workspace
from tests.ingestion.builders import import_at

SCHEMA = load_schema()


def test_the_untouched_template_imports_nothing_and_complains_of_nothing(tmp_path: Path) -> None:
    report = import_at(
        create_workspace(tmp_path / "ws"), write_template(tmp_path / "t.xlsx", SCHEMA)
    )
    assert (report.batch_id, report.read, report.problems) == (None, 0, [])


def test_the_template_filled_in_lands_in_every_table(tmp_path: Path) -> None:
    path = write_template(tmp_path / "t.xlsx", SCHEMA)
    book = openpyxl.load_workbook(path)
    for table in SCHEMA.tables.values():
        for column, field in enumerate(table.fields, start=1):
            book[table.title].cell(3, column).value = example_cell(field, SCHEMA)
    book.save(path)
    workspace = create_workspace(tmp_path / "ws")
    report = import_at(workspace, path)
    assert report.problems == []
    records = load_records(workspace)
    assert {name: len(table) for name, table in records.items()} == dict.fromkeys(SCHEMA.tables, 1)
    assert not any(table["known_on"].isna().any() for table in records.values())


def test_the_template_shows_required_columns_lists_and_examples(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_template(tmp_path / "t.xlsx", SCHEMA))
    titles = [table.title for table in SCHEMA.tables.values()]
    assert book.sheetnames == ["填写说明", *titles, "代码表"]
    assert book["代码表"].sheet_state == "hidden"
    sheet = book["考勤异常"]
    header = [cell.value for cell in sheet[1]]
    assert header[:4] == ["★学籍号", "★日期", "★时段", "★考勤类型"]
    assert str(sheet["A2"].value).startswith(EXAMPLE_MARK)
    assert sheet.column_dimensions["A"].width > 20
    ranges = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert ranges["C2:C5001"].startswith("代码表!")
    plain = openpyxl.load_workbook(write_template(tmp_path / "p.xlsx", SCHEMA, example=False))
    assert plain["考勤异常"].max_row == 1
