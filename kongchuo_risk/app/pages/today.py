"""今日待办: what is late, due today and due soon, by whom, with the rule that asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from kongchuo_risk.app.components.filters import pick
from kongchuo_risk.app.components.links import open_pupil
from kongchuo_risk.app.components.text import plain
from kongchuo_risk.app.state import Key
from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.clock import now
from kongchuo_risk.domain.task import Task
from kongchuo_risk.serving.casework import TaskList
from kongchuo_risk.serving.casework.today import TodayDesk
from kongchuo_risk.serving.services import Services

SHOWN_ROWS = 200
"""More lines than these are for a school, not for a page."""
_COLUMNS = ["期限", "事项", "学生", "班级", "责任人", "责任岗位", "进展", "表单", "上报给", "依据"]
_SIGNS = {"逾期": "▲ 逾期", "今天到期": "◆ 今天到期", "一周内": "● 一周内"}
_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def render(services: Services) -> None:
    """Late first, then today, then the coming week; by school, class, person and post."""
    st.title("今日待办", anchor=False)
    desk = services.casework.today
    school, found = _choose(desk)
    st.caption(
        f"截至 {now():%Y-%m-%d %H:%M}。期限由案件、点名表、走访和校历算出：漏看一天不会丢，"
        "做完并登记的自动消失。"
    )
    _show_counts(found)
    if not found.all:
        st.success("所选范围内没有逾期、今天到期或一周内到期的事项。", icon=":material/task_alt:")
        return
    _download(desk, found)
    if school is None:
        _show_schools(desk, found)
    if any(task.student_id for task in found.all):
        st.caption("勾选一行即打开该学生的档案。")
    for title, tasks in found.parts.items():
        _show_part(desk, title, tasks, with_school=school is None)


def _choose(desk: TodayDesk) -> tuple[str | None, TaskList]:
    """The school that was chosen (the only one by itself), and its tasks."""
    places = desk.places()
    schools = dict(zip(places["school_code"], places["school_name"], strict=True))
    with st.container(horizontal=True):
        school = (
            pick("学校", Key.SCHOOL, schools) if len(schools) > 1 else next(iter(schools), None)
        )
        inside = places[places["school_code"] == school]
        classes = dict(zip(inside["class_id"], inside["class_name"], strict=True))
        class_id = pick("班级", Key.CLASS, classes)
        found = desk.tasks(school_code=school, class_id=class_id)
        person = pick("责任人", Key.TASK_PERSON, desk.people(found.all))
        posts = {task.owner_role for task in found.all}
        role = pick("责任岗位", Key.TASK_ROLE, {role: role for role in Role if role in posts})
        raised = st.toggle("只看上报校长的", key=Key.RAISED, help="逾期未办、按规定上报校长的事项")
    chosen = found.only(
        lambda task: (
            person in (None, task.owner_staff)
            and role in (None, task.owner_role)
            and (task.raised_to is Role.PRINCIPAL or not raised)
        )
    )
    return school, chosen


def _show_counts(found: TaskList) -> None:
    counts = {title: len(tasks) for title, tasks in found.parts.items()}
    counts["上报校长"] = len(found.raised)
    with st.container(horizontal=True):
        for title, number in counts.items():
            st.metric(title, f"{number:,}", width=120)


def _show_schools(desk: TodayDesk, found: TaskList) -> None:
    st.subheader("各校", anchor=False)
    st.dataframe(desk.by_school(found), hide_index=True, width="content", alt="各校待办数")


def _show_part(desk: TodayDesk, title: str, tasks: Sequence[Task], *, with_school: bool) -> None:
    st.subheader(f"{_SIGNS[title]}（{len(tasks):,} 项）", anchor=False)
    if not tasks:
        st.caption("无")
        return
    shown = tasks[:SHOWN_ROWS]
    columns = [*_COLUMNS[:3], "学校", *_COLUMNS[3:]] if with_school else _COLUMNS
    event = st.dataframe(
        desk.table(shown)[columns],
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        column_config=_widths(),
        key=f"tasks:{title}",
        alt=title,
    )
    if len(tasks) > SHOWN_ROWS:
        st.caption(f"只显示前 {SHOWN_ROWS} 项；选学校、班级或责任人，或下载全部。")
    _open_chosen(shown, event.selection.rows)


def _open_chosen(tasks: Sequence[Task], rows: Sequence[int]) -> None:
    if not rows:
        return
    task = tasks[rows[0]]
    if task.student_id is None:
        st.caption(f"“{plain(task.title)}”不针对某一名学生。")
        return
    open_pupil(task.student_id)


def _widths() -> dict[str, Any]:
    column = st.column_config.TextColumn
    return {
        "期限": column(width=110),
        "事项": column(width=220),
        "学生": column(width=75),
        "学校": column(width=150),
        "班级": column(width=95),
        "责任人": column(width=80),
        "责任岗位": column(width=95),
        "进展": column(width=170),
        "表单": column(width=105),
        "上报给": column(width=65),
        "依据": column(width=180),
    }


def _download(desk: TodayDesk, found: TaskList) -> None:
    st.download_button(
        "下载可打印待办表",
        partial(desk.workbook, found),
        file_name=f"今日待办_{now():%Y%m%d}.xlsx",
        mime=_SPREADSHEET,
        icon=":material/download:",
        on_click="ignore",
        key=Key.DOWNLOAD,
    )
