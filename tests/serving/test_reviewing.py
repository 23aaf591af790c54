"""The verb ``review``: what it needs, and where its findings are kept."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from kongchuo_risk.cli.reviewing import review as command
from kongchuo_risk.errors import NotReadyError
from kongchuo_risk.review import Review
from kongchuo_risk.serving import model_shelf
from kongchuo_risk.serving.model_pages import load_table
from kongchuo_risk.serving.reviewing import keep_review, review
from kongchuo_risk.workspace import Workspace, create_workspace, open_workspace


@pytest.fixture
def found() -> Review:
    change = {"metric": "recall_at_k", "change": -0.1, "low": -0.2, "high": -0.01}
    learning = {"metric": "recall_at_k", "low": 0.2, "high": 0.6}
    return Review(
        {
            "ablation": pd.DataFrame([{"group": "出勤", "choice": "去掉", **change}]),
            "learning": pd.DataFrame(
                [{"axis": "terms", "size": size, "value": size / 5, **learning} for size in (1, 2)]
            ),
            "sensitive": pd.DataFrame([{"input": "留守", "choice": "只作审计", **change}]),
        },
        ("特征组：去掉“出勤”损失最大。",),
    )


def test_without_a_training_there_is_nothing_to_review(tmp_path: Path) -> None:
    with pytest.raises(NotReadyError, match="kongchuo train"):
        review(create_workspace(tmp_path / "empty"))


def test_a_school_with_too_little_history_is_told_so(demo_workspace: Workspace) -> None:
    with pytest.raises(NotReadyError, match="历史太短"):
        review(demo_workspace)


def test_findings_are_kept_beside_the_model_and_below_its_training(
    demo_workspace: Workspace, tmp_path: Path, found: Review
) -> None:
    shutil.copytree(demo_workspace.root, tmp_path / "copy")
    workspace = open_workspace(tmp_path / "copy")
    shelved = model_shelf.current(workspace)
    kept = keep_review(workspace, shelved, found)
    assert kept.text == "特征组：去掉“出勤”损失最大。"
    assert kept.values["mlflow_run"] not in {"", shelved.run_id}
    for name, table in found.tables.items():
        loaded = load_table(shelved.folder(workspace), name)
        assert loaded[table.columns].to_dict("records") == table.to_dict("records")


def test_the_command_says_in_chinese_what_it_does() -> None:
    shown = CliRunner().invoke(command, ["--help"])
    assert shown.exit_code == 0
    assert "敏感输入" in shown.output
