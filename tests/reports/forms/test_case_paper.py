"""On paper: what must be one page is one page, filled as full as it becomes."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from kongchuo_risk.reports.forms import pupil_forms
from kongchuo_risk.reports.forms.case_forms import case_form
from kongchuo_risk.reports.forms.facts import CaseFile, ChangeFile, PlanFile
from tests.reports.forms.case_builders import case_file

ONE_PAGE = (
    "疑似辍学报告", "辍学报告单", "家访记录", "家长通知书", "辍学生返校通知书",
    "辍学限期返校通知书", "入学通知书", "强制报告记录",
)  # fmt: skip


def test_sheets_and_letters_are_one_page_full_and_empty(tmp_path: Path) -> None:
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice (soffice) is not installed: nobody counts the pages here")
    for name in ONE_PAGE:
        full, empty = case_form(name, case_file(), restricted=True), case_form(name, CaseFile())
        (tmp_path / f"{name}_full.docx").write_bytes(full)
        (tmp_path / f"{name}_empty.docx").write_bytes(empty)
    (tmp_path / "学习需求评估.docx").write_bytes(pupil_forms.needs_sheet(PlanFile()))
    (tmp_path / "学籍异动手续清单.docx").write_bytes(pupil_forms.change_papers(ChangeFile()))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    convert = [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    files = sorted(map(str, tmp_path.glob("*.docx")))
    subprocess.run([*convert, *files], check=True, capture_output=True)
    pages = {
        path.stem: len(re.findall(rb"/Type\s*/Page\b", path.read_bytes()))
        for path in tmp_path.glob("*.pdf")
    }
    assert pages == dict.fromkeys((Path(file).stem for file in files), 1)
