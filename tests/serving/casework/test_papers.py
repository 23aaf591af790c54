"""Forms and reports from the database of the tiny school, as files."""

from __future__ import annotations

import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from python_calamine import CalamineWorkbook
from sqlalchemy.engine import Engine

from kongchuo_risk.cases import case_reader
from kongchuo_risk.domain.visit import NoticeKind
from kongchuo_risk.errors import CaseError, NotFoundError, SettingsError
from kongchuo_risk.serving.papers import fill_form, form_table
from kongchuo_risk.serving.reporting import Asked, write_report
from kongchuo_risk.workspace import Workspace
from tests.serving.casework.conftest import MONDAY, PRINCIPAL, Desks

WHY = "帮扶会商"
DAY = MONDAY.date()


def words(content: bytes) -> str:
    document = Document(BytesIO(content))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_a_form_of_a_case_has_the_childs_name_and_the_number_that_was_issued(
    school: Workspace, desks: Desks, engine: Engine, tmp_path: Path
) -> None:
    case = desks().cases.open("a")
    assert case.id is not None
    issued = desks().contacts.issue(
        case.id, NoticeKind.DROPOUT_REPORT, addressee="教导处", signer="校长乙"
    )
    path = tmp_path / "报告单.docx"
    fill_form(school, "辍学报告单", path, case_id=case.id, actor=PRINCIPAL, purpose=WHY)
    text = words(path.read_bytes())
    for expected in ("甲一", "八年级1班", issued.doc_no, "校长乙"):
        assert expected in text
    with case_reader(engine) as store:
        exported = [row for row in store.audit_rows() if row.action == "导出辍学报告单"]
        assert [row.detail["purpose"] for row in exported] == [WHY]


def test_a_whole_class_is_filled_at_once(school: Workspace, desks: Desks, tmp_path: Path) -> None:
    desks().cases.open("a")
    path = tmp_path / "全班.zip"
    result = fill_form(school, "家访记录", path, class_id="C1", actor=PRINCIPAL, purpose=WHY)
    assert result.values["sheets"] == 2
    with zipfile.ZipFile(path) as package:
        assert package.namelist() == ["全部（打印用）.docx", "01_甲一.docx", "02_=甲二.docx"]


def test_a_blank_form_needs_no_purpose_and_names_nobody(school: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "空白.docx"
    fill_form(school, "移交函", path, actor=PRINCIPAL)
    assert "甲一" not in words(path.read_bytes())
    with pytest.raises(CaseError, match="导出前请写明用途"):
        fill_form(school, "移交函", path, class_id="C1", actor=PRINCIPAL)
    with pytest.raises(NotFoundError, match="C9"):
        fill_form(school, "移交函", path, class_id="C9", actor=PRINCIPAL, purpose=WHY)


def test_the_catalogue_has_the_29_forms_of_the_seeds_and_more() -> None:
    assert len(form_table()) >= 33
    assert form_table()["表册"].is_unique


def test_a_report_has_names_inside_and_none_outside(
    school: Workspace, desks: Desks, tmp_path: Path
) -> None:
    desks().cases.open("a")

    def cells(asked: Asked) -> str:
        path = tmp_path / "报表.xlsx"
        write_report(school, asked, path, actor=PRINCIPAL)
        book = CalamineWorkbook.from_path(path)
        return str([book.get_sheet_by_name(name).to_python() for name in book.sheet_names])

    inside = cells(Asked("月报", DAY, "S1", purpose=WHY))
    assert "甲一" in inside
    assert "学年辍学率" in inside
    assert "甲一" not in cells(Asked("月报", DAY, "S1", leaving_school=True))


def test_a_report_of_a_past_day_does_not_see_what_came_later(
    school: Workspace, desks: Desks, tmp_path: Path
) -> None:
    def made(name: str) -> bytes:
        path = tmp_path / name
        write_report(school, Asked("日报", DAY, purpose=WHY), path, actor=PRINCIPAL)
        book = CalamineWorkbook.from_path(path)
        return str([book.get_sheet_by_name(n).to_python() for n in book.sheet_names]).encode()

    case = desks().cases.open("a")
    before = made("一.xlsx")
    later = desks(at=MONDAY.replace(day=20))
    assert case.id is not None
    later.cases.set_facts(case.id, cause="11")
    later.cases.open("b")
    assert made("二.xlsx") == before


def test_what_cannot_be_reported_is_named(school: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with pytest.raises(SettingsError, match="没有名为“旬报”的报表"):
        write_report(school, Asked("旬报", DAY, purpose=WHY), path, actor=PRINCIPAL)
    with pytest.raises(NotFoundError, match="S9"):
        write_report(school, Asked("日报", DAY, "S9", purpose=WHY), path, actor=PRINCIPAL)
    with pytest.raises(CaseError, match="用途"):
        write_report(school, Asked("日报", date(2025, 10, 1)), path, actor=PRINCIPAL)
    assert not path.exists()
