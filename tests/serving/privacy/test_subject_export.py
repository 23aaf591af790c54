"""A subject's export: complete, readable, checked, and logged before it exists."""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from openpyxl import load_workbook

from kongchuo_risk.cases.tables import metadata
from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.domain.actor import Actor
from kongchuo_risk.domain.clock import CHINA
from kongchuo_risk.domain.visit import Step, StepKind
from kongchuo_risk.errors import CaseError, NotFoundError
from kongchuo_risk.reports.privacy_values import SubjectRequest
from kongchuo_risk.serving.privacy.objections import (
    AGAINST_RANKING,
    against_ranking,
    record_objection,
)
from kongchuo_risk.serving.privacy.subject_export import export_subject
from kongchuo_risk.serving.privacy.wording import COLUMNS, HIDDEN
from kongchuo_risk.workspace import Workspace, open_workspace
from tests.serving.privacy.builders import HELD, PRESENT, TALK, TODAY, in_database

REQUEST = SubjectRequest("学生乙的母亲", "母亲", "想知道学校记了什么", "德育处甲", "户口簿和身份证")


def export(workspace: Workspace, pupil: str = HELD, **changes: str) -> zipfile.ZipFile:
    path = export_subject(
        workspace,
        pupil,
        replace(REQUEST, **changes),
        workspace.root.parent / "导出",
        actor=Actor("学籍管理员甲"),
        today=TODAY,
    )
    return zipfile.ZipFile(path)


def told(package: zipfile.ZipFile) -> dict[str, list[dict[str, Any]]]:
    sections: dict[str, list[dict[str, Any]]] = json.loads(package.read("个人信息.json"))
    return sections


@pytest.fixture(scope="module")
def package(made: Path, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """One export; the tests of it only look."""
    folder = tmp_path_factory.mktemp("export") / "工作区"
    return export(open_workspace(Path(shutil.copytree(made, folder))))


def add_report(workspace: Workspace) -> None:
    with in_database(workspace) as store:
        [case] = store.cases.of_pupil(HELD)
        assert case.id is not None
        at = datetime(2022, 3, 2, 9, tzinfo=CHINA)
        step = Step(case.id, StepKind.MANDATORY_REPORT, at, "校长甲", "已报警")
        store.steps.add(step, by="校长甲")


def test_everything_about_the_pupil_is_there_and_nothing_about_others(
    package: zipfile.ZipFile,
) -> None:
    sections = told(package)
    assert {"项目": "姓名", "内容": "学生乙"} in sections["身份信息"]
    assert len(sections["考勤异常"]) == 1
    [visit] = sections["案件库·走访"]
    assert (visit["谈话内容"], visit["见到学生"]) == (TALK, "是")
    assert visit["走访人"] == "班主任甲，班主任"
    text = json.dumps(sections, ensure_ascii=False)
    assert "学生丙" not in text
    assert PRESENT not in text


def test_excel_json_and_cover_lie_in_one_package(package: zipfile.ZipFile) -> None:
    book = load_workbook(BytesIO(package.read("个人信息.xlsx")))
    assert {sheet.title for sheet in book} == set(told(package))
    paper = Document(BytesIO(package.read("个人信息查询结果.docx")))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    assert "学生乙的母亲（母亲）" in cells
    assert any("第十三条" in cell for cell in cells)


def test_who_looked_is_told_and_the_export_itself_is_logged(workspace: Workspace) -> None:
    with in_database(workspace) as store:
        store.note("教师丁", "查看学生档案", HELD)
    looks = told(export(workspace))["谁看过、改过"]
    assert ("教师丁", "查看学生档案") in {(row["谁"], row["做了什么"]) for row in looks}
    with in_database(workspace) as store:
        [row] = [row for row in store.audit_rows(HELD) if row.action == "导出本人查询结果"]
    assert row.actor == "学籍管理员甲"
    assert row.detail == {"purpose": "本人或监护人查阅、复制", "why": "想知道学校记了什么"}


def test_a_mandatory_report_is_told_only_when_somebody_allowed_it(workspace: Workspace) -> None:
    add_report(workspace)
    assert "已报警" not in json.dumps(told(export(workspace)), ensure_ascii=False)
    allowed = told(export(workspace, authorised_by="校长甲"))
    assert "已报警" in json.dumps(allowed, ensure_ascii=False)


def test_a_request_that_nobody_checked_is_refused(workspace: Workspace) -> None:
    with pytest.raises(CaseError, match="身份核验人；核验方式"):
        export(workspace, checked_by="", checked_how=" ")
    with pytest.raises(CaseError, match="与学生的关系"):
        export(workspace, relation="邻居")


def test_nobody_knows_a_stranger(workspace: Workspace) -> None:
    with pytest.raises(NotFoundError, match="stranger"):
        export(workspace, "stranger")


def test_an_objection_is_kept_and_shown(workspace: Workspace) -> None:
    with in_database(workspace) as store:
        record_objection(
            store, HELD, AGAINST_RANKING, school_code="S1", day=date(2026, 1, 5),
            asked_by="母亲", says="请不要只看名单", by="班主任甲",
        )  # fmt: skip
        assert against_ranking(store) == {HELD}
    paper = Document(BytesIO(export(workspace).read("个人信息查询结果.docx")))
    assert any("请不要只看名单" in line.text for line in paper.paragraphs)


def test_an_objection_without_words_is_refused(workspace: Workspace) -> None:
    with in_database(workspace) as store, pytest.raises(CaseError, match="谁提出"):
        record_objection(
            store, HELD, AGAINST_RANKING, school_code="S1", day=TODAY, asked_by="母亲", says=" ",
            by="班主任甲",
        )  # fmt: skip


def test_every_column_of_the_database_has_a_chinese_title(package: zipfile.ZipFile) -> None:
    tables = (table for table in metadata.tables.values() if "student_id" in table.c)
    own = {column.name for table in tables for column in table.columns}
    assert own - {"body"} - HIDDEN - set(COLUMNS) == set()
    for rows in told(package).values():
        assert not any(name.isascii() for row in rows for name in row)


def test_titles_come_from_the_contracts(package: zipfile.ZipFile) -> None:
    [row] = told(package)["考勤异常"]
    titles = {field.title for field in load_schema().tables["attendance"].fields}
    assert set(row) <= titles
