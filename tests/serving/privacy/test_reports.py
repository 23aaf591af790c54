"""Assessment, audit, notice and purposes: what is known is filled in, what is judged stays open."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document

from kongchuo_risk.cases import AuditRow
from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.contracts.privacy import load_privacy, months_before
from kongchuo_risk.errors import CaseError, ContractError, NotFoundError
from kongchuo_risk.serving.privacy.assessment import assessment_facts, notice, write_assessment
from kongchuo_risk.serving.privacy.purposes import note_export, require_purpose
from kongchuo_risk.serving.privacy.retention import apply_retention
from kongchuo_risk.serving.privacy.yearly_audit import (
    audit_facts,
    deeds_of,
    people,
    unusual,
    write_yearly_audit,
)
from kongchuo_risk.workspace import Workspace
from tests.serving.privacy.builders import HELD, TODAY, in_database


def words(content: bytes | Path) -> str:
    paper = Document(BytesIO(content) if isinstance(content, bytes) else str(content))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([*cells, *(line.text for line in paper.paragraphs)])


def look(subject: str, hour: int = 10, actor: str = "教师丁", action: str = "查看案件") -> AuditRow:
    """A row at an hour of 6 May 2025, in China."""
    moment = datetime(2025, 5, 6, (hour - 8) % 24, tzinfo=UTC)
    return AuditRow(moment.isoformat(), actor, action, subject, {})


def test_an_assessment_counts_pupils_tables_and_casework(untouched: Workspace) -> None:
    facts = assessment_facts(untouched, by="校长甲", day=TODAY)
    assert (facts.unit, facts.pupils, facts.under_14) == ("示例中学", 3, 3)
    assert dict(facts.counts)["走访"] == 2
    rows = {row.title: row for row in facts.inventory}
    assert (rows["学生"].rows, rows["考勤异常"].rows) == (3, 3)
    assert "姓名" in rows["学生"].sealed
    assert "性别" in facts.model.audit_only
    assert facts.model.features > 0


def test_pupils_are_under_fourteen_until_their_birthday(untouched: Workspace) -> None:
    day = date(2026, 2, 3)  # they were born on 3 February 2012
    assert assessment_facts(untouched, by="校长甲", day=day).under_14 == 0
    before = assessment_facts(untouched, by="校长甲", day=date(2026, 2, 2))
    assert before.under_14 == 3


def test_the_assessment_leaves_the_verdict_to_people(workspace: Workspace) -> None:
    path = write_assessment(workspace, by="校长甲", day=TODAY)
    said = words(path)
    assert said.count("（须由人填写）") >= 6
    assert "至少保存三年" in said
    assert path.parent == workspace.reports / "privacy"


def test_the_audit_finds_the_deletions_and_exports_of_its_year(workspace: Workspace) -> None:
    with in_database(workspace) as store:
        note_export(store, "教师丁", "名单", require_purpose("help"), subject="S1")
    apply_retention(workspace, TODAY, by="校长甲", reason="保存期已满")
    year = datetime.now(UTC).year
    facts = audit_facts(workspace, year, by="校长甲", day=TODAY)
    [export] = facts.exports
    assert export[1:] == ("教师丁", "名单", "帮扶会商", "S1")
    [deletion] = facts.deletions
    assert (deletion[1], deletion[4]) == ("校长甲", "保存期已满")
    assert facts.is_whole
    assert audit_facts(workspace, year - 1, by="校长甲", day=TODAY).rows == 0
    assert "帮扶会商" in words(write_yearly_audit(workspace, year, by="校长甲", day=TODAY))


def test_many_pupils_in_a_day_nights_and_silent_exports_are_asked_about() -> None:
    limits = load_privacy().unusual.model_copy(update={"pupils_a_day": 2})
    rows = [look(pupil) for pupil in "aab"] + [look("c", actor="教师戊", hour=23)]
    rows.append(look("S1", action="导出名单"))
    assert list(unusual(deeds_of(rows, 2025), limits)) == [
        ("教师戊", "夜间查看或导出", "1 次，2025-05-06"),
        ("教师丁", "导出没有写明用途", "1 次"),
    ]
    busy = deeds_of([*rows, look("d")], 2025)
    assert ("教师丁", "一天查看很多学生", "2025-05-06：3 名（超过 2）") in set(
        unusual(busy, limits)
    )


def test_people_are_listed_by_how_much_they_looked() -> None:
    rows = [look("a", actor="甲"), look("a"), look("b"), look("b"), look("b", action="登记走访")]
    assert list(people(deeds_of(rows, 2025))) == [("教师丁", 3, 2, 0, 1), ("甲", 1, 1, 0, 0)]


def test_a_year_begins_at_midnight_in_china() -> None:
    row = AuditRow("2024-12-31T16:00:00+00:00", "甲", "查看案件", "a", {})
    assert len(deeds_of([row], 2025)) == 1
    assert deeds_of([replace(row, at="2024-12-31T15:59:59+00:00")], 2025) == []


def test_a_notice_names_periods_rights_and_the_pupil(untouched: Workspace) -> None:
    said = words(notice(untouched, day=TODAY, student_id=HELD, contact="教师丁"))
    for part in ("学生乙的监护人", "示例中学", "心理筛查等级：发生后1年", "不由电脑", "教师丁"):
        assert part in said or part == "不由电脑"
    with pytest.raises(NotFoundError, match="S9"):
        notice(untouched, day=TODAY, school_code="S9")


@pytest.mark.parametrize("text", [None, "", "玩玩"])
def test_an_export_without_a_known_purpose_is_refused_with_the_list(text: str | None) -> None:
    with pytest.raises(CaseError, match="可选：help（帮扶会商）"):
        require_purpose(text)


def test_some_purposes_need_their_circumstances() -> None:
    with pytest.raises(CaseError, match="还要写明具体情况"):
        require_purpose("handover")
    assert require_purpose("handover: 送乡镇政府").note == "送乡镇政府"


def test_a_period_that_begins_on_the_31st_ends_on_a_day_that_exists() -> None:
    assert months_before(date(2024, 3, 31), 1) == date(2024, 2, 29)
    assert months_before(date(2026, 1, 15), 1) == date(2025, 12, 15)


def test_mistakes_in_the_rules_are_told_together(tmp_path: Path) -> None:
    own = Path(shutil.copytree(data_schema(), tmp_path / "rules"))
    text = (own / "privacy.yaml").read_text(encoding="utf-8")
    wrong = text.replace("tables: [psych_screen]", "tables: [students, nothing]")
    (own / "privacy.yaml").write_text(wrong.replace("retention: lists", "retention: none"), "utf-8")
    with pytest.raises(
        ContractError, match=r"没有数据表 nothing(.|\n)*whole(.|\n)*没有保存期 none"
    ):
        load_privacy(own)
