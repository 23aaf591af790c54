"""一生一案 and 一校一案 as the toolkit drafts them."""

from __future__ import annotations

from datetime import date

from kongchuo_risk.contracts.policy_file import load_policy
from kongchuo_risk.domain.plan import ItemState, PlanKind, PlanState
from kongchuo_risk.domain.risk import Reason, RiskEntry, Tier
from kongchuo_risk.domain.school_days import SchoolDays
from kongchuo_risk.planning import (
    Situation,
    draft_pupil_plan,
    draft_school_plan,
    match_measures,
)

DAY = date(2025, 10, 15)
END = date(2026, 1, 30)
LEARNING = Reason("学业", "score_z", "成绩在年级后 10%", 1.0, True)
AVERSION = Reason("厌学与行为", "aversion_60d", "近 60 天厌学 2 次", 0.8, True)


def _plan(*reasons: Reason, tags: frozenset[str] = frozenset(), **facts: object):
    policy, situation = load_policy(), Situation(facts, tags)
    entry = RiskEntry("a", "S1", "C1", 8, DAY, 1, Tier.RED, 0.2, reasons, ())
    items = match_measures(
        "a", reasons, situation, Tier.RED, policy=policy, day=DAY, owners={"principal": "T9"}
    )
    return draft_pupil_plan(
        entry, items, situation, policy=policy, end=END, calendar=SchoolDays(), run_id=7
    )


def test_needs_stand_in_the_four_dimensions_in_the_pupils_own_words() -> None:
    plan = _plan(LEARNING, AVERSION, left_behind="2")
    assert {need.dimension: need.texts for need in plan.needs} == {
        "学习能力": (LEARNING.text,),
        "家庭情况": ("双亲外出",),
        "思想心理": (AVERSION.text,),
    }


def test_a_goal_is_proposed_for_every_need() -> None:
    plan = _plan(LEARNING)
    assert plan.goal == "本学期每天到校，有困难有人帮；跟上至少一门课"
    assert plan.kind is PlanKind.GENERAL


def test_a_plan_begins_as_a_draft_of_its_list_that_nobody_has_stored() -> None:
    plan = _plan(LEARNING)
    assert (plan.state, plan.version, plan.run_id) == (PlanState.DRAFT, 0, 7)
    assert (plan.term, plan.start, plan.end) == ("2025-2026-1", DAY, END)


def test_reviews_come_after_thirty_days_and_then_every_sixty_on_school_days() -> None:
    # 30 days on is Friday 14 November; 60 more is Tuesday 13 January.
    assert _plan(LEARNING).reviews == (date(2025, 11, 14), date(2026, 1, 13))


def test_a_returned_pupil_has_the_course_three_strands_and_four_follow_ups() -> None:
    plan = _plan(returned=True)
    assert plan.kind is PlanKind.RETURNER
    course, pairing = plan.item("return_course"), plan.item("mentor_pairing")
    assert len(course.checklist) == 4
    assert [part[:4] for part in pairing.checklist] == ["心理疏导", "学业辅导", "生活指导"]
    # 60, 120, 180 and 240 days, a Saturday and two Sundays put off to Monday.
    assert [(day - DAY).days for day in plan.reviews] == [61, 120, 180, 240]


def test_a_disabled_pupils_plan_is_support_and_placement_never_a_penalty() -> None:
    plan = _plan(disability_type="5", placement="regular", aided=True)
    assert plan.kind is PlanKind.DISABILITY
    measures = {item.measure for item in plan.items}
    assert {"inclusive_class", "disability_help"} <= measures
    assert not measures & {"law_talk", "return_notice", "township_handover", "dropout_form"}


def test_a_disabled_pupil_who_returned_gets_both_supports_in_one_plan() -> None:
    plan = _plan(disability_type="1", placement="inclusive", returned=True, aided=True)
    assert plan.kind is PlanKind.DISABILITY
    assert {"return_course", "disability_help"} <= {item.measure for item in plan.items}


def test_what_the_teacher_may_choose_stands_beside_what_is_drafted() -> None:
    states = {item.state for item in _plan(LEARNING).items}
    assert states == {ItemState.DRAFTED, ItemState.OPTIONAL}


def _school(term: str, first_day: date, **owners: str):
    return draft_school_plan(
        "S1", term, policy=load_policy(), owners=owners, first_day=first_day,
        calendar=SchoolDays(), figures={"在校学生": 300},
    )  # fmt: skip


def test_publicity_months_lie_in_march_and_september() -> None:
    autumn = _school("2025-2026-1", date(2025, 9, 1), principal="T9")
    spring = _school("2025-2026-2", date(2026, 3, 4), principal="T9")
    for plan, month in ((autumn, 9), (spring, 3)):
        [publicity] = [task for task in plan.tasks if task.item == "publicity_month"]
        assert (publicity.due.month, publicity.owner_staff is not None) == (month, True)


def test_tasks_stand_in_the_order_of_their_dates_with_checklists_and_owners() -> None:
    plan = _school("2025-2026-1", date(2025, 9, 1), principal="T9", dean="T3")
    due = [task.due for task in plan.tasks]
    assert due == sorted(due)
    assert min(due) >= date(2025, 9, 1)
    assert all(task.checklist and task.owner_staff for task in plan.tasks)
    assert plan.figures == {"在校学生": 300}


def test_a_task_whose_role_nobody_holds_is_the_leaders() -> None:
    plan = _school("2025-2026-1", date(2025, 9, 1), principal="T9")
    stood_in = [task for task in plan.tasks if task.owner_role.startswith("校长代")]
    assert stood_in
    assert {task.owner_staff for task in stood_in} == {"T9"}
