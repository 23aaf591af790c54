"""On paper: the letter and the teacher's page fit one A4 page, however long the names are."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from kongchuo_risk.reports.letters import parent_letter
from kongchuo_risk.reports.plan_pages import teacher_page
from tests.reports.builders import NAMES, facts, full_plan, measure, policy

LONG = "民族自治县某某镇中心学校（九年一贯制寄宿）"
FAMILY = (
    "老师会和孩子聊一聊，先听孩子说，不批评、不比较，有困难一起想办法；"
    "您有什么想法也请随时告诉老师，我们一起商量。"
)
DUTY = {"grade": "法定义务", "finding": "有", "unknown": "无"}


def pages(word_file: bytes, folder: Path) -> int:
    """Pages that LibreOffice makes of a Word file."""
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice (soffice) is not installed: nobody counts the pages here")
    (folder / "form.docx").write_bytes(word_file)
    profile = f"-env:UserInstallation=file://{folder}/profile"
    convert = [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder)]
    subprocess.run([*convert, str(folder / "form.docx")], check=True, capture_output=True)
    return len(re.findall(rb"/Type\s*/Page\b", (folder / "form.pdf").read_bytes()))


def test_a_letter_of_six_measures_and_long_names_is_one_page(tmp_path: Path) -> None:
    names = dict.fromkeys(("pupil_name", "teacher_name", "mentor_name"), "某某某某·某某某某某某")
    known = policy(*(measure(f"m{n}", family=FAMILY, evidence=DUTY) for n in range(1, 7)))
    letter = parent_letter(full_plan(), facts(school_name=LONG, **names), known)
    assert pages(letter, tmp_path) == 1


def test_a_teacher_s_page_of_six_measures_with_steps_is_one_page(tmp_path: Path) -> None:
    known = policy(*(measure(f"m{number}") for number in range(1, 7)))
    reasons = [f"第{number}条情况，说得比较长，有本人的数和本班平均的数" for number in range(5)]
    page = teacher_page(full_plan(), facts(school_name=LONG), known, reasons, reasons[:3], NAMES)
    assert pages(page, tmp_path) == 1
