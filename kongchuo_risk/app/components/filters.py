"""Which part of the list is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from kongchuo_risk.app.components.text import BAND_WORDS
from kongchuo_risk.app.state import Key
from kongchuo_risk.domain.risk import Tier
from kongchuo_risk.serving.directory import by_class

ALL = "全部"
_FIELD_PIXELS = 165
_BANDS = (Tier.RED, Tier.ORANGE, Tier.YELLOW)


@dataclass(frozen=True)
class Filters:
    """A choice of pupils; ``None`` and empty mean everybody."""

    school_code: str | None = None
    class_id: str | None = None
    bands: Sequence[str] = ()
    watch: str | None = None
    search: str = ""

    def apply(self, worklist: pd.DataFrame) -> pd.DataFrame:
        """The rows of the list that were asked for."""
        keep = pd.Series(True, index=worklist.index)
        if self.school_code is not None:
            keep &= worklist["school_code"].eq(self.school_code)
        if self.class_id is not None:
            keep &= worklist["class_id"].eq(self.class_id)
        if self.bands:
            keep &= worklist["tier"].isin([str(band) for band in self.bands])
        if self.watch is not None:
            keep &= pd.Series([self.watch in row for row in worklist["watch"]], worklist.index)
        if self.search:
            keep &= worklist["name"].str.contains(self.search, regex=False)
        return worklist[keep]


def choose_filters(worklist: pd.DataFrame) -> Filters:
    """Ask for school, class, name, key group and bands."""
    # Fields of fixed width stand four in a row on a desk and two in a row on a phone.
    with st.container(horizontal=True):
        school = pick("学校", Key.SCHOOL, _names(worklist, "school_code", "school_name"))
        inside = worklist if school is None else worklist[worklist["school_code"] == school]
        class_id = pick("班级", Key.CLASS, _names(by_class(inside), "class_id", "class_name"))
        search = st.text_input(
            "姓名",
            key=Key.SEARCH,
            type="search",
            placeholder="输入姓名",
            width=_FIELD_PIXELS,
            persist_state="session",
        )
        groups = sorted({group for row in inside["watch"] for group in row})
        watch = pick("重点群体", Key.WATCH, {group: group for group in groups})
    bands = st.pills(
        "等级",
        _BANDS,
        selection_mode="multi",
        format_func=BAND_WORDS.__getitem__,
        key=Key.BANDS,
        label_visibility="collapsed",
        persist_state="session",
    )
    return Filters(school, class_id, tuple(bands), watch, (search or "").strip())


def _names(worklist: pd.DataFrame, code: str, name: str) -> dict[str, str]:
    pairs = worklist[[code, name]].drop_duplicates(code)
    return dict(zip(pairs[code], pairs[name], strict=True))


def pick(label: str, key: Key, names: dict[str, str]) -> str | None:
    """Ask for one of ``names``; ``None`` means all of them."""
    chosen = st.selectbox(
        label,
        [ALL, *names],
        format_func=lambda code: names.get(code, ALL),
        key=key,
        width=_FIELD_PIXELS,
        persist_state="session",
    )
    return None if chosen == ALL else chosen
