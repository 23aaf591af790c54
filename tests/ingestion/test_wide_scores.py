from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter

from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.ingestion.wide_scores import wide_layout
from kongchuo_risk.tables import load_identities, load_records
from kongchuo_risk.workspace import Workspace
from tests.ingestion.builders import (
    EXAMS,
    G1,
    G2,
    Rows,
    csv_file,
    import_at,
    workbook,
    workspace_with_roster,
)

SCHEMA = load_schema()


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_with_roster(tmp_path)


def marks(workspace: Workspace) -> pd.DataFrame:
    """Marks by the pupil's name and the subject."""
    scores = load_records(workspace, ["scores"])["scores"].astype({"subject": "str"})
    names = {number: facts["name"] for number, facts in load_identities(workspace).items()}
    return scores.assign(pupil=scores["student_id"].astype("str").map(names)).set_index(
        ["pupil", "subject"]
    )


def sheet(tmp_path: Path, rows: Rows, *, name: str = "E1") -> Path:
    return workbook(tmp_path / "成绩.xlsx", {name: rows})


@pytest.mark.parametrize(
    ("title", "code", "full"),
    [("语文", "chinese", None), ("数学(120)", "maths", 120), ("英语（满分150分）", "english", 150),
     ("物理\n成绩", "physics", None), ("★历史【100】", "history", 100),
     ("思品分数", "politics", None)],
)  # fmt: skip
def test_a_subject_is_read_from_its_title_with_its_full_mark(
    title: str, code: str, full: float | None
) -> None:
    layout = wide_layout(SCHEMA, ["学籍号", title])
    assert layout is not None
    assert [(subject.code, subject.full) for subject in layout.subjects] == [(code, full)]


@pytest.mark.parametrize(
    "header",
    [["学籍号", "科目", "语文"], ["语文", "数学"], ["学籍号", "总分"], ["学籍号", "语文名次"]],
)
def test_a_sheet_without_subjects_or_pupils_is_not_wide(header: list[str]) -> None:
    assert wide_layout(SCHEMA, header) is None


def test_a_column_per_subject_becomes_a_row_per_mark(workspace: Workspace, tmp_path: Path) -> None:
    rows = [["某校七年级期中成绩", "", "", "", "", "", "", ""],
            ["序号", "姓名", "学籍号", "语文(120)", "数学", "英语", "美术", "名次"],
            [1, "张三", G1, 101.5, "缺考", "优", "—", 1],
            [2, "李四", G2, "", "作弊", 0, "x", 2],
            ["", "平均分", "", 88, 70, 60, "", ""], ["制表人：某某", *[""] * 7]]  # fmt: skip
    report = import_at(workspace, sheet(tmp_path, rows))
    stored = marks(workspace)
    assert set(stored.index) == {("张三", "chinese"), ("张三", "maths"), ("张三", "english"),
                                 ("李四", "english")}  # fmt: skip
    assert stored.loc[("张三", "chinese"), ["score", "full_score"]].tolist() == [101.5, 120]
    assert bool(stored.loc[("张三", "maths"), "absent"])
    assert stored.loc[("张三", "english"), "band"] == "A"
    assert stored.loc[("李四", "english"), ["score", "full_score"]].tolist() == [0, 100]
    (problem,) = report.problems
    assert (problem.row, problem.column, problem.value) == (4, "美术", "x")
    (count,) = report.tables
    assert (count.read, count.landed, count.refused, count.skipped) == (5, 4, 1, 3)
    notes = " ".join(report.notes)
    assert "名次" in notes
    assert "1 个成绩写的是作弊" in notes


def test_a_row_of_full_marks_counts_and_a_total_without_one_is_their_sum(
    workspace: Workspace, tmp_path: Path
) -> None:
    rows = [["姓名", "学籍号", "语文", "数学", "总分"], ["满分", "", 120, "150分", ""],
            ["张三", G1, 110, 140, 250]]  # fmt: skip
    report = import_at(workspace, sheet(tmp_path, rows))
    assert report.problems == []
    assert marks(workspace).loc["张三", "full_score"].to_dict() == {
        "chinese": 120, "maths": 150, "total": 270,
    }  # fmt: skip


def test_a_score_and_a_band_of_one_subject_are_one_mark(
    workspace: Workspace, tmp_path: Path
) -> None:
    rows = [["学籍号", "语文分数", "语文等第", "音乐等第"], [G1, 80, "良", "优"]]
    assert import_at(workspace, sheet(tmp_path, rows)).landed == 2
    stored = marks(workspace).loc["张三"]
    assert stored.loc["chinese", ["score", "band"]].tolist() == [80, "B"]
    assert stored.loc["music", "band"] == "A"


def test_subjects_may_stand_above_their_score_and_band(
    workspace: Workspace, tmp_path: Path
) -> None:
    rows = [["学籍号", "语文", "", "数学", ""], ["", "分数", "等第", "分数", "等第"],
            [G1, 80, "良", 95, "优"]]  # fmt: skip
    path = tmp_path / "成绩.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("E1")
        for line, row in enumerate(rows):
            page.write_row(line, 0, row)
        page.merge_range(0, 0, 1, 0, "学籍号")
        page.merge_range(0, 1, 0, 2, "语文")
        page.merge_range(0, 3, 0, 4, "数学")
    assert import_at(workspace, path).problems == []
    assert marks(workspace).loc["张三", ["score", "band"]].to_numpy().tolist() == [
        [80, "B"], [95, "A"],
    ]  # fmt: skip


def test_the_class_may_be_named_by_the_sheet_and_seat_numbers_give_way_to_names(
    workspace: Workspace, tmp_path: Path
) -> None:
    by_title = [["期中考试 班级：七年级（1）班"], ["姓名", "语文"], ["张三", 90], ["王五", 80]]
    by_column = [
        ["班级", "学号", "姓名", "数学", "考试编号"],
        ["七年级(1)班", "1", "李四", 70, "E1"],
    ]
    report = import_at(
        workspace, workbook(tmp_path / "a.xlsx", {"期中": by_title, "二": by_column})
    )
    assert marks(workspace)["score"].to_dict() == {("张三", "chinese"): 90, ("李四", "maths"): 70}
    (problem,) = report.problems
    assert (problem.row, problem.column, problem.value) == (4, "姓名", "王*")


def test_names_without_any_class_are_refused_with_the_cure(
    workspace: Workspace, tmp_path: Path
) -> None:
    report = import_at(workspace, sheet(tmp_path, [["姓名", "语文"], ["张三", 90]]))
    (problem,) = report.problems
    assert "看不出是哪个班" in problem.advice


def exam(number: str, term: str, day: str, grade: str, name: str = "期中考试") -> list[str]:
    return [number, term, name, "期中", day, grade, day]


@pytest.mark.parametrize(
    ("sheet_name", "caption", "exam_id"),
    [("E1", "", "E1"), ("期中", "2025-2026学年第一学期", "E1"), ("期中成绩", "2024年秋季", "E0"),
     ("期末", "", "F1"), ("Sheet1", "七年级期末考试成绩表", "F1")],
)  # fmt: skip
def test_the_exam_is_found_by_what_is_around_the_marks_and_by_the_pupils_grade(
    workspace: Workspace, tmp_path: Path, sheet_name: str, caption: str, exam_id: str
) -> None:
    others = [exam("E8", "2025-2026-1", "2025-11-05", "8"),
              exam("E0", "2024-2025-1", "2024-11-05", "7"),
              exam("F1", "2025-2026-1", "2025-12-25", "7", "期末考试")]  # fmt: skip
    import_at(workspace, workbook(tmp_path / "考试.xlsx", {"考试": [EXAMS[0], *others]}))
    rows = [[caption], ["学籍号", "语文"], [G1, 90]]
    report = import_at(workspace, sheet(tmp_path, rows, name=sheet_name))
    assert report.problems == []
    assert load_records(workspace, ["scores"])["scores"]["exam_id"].tolist() == [exam_id]


def test_an_exam_that_cannot_be_told_is_refused_with_its_candidates(
    workspace: Workspace, tmp_path: Path
) -> None:
    second = exam("E2", "2025-2026-1", "2025-11-20", "7")
    import_at(workspace, csv_file(tmp_path / "考试.csv", [EXAMS[0], second]))
    import_at(workspace, csv_file(tmp_path / "改.csv", [EXAMS[0], exam("E1", *second[1:2],
        "2025-11-05", "7")]))  # fmt: skip
    report = import_at(workspace, sheet(tmp_path, [["学籍号", "语文"], [G1, 90]], name="期中"))
    (problem,) = report.problems
    assert "E1" in problem.advice
    assert "E2" in problem.advice
    unknown = import_at(workspace, sheet(tmp_path, [["学籍号", "语文"], [G1, 9]], name="月考"))
    assert "认不出是哪场考试" in unknown.problems[0].advice
