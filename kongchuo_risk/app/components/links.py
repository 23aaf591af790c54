"""Links from one page to another."""

from __future__ import annotations

import streamlit as st

from kongchuo_risk.app.state import STUDENT_PARAMETER, Url


def pupil_link(student_id: str, label: str) -> None:
    """A link to a pupil's page."""
    st.page_link(
        _address(Url.PUPIL),
        label=label,
        icon=":material/folder_open:",
        query_params={STUDENT_PARAMETER: student_id},
    )


def open_pupil(student_id: str) -> None:
    """Go to a pupil's page at once."""
    st.switch_page(_address(Url.PUPIL), query_params={STUDENT_PARAMETER: student_id})


def worklist_link() -> None:
    """A link back to the list."""
    st.page_link(
        st.Page(_nowhere, url_path=Url.WORKLIST, default=True, title="包保名单"),
        label="回到包保名单",
        icon=":material/arrow_back:",
    )


def _address(url: Url) -> st.Page:
    # Streamlit finds a page by its path alone, so a page can be named without being imported.
    return st.Page(_nowhere, url_path=url, title=url)


def _nowhere() -> None:
    """Stand in for the function of a page that is only linked to."""
