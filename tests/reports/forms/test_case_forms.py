"""Forms of a case: full and empty, for whom they may be read, and what is never on them."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import UTC, date
from io import BytesIO

import pytest
from docx import Document

from kongchuo_risk.domain.case import Destination
from kongchuo_risk.domain.visit import VisitMode, VisitResult
from kongchuo_risk.errors import ContractError
from kongchuo_risk.reports.forms.case_forms import (
    CASE_FORMS,
    CASE_VALUES,
    case_form,
    case_form_set,
)
from kongchuo_risk.reports.forms.case_reports import effort_values, values_of_suspected_report
from kongchuo_risk.reports.forms.facts import CaseFile
from kongchuo_risk.reports.forms.filling import paper_rows, rows, visit_rows
from kongchuo_risk.reports.forms.visit_records import observation_rows, values_of_tracking_record
from kongchuo_risk.reports.templates import Field, Form, Kind, form_file
from tests.reports.builders import rows_of, whole_text
from tests.reports.forms.case_builders import CARD, CASE, NOTICE, at, case_file, visit

NAMES = tuple(CASE_VALUES)
TO_FAMILY = ("家长通知书", "辍学生返校通知书", "辍学限期返校通知书", "入学通知书")
NEVER = ("罚款", "曝光", "风险", "概率", "得分", "排名", "差生", "None")
"""No score, no threat and no label stands on any of these forms."""


def form_of(name: str) -> Form:
    return {entry.name: entry.template for entry in CASE_FORMS}[name]


@pytest.mark.parametrize("name", NAMES)
def test_every_field_is_documented_filled_and_used(name: str) -> None:
    form = form_of(name)
    template = whole_text(form_file(form.file_name).read_bytes())
    for file in (case_file(), CaseFile()):
        values = CASE_VALUES[name](file, restricted=True)
        assert set(values) == {field.name for field in form.fields}
        check_parts(form.fields, values)
    assert [field.name for field in form.fields if field.name not in template] == []


def check_parts(fields: tuple[Field, ...], values: dict[str, object]) -> None:
    for field in fields:
        if field.kind is Kind.ENTRIES:
            listed = values[field.name]
            assert isinstance(listed, list)
            assert {frozenset(entry) for entry in listed} == {
                frozenset(part.name for part in field.parts)
            }


@pytest.mark.parametrize("name", NAMES)
def test_a_full_form_shows_whatever_a_name_holds_and_equal_files_give_equal_bytes(
    name: str,
) -> None:
    odd = "{{ 监护人 }} <b>&甲</b>"
    file = case_file(pupil=replace(CARD, name=odd))
    full = case_form(name, file, restricted=True)
    assert full == case_form(name, file, restricted=True)
    text = whole_text(full).replace(odd, "学生甲")
    assert "学生甲" in text
    assert not [word for word in (*NEVER, "{{", "{%") if word in text]


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_form_has_blanks_only_and_says_at_its_foot_what_stays_in_the_school(
    name: str,
) -> None:
    empty = case_form(name, CaseFile())
    text = whole_text(empty)
    assert "____年__月__日" in text
    assert not [word for word in (*NEVER, "{{", "{%") if word in text]
    footer = Document(BytesIO(empty)).sections[0].footer.paragraphs[0].text
    kept = name not in TO_FAMILY
    assert footer.startswith(name) == kept
    assert ("内部资料" in footer or "限授权人员阅读" in footer) == kept


@pytest.mark.parametrize("name", NAMES)
def test_a_restricted_cause_is_only_for_those_who_may_read_it(name: str) -> None:
    assert "学生欺凌" not in str(CASE_VALUES[name](case_file()))


@pytest.mark.parametrize("name", TO_FAMILY)
def test_a_letter_to_a_family_tells_no_cause_no_group_and_no_talk(name: str) -> None:
    letter = whole_text(case_form(name, case_file(), restricted=True))
    assert not [word for word in ("厌学", "欺凌", "留守", "脱贫", "同桌") if word in letter]


def test_the_report_to_the_bureau_tells_what_was_done() -> None:
    """Three visits, all at home, all with a leader; of two papers one is the report's own."""
    report = case_form("辍学书面报告", case_file(), restricted=True)
    text = whole_text(report)
    assert "共 3 次，其中上门 3 次、校领导参加 3 次" in text
    assert "学生欺凌、厌学" in text
    assert "未成年人保护法》第二十八条" in text
    papers = rows_of(report, "已发出的文书")
    assert [row[2] for row in papers[1:]] == ["第一中学控辍〔2026〕2号", ""]


def test_an_empty_form_does_not_say_that_nothing_was_done() -> None:
    assert effort_values(CaseFile())["走访总数"] == "____"
    assert effort_values(CaseFile(case=CASE))["走访总数"] == "0"


def test_the_timed_notice_leaves_orders_to_those_who_may_give_them() -> None:
    text = whole_text(case_form("辍学限期返校通知书", case_file()))
    assert "请您于2026年3月27日前送孩子返校" in text
    assert "不是行政处理决定" in text
    assert "乡镇人民政府或者县级人民政府教育行政部门依法作出" in text
    assert "请法务" in text
    assert "☑当面送达" in text


def test_an_absence_in_a_letter_is_told_by_day_and_half_day() -> None:
    text = whole_text(case_form("家长通知书", case_file()))
    assert "自2026年3月9日下午起没有到校" in text


def test_the_same_day_report_takes_the_first_word_with_a_guardian() -> None:
    """A visit at 15:30 came before the telephone call at 16:30."""
    values = values_of_suspected_report(case_file())
    assert values["联系监护人"] == "2026.3.9 15:30：愿意送孩子上学，但是路远"
    assert values_of_suspected_report(case_file(visits=0))["联系监护人"] == (
        "2026.3.9 16:30：祖母说孩子在外婆家"
    )


def test_a_visit_sheet_is_of_the_asked_visit_or_of_the_last() -> None:
    asked = visit(2, mode=VisitMode.PHONE, result=VisitResult.PROMISED)
    text = whole_text(case_form("家访记录", case_file(visit=asked)))
    assert "☑电话" in text
    assert "☑承诺返校" in text
    assert "2026年3月11日 15:30" in whole_text(case_form("家访记录", case_file()))


def test_a_corrected_visit_is_not_counted_twice() -> None:
    corrected = visit(3, id=9, replaces=3, talk="改正后的话")
    file = case_file(visits=3)
    file = replace(file, visits=(*file.visits, corrected))
    assert [row["序号"] for row in visit_rows(file, 0)] == ["1", "2", "3"]
    assert visit_rows(file, 0)[-1]["谈话"] == "改正后的话"


def test_steps_for_few_eyes_are_left_out_of_the_tracking_record() -> None:
    known = values_of_tracking_record(case_file())["跟踪"]
    more = values_of_tracking_record(case_file(), restricted=True)["跟踪"]
    assert "强制报告" not in str(known)
    assert "强制报告" in str(more)


def test_only_observations_since_the_return_are_shown() -> None:
    """They are of 1 April and 31 May."""
    later = replace(CASE, returned_on=date(2026, 5, 1))
    assert [row["日期"] for row in observation_rows(case_file(case=later))][:2] == ["2026.5.31", ""]


def test_who_may_not_read_a_mandatory_report_gets_an_empty_form() -> None:
    assert "学生甲" not in whole_text(case_form("强制报告记录", case_file()))
    assert "只给授权人员看的话" in whole_text(
        case_form("强制报告记录", case_file(), restricted=True)
    )


def test_a_paper_without_proof_counts_as_not_delivered() -> None:
    unproven = replace(NOTICE, receipt=" ")
    assert paper_rows(CaseFile(notices=(unproven,)), 1)[0]["送达"] == ""


def test_rows_are_filled_up_and_never_cut() -> None:
    fields = (Field("序号", ""), Field("甲", ""))
    assert rows([], fields, 1) == [{"序号": "", "甲": ""}]
    assert [row["序号"] for row in rows([{"甲": "x"}] * 3, fields, 1)] == ["1", "2", "3"]


def test_a_copy_for_few_eyes_says_so() -> None:
    for restricted in (True, False):
        copy = whole_text(case_form("跟踪记录", case_file(), restricted=restricted))
        assert ("限授权人员阅读" in copy) == restricted


@pytest.mark.parametrize("place", [Destination.MARRIED, Destination.IN_CUSTODY])
def test_a_whereabouts_that_tells_too_much_is_for_few_eyes(place: Destination) -> None:
    file = case_file(case=replace(CASE, destination=place, place="某地"))
    known, more = (values_of_tracking_record(file, restricted=few) for few in (False, True))
    assert "☑" not in str(known["去向"])
    assert known["去向说明"] == ""
    assert f"☑{place}" in str(more["去向"])
    assert more["去向说明"] == "某地"


def test_a_form_for_a_whole_class_is_a_set() -> None:
    files = (case_file(pupil=replace(CARD, name=name)) for name in ("学生甲", "学生乙"))
    with zipfile.ZipFile(BytesIO(case_form_set("返校通知书", files))) as package:
        assert package.namelist()[1:] == ["01_学生甲.docx", "02_学生乙.docx"]


def test_an_unknown_form_is_told() -> None:
    with pytest.raises(ContractError, match="没有叫“情书”的案件表册"):
        case_form("情书", case_file())


def test_moments_are_told_in_the_school_s_own_time() -> None:
    early = visit(1, at=at(9, 7).astimezone(UTC))
    assert "2026年3月9日 07:30" in whole_text(case_form("家访记录", case_file(visit=early)))
