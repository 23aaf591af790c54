"""Which pages there are, at which address, and what a page shows when it cannot be built."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType

import streamlit as st

from kongchuo_risk.app.components.notices import show_bug, show_notice, show_problem
from kongchuo_risk.app.pages import help as help_page
from kongchuo_risk.app.pages import model, pupil, today, worklist
from kongchuo_risk.app.state import Url
from kongchuo_risk.errors import KongchuoError
from kongchuo_risk.serving.services import Services

OpenServices = Callable[[], Services]
_ASSETS = Path(__file__).with_name("assets")
_LANGUAGE = "<script>document.documentElement.lang = 'zh-CN'</script>"
_LOG = logging.getLogger(__name__)


def show_app(open_services: OpenServices) -> None:
    """Run the page that the address asks for."""
    # A named icon would be fetched from a server outside; a file of our own is not.
    st.set_page_config(page_title="控辍保学", page_icon=str(_ASSETS / "icon.svg"), layout="wide")
    st.html(_ASSETS / "style.css")
    page = st.navigation(
        [
            _page(worklist, open_services, "包保名单", ":material/list_alt:", Url.WORKLIST),
            _page(today, open_services, "今日待办", ":material/task_alt:", Url.TODAY),
            _page(pupil, open_services, "学生档案", ":material/person:", Url.PUPIL),
            _page(model, open_services, "模型", ":material/monitoring:", Url.MODEL),
            st.Page(help_page.render, title="帮助", icon=":material/help:", url_path=Url.HELP),
        ],
        position="top",
    )
    page.run()
    # Screen readers and the browser's translator ask the page for its language.
    st.html(_LANGUAGE, unsafe_allow_javascript=True)


def render_guarded(render: Callable[[Services], None], open_services: OpenServices) -> None:
    """Render a page, or say in Chinese why it cannot be and what to run."""
    show_notice()
    try:
        render(open_services())
    except KongchuoError as error:
        show_problem(error)
    except Exception:
        # A bug: its traceback goes to the log, and the user reads Chinese.
        _LOG.exception("a page could not be rendered")
        show_bug()


def _page(
    module: ModuleType, open_services: OpenServices, title: str, icon: str, url: Url
) -> st.Page:
    return st.Page(
        partial(render_guarded, module.render, open_services),
        title=title,
        icon=icon,
        url_path=url,
        default=url is Url.WORKLIST,
    )
