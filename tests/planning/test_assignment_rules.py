"""Rules, wishes, absences, explanations, changes and the smallest relaxation."""

from __future__ import annotations

import json
from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kongchuo_risk.contracts.assignment import load_assignment_terms
from kongchuo_risk.domain.assignment import AssignmentRule, ChangeKind, RuleKind
from kongchuo_risk.domain.risk import Tier
from kongchuo_risk.errors import ContractError
from tests.planning.assignment_builders import (
    assign,
    classes_of,
    mentors,
    pupils_of,
    staff_of,
    why,
)

FIX, VETO, AWAY = RuleKind.FIX, RuleKind.VETO, RuleKind.ABSENCE
SEX, LANGUAGE = RuleKind.ASK_SEX, RuleKind.ASK_LANGUAGE


def _rule(kind: RuleKind, pupil: str = "", staff: str = "", **rest) -> AssignmentRule:
    return AssignmentRule(kind, student_id=pupil, staff_no=staff, **rest)


def test_the_subject_teacher_is_told_with_the_subject_and_why_not_the_class_teacher() -> None:
    pupils = pupils_of({}, {"needs_subjects": ("maths",), "village": "V1"})
    found = assign(pupils, staff_of({}, {"subjects": "maths", "village": "V1"}, {}))
    assert mentors(found) == {"p1": "T1", "p2": "T2"}
    assert why(found, "p1") == "班主任，最了解本班学生"
    assert why(found, "p2") == "任教数学，该生学业方面需要帮助；同村，家访方便；班主任包保名额已满"


def test_a_pupil_stays_with_the_mentor_of_last_term() -> None:
    found = assign(pupils_of({}), staff_of({}, {}), previous={"p1": "T2"})
    assert mentors(found) == {"p1": "T2"}
    assert found.changes[0].kind is ChangeKind.KEPT
    assert found.handovers == ()


def test_siblings_share_a_mentor() -> None:
    pupils = pupils_of({"siblings": "H"}, {"siblings": "H", "class_id": "C9"})
    found = assign(pupils, staff_of({"mentor_capacity": 2}, {"mentor_capacity": 2}))
    assert mentors(found) == {"p1": "T1", "p2": "T1"}
    assert "与兄弟姐妹由同一位教师负责" in why(found, "p2")


@pytest.mark.parametrize(
    ("rule", "teacher"),
    [
        (_rule(SEX, "p1", value="女"), {"sex": "2"}),
        (_rule(LANGUAGE, "p1", value="苗语"), {"languages": "普通话、苗语"}),
        (_rule(VETO, "p1", "T1"), {}),
        (_rule(FIX, "p1", "T2"), {}),
    ],
)
def test_what_was_asked_for_is_kept(rule: AssignmentRule, teacher: dict[str, str]) -> None:
    found = assign(pupils_of({}), staff_of({}, teacher), rules=[rule])
    assert mentors(found) == {"p1": "T2"}
    assert found.problems == ()


def test_a_veto_against_the_class_teacher_also_holds_for_who_has_no_mentor() -> None:
    staff = staff_of({}, {"roles": "principal", "mentor_capacity": 0})
    found = assign(
        pupils_of({"tier": Tier.NONE}), staff, rules=[_rule(VETO, "p1", "T1", why="亲属")]
    )
    assert found.pairings[0].staff_no == "T2"
    assert why(found, "p1") == "回避班主任（亲属），由学校负责人代管"


def test_a_long_absence_passes_the_pupils_on_with_a_handover() -> None:
    away = _rule(AWAY, staff="T1", first=date(2026, 3, 9), last=date(2026, 6, 30), why="产假")
    found = assign(pupils_of({}), staff_of({}, {}), rules=[away], previous={"p1": "T1"})
    assert mentors(found) == {"p1": "T2"}
    [handover] = found.handovers
    assert (handover.giver, handover.taker, handover.last) == ("T1", "T2", date(2026, 6, 30))
    assert "请在 2026-03-08 前当面交接" in handover.text
    assert found.pairings[0].previous == "T1"
    assert found.pairings[0].handover == handover.text
    assert found.changes[0].why == "原责任人请假（自 2026-03-09至 2026-06-30）"


def test_a_few_days_of_absence_only_ask_for_a_stand_in() -> None:
    away = _rule(AWAY, staff="T1", first=date(2026, 3, 1), last=date(2026, 3, 6))
    found = assign(pupils_of({}), staff_of({}, {}), rules=[away])
    assert mentors(found) == {"p1": "T1"}
    assert [(h.giver, h.taker) for h in found.handovers] == [("T1", "T2")]


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ([_rule(FIX, "p1", "T2"), _rule(VETO, "p1", "T2")], "矛盾"),
        ([_rule(FIX, "p1", "T2"), _rule(AWAY, staff="T2")], "矛盾"),
        ([_rule(FIX, "p1", "T9")], "教职工表中没有 T9"),
        ([_rule(FIX, "p9", "T2")], "没有学生 p9"),
        ([_rule(FIX, "p1", "T1"), _rule(FIX, "p2", "T1")], "包保名额已满"),
        ([_rule(FIX, "p1", "T2"), _rule(FIX, "p1", "T1")], "以后者为准"),
        ([_rule(SEX, "p1", value="随便")], "性别应为男或女"),
    ],
)
def test_contradictions_are_told_and_the_rest_is_solved(rules, told: str) -> None:
    found = assign(pupils_of({}, {}), staff_of({}, {}), rules=rules)
    assert len(found.problems) == 1
    assert told in found.problems[0]
    assert found.coverage == (2, 2)


def test_hours_and_red_pupils_limit_a_mentor() -> None:
    red = {"tier": Tier.RED}
    found = assign(
        pupils_of(red, red, red, {}),
        staff_of({"mentor_capacity": 9}, {"mentor_capacity": 9, "hours_per_week": 1.0}),
    )
    loads = found.loads.set_index("staff_no")
    assert loads["hours_needed"].to_dict() == {"T1": 2.25, "T2": 1.0}
    assert loads["pupils"].to_dict() == {"T1": 3, "T2": 1}


def test_changes_are_counted() -> None:
    found = assign(
        pupils_of({}, {}, {"tier": Tier.NONE}),
        staff_of({}, {}),
        previous={"p1": "T1", "p2": "T8", "gone": "T1"},
    )
    counts = {kind.value: n for kind, n in found.change_counts.items()}
    assert counts == {"新增": 1, "不变": 1, "更换": 1, "结束": 1}


def test_who_answers_for_what() -> None:
    staff = staff_of({"roles": "homeroom"}, {"roles": "principal", "mentor_capacity": 0})
    found = assign(pupils_of({}, {"tier": Tier.NONE}), staff)
    assert [(g.level, g.staff_no, g.class_id, g.pupils) for g in found.guarantees] == [
        ("包校", "T2", "", 2), ("包班", "T1", "C1", 2), ("包人", "T1", "", 1),
    ]  # fmt: skip


def test_one_more_place_is_the_smallest_relaxation() -> None:
    found = assign(pupils_of({}, {}, {}), staff_of({}, {}))
    assert found.unplaced == ("p3",)
    [relaxation] = found.relaxations
    assert (relaxation.places, relaxation.units) == (1, 1)
    assert "增加 1 个包保名额，可为 p3 安排包保教师" in relaxation.text


def test_a_wish_that_nobody_meets_is_the_one_to_talk_about() -> None:
    rule = _rule(LANGUAGE, "p1", value="彝语")
    found = assign(pupils_of({}, {}), staff_of({}, {}), rules=[rule])
    [relaxation] = found.relaxations
    assert relaxation.lifted == (str(rule),)
    assert why(found, "p1") == "没有符合要求语言（p1 彝语）的教师，由班主任负责"


@st.composite
def _short_schools(draw: st.DrawFn):
    places = draw(st.lists(st.integers(0, 1), min_size=1, max_size=3))
    number = draw(st.integers(1, 3))
    staff = [f"T{n}" for n in range(1, len(places) + 1)]
    pairs = [(f"p{n}", who) for n in range(1, number + 1) for who in staff]
    vetoed = draw(st.sets(st.sampled_from(pairs)))
    return places, number, vetoed


@settings(max_examples=30, deadline=None)
@given(_short_schools())
def test_no_smaller_relaxation_exists_by_brute_force(school) -> None:
    places, number, vetoed = school
    staff = staff_of(*[{"mentor_capacity": n} for n in places])
    rules = [_rule(VETO, pupil, who) for pupil, who in sorted(vetoed)]
    found = assign(pupils_of(*[{}] * number), staff, rules=rules)
    pupils = [f"p{n}" for n in range(1, number + 1)]
    needed = []
    for choice in product(range(len(places)), repeat=number):
        extra = sum(max(0, choice.count(j) - free) for j, free in enumerate(places))
        lifts = sum((p, f"T{j + 1}") in vetoed for p, j in zip(pupils, choice, strict=True))
        needed.append(extra + lifts)
    assert sum(relaxation.units for relaxation in found.relaxations) == min(needed)


def test_the_order_of_rows_changes_nothing() -> None:
    pupils, staff = pupils_of({}, {}, {}), staff_of({}, {"mentor_capacity": 2})
    turned = assign(pupils.iloc[::-1], staff.iloc[::-1])
    assert mentors(turned) == mentors(assign(pupils, staff))


def test_a_wrong_file_of_terms_names_all_its_mistakes(tmp_path) -> None:
    good = load_assignment_terms().model_dump(mode="json")
    terms = [{**term, "why": ""} for term in good["terms"] if term["id"] != "village"]
    text = json.dumps({**good, "terms": terms, "hours": {"红": 1}})
    (tmp_path / "assignment.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ContractError) as error:
        load_assignment_terms(tmp_path)
    assert all(word in str(error.value) for word in ("缺少 village", "hours: 缺少", "why"))


def test_classes_without_a_teacher_are_the_leaders() -> None:
    staff = staff_of({"roles": "principal", "mentor_capacity": 0})
    found = assign(pupils_of({"tier": Tier.NONE}), staff, classes=classes_of(C1=None))
    assert why(found, "p1") == "本班没有登记班主任，由学校负责人代管"
