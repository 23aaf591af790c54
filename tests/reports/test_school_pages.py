"""一校一案: figures, tasks by day, boxes to tick and what is done."""

from __future__ import annotations

from datetime import date

from kongchuo_risk.domain.plan import PlanState
from kongchuo_risk.reports.school_pages import (
    SCHOOL_PLAN,
    school_plan_document,
    school_plan_values,
)
from tests.reports.builders import NAMES, rows_of, school_plan, task, whole_text

TASKS = (task("late", days=30, owner_staff=None), task("soon", days=1, done_on=date(2026, 3, 2)))


def test_tasks_stand_by_day_with_a_box_for_every_step() -> None:
    rows = rows_of(
        school_plan_document(school_plan(*TASKS), "第一中学", NAMES), "任务和清单（按期限先后）"
    )
    assert rows[1] == [
        "1", "任务soon\n☐ 签订责任书\n☐ 存档", "责任", "教师甲\n校长",
        "2026.3.3", "责任书", "2026.3.2",
    ]  # fmt: skip
    assert rows[2][3:] == ["待定\n校长", "2026.4.1", "责任书", ""]


def test_an_odd_number_of_figures_leaves_the_last_cells_empty() -> None:
    rows = rows_of(school_plan_document(school_plan(), "第一中学", NAMES), "基本数字")
    assert rows[1:] == [["在籍学生", "620", "需要计划的学生", "31"], ["重点群体", "84", "", ""]]


def test_the_title_names_the_school_and_the_term_and_the_state() -> None:
    text = whole_text(school_plan_document(school_plan(*TASKS), "第一中学", NAMES))
    assert "2025—2026学年第二学期控辍保学一校一案" in text
    assert "【草案】未编号　未经批准，不得执行" in text
    approved = school_plan(*TASKS, state=PlanState.APPROVED, version=3)
    assert "【已批准】第 3 版" in whole_text(school_plan_document(approved, "第一中学", NAMES))


def test_every_declared_field_is_filled_and_equal_plans_give_equal_bytes() -> None:
    values = school_plan_values(school_plan(*TASKS), "第一中学", NAMES)
    assert set(values) == {field.name for field in SCHOOL_PLAN.fields}
    entries = {field.name: {part.name for part in field.parts} for field in SCHOOL_PLAN.fields}
    for name in ("数字", "任务"):
        assert all(set(entry) == entries[name] for entry in values[name])  # type: ignore[attr-defined]
    first, second = (school_plan_document(school_plan(*TASKS), "甲", NAMES) for _ in range(2))
    assert first == second
