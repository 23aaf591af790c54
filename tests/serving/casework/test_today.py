"""今日待办 of the tiny school."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.school_record import RecordKind, SchoolRecord
from kongchuo_risk.domain.task import TaskState
from kongchuo_risk.errors import NotFoundError
from kongchuo_risk.serving.casework.today import COLUMNS
from kongchuo_risk.workspace import Workspace
from tests.builders import table
from tests.procedure.builders import visit
from tests.serving.casework.conftest import MONDAY, PRINCIPAL, Desks, imported

DAY = MONDAY.date()


def test_a_new_case_is_due_today_and_late_tomorrow(desks: Desks) -> None:
    desks().cases.open("a")
    today = {task.kind for task in desks().today.tasks(class_id="C1").today}
    assert {"same_day_report", "guardian_contact", "sheet"} <= today
    tomorrow = desks(at=MONDAY + timedelta(days=1)).today.tasks()
    assert {"same_day_report", "guardian_contact"} <= {task.kind for task in tomorrow.late}
    assert {task.raised_to for task in tomorrow.raised} == {Role.PRINCIPAL}
    assert "上报校长" in tomorrow.headline


def test_what_is_done_is_no_longer_asked_for(desks: Desks) -> None:
    desks().cases.open("a")
    desks().contacts.record_visit(visit(MONDAY + timedelta(hours=1), case_id=None, id=None))
    later = desks(at=MONDAY + timedelta(hours=2))
    open_ = {task.kind for task in later.today.tasks().all if task.case_id}
    assert not open_ & {"first_visit", "guardian_contact"}
    done = {task.kind for task in later.today.everything() if task.state is TaskState.DONE}
    assert {"first_visit", "guardian_contact"} <= done


def test_the_list_is_for_one_school_class_person_or_role(desks: Desks) -> None:
    desks().cases.open("a")
    desk = desks().today
    assert {task.class_id for task in desk.tasks(class_id="C1").all} == {"C1"}
    assert {task.owner_staff for task in desk.tasks(staff_no="T1").all} == {"T1"}
    assert {task.owner_role for task in desk.tasks(role=Role.PRINCIPAL).all} == {Role.PRINCIPAL}
    assert desk.tasks(school_code="S9").all == ()


def test_people_read_names_days_and_sources(desks: Desks) -> None:
    desks().cases.open("a")
    tasks = [task for task in desks().today.tasks().today if task.kind == "same_day_report"]
    (row,) = desks().today.table(tasks).to_dict("records")
    assert tuple(row) == COLUMNS
    assert (row["学生"], row["学校"], row["班级"]) == ("甲一", "示例中学", "八年级1班")
    assert (row["责任人"], row["期限"], row["表单"]) == ("示例教师甲", "10月13日", "疑似辍学报告")
    assert row["依据"] == "规则55、规则56、规则52"


def test_a_report_that_went_up_is_off_the_list(desks: Desks) -> None:
    def reports() -> set[str]:
        return {task.title for task in desks().today.tasks().late if task.kind == "report"}

    assert "上报控辍保学月报（2025年9月）" in reports()
    desks(PRINCIPAL).books.report_sent("S1", "月报", "2025年9月", DAY)
    assert "上报控辍保学月报（2025年9月）" not in reports()


def test_checks_are_asked_of_every_class_until_they_are_recorded(desks: Desks) -> None:
    def open_kinds(class_id: str) -> set[str]:
        return {task.kind for task in desks().today.tasks(class_id=class_id).all}

    assert "term_check" in open_kinds("C1")
    record = SchoolRecord(RecordKind.TERM_CHECK, "S1", DAY, "开学核查", class_id="C1")
    desks(PRINCIPAL).books.record(record)
    assert "term_check" not in open_kinds("C1")
    assert "term_check" in open_kinds("C2")


def test_unpaid_aid_is_one_line_for_a_class(desks: Desks) -> None:
    (task,) = [task for task in desks().today.tasks().all if task.kind == "aid_payment"]
    assert (task.class_id, task.detail) == ("C1", "还有 1 名学生，其中逾期 1 名")


def test_each_task_names_the_person_who_holds_its_post(school: Workspace, desks: Desks) -> None:
    principal = {"staff_no": "T9", "school_code": "S1", "roles": "principal",
                 "known_on": date(2000, 1, 1)}  # fmt: skip
    imported(school, staff=table("staff", [principal]))
    case = desks().cases.open("a")
    assert case.id is not None
    desks().cases.set_facts(case.id, owner_staff="T7")
    owners = {task.kind: task.owner_staff for task in desks().today.everything() if task.case_id}
    assert (owners["leader_visit"], owners["first_visit"]) == ("T9", "T1")
    assert (owners["weekly_contact"], owners["joint_visit"]) == ("T7", None)
    assert {task.owner_role for task in desks().today.tasks(staff_no="T9").all} == {Role.PRINCIPAL}


def test_a_member_of_staff_acts_in_the_posts_of_the_staff_table(desks: Desks) -> None:
    actor = desks().person("T1").room.actor
    assert (actor.name, actor.staff_no) == ("示例教师甲", "T1")
    assert actor.roles == {Role.HOMEROOM, Role.MENTOR}
    with pytest.raises(NotFoundError, match="T404"):
        desks().person("T404")
