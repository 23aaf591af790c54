"""学生档案 (一生一档): everything that helps to help one pupil."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from kongchuo_risk.app.components.feedback import feedback_button
from kongchuo_risk.app.components.links import pupil_link, worklist_link
from kongchuo_risk.app.components.overview import overview_line
from kongchuo_risk.app.components.pupil_charts import (
    attendance_cells,
    attendance_chart,
    contribution_chart,
    marks_chart,
    marks_lines,
)
from kongchuo_risk.app.components.text import band, bullets, plain, tags
from kongchuo_risk.app.state import STUDENT_PARAMETER, Key
from kongchuo_risk.domain.plan import ItemState, PlanItem
from kongchuo_risk.serving.services import Services
from kongchuo_risk.serving.views import Overview, PupilFile

_ALL_SUBJECTS = "各科平均"
_WEEKS = {12: "近 12 周", 24: "近 24 周", 48: "近 48 周"}
_EVENTS_SHOWN = 12
_MATCHES_SHOWN = 20


def render(services: Services) -> None:
    """The file of the pupil in the address, or a search for one."""
    st.title("学生档案", anchor=False)
    overview = services.overview()
    overview_line(overview)
    worklist_link()
    student_id = st.query_params.get(STUDENT_PARAMETER)
    if student_id is None:
        _search(services.worklist())
    else:
        _show(services, services.pupil(student_id), overview)


def _search(worklist: pd.DataFrame) -> None:
    st.info("从包保名单打开一名学生，或在这里按姓名查找；只能查到名单上的学生。")
    name = st.text_input("姓名", key=Key.SEARCH, type="search", placeholder="输入姓名")
    if not name:
        return
    found = worklist[worklist["name"].str.contains(name.strip(), regex=False)]
    if found.empty:
        st.markdown(f"名单中没有姓名包含“{plain(name)}”的学生；不在名单上的学生这里查不到。")
    for row in found.head(_MATCHES_SHOWN).to_dict("records"):
        pupil_link(row["student_id"], f"{row['name']} · {row['school_name']} {row['class_name']}")


def _show(services: Services, pupil: PupilFile, overview: Overview) -> None:
    _header(services, pupil)
    why, what = st.columns(2, gap="medium")
    with why:
        _reasons(pupil)
    with what:
        _plan(pupil.plan)
    _attendance(pupil, overview)
    marks, events = st.columns(2, gap="medium")
    with marks:
        _marks(pupil.marks)
    with events:
        _timeline(pupil.timeline)
    _facts(pupil.facts)


def _header(services: Services, pupil: PupilFile) -> None:
    with st.container(border=True):
        rank = "" if pupil.rank is None else f"　校内顺序 {pupil.rank}"
        st.subheader(plain(pupil.name), anchor=False)
        st.markdown(f"{band(pupil.tier)}{rank}　{tags(pupil.watch)}")
        st.markdown(
            f"{plain(pupil.school_name)} {plain(pupil.class_name)}　"
            f"包保教师：**{plain(pupil.mentor or '待定')}**"
        )
        feedback_button(services, pupil.student_id, pupil.name)


def _reasons(pupil: PupilFile) -> None:
    st.subheader("为什么值得关注", anchor=False)
    st.markdown(bullets(reason.text for reason in pupil.reasons))
    if pupil.strengths:
        st.markdown("**有利条件**\n\n" + bullets(reason.text for reason in pupil.strengths))
    told = pupil.contributions[pupil.contributions["contribution"] != 0]
    if not told.empty:
        st.altair_chart(contribution_chart(told), alt="各方面与预测的关系")
    st.caption("条越长，这一方面与预测的关系越大。这些情况与预测有关，不等于原因；请先了解再判断。")


def _plan(plan: Sequence[PlanItem]) -> None:
    st.subheader("建议措施", anchor=False)
    if not plan:
        st.markdown("暂无建议措施。")
        return
    taken = [item for item in plan if item.state is not ItemState.OPTIONAL]
    offered = [item for item in plan if item.state is ItemState.OPTIONAL]
    st.markdown("\n\n".join(_measure(item) for item in taken) or "没有必须做的事；见可选做法。")
    with st.expander("每项措施的做法与依据"):
        st.markdown("\n\n".join(_grounds(item) for item in taken))
    if offered:
        with st.expander(f"可选做法 {len(offered)} 项（由老师决定要不要）"):
            st.markdown("\n\n".join(_grounds(item) for item in offered))
    st.caption("建议须由学校确认后执行。")


def _measure(item: PlanItem) -> str:
    owner = f"{item.owner_role} {item.owner_staff or ''}".strip()
    lines = [
        f"**{plain(item.label)}** :gray-badge[{plain(item.dimension)}]{_marks_of(item)}",
        plain(item.why),
        f"责任人 {plain(owner)} · 期限 **{item.due:%Y-%m-%d}** · 表册 {plain(item.form)}",
    ]
    if item.warning:
        lines.append(f":material/warning: {plain(item.warning)}")
    return "  \n".join(lines)


def _marks_of(item: PlanItem) -> str:
    """What sets an item apart: a right, a place that is not there yet."""
    marks = [" :green-badge[依法应当提供]"] if item.entitled else []
    marks += [" :red-badge[只给经办人看]"] if item.restricted else []
    marks += [" :orange-badge[候补]"] if item.state is ItemState.WAITING else []
    return "".join(marks)


def _grounds(item: PlanItem) -> str:
    dose = f"{plain(item.dose)}  \n" if item.dose else ""
    proof = f"证据：{plain(item.evidence)}；" if item.evidence else ""
    return f"**{plain(item.label)}**  \n{dose}{proof}依据 {plain('、'.join(item.sources))}"


def _attendance(pupil: PupilFile, overview: Overview) -> None:
    st.subheader("考勤", anchor=False)
    weeks = st.segmented_control(
        "时段",
        tuple(_WEEKS),
        default=12,
        required=True,
        format_func=_WEEKS.__getitem__,
        key=Key.WEEKS,
        label_visibility="collapsed",
    )
    cells = attendance_cells(pupil.attendance, as_of=overview.as_of, weeks=int(weeks))
    if cells.empty:
        st.markdown(f"{_WEEKS[int(weeks)]}没有缺勤、迟到或早退记录。")
        return
    chart = attendance_chart(cells, as_of=overview.as_of, weeks=int(weeks))
    st.altair_chart(chart, alt="每周各半天的考勤记录")
    st.caption("每格半天；空格表示没有异常记录（也可能当天未点名）。")


def _marks(marks: pd.DataFrame) -> None:
    st.subheader("成绩", anchor=False)
    if marks.empty:
        st.markdown("没有成绩记录。")
        return
    subjects = [_ALL_SUBJECTS, *sorted(marks["subject"].dropna().unique())]
    subject = st.selectbox("科目", subjects, key=Key.SUBJECT, label_visibility="collapsed")
    lines = marks_lines(marks, None if subject == _ALL_SUBJECTS else subject)
    st.altair_chart(marks_chart(lines), alt="历次考试得分率与年级平均")


def _timeline(timeline: pd.DataFrame) -> None:
    st.subheader("经历", anchor=False)
    if timeline.empty:
        st.markdown("没有记录。")
        return
    kinds = st.pills(
        "类别",
        sorted(timeline["kind"].unique()),
        selection_mode="multi",
        key=Key.KINDS,
        label_visibility="collapsed",
    )
    shown = timeline[timeline["kind"].isin(kinds)] if kinds else timeline
    st.markdown(_events(shown.head(_EVENTS_SHOWN)))
    if len(shown) > _EVENTS_SHOWN:
        with st.expander(f"更早的 {len(shown) - _EVENTS_SHOWN} 条"):
            st.markdown(_events(shown.iloc[_EVENTS_SHOWN:]))


def _events(events: pd.DataFrame) -> str:
    return "\n".join(
        f"- {day:%Y-%m-%d} **{plain(kind)}** {plain(text)}"
        for day, kind, text in zip(events["day"], events["kind"], events["text"], strict=True)
    )


def _facts(facts: Sequence[tuple[str, str]]) -> None:
    st.subheader("可以帮助的情况", anchor=False)
    if not facts:
        st.markdown("没有登记。")
        return
    rows = [(plain(label), plain(value)) for label, value in facts]
    st.table(pd.DataFrame(rows, columns=["项目", "情况"]), hide_index=True, border="horizontal")
