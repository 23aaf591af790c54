"""The list as cards that read well on a phone, or as a table for an overview."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import Any

import pandas as pd
import streamlit as st

from kongchuo_risk.app.components.feedback import feedback_button
from kongchuo_risk.app.components.links import pupil_link
from kongchuo_risk.app.components.text import band, bullets, day_or, plain, tags
from kongchuo_risk.app.state import Key
from kongchuo_risk.serving.services import Services

CARDS_PER_SHEET = 20
MEASURES_PER_CARD = 4
_TABLE_PIXELS = 640
_TABLE_COLUMNS = {
    "tier": "等级",
    "rank": "校内顺序",
    "name": "姓名",
    "class_name": "班级",
    "reasons": "值得关注",
    "measures": "建议措施",
    "mentor": "包保教师",
    "last_contact": "最近联系",
    "watch": "重点群体",
    "school_name": "学校",
}

Row = dict[Hashable, Any]


def show_cards(services: Services, chosen: pd.DataFrame, *, by_class: bool = False) -> None:
    """One sheet of cards, with a heading for each school, and for each class if asked."""
    sheets = math.ceil(len(chosen) / CARDS_PER_SHEET)
    sheet = st.pagination(sheets, key=Key.SHEET) if sheets > 1 else 1
    shown = chosen.iloc[(sheet - 1) * CARDS_PER_SHEET : sheet * CARDS_PER_SHEET]
    for school, rows in shown.groupby("school_name", sort=False):
        total = int(chosen["school_name"].eq(school).sum())
        st.subheader(f"{plain(school)}（{total} 名）", anchor=False)
        for _, pupils in rows.groupby("class_id", sort=False) if by_class else [("", rows)]:
            if by_class:
                _class_heading(str(pupils["class_name"].iloc[0]), len(pupils))
            for row in pupils.to_dict("records"):
                _card(services, row)


def _class_heading(class_name: str, pupils: int) -> None:
    st.markdown(f"##### {plain(class_name)}（本页 {pupils} 名）")


def show_table(chosen: pd.DataFrame) -> str | None:
    """The list as a table; returns the pupil whose row was chosen."""
    table = chosen[list(_TABLE_COLUMNS)].rename(columns=_TABLE_COLUMNS)
    for column in ("值得关注", "建议措施", "重点群体"):
        table[column] = ["；".join(texts) for texts in table[column]]
    table["最近联系"] = [day_or(day, "") for day in table["最近联系"]]
    event = st.dataframe(
        table,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        height=_TABLE_PIXELS,
        column_config=_table_widths(),
        alt="包保名单",
    )
    rows = event.selection.rows
    return str(chosen["student_id"].iloc[rows[0]]) if rows else None


def _table_widths() -> dict[str, Any]:
    column = st.column_config
    return {
        "等级": column.TextColumn(width=50),
        "校内顺序": column.NumberColumn("顺序", width=50, help="本校内的先后"),
        "姓名": column.TextColumn(width=75),
        "班级": column.TextColumn(width=95),
        "值得关注": column.TextColumn(width=320),
        "建议措施": column.TextColumn(width=290),
        "包保教师": column.TextColumn(width=75),
        "最近联系": column.TextColumn(width=95),
    }


def _card(services: Services, row: Row) -> None:
    with st.container(border=True, gap="small"):
        st.markdown(
            f"{band(row['tier'])} **{plain(row['name'])}** {tags(row['watch'])}  \n"
            f"{plain(row['class_name'])} · 校内顺序 {row['rank']}"
            f" · 包保教师 **{plain(row['mentor'])}**"
            f" · 最近联系 {day_or(row['last_contact'], '尚无记录')}"
        )
        why, what = st.columns(2)
        why.markdown(f"**值得关注**\n\n{bullets(row['reasons'])}")
        if row["strengths"]:
            why.markdown(f"**有利条件**\n\n{bullets(row['strengths'])}")
        what.markdown(f"**建议措施**\n\n{_first_measures(row['measures'])}")
        with st.container(horizontal=True, vertical_alignment="center"):
            pupil_link(row["student_id"], "打开档案")
            feedback_button(services, row["student_id"], row["name"])


def _first_measures(measures: tuple[str, ...]) -> str:
    rest = len(measures) - MEASURES_PER_CARD
    more = f"\n\n另有 {rest} 项，见档案" if rest > 0 else ""
    return bullets(measures[:MEASURES_PER_CARD]) + more
