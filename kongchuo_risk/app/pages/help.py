"""帮助: how to read a reason, what not to do with it, and the words that are used."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_TEXT = Path(__file__).resolve().parents[1] / "assets" / "help.md"


def render() -> None:
    """The help text; it needs no workspace."""
    st.title("帮助", anchor=False)
    st.markdown(_TEXT.read_text(encoding="utf-8"))
