"""Session keys, addresses of pages, and the services that all sessions share."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path

import streamlit as st

from kongchuo_risk.app.launch import WORKSPACE_VARIABLE
from kongchuo_risk.errors import WorkspaceError
from kongchuo_risk.serving.services import Services
from kongchuo_risk.workspace import open_workspace


class Key(StrEnum):
    """Names of what a session remembers; a widget's key is its name here."""

    SCHOOL = "school"
    CLASS = "class"
    BANDS = "bands"
    WATCH = "watch"
    SEARCH = "search"
    ORDER = "order"
    LAYOUT = "layout"
    SHEET = "sheet"
    DOWNLOAD = "download"
    FEEDBACK_ON = "feedback_on"
    VERDICT = "feedback_verdict"
    NOTE = "feedback_note"
    SEND = "feedback_send"
    NOTICE = "notice"
    WEEKS = "weeks"
    SUBJECT = "subject"
    KINDS = "kinds"
    METRIC = "metric"
    OPEN_MLFLOW = "open_mlflow"
    TASK_PERSON = "task_person"
    TASK_ROLE = "task_role"
    RAISED = "raised"


class Url(StrEnum):
    """Path of each page under the app's address."""

    WORKLIST = "worklist"
    TODAY = "today"
    PUPIL = "pupil"
    MODEL = "model"
    HELP = "help"


STUDENT_PARAMETER = "student"
"""Query parameter of a pupil's page: ``/pupil?student=…``."""


def open_services() -> Services:
    """Services on the workspace that the environment names.

    Raises
    ------
    WorkspaceError
        When no workspace is named, or the folder is none.
    """
    named = os.environ.get(WORKSPACE_VARIABLE)
    if not named:
        raise WorkspaceError("没有指定工作区。请用 kongchuo app 工作区文件夹 启动。")
    return _services(Path(named))


@st.cache_resource(show_spinner="正在打开工作区……")
def _services(root: Path) -> Services:
    return Services(open_workspace(root))
