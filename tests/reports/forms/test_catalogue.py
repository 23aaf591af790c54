"""All forms of the seeds are there, each under one name, with a rule or a law that asks for it."""

from __future__ import annotations

from collections import Counter

import pytest

from kongchuo_risk.contracts.profiles import load_profile, profile_names
from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.visit import NoticeKind
from kongchuo_risk.errors import ContractError
from kongchuo_risk.reports.forms.catalogue import FORM_ENTRIES, entry_named
from kongchuo_risk.reports.forms.entries import About, FileKind, FormEntry
from kongchuo_risk.reports.templates import Form, form_file
from tests.reports.builders import whole_text


def test_the_29_forms_of_the_seeds_and_those_of_the_law_are_there() -> None:
    assert {entry.number for entry in FORM_ENTRIES} >= set(range(1, 34))


def test_no_two_forms_answer_to_one_name() -> None:
    names = Counter(name for entry in FORM_ENTRIES for name in (entry.name, *entry.aliases))
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("entry", FORM_ENTRIES, ids=lambda entry: entry.name)
def test_a_form_says_who_asks_for_it_and_what_it_is_filled_with(entry: FormEntry) -> None:
    assert entry.sources
    assert entry.fields
    assert (entry.form is not None) == (entry.file_kind is FileKind.WORD)


@pytest.mark.parametrize("entry", FORM_ENTRIES, ids=lambda entry: entry.name)
def test_a_numbered_word_form_shows_number_and_signer(entry: FormEntry) -> None:
    if entry.file_kind is FileKind.WORD:
        text = template_text(entry.template)
        assert ("文号：" in text and "签发人：" in text) == entry.numbered


def test_every_numbered_paper_of_a_case_has_its_form() -> None:
    assert all(entry_named(kind).numbered for kind in NoticeKind)


@pytest.mark.parametrize("profile", profile_names())
def test_every_form_that_a_deadline_names_is_in_the_catalogue(profile: str) -> None:
    deadlines = load_profile(profile).procedure.deadlines.values()
    asked = {rule.form for rule in deadlines if rule.form} - {"到校日报"}
    assert {name for name in asked if not entry_named(name)} == set()
    assert entry_named("到校日报（班级）").about is About.CLASS


def test_the_seeds_other_names_lead_to_the_form() -> None:
    others = {"转化计划": "帮教计划", "移交函": "移交乡镇函", "学困生评估": "学习需求评估"}
    assert {name: entry_named(name).name for name in others} == others


def test_an_unknown_name_is_told_with_the_names_there_are() -> None:
    with pytest.raises(ContractError, match=r"没有叫“情书”的表册；有：.*家访记录"):
        entry_named("情书")


def test_a_workbook_has_no_word_template() -> None:
    workbooks = [entry for entry in FORM_ENTRIES if entry.file_kind is FileKind.EXCEL]
    with pytest.raises(ContractError, match="是 Excel 表册"):
        _ = workbooks[0].template


def test_an_entry_cannot_carry_the_template_of_another_name() -> None:
    with pytest.raises(ValueError, match="不同名"):
        FormEntry(
            1, "甲", About.SCHOOL, Role.DEAN, "校长", FileKind.WORD, ("1",), form=Form("乙", "", ())
        )


def template_text(form: Form) -> str:
    return whole_text(form_file(form.file_name).read_bytes())
