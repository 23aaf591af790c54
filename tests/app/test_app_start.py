"""The app as it starts: script, settings, and what it says when it cannot show a list."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from kongchuo_risk.app import launch
from kongchuo_risk.workspace import create_workspace


def start() -> AppTest:
    app = AppTest.from_file(str(launch.app_script()), default_timeout=60).run()
    assert not app.exception
    return app


def test_without_a_workspace_the_app_names_the_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(launch.WORKSPACE_VARIABLE, raising=False)
    app = start()
    assert app.subheader[0].value == "还没有工作区"
    assert "kongchuo demo" in app.code[0].value


def test_a_folder_that_is_no_workspace_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(launch.WORKSPACE_VARIABLE, str(tmp_path))
    app = start()
    assert "不是工作区" in app.info[0].value


def test_an_empty_workspace_asks_for_data_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    create_workspace(tmp_path)
    monkeypatch.setenv(launch.WORKSPACE_VARIABLE, str(tmp_path))
    app = start()
    assert app.subheader[0].value == "还没有名单"
    assert "kongchuo import" in app.code[0].value


def test_the_app_listens_here_alone_and_reports_to_nobody() -> None:
    config = launch.app_script().parent / ".streamlit" / "config.toml"
    settings = tomllib.loads(config.read_text(encoding="utf-8"))
    assert settings["server"]["address"] == "localhost"
    assert settings["browser"]["gatherUsageStats"] is False
