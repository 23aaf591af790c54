"""`kongchuo today` and `kongchuo cases` on the tiny school."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kongchuo_risk.cli import speak_chinese
from kongchuo_risk.workspace import Workspace
from tests.serving.school import make_workspace

speak_chinese()
# After the language is set: click names its parameter types while the commands load.
from kongchuo_risk.cli.root import root  # noqa: E402

TEACHER = ("--as", "T1")
PRINCIPAL = ("--as", "校长乙", "--role", "校长")


@pytest.fixture
def school(tmp_path: Path) -> Workspace:
    return make_workspace(tmp_path / "w")


def run(school: Workspace, *words: str) -> Result:
    return CliRunner().invoke(root, [*words, "-w", str(school.root)])


def read(school: Workspace, *words: str) -> dict[str, object]:
    result = run(school, *words, "--json")
    assert result.exit_code == 0, result.output
    values = json.loads(result.output.splitlines()[-1])
    assert isinstance(values, dict)
    return values


@pytest.mark.parametrize(
    "words", [["today"], *(["cases", name] for name in root.commands["cases"].commands)]
)
def test_help_is_chinese_throughout(words: list[str]) -> None:
    text = CliRunner().invoke(root, [*words, "--help"], prog_name="kongchuo").output
    assert text.startswith("用法：")
    foreign = set(re.findall(r"(?<![-\w./])[A-Za-z]{4,}", text))
    assert foreign <= {"kongchuo", "JSON", "xlsx", *words}


def test_a_case_is_opened_visited_moved_and_listed(school: Workspace) -> None:
    opened = run(school, "cases", "open", "a", "--note", "上午未到校", *TEACHER)
    assert opened.output == "案件 1 现在是“疑似”\n"
    kept = run(
        school, "cases", "visit", "1", "--with", "示例教师甲:班主任", "--result", "承诺返校",
        "--met", "监护人", "--talk", "谈了学校的情况", "--opinion", "同意", "--next", "明天送来",
        *TEACHER,
    )  # fmt: skip
    assert kept.output.startswith("已登记（编号 1）：案件 1 的第 1 次走访")
    moved = run(school, "cases", "move", "1", "劝返中", *TEACHER)
    assert moved.output == "案件 1 现在是“劝返中”\n"
    refused = run(school, "cases", "move", "1", "报告单已报", *TEACHER)
    assert refused.exit_code == 1
    assert "还没有填写原因；还没有填写去向" in refused.output
    assert "甲一" in run(school, "cases", "list").output
    shown = run(school, "cases", "show", "1").output
    assert "上门走访：承诺返校（示例教师甲）" in shown
    assert "报告单已报：还没有填写原因" in shown


def test_a_visit_that_says_too_little_is_refused_with_everything_it_lacks(
    school: Workspace,
) -> None:
    thin = run(
        school, "cases", "visit", "a", "--with", "甲:班主任", "--result", "拒绝", *TEACHER
    )  # fmt: skip
    assert thin.exit_code == 1
    assert "请写明见到学生还是监护人" in thin.output
    assert "请写下一步打算" in thin.output
    wrong = run(school, "cases", "visit", "a", "--with", "甲", "--result", "拒绝", *TEACHER)
    assert wrong.exit_code == 2
    assert "姓名:岗位" in wrong.output


def test_an_unknown_staff_number_may_do_nothing(school: Workspace) -> None:
    result = run(school, "cases", "open", "a", "--as", "T404")
    assert (result.exit_code, result.output) == (1, "错误：教职工表里没有工号 T404\n")


def test_what_is_due_can_be_seen_of_any_day_and_printed(school: Workspace, tmp_path: Path) -> None:
    run(school, "cases", "open", "a", "--since", "2025-10-13", *TEACHER)
    export = tmp_path / "待办.xlsx"
    values = read(school, "today", "--staff", "T1", "--export", str(export))
    assert export.exists()
    kinds = {task["kind"] for task in values["tasks"]}  # type: ignore[attr-defined]
    assert "guardian_contact" in kinds


def test_the_nightly_search_can_be_run_twice(school: Workspace) -> None:
    read(school, "cases", "detect", "--day", "2025-10-13")
    first = read(school, "cases", "detect", "--day", "2025-10-14")
    again = read(school, "cases", "detect", "--day", "2025-10-14")
    # Pupil a is missing both half-days of the 14th in the imported attendance.
    assert (first["opened"], again["opened"]) == (1, 0)
    assert read(school, "cases", "held")["held"] == []
