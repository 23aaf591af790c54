"""The school's Word forms: filled, empty, and honest about what they do not have."""

from __future__ import annotations

import zipfile
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest

from kongchuo_risk.contracts.profiles import load_profile
from kongchuo_risk.domain.attendance import Absence, ClassSheet
from kongchuo_risk.domain.school_record import IssuedDocument, RecordKind, SchoolRecord
from kongchuo_risk.errors import ContractError
from kongchuo_risk.reports.forms.catalogue import entry_named
from kongchuo_risk.reports.forms.duty_letters import LetterKind, letter_content, letter_name
from kongchuo_risk.reports.forms.school_facts import Content, Figure, Heading
from kongchuo_risk.reports.forms.school_forms import (
    ALL_FORMS,
    SCHOOL_FORMS,
    fill_paper,
    fill_papers,
)
from kongchuo_risk.reports.forms.school_values import (
    class_day_content,
    record_paper,
    school_day_content,
)
from kongchuo_risk.reports.letters import letter_words
from kongchuo_risk.reports.templates import Kind
from scripts.form_schools import SCHOOL_MAKERS
from tests.reports.builders import rows_of, whole_text
from tests.reports.test_paper import pages

DAY = date(2025, 9, 8)
HEADING = Heading("第一中学", "2025—2026学年", DAY, "一中控辍〔2025〕3号", "教师甲")
PROCEDURE = load_profile("国家2024").procedure
SANCTIONS = ("罚款", "一票否决", "曝光", "扣发", "扣除", "差生", "后进生")


def full(name: str) -> Content:
    """Something in every field of a form."""
    fields = ALL_FORMS[name].fields
    tables = {
        field.name: [{part.name: f"{part.name}值" for part in field.parts if part.name != "序号"}]
        for field in fields
        if field.kind is Kind.ENTRIES and field.name != "数字"
    }
    head = {"单位名称", "期间", "日期", "文号", "签发人"}
    texts = {
        field.name: f"{field.name}值"
        for field in fields
        if field.kind is Kind.TEXT and field.name not in head
    }
    return Content(HEADING, texts, [Figure("巩固率", 571, 600, "口径值", "不低于 95%")], tables)


@cache
def blank_text(name: str) -> str:
    return whole_text(fill_paper(name, Content()))


@pytest.mark.parametrize("name", ALL_FORMS)
def test_a_full_form_prints_whatever_it_was_given(name: str) -> None:
    content = full(name)
    text = whole_text(fill_paper(name, content))
    boxes = {"类别", "渠道", "方式"}
    assert all(said in text for field, said in content.texts.items() if field not in boxes)
    for entries in content.tables.values():
        assert all(cell in text for row in entries for cell in map(str, row.values()))
    assert "571／600" in text or "数字" not in {field.name for field in ALL_FORMS[name].fields}


@pytest.mark.parametrize("name", ALL_FORMS)
def test_an_empty_form_has_lines_to_write_on_and_no_values(name: str) -> None:
    text = blank_text(name)
    assert "____" in text
    assert "{{" not in text
    assert "None" not in text


@pytest.mark.parametrize("name", ALL_FORMS)
def test_no_form_threatens_anybody_or_labels_a_child(name: str) -> None:
    text = blank_text(name)
    # The letters say that there are no fines, and that nobody may be pressed with them.
    for allowed in ("没有罚款", "不以罚款", "不点名曝光"):
        text = text.replace(allowed, "")
    assert [word for word in SANCTIONS if word in text] == []


@pytest.mark.parametrize("entry", SCHOOL_FORMS, ids=lambda entry: entry.name)
def test_an_official_form_bears_number_and_signer_and_page_numbers(entry) -> None:  # type: ignore[no-untyped-def]
    text = whole_text(fill_paper(entry.name, full(entry.name)))
    assert ("文号：一中控辍〔2025〕3号\t签发人：教师甲" in text) is entry.numbered
    assert "第 " in text
    assert " 页" in text


def test_every_word_form_of_the_school_has_a_maker_and_an_entry() -> None:
    assert {entry.file_name for entry in SCHOOL_FORMS} == set(SCHOOL_MAKERS)
    assert entry_named("责任状（校长与班主任）").number == 1


def test_what_a_form_does_not_have_is_named_at_once() -> None:
    wrong = Content(texts={"天气": "晴"}, tables={"决定": [{"事项": "甲", "罚款": "乙"}]})
    with pytest.raises(ContractError, match="《会议记录》没有这些内容：天气、决定 → 罚款"):
        fill_paper("会议记录", wrong)
    with pytest.raises(ContractError, match="没有叫“请假条”的表册"):
        fill_paper("请假条", Content())


@pytest.mark.parametrize("kind", [kind for kind in LetterKind if kind != "教师与家长"])
def test_a_letter_has_the_targets_of_the_profile(kind: LetterKind) -> None:
    content = letter_content(kind, HEADING, party="甲单位", other="乙单位", procedure=PROCEDURE)
    rows = rows_of(fill_paper(letter_name(kind), content), "目标")
    told = {row[1]: row[2] for row in rows[1:]}
    assert told["学年辍学率"] == "为 0"
    assert told["包保覆盖率"] == "100%"
    assert told["九年巩固率"] == "不低于 95%"


def test_parents_are_asked_and_not_bound() -> None:
    kind = LetterKind.TEACHER_PARENT
    content = letter_content(
        kind, HEADING, party="教师甲", other="家长甲", pupil="学生甲", procedure=PROCEDURE
    )
    text = whole_text(fill_paper(letter_name(kind), content))
    assert "学生甲的家长" in text
    assert "可以不签" in text
    assert "没有罚款和处罚" in text
    assert not any(row in text for row in PROCEDURE.targets)
    assert letter_words().labels_in(text) == []


def test_letters_of_a_whole_class_are_a_file_each_and_one_to_print() -> None:
    kind = LetterKind.TEACHER_PARENT
    letters = {
        pupil: letter_content(kind, HEADING, party="教师甲", other="", pupil=pupil)
        for pupil in ("学生甲", "学生乙")
    }
    with zipfile.ZipFile(BytesIO(fill_papers(letter_name(kind), letters))) as package:
        assert [name for name in package.namelist() if "学生" in name] == [
            "01_学生甲.docx", "02_学生乙.docx",
        ]  # fmt: skip
        assert "学生乙的家长" in whole_text(package.read("02_学生乙.docx"))


def test_a_report_without_events_says_so_and_shows_each_rate_with_both_numbers() -> None:
    content = Content(HEADING, {}, [Figure("巩固率", 571, 600), Figure("走访", 12)])
    report = fill_paper("学生变动周报", content)
    assert rows_of(report, "变动的学生")[1][1] == "无"
    assert [row[:3] for row in rows_of(report, "人数")[1:]] == [
        ["巩固率", "571／600", "95.2%"], ["走访", "12", ""],
    ]  # fmt: skip


def test_a_meeting_on_record_becomes_its_form() -> None:
    record = SchoolRecord(
        RecordKind.MEETING, "A", DAY, "九月工作会",
        {"类别": "工作会议", "内容": "核对台账", "天气": "晴"}, ("教师甲", "教师乙"),
    )  # fmt: skip
    name, content = record_paper(record, "第一中学")
    text = whole_text(fill_paper(name, content))
    assert "☑工作会议" in text
    assert "教师甲、教师乙" in text
    assert "核对台账" in text
    assert "晴" not in text


def test_a_letter_on_record_bears_the_number_under_which_it_was_issued() -> None:
    record = SchoolRecord(
        RecordKind.LETTER, "A", DAY, "责任书", {"类别": "校长与班主任"}, ("教师甲", "教师乙")
    )
    issued = IssuedDocument("一中〔2025〕1号", "责任书", "A", 2025, 1, DAY, "教师甲")
    name, content = record_paper(record, "第一中学", issued)
    assert name == "责任书（校长与班主任）"
    assert "文号：一中〔2025〕1号" in whole_text(fill_paper(name, content))
    with pytest.raises(ContractError, match="没有对应的表册"):
        record_paper(SchoolRecord(RecordKind.REMARK, "A", DAY, "说明"), "第一中学")


SHEETS = (
    ClassSheet("A", "C1", DAY, "AM", 45, (Absence("a", "unexcused"), Absence("b", "late"))),
    ClassSheet("A", "C1", DAY, "PM", 45, (Absence("a", "unexcused", "work"),)),
)
NAMES = {"a": "学生甲", "b": "学生乙"}


def test_the_day_of_a_class_counts_late_pupils_as_present() -> None:
    content = class_day_content(
        SHEETS, HEADING, class_name="七年级1班", homeroom="教师甲", names=NAMES
    )
    report = fill_paper("到校日报（班级）", content)
    assert [row[1:6] for row in rows_of(report, "点名")[1:]] == [
        ["上午", "45", "44", "1", "1"], ["下午", "45", "44", "1", "0"],
    ]  # fmt: skip
    rows = rows_of(report, "没有按时到校的学生")
    assert [row[1:5] for row in rows[1:]] == [
        ["上午", "学生甲", "无故缺勤", ""], ["上午", "学生乙", "迟到", ""],
        ["下午", "学生甲", "无故缺勤", "外出打工"],
    ]  # fmt: skip


def test_the_day_of_a_school_adds_up_and_names_who_has_not_reported() -> None:
    classes = {"C1": ("七年级1班", "教师甲"), "C2": ("七年级2班", "教师乙")}
    content = school_day_content(SHEETS, HEADING, classes=classes, names=NAMES)
    report = fill_paper("到校日报（学校）", content)
    rows = rows_of(report, "各班到校情况")
    assert rows[-1][1:] == ["合计", "", "45", "44", "1", "45", "44", "1", "1"]
    assert "还没有填报：七年级2班（上午）、七年级2班（下午）" in whole_text(report)
    assert len(rows_of(report, "无故缺席的学生")) == 3


def test_a_letter_with_all_its_targets_is_one_page(tmp_path: Path) -> None:
    kind = LetterKind.OFFICE_SCHOOL
    long = "民族自治县某某镇中心学校（九年一贯制寄宿）"
    content = letter_content(kind, HEADING, party=long, other=long, procedure=PROCEDURE)
    assert pages(fill_paper(letter_name(kind), content), tmp_path) == 1
