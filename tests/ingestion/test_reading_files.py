from pathlib import Path

import pytest
import xlsxwriter

from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.errors import ImportRefusedError
from kongchuo_risk.ingestion.delimited import read_delimited
from kongchuo_risk.ingestion.excel import read_workbook
from kongchuo_risk.ingestion.headers import lay_out, recognise
from kongchuo_risk.ingestion.raw import RawChunk, Sheet
from tests.ingestion.builders import ATTENDANCE_HEADER, G1, ROSTER, attendance, csv_file, workbook

SCHEMA = load_schema()


def cells(chunk: RawChunk) -> list[list[object]]:
    return [[column.cell(row) for column in chunk.columns] for row in range(len(chunk))]


def only_chunk(sheet: Sheet) -> RawChunk:
    (chunk,) = sheet.chunks()
    return chunk


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_is_read_in_any_encoding_and_separator(
    tmp_path: Path, encoding: str, separator: str
) -> None:
    path = attendance(tmp_path / "考勤.csv", [G1, "2025-09-02", "上午", "旷课"],
                      encoding=encoding, separator=separator)  # fmt: skip
    sheet = read_delimited(path, path.name, SCHEMA)
    assert sheet.header == tuple(ATTENDANCE_HEADER)
    assert cells(only_chunk(sheet)) == [[G1, "2025-09-02", "上午", "旷课"]]


def test_title_lines_and_broken_lines_keep_the_row_numbers_right(tmp_path: Path) -> None:
    rows = [["某校九月考勤"], [""], ATTENDANCE_HEADER, [1, 2, 3, 4], [5, 6], [7, 8, 9, 10]]
    sheet = read_delimited(csv_file(tmp_path / "x.csv", rows), "x.csv", SCHEMA)
    assert only_chunk(sheet).rows.tolist() == [4, 6]
    assert sheet.malformed == [(5, "有 2 列，表头有 4 列")]


def test_a_quote_that_is_not_closed_swallows_no_rows_in_silence(tmp_path: Path) -> None:
    lines = [",".join([*ATTENDANCE_HEADER, "说明"]), '1,2,3,4,"发烧\n就医"', '1,2,3,4,"说',
             *["1,2,3,4,5"] * 3]  # fmt: skip
    path = tmp_path / "x.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    sheet = read_delimited(path, "x.csv", SCHEMA)
    assert only_chunk(sheet).rows.tolist() == [2]
    assert sheet.malformed == [(3, "引号没有成对，后面有 3 行被连进了这一行")]


def test_a_title_with_a_line_break_keeps_the_row_numbers_right(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes('考勤\r\n学籍号,"日期\n(年月日)",时段,考勤类型\r\n1,2,3,4\r\n5,6\r\n'.encode())
    sheet = read_delimited(path, "x.csv", SCHEMA)
    assert only_chunk(sheet).rows.tolist() == [3]
    assert [row for row, _ in sheet.malformed] == [4]


def test_a_header_alone_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(",".join(ATTENDANCE_HEADER), encoding="utf-8")
    assert list(read_delimited(path, "x.csv", SCHEMA).chunks()) == []


def test_a_file_that_a_quote_makes_unreadable_says_from_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kongchuo_risk.ingestion.delimited._BLOCK_BYTES", 100)
    rows = [["1", "2", "3", "4"]] * 60
    path = csv_file(tmp_path / "x.csv", [ATTENDANCE_HEADER, *rows, ['"1', *"234"], *rows])
    sheet = read_delimited(path, "x.csv", SCHEMA)
    assert sum(len(chunk) for chunk in sheet.chunks()) < 61
    (problem,) = sheet.malformed
    assert problem[0] <= 62
    assert "后面都没有读" in problem[1]


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"\xff\xff\x00\x81")
    with pytest.raises(ImportRefusedError, match="编码"):
        read_delimited(path, "x.csv", SCHEMA)


def test_excel_keeps_row_numbers_and_fills_cells_merged_downwards(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("考勤异常")
        sheet.merge_range(0, 0, 0, 3, "某校考勤表")
        sheet.write_row(2, 0, ATTENDANCE_HEADER)
        sheet.merge_range(3, 0, 4, 0, G1)
        sheet.write_row(3, 1, ["2025-09-02", "上午", "旷课"])
        sheet.write_row(4, 1, ["2025-09-02", "下午", "旷课"])
        sheet.write_row(6, 0, [G1, "2025-09-03", "下午", "旷课"])
    (found,) = read_workbook(path, path.name, SCHEMA, [].append)
    chunk = only_chunk(found)
    assert chunk.rows.tolist() == [4, 5, 7]
    assert [row[0] for row in cells(chunk)] == [G1] * 3


def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"no workbook")
    with pytest.raises(ImportRefusedError, match="Excel"):
        read_workbook(path, path.name, SCHEMA, [].append)


def test_hidden_sheets_and_charts_are_left_out_with_a_note(tmp_path: Path) -> None:
    path, notes = tmp_path / "x.xlsx", []
    with xlsxwriter.Workbook(path) as book:
        for name in ("考勤异常", "旧表"):
            book.add_worksheet(name).write_row(0, 0, ATTENDANCE_HEADER)
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=考勤异常!$A$1:$A$1"})
        book.add_chartsheet("图").set_chart(chart)
        book.get_worksheet_by_name("旧表").hide()
    assert [sheet.sheet for sheet in read_workbook(path, path.name, SCHEMA, notes.append)] == [
        "考勤异常"
    ]
    assert notes == ["x.xlsx 的工作表“旧表”是隐藏的，没有读；要导入请先取消隐藏"]


def test_headers_match_through_aliases_marks_and_full_width_brackets() -> None:
    header = ["★全国学籍号", "学生姓名*", "上下学距离（公里）", "留守儿童(必填)"]
    found = lay_out(SCHEMA.tables["students"], header).columns
    assert found == {"student_key": 0, "student_name": 1, "school_distance_km": 2, "left_behind": 3}


@pytest.mark.parametrize(("name", "rows"), ROSTER.items())
def test_a_sheet_is_recognised_by_its_columns_alone(name: str, rows: list[list[str]]) -> None:
    layout = recognise(SCHEMA, ["Sheet1"], rows[0])
    assert layout is not None
    assert layout.table.title == name


def test_every_table_of_the_template_is_recognised_by_its_own_columns() -> None:
    for table in SCHEMA.tables.values():
        layout = recognise(SCHEMA, ["Sheet1"], [field.title for field in table.fields])
        assert layout is not None
        assert layout.table.name == table.name


def test_explanations_are_no_data(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", {"填写说明": [["学籍号", "姓名"]], **ROSTER})
    assert [sheet.sheet for sheet in read_workbook(path, "x", SCHEMA, [].append)] == list(ROSTER)
