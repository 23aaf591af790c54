"""What a headteacher decides, and what becomes of it in the next plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from kongchuo_risk.domain.assignment import AssignmentRule, RuleKind
from kongchuo_risk.domain.choices import AssumedEffect, CapLimit
from kongchuo_risk.errors import NotReadyError, PlanError
from kongchuo_risk.serving import planning
from kongchuo_risk.serving.services import Services
from kongchuo_risk.workspace import Workspace, create_workspace
from tests.serving.school import make_workspace, publish_list
from tests.serving.test_planning import USUAL


@pytest.fixture
def school(tmp_path: Path) -> Workspace:
    workspace = make_workspace(tmp_path / "w")
    publish_list(workspace, *USUAL)
    planning.plan(workspace)
    return workspace


@pytest.fixture
def desk(school: Workspace):
    return Services(school, actor="示例校长").choices


def test_caps_show_what_is_used_and_who_waits_beside_what_the_school_set(
    school: Workspace, desk
) -> None:
    desk.set_limit(CapLimit("S1", "interest_places", 0.0, "没有场地"))
    planning.plan(school)
    caps = desk.caps("S1").set_index("cap")
    club = caps.loc["interest_places"]
    assert (club["limit"], club["supply"], club["used"], club["left_out"]) == (0, 0, 0, 1)
    assert club["one_more"] > 0
    assert caps["limit"].isna().sum() == len(caps) - 1


def test_an_unknown_cap_is_refused(desk) -> None:
    with pytest.raises(PlanError, match="interest_places"):
        desk.set_limit(CapLimit("S1", "swimming", 3.0))


def test_an_edited_assumption_is_marked_as_edited(desk) -> None:
    desk.assume(AssumedEffect("tutoring", 0.0, 0.2, 0.4, "本县试点"))
    effects = desk.effects().set_index("measure")
    own = effects.loc["tutoring"]
    assert (own["expected"], own["basis"], own["edited"]) == (0.2, "本县试点", True)
    assert not effects.drop("tutoring")["edited"].any()
    with pytest.raises(PlanError, match="不需要效果假设"):
        desk.assume(AssumedEffect("seating", 0.0, 0.2, 0.4, "…"))


def test_a_rule_holds_until_it_is_withdrawn(desk) -> None:
    rule = desk.add_rule(AssignmentRule(RuleKind.FIX, "a", "T1", why="校长安排"))
    assert desk.rules() == (rule,)
    desk.withdraw_rule(rule.id)
    assert desk.rules() == ()


def test_an_approved_assignment_counts_every_pupil_of_the_school(desk) -> None:
    assert set(desk.pairings("S1")) == {"a", "b", "c"}
    assert desk.approve_assignment("S1") == 3
    assert desk.assignment()["covered"] == 3
    # 一帮一 is for 黄 pupils who need help in a subject; here nobody is one.
    assert desk.peers() == []
    with pytest.raises(PlanError, match="没有可批准"):
        desk.approve_assignment("S9")


def test_before_the_first_list_there_is_nothing_to_decide(tmp_path: Path) -> None:
    with pytest.raises(NotReadyError, match="kongchuo score"):
        Services(create_workspace(tmp_path)).choices.caps("S1")
