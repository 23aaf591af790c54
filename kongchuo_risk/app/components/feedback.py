"""What a teacher found: contacted, not applicable, or a false alarm."""

from __future__ import annotations

from functools import partial

import streamlit as st

from kongchuo_risk.app.components.notices import leave_notice
from kongchuo_risk.app.components.text import plain
from kongchuo_risk.app.state import Key
from kongchuo_risk.domain.run import FeedbackKind
from kongchuo_risk.errors import CaseError
from kongchuo_risk.serving.services import Services


def feedback_button(services: Services, student_id: str, name: str) -> None:
    """A button that opens the form of one pupil; the form stays until saved or closed."""
    st.button(
        "反馈",
        key=f"feedback-{student_id}",
        icon=":material/edit_note:",
        on_click=partial(_turn_to, student_id),
    )
    if st.session_state.get(Key.FEEDBACK_ON) == student_id:
        _feedback_form(services, student_id, name)


@st.dialog("反馈", on_dismiss=lambda: _turn_to(None))
def _feedback_form(services: Services, student_id: str, name: str) -> None:
    st.markdown(f"**{plain(name)}**：您了解到的情况")
    verdict = st.segmented_control(
        "结论",
        list(FeedbackKind),
        default=FeedbackKind.CONTACTED,
        required=True,
        key=Key.VERDICT,
    )
    note = st.text_area("说明（不适用、误报请写明理由）", key=Key.NOTE, max_chars=500)
    if not st.button("保存", key=Key.SEND, type="primary"):
        return
    try:
        services.record_feedback(student_id, verdict=str(verdict), note=note)
    except CaseError as refused:
        st.warning(plain(refused))
        return
    leave_notice(f"已记录 {name}：{verdict}")
    _turn_to(None)
    st.rerun()


def _turn_to(student_id: str | None) -> None:
    st.session_state[Key.FEEDBACK_ON] = student_id
