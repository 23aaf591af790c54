from datetime import date, datetime

import pytest

from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.clock import CHINA
from kongchuo_risk.domain.task import Task, TaskState
from kongchuo_risk.reports.ledgers.inspection import SampleSize, checklist, inspection_sample
from kongchuo_risk.reports.ledgers.left_behind import left_behind_statistics
from kongchuo_risk.reports.ledgers.material import Material
from kongchuo_risk.reports.ledgers.roll import Rolls
from kongchuo_risk.reports.ledgers.window import Window
from kongchuo_risk.reports.ledgers.work_lists import by_village, late_tasks, visits_joined
from tests.reports.ledgers.builders import (
    COUNTY,
    OCTOBER,
    PRIMARY,
    ROLLS,
    autumn,
    county_records,
    junior_pupil,
    primary_pupil,
)

LAST = date(2025, 10, 31)


@pytest.fixture
def statistics():
    rows = county_records(
        primary_pupil("l1", left_behind="1", caregiver="grandparents", village="东村"),
        primary_pupil("l2", left_behind="2", caregiver="grandparents", poverty_type="dibao"),
        junior_pupil("l3", left_behind="2", sex="2"),
        junior_pupil("l4", left_behind="0"),
    )
    table = left_behind_statistics(Material(Rolls(rows)).as_of(LAST), COUNTY)
    return table.set_index("项目")


def test_left_behind_children_are_counted_by_stage(statistics):
    assert statistics.loc["留守儿童", ["小学", "初中", "合计"]].tolist() == [2, 1, 3]
    assert statistics.loc["双亲留守", ["合计", "占留守儿童"]].tolist() == [2, "66.7%"]
    assert statistics.at["没有填写", "合计"] == 14
    # 18 pupils on the roll: 8 of the primary, 10 of the junior high school.
    assert statistics.loc["占在籍学生", ["小学", "初中", "合计"]].tolist() == [
        "25.0%",
        "10.0%",
        "16.7%",
    ]


def test_left_behind_children_are_told_by_make_up_place_and_need(statistics):
    assert statistics.loc["照料人：祖辈", ["合计", "占留守儿童"]].tolist() == [2, "66.7%"]
    assert statistics.at["村：东村", "合计"] == 1
    assert statistics.at["家庭困难", "合计"] == 1
    assert set(statistics["方面"]) == {"数量", "比例", "构成", "分布", "特点"}


def test_a_scope_without_left_behind_children_has_no_shares():
    table = left_behind_statistics(autumn().as_of(LAST), PRIMARY).set_index("项目")
    assert table.at["留守儿童", "合计"] == 0
    assert table.at["留守儿童", "占留守儿童"] is None


def test_the_draw_can_be_repeated_and_depends_on_its_words():
    snapshot = autumn().as_of(LAST)
    draws = [inspection_sample(snapshot, COUNTY, seed=words) for words in ("一", "一", "二")]
    assert draws[0].equals(draws[1])
    assert not draws[0].equals(draws[2])


def test_every_layer_is_drawn_and_no_layer_is_overdrawn():
    size = SampleSize(schools=2, classes=1, away=1, key=1, others=2)
    sample = inspection_sample(autumn().as_of(LAST), COUNTY, seed="一", size=size)
    assert sample.groupby(["学校", "抽样层"]).size().to_dict() == {
        ("S1", "其他学生"): 2, ("S2", "其他学生"): 2, ("S2", "在台账"): 1,
    }  # fmt: skip


def test_one_more_pupil_on_the_roll_leaves_the_order_of_the_others():
    few = inspection_sample(Material(ROLLS).as_of(LAST), PRIMARY, seed="一")
    rows = county_records(primary_pupil("p9"))
    more = inspection_sample(Material(Rolls(rows)).as_of(LAST), PRIMARY, seed="一")
    kept = [pupil for pupil in more["student_id"] if pupil != "p9"]
    assert few["student_id"].tolist()[: len(kept)] == kept


def test_the_checklist_has_room_for_what_is_found():
    table = checklist()
    assert (table["查看结果"] == "").all()
    assert "四不两直" not in "".join(table["查什么"])


def test_credit_is_told_of_those_who_went_along():
    joined = visits_joined(Window.over(autumn(), OCTOBER), COUNTY)
    assert joined.to_numpy().tolist() == [["班主任甲", "班主任", 3, 3, 2]]


def task(state, **more):
    due = datetime(2025, 10, 13, 18, tzinfo=CHINA)
    return Task("first_visit:2", "first_visit", "上户动员", "S2", due, Role.HOMEROOM,
                student_id="j2", state=state, **more)  # fmt: skip


@pytest.mark.parametrize(
    ("state", "listed"), [(TaskState.LATE, 1), (TaskState.DONE, 0), (TaskState.DUE, 0)]
)
def test_what_was_not_done_in_time_is_listed(state, listed):
    window = Window.over(autumn(tasks=(task(state),)), OCTOBER)
    assert len(late_tasks(window, COUNTY)) == listed
    assert late_tasks(window, PRIMARY).empty


def test_villages_show_who_stays_away():
    rows = county_records(primary_pupil("v1", village="东村"))
    table = by_village(Window.over(Material(Rolls(rows)), OCTOBER), COUNTY).set_index("居住村")
    assert table["在籍学生"].to_dict() == {"东村": 1, "未填": 14}
