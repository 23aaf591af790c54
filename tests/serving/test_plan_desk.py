"""Plans at the desk: a person edits, approves, records; everything is kept."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import pytest

from kongchuo_risk.cases import case_reader, open_case_database
from kongchuo_risk.domain.choices import Delivery
from kongchuo_risk.domain.plan import ItemState, PlanState
from kongchuo_risk.errors import NotFoundError, NotReadyError, PlanError
from kongchuo_risk.serving import planning
from kongchuo_risk.serving.plan_documents import write_documents
from kongchuo_risk.serving.services import Services
from kongchuo_risk.workspace import Workspace, create_workspace
from tests.serving.school import DAY, make_workspace, publish_list
from tests.serving.test_planning import USUAL


@pytest.fixture
def school(tmp_path: Path) -> Workspace:
    workspace = make_workspace(tmp_path / "w")
    publish_list(workspace, *USUAL)
    planning.plan(workspace)
    return workspace


@pytest.fixture
def desk(school: Workspace):
    return Services(school, actor="示例校长").plans


def test_a_draft_is_made_from_the_list_and_stored_only_when_it_is_saved(desk) -> None:
    draft = desk.draft("a")
    assert (draft.version, draft.state) == (0, PlanState.DRAFT)
    assert draft.item("home_visit").owner_staff == "T1"
    assert desk.history("a") == []
    assert desk.save(draft).version == 1
    assert [version.by for version in desk.history("a")] == ["示例校长"]


def test_the_plan_of_a_term_ends_with_the_term_though_the_calendar_does_not_reach_it(desk) -> None:
    assert desk.draft("a").end == date(2026, 1, 20)


def test_an_edit_is_a_new_version_with_its_reason(desk) -> None:
    later = date(2025, 11, 3)
    changed = desk.change_item("a", "home_visit", due=later, why="家长外出")
    assert changed.item("home_visit").due == later
    assert changed.note == "修改：家访（家长外出）"
    assert desk.draft("a") == changed


def test_what_called_an_item_is_not_a_persons_to_change(desk) -> None:
    with pytest.raises(PlanError, match="label、sources"):
        desk.change_item("a", "home_visit", label="…", sources=())


def test_an_optional_measure_can_be_taken_up(desk) -> None:
    optional = next(i for i in desk.draft("a").items if i.state is ItemState.OPTIONAL)
    taken = desk.take_up("a", optional.measure)
    assert taken.item(optional.measure).state is ItemState.DRAFTED


def test_an_item_is_dropped_with_a_reason(desk) -> None:
    left = desk.drop_item("a", "home_visit", why="村干部已上门")
    assert "home_visit" not in {item.measure for item in left.items}
    assert "村干部已上门" in left.note


def test_approval_names_what_nobody_answers_for(desk) -> None:
    desk.change_item("a", "home_visit", owner_staff=None)
    with pytest.raises(PlanError, match="家访"):
        desk.approve("a")
    for item in desk.draft("a").items:
        if item.state is not ItemState.OPTIONAL and not item.owner_staff:
            desk.change_item("a", item.measure, owner_staff="T1")
    approved = desk.approve("a")
    assert approved.state is PlanState.APPROVED
    assert ItemState.OPTIONAL not in {item.state for item in approved.items}


def test_a_new_list_can_be_drafted_on_top_of_an_approved_plan(desk) -> None:
    first = desk.save(desk.draft("a"))
    again = desk.draft_again("a")
    assert again.version == first.version
    assert desk.save(again).version == first.version + 1


def test_a_goal_in_ones_own_words_and_the_end_of_a_plan(desk) -> None:
    desk.set_goal("a", " 每天到校 ")
    with pytest.raises(PlanError, match="写明理由"):
        desk.end("a", why="")
    ended = desk.end("a", why="目标已达到")
    assert (ended.goal, ended.state) == ("每天到校", PlanState.ENDED)


def test_a_pupil_who_was_not_scored_has_no_plan(desk) -> None:
    with pytest.raises(NotFoundError):
        desk.draft("nobody")


def test_before_the_first_list_there_is_no_plan(tmp_path: Path) -> None:
    with pytest.raises(NotReadyError, match="kongchuo score"):
        Services(create_workspace(tmp_path)).plans.draft("a")


def test_a_school_plan_counts_what_it_is_made_for(desk) -> None:
    plan = desk.school_plan("S1")
    assert plan.figures["在校学生"] == 3
    assert plan.figures["重点关注名单"] == 2
    assert plan.figures["重点群体"] == 1
    stored = desk.save_school_plan(plan)
    assert desk.school_plan("S1") == stored


def test_what_was_delivered_is_recorded_with_its_dose(school: Workspace, desk) -> None:
    desk.record_delivery(Delivery("a", "home_visit", DAY, sessions=1, staff_no="T1"))
    with pytest.raises(PlanError, match="没有措施"):
        desk.record_delivery(Delivery("a", "swimming", DAY))
    engine = open_case_database(school)
    with case_reader(engine) as store:
        [found] = store.choices.delivered("a")
        assert (found.measure, found.sessions) == ("home_visit", 1)
    engine.dispose()


def test_documents_lie_by_school_and_class_and_tell_nothing_that_labels(
    school: Workspace, tmp_path: Path
) -> None:
    folder = tmp_path / "计划文件"
    written = write_documents(school, folder)
    names = sorted(str(path.relative_to(folder)) for path in written)
    assert len(names) == 2 * 3 + 1
    assert "示例中学/一校一案.docx" in names
    [letter] = [path for path in written if path.name.startswith("甲一") and "家长" in path.name]
    text = _text(letter.read_bytes())
    assert "甲一" in text
    assert "示例教师甲" in text
    assert not [word for word in ("风险", "排名", "名单", "留守", "概率", "旷课") if word in text]


def test_documents_of_a_school_that_has_nobody_on_the_list_are_refused(
    school: Workspace, tmp_path: Path
) -> None:
    with pytest.raises(NotReadyError, match="学校标识码"):
        write_documents(school, tmp_path, school_code="S9")


def test_an_export_is_in_the_audit_log(school: Workspace, tmp_path: Path) -> None:
    write_documents(school, tmp_path / "d", by="示例办公室")
    engine = open_case_database(school)
    with case_reader(engine) as store:
        last = store.audit_rows()[-1]
    engine.dispose()
    assert (last.actor, last.action) == ("示例办公室", "导出计划文件")


def _text(document: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(document)) as package:
        return package.read("word/document.xml").decode("utf-8")
