"""`kongchuo privacy`, as the person in charge of data meets it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kongchuo_risk.cli import speak_chinese

speak_chinese()
from kongchuo_risk.cli.privacy import privacy  # noqa: E402
from kongchuo_risk.errors import CaseError  # noqa: E402
from tests.serving.privacy.builders import GRADUATE, HELD, privacy_workspace  # noqa: E402


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return privacy_workspace(tmp_path_factory.mktemp("privacy") / "工作区").root


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "工作区"))


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(privacy, [*words, "-w", str(folder)])


@pytest.mark.parametrize("name", list(privacy.commands))
def test_help_is_chinese_throughout(name: str) -> None:
    text = CliRunner().invoke(privacy, [name, "--help"]).output
    words = set(re.findall(r"(?<![-\w./])[A-Za-z]{4,}", text))
    assert words <= {"privacy", "JSON", "Word", "Excel", "workspace", "required", *name.split("-")}


def test_without_apply_nothing_is_deleted_and_the_way_to_delete_is_told(folder: Path) -> None:
    result = run(folder, "retention", "--day", "2026-01-15")
    assert "超过保存期 4 项，可以删除 2 项，因未结案件暂缓 2 项" in result.output
    assert "什么都没有删除" in result.output
    again = json.loads(run(folder, "retention", "--day", "2026-01-15", "--json").output)
    assert GRADUATE in {row["student_id"] for row in again["due"]}


def test_applying_names_the_certificate(folder: Path) -> None:
    words = ("--apply", "--by", "校长甲", "--reason", "保存期已满", "--day", "2026-01-15")
    result = run(folder, "retention", *words)
    assert result.exit_code == 0, result.output
    assert "因未结案件暂缓 2 项" in result.output
    assert list((folder / "reports" / "privacy").glob("个人信息删除证明-2026-01-15-1.docx"))


def test_applying_without_a_name_is_refused(folder: Path) -> None:
    result = run(folder, "retention", "--apply")
    assert isinstance(result.exception, CaseError)


def test_a_subject_s_export_says_to_whom_it_may_be_given(folder: Path) -> None:
    words = {
        "--requested-by": "学生乙的母亲", "--relation": "母亲", "--purpose": "了解",
        "--checked-by": "德育处甲", "--checked-how": "身份证", "--by": "学籍管理员甲",
    }  # fmt: skip
    given = [part for pair in words.items() for part in pair]
    result = run(folder, "export-subject", HELD, str(folder / "导出"), *given)
    assert "只交给申请人" in result.output
    assert len(list((folder / "导出").glob("*.zip"))) == 1


def test_reports_are_kept_side_by_side(folder: Path) -> None:
    for _ in range(2):
        assert run(folder, "audit", "--by", "校长甲", "--year", "2026").exit_code == 0
    assert len(list((folder / "reports" / "privacy").glob("*2026年度*.docx"))) == 2
    assert "至少保存三年" in run(folder, "assessment", "--by", "校长甲").output


def test_a_notice_is_written_for_one_pupil(folder: Path) -> None:
    target = folder / "告知书.docx"
    assert run(folder, "notice", str(target), "--student", HELD).exit_code == 0
    assert target.is_file()
