"""What a teacher found: contacted, not applicable, or a false alarm."""

from __future__ import annotations

import streamlit as st

from kongchuo_risk.app.components.notices import leave_notice
from kongchuo_risk.app.components.text import plain
from kongchuo_risk.app.state import Key
from kongchuo_risk.serving.services import Services

VERDICTS = ("已联系", "不适用", "误报")
"""What may be said of a pupil on the list; all but the first need a reason."""


def feedback_button(services: Services, student_id: str, name: str) -> None:
    """A button that opens the form of one pupil."""
    if st.button("反馈", key=f"feedback-{student_id}", icon=":material/edit_note:"):
        _feedback_form(services, student_id, name)


@st.dialog("反馈")
def _feedback_form(services: Services, student_id: str, name: str) -> None:
    st.markdown(f"**{plain(name)}**：您了解到的情况")
    verdict = st.segmented_control(
        "结论", VERDICTS, default=VERDICTS[0], required=True, key=Key.VERDICT
    )
    note = st.text_area("说明（不适用、误报请写明理由）", key=Key.NOTE, max_chars=500)
    if not st.button("保存", key=Key.SEND, type="primary"):
        return
    if verdict != VERDICTS[0] and not note.strip():
        st.warning("请写明理由，便于改进名单。")
        return
    services.record_feedback(student_id, verdict=str(verdict), note=note.strip())
    leave_notice(f"已记录 {name}：{verdict}")
    st.rerun()
