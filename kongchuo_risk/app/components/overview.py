"""Head of every page: which day, which model, how long the list is."""

from __future__ import annotations

import streamlit as st

from kongchuo_risk.app.components.text import plain
from kongchuo_risk.serving.views import Overview


def overview_line(overview: Overview) -> None:
    """One line that places everything below it."""
    parts = [
        f"名单日期 **{overview.as_of:%Y-%m-%d}**",
        f"排序 **{plain(overview.model)}**",
        f"名额 **{overview.listed:,}** 名（在册 {overview.pupils:,} 名）",
        f"规则 **{plain(overview.profile)}**",
    ]
    if overview.synthetic:
        parts.append(":violet-badge[:material/science: 合成数据]")
    st.markdown(" · ".join(parts))
