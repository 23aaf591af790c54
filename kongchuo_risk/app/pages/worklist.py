"""包保名单: whom to see, why, and what to do."""

from __future__ import annotations

from datetime import date
from functools import partial

import pandas as pd
import streamlit as st

from kongchuo_risk.app.components.cards import show_cards, show_table
from kongchuo_risk.app.components.filters import choose_filters
from kongchuo_risk.app.components.links import open_pupil
from kongchuo_risk.app.components.overview import overview_line
from kongchuo_risk.app.components.text import BAND_WORDS, plain
from kongchuo_risk.app.state import Key
from kongchuo_risk.domain.risk import Tier
from kongchuo_risk.serving.directory import by_class
from kongchuo_risk.serving.services import Services

_BY_RANK, _BY_CLASS = "按顺序", "按班级"
_CARDS, _TABLE = "卡片", "表格"
_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def render(services: Services) -> None:
    """The ranked list by school and class, with filters, feedback and the printable workbook."""
    st.title("包保名单", anchor=False)
    overview = services.overview()
    overview_line(overview)
    st.caption(plain(overview.ranked_by))
    worklist = services.worklist()
    filters = choose_filters(worklist)
    chosen = filters.apply(worklist)
    with st.container(horizontal=True, vertical_alignment="center"):
        order, layout = _arrangement()
        _download(services, filters.school_code, overview.as_of)
    if chosen.empty:
        _say_nobody(worklist)
        return
    st.caption(_counts(chosen))
    if order == _BY_CLASS:
        chosen = by_class(chosen)
    if layout == _CARDS:
        show_cards(services, chosen, by_class=order == _BY_CLASS)
        return
    st.caption("勾选一行即打开该学生的档案。")
    if student_id := show_table(chosen):
        open_pupil(student_id)


def _arrangement() -> tuple[str | None, str | None]:
    order = st.segmented_control(
        "排列",
        (_BY_RANK, _BY_CLASS),
        default=_BY_RANK,
        required=True,
        key=Key.ORDER,
        label_visibility="collapsed",
        persist_state="session",
    )
    layout = st.segmented_control(
        "版式",
        (_CARDS, _TABLE),
        default=_CARDS,
        required=True,
        key=Key.LAYOUT,
        label_visibility="collapsed",
        persist_state="session",
    )
    return order, layout


def _download(services: Services, school_code: str | None, as_of: date) -> None:
    st.download_button(
        "下载可打印名单",
        # Made when the button is pressed: most visits to the page print nothing.
        partial(services.worklist_workbook, school_code),
        file_name=f"包保名单_{as_of:%Y%m%d}.xlsx",
        mime=_SPREADSHEET,
        icon=":material/download:",
        on_click="ignore",
        key=Key.DOWNLOAD,
    )


def _counts(chosen: pd.DataFrame) -> str:
    sizes = chosen["tier"].value_counts()
    bands = (Tier.RED, Tier.ORANGE, Tier.YELLOW)
    parts = [f"{BAND_WORDS[tier]} {int(sizes.get(str(tier), 0))} 名" for tier in bands]
    return f"共 {len(chosen)} 名：" + "，".join(parts) + "。名单供教师研判，不是结论。"


def _say_nobody(worklist: pd.DataFrame) -> None:
    if worklist.empty:
        st.info("这一天没有学生列入名单。新的考勤和成绩导入后，请运行 kongchuo score。")
    else:
        st.info("所选范围内没有列入名单的学生。可放宽上面的筛选条件。")
