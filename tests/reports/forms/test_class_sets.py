"""A whole class at once: files in order, one to print, each counted from one."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn

from kongchuo_risk.domain.plan import PlanKind
from kongchuo_risk.errors import ContractError
from kongchuo_risk.reports.forms.class_sets import PRINT_FILE, Sheet, fill_class, joined
from kongchuo_risk.reports.forms.dossiers import PUPIL_FILE, values_of_pupil_file
from kongchuo_risk.reports.forms.facts import CaseFile, Dossier, PupilCard
from kongchuo_risk.reports.forms.notices import RETURN_NOTICE, values_of_return_notice
from kongchuo_risk.reports.plan_pages import PUPIL_PLAN, Reader, pupil_plan_values
from tests.reports.builders import facts, full_plan, measure, policy, whole_text


def notices(*names: str) -> bytes:
    files = (CaseFile(PupilCard(name=name)) for name in names)
    return fill_class(
        RETURN_NOTICE, [Sheet(file.pupil.name, values_of_return_notice(file)) for file in files]
    )


def contents(package: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(package)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def test_a_class_is_a_file_per_pupil_in_order_and_one_to_print() -> None:
    files = contents(notices("学生乙", "学生甲"))
    assert list(files) == [PRINT_FILE, "01_学生乙.docx", "02_学生甲.docx"]
    printed = whole_text(files[PRINT_FILE])
    assert printed.index("您的孩子学生乙") < printed.index("您的孩子学生甲")


def test_every_pupil_begins_on_a_new_page_without_an_empty_line_before_it() -> None:
    paper = Document(BytesIO(contents(notices("甲", "乙", "丙"))[PRINT_FILE]))
    one = Document(BytesIO(contents(notices("甲"))[PRINT_FILE]))
    assert len(paper.sections) == 3
    assert len(paper.paragraphs) == 3 * len(one.paragraphs)


def test_equal_classes_give_equal_bytes() -> None:
    assert notices("甲", "乙") == notices("甲", "乙")


def test_two_of_one_name_and_a_name_that_no_file_can_have_are_kept_apart() -> None:
    assert list(contents(notices("甲", "甲", "a/b:?", "")))[1:] == [
        "01_甲.docx", "02_甲.docx", "03_ab.docx", "04_辍学生返校通知书.docx",
    ]  # fmt: skip


def test_nobody_chosen_is_told() -> None:
    with pytest.raises(ContractError, match="没有要填“辍学生返校通知书”的学生"):
        fill_class(RETURN_NOTICE, [])


def test_pages_and_headings_are_counted_anew_for_each_pupil() -> None:
    file = PUPIL_FILE.fill(values_of_pupil_file(Dossier()))
    paper = Document(BytesIO(joined([file, file, file])))
    assert [first_page(section) for section in paper.sections] == ["1", "1", "1"]
    headings = [line for line in paper.paragraphs if line.style.name == "Heading 1"]
    own = [next(iter(line._p.xpath("w:pPr/w:numPr/w:numId/@w:val")), "") for line in headings]
    third = len(headings) // 3
    assert [len(set(own[first : first + third])) for first in (0, third, 2 * third)] == [1, 1, 1]
    assert len(set(own)) == 3


def first_page(section: Any) -> str:
    return str(section._sectPr.find(qn("w:pgNumType")).get(qn("w:start")))


def test_a_footer_that_names_its_own_plan_stays_with_it() -> None:
    reader = Reader(policy(measure("m1")), {})
    kinds = (PlanKind.GENERAL, PlanKind.RETURNER, PlanKind.RETURNER, PlanKind.GENERAL)
    filled = [
        PUPIL_PLAN.fill(pupil_plan_values(full_plan(kind), facts(), reader)) for kind in kinds
    ]
    paper = Document(BytesIO(joined(filled)))
    footers = [section.footer.paragraphs[0].text for section in paper.sections]
    assert [footer.split("　")[0] for footer in footers] == list(kinds)
    linked = [section.footer.is_linked_to_previous for section in paper.sections]
    assert linked == [False, False, True, False]
