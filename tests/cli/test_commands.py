"""The command line, as its users meet it: Chinese, thin, with exit codes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from kongchuo_risk.cli import speak_chinese
from kongchuo_risk.workspace import Workspace

speak_chinese()
# After the language is set: click names its parameter types while the commands load.
from kongchuo_risk.cli.root import MAIN_JOB, root  # noqa: E402


@pytest.fixture
def runner() -> CliRunner:
    return CliRunner()


@pytest.mark.parametrize("command", MAIN_JOB, ids=lambda command: command.name)
def test_help_is_chinese_throughout(runner: CliRunner, command: object) -> None:
    text = runner.invoke(root, [command.name, "--help"], prog_name="kongchuo").output
    assert text.startswith("用法：")
    words = set(re.findall(r"(?<![-\w./])[A-Za-z]{4,}", text))
    assert words <= {
        "kongchuo",
        "JSON",
        "Word",
        "xlsx",
        "ningbo",
        "oulad",
        "demo",
        "workspace",
        command.name,
    }


def test_the_root_help_lists_the_commands_in_the_order_of_the_work(runner: CliRunner) -> None:
    text = runner.invoke(root, ["--help"]).output
    listed = text.partition("命令:")[2]
    places = [listed.index(f"  {command.name} ") for command in MAIN_JOB]
    assert places == sorted(places)
    assert "\\b" not in text


def test_an_unknown_command_is_refused_in_chinese(runner: CliRunner) -> None:
    result = runner.invoke(root, ["scor"])
    assert result.exit_code == 2
    assert "没有命令 scor" in result.output
    assert "score" in result.output


def test_a_wrong_day_says_what_would_be_right(runner: CliRunner) -> None:
    result = runner.invoke(root, ["score", "--as-of", "2026-13-01"])
    assert result.exit_code == 2
    assert "请写成 2026-04-30" in result.output


def test_a_folder_that_is_no_workspace_is_one_line_and_no_traceback(
    runner: CliRunner, tmp_path: Path
) -> None:
    result = runner.invoke(root, ["score", "--workspace", str(tmp_path)])
    assert result.exit_code == 1
    assert result.output.startswith("错误：")
    assert "kongchuo init" in result.output


def test_init_makes_a_workspace_once_and_keeps_its_key(runner: CliRunner, tmp_path: Path) -> None:
    folder = tmp_path / "工作区"
    assert runner.invoke(root, ["init", str(folder)]).exit_code == 0
    key = Workspace(folder).key
    assert runner.invoke(root, ["init", str(folder)]).exit_code == 0
    assert Workspace(folder).key == key


def test_a_wrong_setting_is_named_with_its_file(runner: CliRunner, tmp_path: Path) -> None:
    runner.invoke(root, ["init", str(tmp_path)])
    (tmp_path / "kongchuo.toml").write_text("seed = '七'\n", encoding="utf-8")
    result = runner.invoke(root, ["train", "--workspace", str(tmp_path)])
    assert result.exit_code == 1
    assert "kongchuo.toml" in result.output
    assert "seed" in result.output


def test_template_then_import_then_list_then_undo(runner: CliRunner, tmp_path: Path) -> None:
    workspace, file = tmp_path / "w", tmp_path / "填报模板.xlsx"
    runner.invoke(root, ["init", str(workspace)])
    assert runner.invoke(root, ["template", str(file)]).exit_code == 0
    done = runner.invoke(root, ["import", str(file), "-w", str(workspace), "--json"])
    assert done.exit_code == 0, done.output
    json.loads(done.output.splitlines()[-1])


def test_doctor_finds_nothing_wrong_with_the_demo(
    runner: CliRunner, demo_workspace: Workspace
) -> None:
    result = runner.invoke(root, ["doctor", "-w", str(demo_workspace.root), "--json"])
    checks = json.loads(result.output)["checks"]
    assert [check["title"] for check in checks if not check["ok"]] == []
    assert result.exit_code == 0


def test_doctor_says_what_to_do_where_there_is_no_workspace(
    runner: CliRunner, tmp_path: Path
) -> None:
    result = runner.invoke(root, ["doctor", "-w", str(tmp_path)])
    assert result.exit_code == 2
    assert "✗ 工作区" in result.output
    assert "kongchuo init" in result.output


def test_a_damaged_case_database_is_found(runner: CliRunner, tmp_path: Path) -> None:
    runner.invoke(root, ["init", str(tmp_path)])
    (tmp_path / "kongchuo.db").write_bytes(b"SQLite format 3\x00" + b"\xff" * 4096)
    result = runner.invoke(root, ["doctor", "-w", str(tmp_path)])
    assert "✗ 案件数据库" in result.output


def test_doctor_lists_damaged_models(runner: CliRunner, tmp_path: Path) -> None:
    runner.invoke(root, ["init", str(tmp_path)])
    assert "✓ 模型：还没有训练过" in runner.invoke(root, ["doctor", "-w", str(tmp_path)]).output
    folder = tmp_path / "models" / "20260424-anchored-002"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{", encoding="utf-8")
    result = runner.invoke(root, ["doctor", "-w", str(tmp_path)])
    assert result.exit_code == 2
    assert "✗ 模型：1 个已损坏：" in result.output
    assert "20260424-anchored-002" in result.output


def test_help_loads_no_table_library() -> None:
    code = (
        "import sys; import kongchuo_risk.cli.root; "
        "heavy = {'pandas', 'numpy', 'lightgbm', 'sklearn', 'mlflow', 'streamlit', 'sqlalchemy'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_evaluate_shows_the_model_beside_the_simple_rules(
    runner: CliRunner, demo_workspace: Workspace
) -> None:
    result = runner.invoke(root, ["evaluate", "-w", str(demo_workspace.root)])
    assert result.exit_code == 0
    assert "评分卡" in result.output


def test_what_a_library_prints_from_c_does_not_reach_the_line_of_json() -> None:
    script = (
        "import os\n"
        "from kongchuo_risk.cli.output import give, reserve_standard_output\n"
        "reserve_standard_output()\n"
        "os.write(1, b'stray line of a solver\\n')\n"
        "give({'items': 3}, as_json=True)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == {"items": 3}
    assert done.stderr == "stray line of a solver\n"
