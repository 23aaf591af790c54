"""Files and plans of one pupil: variants, the school's own lists, and what few may read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kongchuo_risk.domain.plan import PupilPlan
from kongchuo_risk.reports.forms import dossiers, pupil_forms, pupil_pages
from kongchuo_risk.reports.forms.checklists import load_checklists
from kongchuo_risk.reports.forms.dossiers import Section, sections_of, values_of_pupil_file
from kongchuo_risk.reports.forms.facts import (
    CaseFile,
    ChangeFile,
    Dossier,
    LeftBehindFile,
    PlanFile,
)
from kongchuo_risk.reports.templates import Form, form_file
from tests.reports.builders import item, plan, rows_of, whole_text
from tests.reports.forms import case_builders as made
from tests.reports.forms.test_case_forms import NEVER, check_parts

FILLED: dict[str, tuple[Form, Callable[..., bytes], Callable[..., Any], Any, Any]] = {
    "一生一档": (
        dossiers.PUPIL_FILE, pupil_forms.pupil_file, dossiers.values_of_pupil_file,
        made.dossier(), Dossier(),
    ),
    "留守儿童档案": (
        dossiers.LEFT_BEHIND, pupil_forms.left_behind_file, dossiers.values_of_left_behind,
        made.left_behind(), LeftBehindFile(),
    ),
    "帮教计划": (
        pupil_pages.HELP_PLAN, pupil_forms.help_plan, pupil_pages.values_of_help_plan,
        made.plan_file(), PlanFile(),
    ),
    "学习需求评估": (
        pupil_pages.NEEDS_SHEET, pupil_forms.needs_sheet, pupil_pages.values_of_needs_sheet,
        made.plan_file(), PlanFile(),
    ),
    "学籍异动手续清单": (
        pupil_pages.CHANGE_PAPERS, pupil_forms.change_papers, pupil_pages.values_of_change_papers,
        made.change_file(), ChangeFile(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FILLED)
def test_every_field_is_documented_filled_and_used(name: str) -> None:
    form, _, values_of, full, empty = FILLED[name]
    template = whole_text(form_file(form.file_name).read_bytes())
    for source in (full, empty):
        values = values_of(source)
        assert set(values) == {field.name for field in form.fields}
        check_parts(form.fields, values)
    assert [field.name for field in form.fields if field.name not in template] == []


@pytest.mark.parametrize("name", FILLED)
def test_a_full_form_shows_whatever_a_name_holds_and_an_empty_one_has_blanks_only(
    name: str,
) -> None:
    _, fill, _, full, empty = FILLED[name]
    odd = "{% endif %} </w:t> {{ 学校名称 }}"
    odd_one = replace(full, file=made.case_file(pupil=replace(made.CARD, name=odd)))
    filled = fill(odd_one)
    assert filled == fill(odd_one)
    known, blank = whole_text(filled).replace(odd, "学生甲"), whole_text(fill(empty))
    assert "学生甲" in known
    judging = set(NEVER) - {"排名"}  # the forms say that nobody is ranked
    assert not [word for word in (*judging, "{{", "{%") if word in known + blank]
    assert "____年__月__日" in blank


def test_a_file_has_the_parts_that_its_pupil_needs() -> None:
    quiet = Dossier(CaseFile(made.CARD))
    assert sections_of(quiet) == frozenset()
    assert sections_of(replace(quiet, is_poor=True)) == {Section.POOR}
    away = replace(made.CASE, returned_on=None)
    assert sections_of(Dossier(CaseFile(made.CARD, away))) == {Section.DROPOUT}
    assert sections_of(made.dossier()) == set(Section)
    assert sections_of(Dossier()) == set(Section)


def test_a_part_that_is_not_needed_is_not_printed() -> None:
    text = whole_text(pupil_forms.pupil_file(Dossier(CaseFile(made.CARD))))
    assert not [title for title in ("疑似辍学与劝返", "返校以后", "资助") if title in text]


def test_what_few_may_read_is_in_their_copy_of_the_file_only() -> None:
    secret = ("学生欺凌", "脱贫不稳定户", "同桌", "案件里的说明")
    known = whole_text(pupil_forms.pupil_file(made.dossier()))
    more = whole_text(pupil_forms.pupil_file(made.dossier(), restricted=True))
    assert [word for word in secret if word in known] == []
    assert [word for word in secret if word not in more] == []


def test_a_file_lists_every_paper_that_was_issued() -> None:
    values = values_of_pupil_file(made.dossier())
    papers = values["文书"]
    assert isinstance(papers, list)
    assert [paper["日期"] for paper in papers] == ["2026.3.17", "2026.3.20", ""]


def test_a_school_writes_its_own_five_ones(tmp_path: Path) -> None:
    shipped = form_file("checklists.yaml").read_text(encoding="utf-8")
    own = shipped.replace("- 一份档案\n", "- 一个结对家庭\n")
    (tmp_path / "checklists.yaml").write_text(own, encoding="utf-8")
    letter = pupil_forms.left_behind_file(made.left_behind(), templates=tmp_path)
    listed = [row[:2] for row in rows_of(letter, "“五个一”")[1:]]
    assert listed[:2] == [["☐", "一个结对家庭"], ["☑", "一名帮扶教师"]]
    assert len(listed) == len(load_checklists().five_ones)


def test_papers_handed_in_are_ticked_and_further_ones_added() -> None:
    rows = rows_of(pupil_forms.change_papers(made.change_file()), "材料")
    assert [row[:2] for row in rows[1:]] == [
        ["☑", "监护人转学申请（写明理由）"],
        ["☐", "转入学校接收证明"],
        ["☐", "转出学校意见"],
        ["☐", "中心校（学区）审批意见"],
        ["☑", "租房合同"],
    ]


def test_a_change_of_another_kind_asks_for_the_general_papers() -> None:
    rows = rows_of(pupil_forms.change_papers(made.change_file(change_type="02")), "材料")
    assert rows[1][1] == "监护人申请"
    assert "☑其他" in whole_text(pupil_forms.change_papers(made.change_file(change_type="02")))


def test_restricted_measures_are_left_out_of_a_help_plan() -> None:
    def plan_file() -> PlanFile:
        return PlanFile(made.case_file(), with_secret(), names={"T1": "教师甲"})

    def with_secret() -> PupilPlan:
        return plan(item("open", days=9), item("secret", days=3, restricted=True))

    rows = rows_of(pupil_forms.help_plan(plan_file()), "措施")
    assert [row[1] for row in rows[1:3]] == ["措施open", ""]
    rows = rows_of(pupil_forms.help_plan(plan_file(), restricted=True), "措施")
    assert [row[1] for row in rows[1:3]] == ["措施secret", "措施open"]


def test_all_four_dimensions_of_need_are_asked_about() -> None:
    rows = rows_of(pupil_forms.needs_sheet(PlanFile()), "四个方面")
    assert [row[0] for row in rows[1:]] == ["学习能力", "学习方法", "家庭情况", "思想心理"]
    assert all(row[1].count("·") == 2 and row[2] == "" for row in rows[1:])
