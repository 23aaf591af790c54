"""Paper typed in: what was printed and filled is read back, and what is wrong is said in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy.engine import Engine

from kongchuo_risk.cases import case_store
from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.attendance import Absence, ClassSheet, Observation
from kongchuo_risk.domain.case import Case, CaseStatus
from kongchuo_risk.domain.clock import CHINA
from kongchuo_risk.domain.visit import (
    Attitude,
    Step,
    StepKind,
    Visit,
    VisitMode,
    Visitor,
    VisitResult,
)
from kongchuo_risk.errors import ImportRefusedError
from kongchuo_risk.reports.forms.excel_forms import ledger_file
from kongchuo_risk.reports.forms.roll_sheet import RollWeek, roll_workbook
from kongchuo_risk.reports.forms.school_facts import Heading, PupilLine
from kongchuo_risk.reports.forms.typed_rows import (
    mark_of,
    observation_row,
    step_row,
    visit_row,
    watch_row,
)
from kongchuo_risk.serving.casework.roll import Rolls
from kongchuo_risk.serving.class_roster import NoSuchPupilError, Roster, roster_of
from kongchuo_risk.serving.paper_sheets import class_rows, roll_week
from kongchuo_risk.serving.typed_roll import read_roll_sheet
from kongchuo_risk.serving.typed_sheets import (
    read_progress_sheet,
    read_sign_sheet,
    read_visit_sheet,
    read_watch_sheet,
)
from kongchuo_risk.serving.typed_taking import (
    open_case_ids,
    take_observations,
    take_sheets,
    take_steps,
    take_visits,
)
from tests.cases.builders import database
from tests.serving.school import make_workspace

DAY = date(2025, 9, 8)
AT = datetime.combine(DAY, time(14, 30), tzinfo=CHINA)
JIA = PupilLine("aaaa1111bb", "学生甲", "aaaa11", "七年级1班", "C1", "S1")
YI = PupilLine("bbbb1111bb", "学生乙", "bbbb11", "七年级1班", "C1", "S1")
OTHER_YI = PupilLine("cccc1111bb", "学生乙", "cccc11", "七年级1班", "C1", "S1")
BING = PupilLine("dddd1111bb", "学生丙", "dddd11", "七年级2班", "C2", "S1")
ROSTER = Roster([JIA, YI, OTHER_YI, BING])
CASES = {JIA.student_id: 7}
FILLED: Mapping[str, Any] = {
    "班级": "七年级1班", "姓名": "学生甲", "日期": "2025-09-08", "时间": "14:30", "方式": "上门",
    "走访人": "教师甲（班主任）、教师乙（校长）", "见到学生": "是", "见到监护人": "否",
    "谈话内容": "谈了上学的事", "学生态度": "犹豫", "结果": "未返校", "下一步": "明天再去",
}  # fmt: skip
VISIT = Visit(
    JIA.student_id, AT, VisitMode.HOME,
    (Visitor("教师甲", Role.HOMEROOM), Visitor("教师乙", Role.PRINCIPAL)), VisitResult.NOT_RETURNED,
    met_student=True, talk="谈了上学的事", attitude=Attitude.HESITANT, next_step="明天再去",
)  # fmt: skip


def filled(folder: Path, name: str, rows: Sequence[Mapping[str, Any]]) -> Path:
    path = folder / f"{name}.xlsx"
    path.write_bytes(ledger_file(name, Heading("第一中学", day=DAY), rows))
    return path


def test_a_filled_row_becomes_a_visit(tmp_path: Path) -> None:
    visits, problems = read_visit_sheet(filled(tmp_path, "走访登记表", [FILLED]), ROSTER)
    assert (visits, problems) == ([VISIT], [])


def test_a_visit_belongs_to_the_open_case_and_knows_its_staff(tmp_path: Path) -> None:
    path = filled(tmp_path, "走访登记表", [FILLED])
    visits, _ = read_visit_sheet(path, ROSTER, cases=CASES, staff={"教师甲": "T1"})
    assert visits[0].case_id == 7
    assert [visitor.staff_no for visitor in visits[0].visitors] == ["T1", None]


TEXT = st.text(st.sampled_from("甲乙丙=，。1a"), max_size=8)
VISITS = st.builds(
    Visit,
    student_id=st.sampled_from([pupil.student_id for pupil in ROSTER.pupils]),
    at=st.integers(0, 60 * 24 * 90).map(lambda minutes: AT + timedelta(minutes=minutes)),
    mode=st.sampled_from(VisitMode),
    visitors=st.lists(
        st.builds(Visitor, st.sampled_from(["教师甲", "教师乙"]), st.sampled_from(Role)),
        min_size=1, max_size=3,
    ).map(tuple),
    result=st.sampled_from([result for result in VisitResult if result != "未见到"]),
    met_student=st.just(True),
    met_guardian=st.just(True),
    guardian=TEXT,
    talk=TEXT.map("谈".__add__),
    attitude=st.sampled_from(Attitude),
    guardian_opinion=TEXT.map("意".__add__),
    difficulty=TEXT,
    next_step=TEXT.map("再".__add__),
    promise=st.none() | st.dates(DAY, DAY + timedelta(days=60)),
)  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(st.lists(VISITS, max_size=4, unique_by=lambda visit: (visit.student_id, visit.at)))
def test_visits_that_are_written_to_a_sheet_are_read_back_equal(
    tmp_path_factory: pytest.TempPathFactory, visits: list[Visit]
) -> None:
    pupils = {pupil.student_id: pupil for pupil in ROSTER.pupils}
    rows = [visit_row(visit, pupils[visit.student_id]) for visit in visits]
    path = filled(tmp_path_factory.mktemp("typed"), "走访登记表", rows)
    assert read_visit_sheet(path, ROSTER) == (visits, [])


@pytest.mark.parametrize(
    ("changes", "column", "advice"),
    [
        ({"班级": "九年级9班"}, "班级", "没有这个班"),
        ({"姓名": "学生丁"}, "姓名", "本班没有这名学生"),
        ({"姓名": "学生乙"}, "学生代码", "本班有 2 名同名学生，请填学生代码：bbbb11、cccc11"),
        ({"学生代码": "bbbb11"}, "学生代码", "代码和姓名不是同一名学生"),
        ({"日期": "9月8日"}, "日期", "没有年份"),
        ({"日期": "2099-01-01"}, "日期", "日期在今天之后"),
        ({"日期": ""}, "日期", "请写日期"),
        ({"时间": "傍晚"}, "时间", "应为 14:30"),
        ({"方式": "写信"}, "方式", "应为：上门、电话、线上"),
        ({"走访人": "教师甲"}, "走访人", "应为 姓名（身份）"),
        ({"走访人": ""}, "走访人", "请写走访人"),
        ({"见到学生": "也许"}, "见到学生", "应为 是 或 否"),
        ({"结果": "不知道"}, "结果", "应为：已返校"),
        ({"谈话内容": ""}, "整行", "请写谈话内容"),
    ],
)
def test_a_row_that_cannot_be_read_is_told_and_the_next_one_goes_on(
    tmp_path: Path, changes: dict[str, str], column: str, advice: str
) -> None:
    good = {**FILLED, "时间": "09:00"}
    path = filled(tmp_path, "走访登记表", [{**FILLED, **changes}, good])
    visits, problems = read_visit_sheet(path, ROSTER)
    assert [visit.at.hour for visit in visits] == [9]
    assert [(found.row, found.column) for found in problems] == [(5, column)]
    assert advice in problems[0].advice
    assert (problems[0].file, problems[0].sheet) == ("走访登记表.xlsx", "走访登记表")


def test_everything_that_is_wrong_in_a_row_is_told_and_names_stay_hidden(tmp_path: Path) -> None:
    row = {**FILLED, "姓名": "学生丁", "方式": "写信", "日期": "昨天"}
    _, problems = read_visit_sheet(filled(tmp_path, "走访登记表", [row]), ROSTER)
    assert {found.column: found.value for found in problems} == {
        "姓名": "学**", "方式": "写信", "日期": "昨天",
    }  # fmt: skip


def test_paper_is_read_kindly(tmp_path: Path) -> None:
    row = {
        **FILLED, "班级": "七年级 １班", "日期": "2025年9月8日", "时间": "14：30", "方式": "家访",
        "走访人": "教师甲(班主任)，教师乙（校长）", "见到学生": "√", "见到监护人": "×",
        "学生态度": "摇摆", "学生代码": "AAAA11",
    }  # fmt: skip
    assert read_visit_sheet(filled(tmp_path, "走访登记表", [row]), ROSTER) == ([VISIT], [])


def test_a_part_of_the_day_is_enough(tmp_path: Path) -> None:
    path = filled(tmp_path, "走访登记表", [{**FILLED, "时间": "下午"}])
    assert read_visit_sheet(path, ROSTER)[0][0].at.hour == 15


def test_a_printed_sheet_with_pupils_alone_is_empty(tmp_path: Path) -> None:
    path = filled(tmp_path, "走访登记表", [JIA.cells, YI.cells])
    assert read_visit_sheet(path, ROSTER) == ([], [])


def test_the_same_visit_twice_in_a_file_counts_once(tmp_path: Path) -> None:
    visits, problems = read_visit_sheet(filled(tmp_path, "走访登记表", [FILLED] * 2), ROSTER)
    assert len(visits) == 1
    assert problems[0].advice == "与第 5 行是同一条记录，只取前一行"


def test_a_file_that_is_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError, match="没有工作表“走访登记表”；有：苗头登记表"):
        read_visit_sheet(filled(tmp_path, "苗头登记表", []), ROSTER)
    (tmp_path / "a.xlsx").write_text("not Excel")
    for read in (read_visit_sheet, read_sign_sheet, read_roll_sheet):
        with pytest.raises(ImportRefusedError, match="不是有效的 Excel 文件"):
            read(tmp_path / "a.xlsx", ROSTER)


def test_a_class_of_two_schools_asks_for_the_code_of_the_class() -> None:
    there = PupilLine("eeee1111bb", "学生甲", "eeee11", "七年级1班", "D1", "S2")
    both = Roster([JIA, there])
    with pytest.raises(NoSuchPupilError, match="请写班级代码"):
        both.find("七年级1班", "学生甲")
    assert both.find("D1", "学生甲") == there
    assert both.find("", "", "eeee11") == there


SIGN = Observation(JIA.student_id, DAY, "aversion", "教师甲", level=2, note="说不想上学")
STEP = Step(7, StepKind.PAPER, AT, "教师甲", "", "转入学校接收证明")
WATCH = Step(
    7, StepKind.OBSERVED, datetime.combine(DAY, time(12), tzinfo=CHINA), "教师甲", "跟得上",
    at_school=True, attitude=Attitude.WILLING,
)  # fmt: skip


def test_signs_steps_and_observations_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    signs = filled(tmp_path, "苗头登记表", [observation_row(SIGN, JIA)])
    steps = filled(tmp_path, "劝返进展登记表", [step_row(STEP, JIA)])
    watch = filled(tmp_path, "跟踪观察表", [watch_row(WATCH, JIA)])
    assert read_sign_sheet(signs, ROSTER) == ([SIGN], [])
    assert read_progress_sheet(steps, ROSTER, cases=CASES) == ([STEP], [])
    assert read_watch_sheet(watch, ROSTER, cases=CASES) == ([WATCH], [])


def test_a_step_needs_an_open_case_and_a_paper_its_name(tmp_path: Path) -> None:
    rows = [step_row(STEP, BING), {**step_row(STEP, JIA), "材料": ""}]
    _, problems = read_progress_sheet(filled(tmp_path, "劝返进展登记表", rows), ROSTER, cases=CASES)
    assert [found.column for found in problems] == ["姓名", "材料"]
    assert "没有未销号的案件" in problems[0].advice


FIRST_CLASS = [JIA, YI, OTHER_YI]


def roll(
    folder: Path, marks: dict[tuple[str, date, str], str], taken: dict[tuple[date, str], str]
) -> Path:
    week = RollWeek("C1", "七年级1班", FIRST_CLASS, (DAY, date(2025, 9, 9)), marks, taken)
    path = folder / "点名表.xlsx"
    path.write_bytes(roll_workbook(week, Heading("第一中学", day=DAY)))
    return path


def test_a_session_counts_when_it_was_signed_or_marked(tmp_path: Path) -> None:
    marks = {(YI.student_id, DAY, "PM"): "旷 打工", (JIA.student_id, DAY, "PM"): "√"}
    sheets, problems = read_roll_sheet(roll(tmp_path, marks, {(DAY, "AM"): "教师甲"}), ROSTER)
    away = Absence(YI.student_id, "unexcused", "work")
    assert problems == []
    assert sheets == [
        ClassSheet("S1", "C1", DAY, "AM", 3, taken_by="教师甲"),
        ClassSheet("S1", "C1", DAY, "PM", 3, (away,)),
    ]


def test_a_session_with_an_unknown_sign_is_left_out_and_told(tmp_path: Path) -> None:
    marks = {(JIA.student_id, DAY, "AM"): "？", (YI.student_id, DAY, "PM"): "病"}
    sheets, problems = read_roll_sheet(roll(tmp_path, marks, {}), ROSTER)
    assert [sheet.session for sheet in sheets] == ["PM"]
    assert [(found.column, found.value) for found in problems] == [("2025-09-08 AM", "？")]
    assert "应为：旷、未报、病、事、迟、退；空着是到校" in problems[0].advice


def test_a_sheet_of_another_class_is_refused_in_words(tmp_path: Path) -> None:
    sheets, problems = read_roll_sheet(roll(tmp_path, {}, {(DAY, "AM"): "教师甲"}), Roster([BING]))
    assert sheets == []
    assert [(found.column, found.value) for found in problems] == [("班级代码", "C1")]


@pytest.mark.parametrize("row", [5, 6, 7])
def test_a_sheet_whose_head_was_changed_is_refused_in_words(tmp_path: Path, row: int) -> None:
    path = roll(tmp_path, {}, {(DAY, "AM"): "教师甲"})
    book = load_workbook(path)
    book.active.delete_rows(row)
    book.save(path)
    sheets, problems = read_roll_sheet(path, ROSTER)
    assert sheets == []
    assert problems
    assert all("请用印好的点名表" in found.advice for found in problems)


@settings(max_examples=15, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([pupil.student_id for pupil in FIRST_CLASS]),
        st.tuples(
            st.sampled_from(["unexcused", "not_reported", "sick", "personal", "late"]),
            st.none() | st.sampled_from(["illness", "work", "weather"]),
            st.sampled_from(["", "去外婆家"]),
        ),
    )
)
def test_absences_that_are_marked_are_read_back_equal(
    tmp_path_factory: pytest.TempPathFactory, said: dict[str, tuple[str, str | None, str]]
) -> None:
    absences = {
        Absence(pupil, kind, None if note else reason, note)
        for pupil, (kind, reason, note) in said.items()
    }
    marks = {(absence.student_id, DAY, "AM"): mark_of(absence) for absence in absences}
    folder = tmp_path_factory.mktemp("roll")
    sheets, problems = read_roll_sheet(roll(folder, marks, {(DAY, "AM"): "教师甲"}), ROSTER)
    assert (set(sheets[0].absences), problems) == (absences, [])


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return database(tmp_path)


def test_the_same_file_twice_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    case = Case(JIA.student_id, "S1", "C1", DAY, CaseStatus.SUSPECTED)
    with case_store(engine) as store:
        store.cases.add(case, by="教师甲")
    for added in (1, 0):
        with case_store(engine) as store:
            cases = open_case_ids(store)
            path = filled(tmp_path, "走访登记表", [FILLED])
            visits, _ = read_visit_sheet(path, ROSTER, cases=cases)
            signs = filled(tmp_path, "苗头登记表", [observation_row(SIGN, JIA)])
            steps = filled(tmp_path, "跟踪观察表", [watch_row(WATCH, JIA)])
            watched, _ = read_watch_sheet(steps, ROSTER, cases=cases)
            taken = [
                take_visits(store, visits, "打字员"),
                take_observations(store, read_sign_sheet(signs, ROSTER)[0], "打字员"),
                take_steps(store, watched, "打字员"),
            ]
            assert [(one.added, one.known) for one in taken] == [(added, 1 - added)] * 3
    with case_store(engine) as store:
        kept = store.visits.of_pupil(JIA.student_id)
        assert [(visit.number, visit.recorded_by) for visit in kept] == [(1, "打字员")]
        assert store.steps.of_case(kept[0].case_id)[0].note == "跟得上（经办：教师甲）"


def test_a_visit_from_before_the_absence_does_not_count_for_the_case(engine: Engine) -> None:
    case = Case(JIA.student_id, "S1", "C1", DAY, CaseStatus.SUSPECTED, absent_since=DAY)
    with case_store(engine) as store:
        stored = store.cases.add(case, by="教师甲")
        early = replace(VISIT, case_id=stored.id, at=AT - timedelta(days=1))
        take_visits(store, [early, replace(VISIT, case_id=stored.id)], "打字员")
        assert [visit.at for visit in store.visits.of_case(stored.id)] == [AT]
        assert len(store.visits.of_pupil(JIA.student_id)) == 2


def test_a_head_count_that_differs_from_the_stored_one_is_told_and_not_changed(
    engine: Engine,
) -> None:
    stored = ClassSheet("S1", "C1", DAY, "AM", 3)
    other = ClassSheet("S1", "C1", DAY, "AM", 3, (Absence(JIA.student_id, "sick"),))
    with case_store(engine) as store:
        assert take_sheets(store, [stored], "打字员").added == 1
        again = take_sheets(store, [stored, other], "打字员")
        assert (again.added, again.known, len(again.conflicts)) == (0, 1, 1)
        assert "2025-09-08 上午的点名与系统里的不同" in again.conflicts[0]
        kept = store.sheets.get("C1", DAY, "AM")
        assert kept is not None
        assert kept.absent == 0


def test_a_printed_week_shows_what_was_entered_and_is_read_back(tmp_path: Path) -> None:
    stored = ClassSheet("S1", "C1", DAY, "AM", 3, (Absence(YI.student_id, "sick"),), "教师甲")
    elsewhere = ClassSheet("S1", "C2", DAY, "AM", 1)
    week = roll_week(ROSTER, "C1", [DAY], [stored, elsewhere])
    path = tmp_path / "点名表.xlsx"
    path.write_bytes(roll_workbook(week, Heading("第一中学")))
    assert read_roll_sheet(path, ROSTER) == ([stored], [])


def test_a_class_s_pupils_stand_on_the_printed_sheet() -> None:
    assert [row["学生代码"] for row in class_rows(ROSTER, "C1")] == ["aaaa11", "bbbb11", "cccc11"]


def test_the_roster_of_a_workspace_has_names_classes_and_codes(tmp_path: Path) -> None:
    roll = Rolls(make_workspace(tmp_path / "w")).of(date(2025, 10, 15))
    roster = roster_of(roll, ["C1"])
    assert [pupil.student_id for pupil in roster.pupils] == ["a", "b"]
    assert {pupil.class_name for pupil in roster.pupils} == {"八年级1班"}
    assert roster.find("八年级1班", roster.pupils[0].name).school_code == "S1"
