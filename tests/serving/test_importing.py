import subprocess
import sys
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from kongchuo_risk.errors import ImportRefusedError, WorkspaceError
from kongchuo_risk.serving.importing import list_imports, undo_import
from kongchuo_risk.tables import load_identities, load_records, unseal_text
from kongchuo_risk.tables.manifest import writing
from kongchuo_risk.workspace import Workspace, create_workspace
from tests.ingestion.builders import (
    ATTENDANCE_HEADER,
    G1,
    G2,
    ROSTER,
    STUDENTS,
    TODAY,
    attendance,
    csv_file,
    import_at,
    workbook,
    workspace_with_roster,
)

ABSENT = [G1, "2025-09-02", "上午", "旷课"]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_with_roster(tmp_path)


def rows(workspace: Workspace, table: str, **options: object) -> pd.DataFrame:
    return load_records(workspace, [table], **options)[table]  # type: ignore[arg-type]


def test_good_rows_land_and_every_bad_row_says_what_would_be_right(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = attendance(
        tmp_path / "考勤.csv",
        ABSENT,
        ["G999999999999999999", "2025-09-02", "上午", "旷课"],
        [G2, "2025-02-30", "上午", "旷课"],
        [G2, "2025-09-03", "夜里", "旷课"],
        [G2, "2026-09-03", "上午", "旷课"],
        ["", "2025-09-03", "上午", "旷课"],
    )
    report = import_at(workspace, path)
    assert (report.read, report.landed, report.refused) == (6, 1, 5)
    found = [(problem.row, problem.column) for problem in report.problems]
    assert sorted(found) == [(3, "学籍号"), (4, "日期"), (5, "时段"), (6, "日期"), (7, "学籍号")]
    by_row = {problem.row: problem for problem in report.problems}
    assert by_row[3].value == "G99****99"
    assert "上午、下午" in by_row[5].advice


def test_the_report_is_an_excel_file_with_every_problem(
    workspace: Workspace, tmp_path: Path
) -> None:
    report = import_at(workspace, attendance(tmp_path / "a.csv", ABSENT, [G2, "x", "上午", "旷课"]))
    assert report.path is not None
    book = openpyxl.load_workbook(report.path)
    assert book.sheetnames == ["汇总", "问题", "原因", "提示"]
    assert [cell.value for cell in book["问题"][2]][2:5] == [3, "日期", "x"]
    assert book["问题"].freeze_panes == "A2"
    assert [cell.value for cell in book["汇总"][3]][3:] == [2, 1, 0, 0, 1, 0]


def test_a_whole_day_is_a_morning_and_an_afternoon(workspace: Workspace, tmp_path: Path) -> None:
    import_at(workspace, attendance(tmp_path / "a.csv", ABSENT))
    report = import_at(
        workspace, attendance(tmp_path / "b.csv", [G1, "2025-09-02", "全天", "旷课"])
    )
    assert (report.read, report.landed) == (1, 1)
    assert rows(workspace, "attendance")["session"].tolist() == ["AM", "PM"]


def test_importing_the_same_file_again_changes_nothing(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = attendance(tmp_path / "a.csv", ABSENT)
    import_at(workspace, path)
    manifest = (workspace.tables / "manifest.json").read_bytes()
    again = import_at(workspace, path)
    assert (again.batch_id, again.skipped_files) == (None, ["a.csv"])
    assert (workspace.tables / "manifest.json").read_bytes() == manifest


def test_the_same_rows_in_another_file_are_already_there(
    workspace: Workspace, tmp_path: Path
) -> None:
    import_at(workspace, attendance(tmp_path / "a.csv", ABSENT))
    other = workbook(tmp_path / "b.xlsx", {"考勤异常": [ATTENDANCE_HEADER, ABSENT, ABSENT]})
    report = import_at(workspace, other)
    assert (report.batch_id, report.existing, report.duplicate) == (None, 1, 1)
    roster = workbook(tmp_path / "again.xlsx", {**ROSTER, "另": [["x"]]})
    assert import_at(workspace, roster).landed == 0


def test_one_file_must_not_say_two_things_of_one_record(
    workspace: Workspace, tmp_path: Path
) -> None:
    header = [*ATTENDANCE_HEADER, "迟到分钟"]
    late = [G1, "2025-09-02", "上午", "迟到"]
    report = import_at(workspace, csv_file(tmp_path / "a.csv", [header, [*late, 5], [*late, 9]]))
    assert (report.landed, report.refused) == (1, 1)
    assert rows(workspace, "attendance")["minutes"].tolist() == [5]


def test_a_correction_is_known_from_the_day_of_its_import(
    workspace: Workspace, tmp_path: Path
) -> None:
    header = ["学籍号", "考试编号", "科目", "分数"]
    import_at(workspace, csv_file(tmp_path / "a.csv", [header, [G1, "E1", "语文", 45]]))
    import_at(workspace, csv_file(tmp_path / "b.csv", [header, [G1, "E1", "语文", 54]]))
    now = rows(workspace, "scores")
    assert now["score"].tolist() == [54.0]
    assert now["known_on"].dt.date.tolist() == [TODAY]
    then = rows(workspace, "scores", as_of=date(2025, 12, 1))
    assert then["score"].tolist() == [45.0]
    assert then["known_on"].dt.date.tolist() == [date(2025, 11, 10)]
    assert rows(workspace, "scores", history=True)["score"].tolist() == [45.0, 54.0]


def test_a_corrected_school_keeps_being_known_from_the_first_day(
    workspace: Workspace, tmp_path: Path
) -> None:
    renamed = [["学校标识码", "学校名称", "办学类型"], ["S1", "乙校", "小学"]]
    before = rows(workspace, "schools")["known_on"].tolist()
    import_at(workspace, csv_file(tmp_path / "学校.csv", renamed))
    after = rows(workspace, "schools")
    assert (after["school_name"].tolist(), after["known_on"].tolist()) == (["乙校"], before)


def test_a_roster_without_a_date_adds_only_the_pupils_that_changed(
    workspace: Workspace, tmp_path: Path
) -> None:
    undated = [row[:5] for row in STUDENTS]
    header = [*undated[0], "是否寄宿"]
    same = csv_file(tmp_path / "same.csv", undated)
    assert import_at(workspace, same).existing == 2
    moved = csv_file(tmp_path / "moved.csv", [header, [*undated[1], "是"], [*undated[2], ""]])
    report = import_at(workspace, moved)
    assert (report.landed, report.existing) == (1, 1)
    students = rows(workspace, "students")
    assert len(students) == 3
    assert students.loc[students["boarding"].eq("2"), "known_on"].dt.date.tolist() == [TODAY]


def test_bands_and_absence_may_stand_in_the_score_column(
    workspace: Workspace, tmp_path: Path
) -> None:
    marks = [[G1, "E1", "语文", "优"], [G1, "E1", "数学", "缺考"], [G2, "E1", "语文", 101],
             [G2, "E1", "数学", ""]]  # fmt: skip
    header = ["学籍号", "考试编号", "科目", "分数"]
    report = import_at(workspace, csv_file(tmp_path / "a.csv", [header, *marks]))
    scores = rows(workspace, "scores").astype({"subject": "str"}).set_index("subject")
    assert scores.loc["chinese", "band"] == "A"
    assert bool(scores.loc["maths", "absent"])
    assert {(p.row, p.column) for p in report.problems} == {(4, "分数"), (5, "分数")}


def test_a_pupil_is_found_by_class_and_name_or_by_citizen_number(tmp_path: Path) -> None:
    workspace = create_workspace(tmp_path / "ws")
    number = "11010519491231002X"
    roster = [[*STUDENTS[0], "身份证号"], [*STUDENTS[1], number], [*STUDENTS[2], ""],
              ["N3", "李四", *STUDENTS[2][2:], ""]]  # fmt: skip
    import_at(workspace, workbook(tmp_path / "r.xlsx", {**ROSTER, "学生": roster}))
    named = [["班级", "姓名", "日期", "时段", "考勤类型"],
             ["七年级（1）班", "张三", "2025-09-02", "上午", "旷课"],
             ["七年级(1)班", "李四", "2025-09-02", "上午", "旷课"]]  # fmt: skip
    by_id = [ATTENDANCE_HEADER, [number, "2025-09-03", "上午", "旷课"]]
    report = import_at(workspace, workbook(tmp_path / "a.xlsx", {"考勤异常": named, "二": by_id}))
    found = rows(workspace, "attendance")
    assert found["student_id"].nunique() == 1
    assert load_identities(workspace)[found["student_id"].iloc[0]]["name"] == "张三"
    (problem,) = report.problems
    assert (problem.row, problem.value) == (3, "李*")


def test_no_identity_and_no_note_is_readable_in_the_tables(
    workspace: Workspace, tmp_path: Path
) -> None:
    visits = [["学籍号", "日期", "走访方式", "主要困难"], [G1, "2025-10-01", "家访", "母亲重病"]]
    import_at(workspace, csv_file(tmp_path / "v.csv", visits))
    stored = b"".join(path.read_bytes() for path in workspace.tables.rglob("*") if path.is_file())
    for secret in (G1, "张三", "母亲重病"):
        assert secret.encode() not in stored
    sealed = rows(workspace, "visits")["difficulty"].iloc[0]
    assert unseal_text(workspace, sealed) == "母亲重病"
    names = {facts["name"] for facts in load_identities(workspace).values()}
    assert names == {"张三", "李四"}


def test_one_unreadable_file_does_not_stop_the_others(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "坏.xlsx").write_bytes(b"x")
    csv_file(folder / "怪.csv", [["甲", "乙"], ["1", "2"]])
    attendance(folder / "考勤.csv", ABSENT)
    report = import_at(workspace, folder)
    assert report.landed == 1
    assert {(p.file, p.row) for p in report.problems} == {("坏.xlsx", 0), ("怪.csv", 0)}
    with pytest.raises(ImportRefusedError, match="不存在"):
        import_at(workspace, tmp_path / "nowhere")


def test_what_lies_beside_the_data_is_passed_over_with_a_note(
    workspace: Workspace, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    (folder / "目录.xlsx").mkdir(parents=True)
    for name in ("~$考勤.xlsx", ".DS_Store", "Thumbs.db", "README.txt", "说明.txt", "照片.jpg"):
        (folder / name).write_text("请先看这里", encoding="utf-8")
    workbook(folder / "空.xlsx", {"Sheet1": []})
    attendance(folder / "考勤.csv", ABSENT)
    report = import_at(workspace, folder)
    assert (report.landed, report.problems) == (1, [])
    assert report.notes == [
        "文件夹里有 2 个文件不是表格，没有读：照片.jpg、说明.txt",
        "README.txt 像是说明文字，没有读",
        "空.xlsx 里没有数据",
    ]


def test_files_that_hold_tables_but_cannot_be_read_say_how_to_save_them(
    workspace: Workspace, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("空.csv", "空.xlsx"):
        (folder / name).touch()
    for name in ("表.et", "报送.zip", "网页.xls"):
        (folder / name).write_bytes(b"<html>")
    report = import_at(workspace, folder)
    advice = {problem.file: problem.advice for problem in report.problems}
    assert "0 字节" in advice["空.csv"]
    assert "0 字节" in advice["空.xlsx"]
    assert "WPS" in advice["表.et"]
    assert "解压" in advice["报送.zip"]
    assert "另存为 .xlsx" in advice["网页.xls"]
    assert not report.usable


def test_totals_and_signatures_under_the_rows_are_no_records(
    workspace: Workspace, tmp_path: Path
) -> None:
    footers = ["合  计", "备注：以上属实", "制表人：甲", "审核：乙", "（盖章）", "负责人签字："]
    rows = [[text, "", "", "2"] for text in footers]
    report = import_at(workspace, attendance(tmp_path / "a.csv", ABSENT, *rows))
    (count,) = report.tables
    assert (count.read, count.landed, count.skipped) == (1, 1, len(footers))


def test_columns_that_are_left_aside_are_named(workspace: Workspace, tmp_path: Path) -> None:
    header = ["序号", *ATTENDANCE_HEADER, "迟到了几分钟", "日期"]
    path = csv_file(tmp_path / "a.csv", [header, [1, *ABSENT, 5, "2025-10-10"]])
    report = import_at(workspace, path)
    assert rows(workspace, "attendance")["day"].dt.month.tolist() == [9]
    assert report.notes[0] == "a.csv：“日期”出现不止一次，用的是第一列"
    assert "没有用到这些列：迟到了几分钟；" in report.notes[1]


def test_names_of_teachers_do_not_enter_the_tables(workspace: Workspace, tmp_path: Path) -> None:
    first, second = ([key, "2025-10-01", "家访"] for key in (G1, G2))
    header = ["学籍号", "日期", "走访方式", "走访人员"]
    visits = [header, [*first, "王芳、李老师"], [*second, "T001、教02"]]
    report = import_at(workspace, csv_file(tmp_path / "v.csv", visits))
    assert report.landed == 2
    assert rows(workspace, "visits")["visitors"].dropna().tolist() == ["T001、教02"]
    assert "“走访人员工号”列写的是姓名" in report.notes[0]


def test_a_copy_of_a_file_in_one_import_is_all_duplicates(
    workspace: Workspace, tmp_path: Path
) -> None:
    paths = [attendance(tmp_path / name, ABSENT) for name in ("a.csv", "b.csv")]
    report = import_at(workspace, *paths)
    assert (report.landed, report.duplicate) == (1, 1)


def test_a_word_in_the_place_of_a_citizen_number_names_nobody(
    workspace: Workspace, tmp_path: Path
) -> None:
    header = [*STUDENTS[0], "身份证号"]
    for number, name in enumerate(("王五", "赵六")):
        row = [f"L34012320120501003{number}", name, *STUDENTS[1][2:], "暂无"]
        import_at(workspace, csv_file(tmp_path / f"{number}.csv", [header, row]))
    assert rows(workspace, "students")["student_id"].nunique() == 4


def test_a_seat_number_is_no_pupil(workspace: Workspace, tmp_path: Path) -> None:
    row = ["07", "王五", *STUDENTS[1][2:]]
    report = import_at(workspace, csv_file(tmp_path / "a.csv", [STUDENTS[0], row]))
    (problem,) = report.problems
    assert "座号" in problem.advice


def test_the_problems_of_one_row_stand_together(workspace: Workspace, tmp_path: Path) -> None:
    report = import_at(workspace, attendance(tmp_path / "a.csv", [G1, "9月1日", "夜里", "旷课"],
                                             [G2, "23-9-1", "夜里", "旷课"]))  # fmt: skip
    assert [problem.row for problem in report.problems] == [2, 2, 3, 3]
    assert report.refused == 2


def test_undo_takes_one_batch_out_and_it_can_be_imported_again(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = attendance(tmp_path / "a.csv", ABSENT)
    batch = import_at(workspace, path).batch_id
    assert batch is not None
    undo_import(workspace, batch)
    assert rows(workspace, "attendance").empty
    assert not list(workspace.tables.rglob(f"{batch}.parquet"))
    assert import_at(workspace, path).landed == 1
    assert len(list_imports(workspace)) == 2
    with pytest.raises(WorkspaceError, match="没有批次"):
        undo_import(workspace, batch)


def test_two_imports_do_not_run_at_once(workspace: Workspace, tmp_path: Path) -> None:
    path = attendance(tmp_path / "a.csv", ABSENT)
    with writing(workspace), pytest.raises(WorkspaceError, match="正在进行"):
        import_at(workspace, path)


def test_progress_is_told_and_sums_up(workspace: Workspace, tmp_path: Path) -> None:
    told: list[tuple[int, int | None, str]] = []
    import_at(workspace, attendance(tmp_path / "a.csv", ABSENT),
              progress=lambda *args: told.append(args))  # fmt: skip
    assert told[-1][0] == 1
    assert "考勤异常" in told[-1][2]


_KILLED = """
import os, sys
from datetime import date
from pathlib import Path
from kongchuo_risk.serving.importing import import_files, undo_import
from kongchuo_risk.workspace import open_workspace

root, what, moment = sys.argv[1:]
workspace = open_workspace(Path(root))
touched = 0

def die_at(event, args):
    global touched
    if event in ("open", "os.rename", "os.remove") and str(args[0]).startswith(root + "/tables"):
        touched += 1
        if moment == str(touched) or moment == event:
            os.kill(os.getpid(), 9)

def die_while_reading(*told):
    if moment == "rows":
        os.kill(os.getpid(), 9)

sys.addaudithook(die_at)
if Path(what).is_file():
    import_files(workspace, [Path(what)], today=date(2025, 12, 31), progress=die_while_reading)
else:
    undo_import(workspace, what)
"""


def _die(workspace: Workspace, what: str, moment: str) -> int:
    """Import a file, or undo a batch, in a process that kills itself: at its n-th touch of the
    tables, while rows are being written, or at the renaming that commits."""
    command = [sys.executable, "-c", _KILLED, str(workspace.root), what, moment]
    return subprocess.run(command, check=False, cwd=Path(__file__).parents[2]).returncode


def _assert_only_named_files(workspace: Workspace) -> None:
    named = {file.path for batch in list_imports(workspace) for file in batch.files}
    found = workspace.tables.rglob("*.parquet")
    assert {file.relative_to(workspace.tables).as_posix() for file in found} == named


@pytest.mark.parametrize(
    ("moment", "landed"),
    [("2", 0), ("rows", 0), ("13", 0), ("19", 0), ("21", 0), ("os.rename", 0), ("23", 3)],
)
def test_an_import_killed_at_any_moment_leaves_the_state_before_or_after(
    workspace: Workspace, tmp_path: Path, moment: str, landed: int
) -> None:
    path = attendance(tmp_path / "a.csv", ABSENT, [G2, "2025-03-03", "全天", "病假"])
    assert _die(workspace, str(path), moment) == -9
    assert len(rows(workspace, "attendance")) == landed
    import_at(workspace, path)
    assert len(rows(workspace, "attendance")) == 3
    _assert_only_named_files(workspace)


@pytest.mark.parametrize(("moment", "left"), [("os.rename", 1), ("os.remove", 0)])
def test_an_undo_killed_at_any_moment_leaves_the_state_before_or_after(
    workspace: Workspace, tmp_path: Path, moment: str, left: int
) -> None:
    batch = import_at(workspace, attendance(tmp_path / "a.csv", ABSENT)).batch_id
    assert batch is not None
    assert _die(workspace, batch, moment) == -9
    assert len(rows(workspace, "attendance")) == left
    import_at(workspace, attendance(tmp_path / "b.csv", [G2, *ABSENT[1:]]))
    assert len(rows(workspace, "attendance")) == left + 1
    _assert_only_named_files(workspace)
