"""The README's first command, from the shell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kongchuo_risk.workspace import open_workspace
from tests.conftest import ROOT


@pytest.mark.demo
@pytest.mark.skipif(os.name != "posix", reason="scripts/demo is for bash; Windows uses kongchuo")
def test_the_demo_script_makes_list_plans_and_case_database(tmp_path: Path) -> None:
    folder = tmp_path / "演示"
    done = subprocess.run(
        ["bash", "scripts/demo", "--no-app", "--json", "--preset", "小样", "-w", str(folder)],
        cwd=ROOT,
        env={**os.environ, "VIRTUAL_ENV": sys.prefix},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["score"]["listed"] > 0
    assert result["plan"]["responsible"] == result["score"]["pupils"]
    workspace = open_workspace(folder)
    for path in (workspace.database, workspace.mlflow_database):
        assert path.stat().st_size > 0
    assert (workspace.reports / "重点关注名单.xlsx").is_file()


def test_a_folder_that_no_demo_made_is_never_cleared(tmp_path: Path) -> None:
    precious = tmp_path / "学校资料.xlsx"
    precious.write_bytes(b"x")
    done = subprocess.run(
        [sys.executable, "-m", "kongchuo_risk.cli", "demo", "--no-app", "-w", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "不是演示工作区" in done.stderr
    assert precious.read_bytes() == b"x"
