"""``kongchuo models`` as its users meet it: Chinese, with exit codes, and JSON for machines."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from kongchuo_risk.cli import speak_chinese
from kongchuo_risk.serving import pointer
from kongchuo_risk.serving.model_pages import save_page_tables
from kongchuo_risk.training.model_folder import save_model
from kongchuo_risk.training.rates import RateModel
from kongchuo_risk.workspace import Workspace, create_workspace

speak_chinese()
# After the language is set: click names its parameter types while the commands load.
from kongchuo_risk.cli.models import models  # noqa: E402
from kongchuo_risk.cli.root import _Group  # noqa: E402

FIRST, SECOND, REFUSED = "20250901-blend-001", "20260301-blend-002", "20260301-blend-003"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Two models that ranked and one that was refused; MLflow is not asked."""
    monkeypatch.setattr("kongchuo_risk.serving.registry.move_champion", lambda *_: "")
    workspace = create_workspace(tmp_path / "w")
    for version in (FIRST, SECOND, REFUSED):
        about = {"verdict": f"{version} 的结论。", "admitted": version != REFUSED}
        model = RateModel("blend", -5.0, {}, {})
        folder = save_model(model, workspace.models / version, card="# 卡", about=about)
        metrics = pd.DataFrame(
            [("blend", "recall_at_k", 0.5, 0.4, 0.6)],
            columns=["model", "metric", "value", "low", "high"],
        )
        save_page_tables(folder, metrics=metrics)
        if version != REFUSED:
            shelved = {"name": "blend", "version": version, "verdict": "…", "base_rate": "…"}
            pointer.point(workspace, shelved, action=pointer.TRAINED, by="命令行")
    return workspace


def _run(workspace: Workspace, *words: str) -> Result:
    group = _Group("kongchuo", commands={"models": models})
    return CliRunner().invoke(group, ["models", *words, "-w", str(workspace.root)])


@pytest.mark.parametrize("name", [None, "list", "compare", "promote", "rollback"])
def test_help_is_chinese_throughout(name: str | None) -> None:
    words = ["--help"] if name is None else [name, "--help"]
    text = CliRunner().invoke(models, words, prog_name="kongchuo models").output
    latin = set(re.findall(r"(?<![-\w./])[A-Za-z]{4,}", text))
    assert latin <= {"kongchuo", "models", "JSON", "list", "compare", "promote", "rollback"}


def test_the_list_marks_what_ranks_and_what_was_refused(workspace: Workspace) -> None:
    result = _run(workspace, "list", "--json")
    kept = {one["version"]: one for one in json.loads(result.output)["models"]}
    assert [version for version, one in kept.items() if one["ranks"]] == [SECOND]
    assert not kept[REFUSED]["admitted"]
    assert "现用" in _run(workspace, "list").output


def test_an_empty_shelf_says_what_ranks(tmp_path: Path) -> None:
    result = _run(create_workspace(tmp_path / "empty"), "list")
    assert (result.exit_code, "评分卡排序" in result.output) == (0, True)


def test_two_models_stand_side_by_side(workspace: Workspace) -> None:
    result = _run(workspace, "compare", FIRST, SECOND)
    assert result.exit_code == 0
    assert f"{FIRST}：{FIRST} 的结论。" in result.output
    assert "名额内找出比例" in result.output


def test_promote_and_rollback_say_what_ranks_next(workspace: Workspace) -> None:
    promoted = _run(workspace, "promote", FIRST)
    assert (promoted.exit_code, f"已启用 {FIRST}" in promoted.output) == (0, True)
    back = _run(workspace, "rollback", "--because", "误报太多", "--json")
    assert json.loads(back.output) == {"ranks": SECOND, "because": "误报太多"}


def test_a_refused_model_needs_both_the_flag_and_the_reason(workspace: Workspace) -> None:
    plain = _run(workspace, "promote", REFUSED)
    assert (plain.exit_code, "没有通过检验" in plain.output) == (1, True)
    silent = _run(workspace, "promote", REFUSED, "--anyway")
    assert (silent.exit_code, "--because" in silent.output) == (2, True)
    done = _run(workspace, "promote", REFUSED, "--anyway", "--because", "试用")
    assert done.exit_code == 0
    assert "试用" in (pointer.current(workspace) or {})["verdict"]


def test_a_rollback_without_reason_is_refused(workspace: Workspace) -> None:
    assert _run(workspace, "rollback").exit_code == 2


def test_the_group_is_a_click_group_that_the_root_can_take() -> None:
    assert isinstance(models, click.Group)
    assert list(models.commands) == ["list", "compare", "promote", "rollback"]
