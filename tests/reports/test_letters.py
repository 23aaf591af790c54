"""The letter to parents: what it tells, in which order, and what it never says."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kongchuo_risk.contracts.policy_file import load_policy
from kongchuo_risk.domain.plan import ItemState, Need, PlanKind
from kongchuo_risk.errors import ContractError, PlanError
from kongchuo_risk.reports.letters import (
    MOST_MEASURES,
    PARENT_LETTER,
    letter_values,
    letter_words,
    parent_letter,
)
from kongchuo_risk.reports.templates import form_file
from tests.reports.builders import (
    DAY,
    facts,
    full_plan,
    item,
    measure,
    plan,
    policy,
    texts,
    whole_text,
    with_line,
)

WORDS = letter_words()
POLICY = load_policy()
TOLD = [found for found in POLICY.measures if found.family and not found.restricted]
REASON = "近四周无故缺勤"
NEED = "年级后四分之一"


def told(letter: bytes) -> list[str]:
    """What the school will do, in the order of the letter."""
    return [
        line.split("\t")[1] for line in texts(letter) if line[:2] in {f"{n}." for n in range(9)}
    ]


def test_the_most_urgent_measures_come_first_and_no_more_than_six() -> None:
    known = policy(*(measure(name) for name in "abcdefgh"))
    items = [item(name, days=9 - place) for place, name in enumerate("abcdefgh")]
    letter = parent_letter(plan(*items), facts(), known)
    assert told(letter) == [f"老师会做{name}这件事。" for name in "hgfedc"]


def test_what_is_restricted_wordless_not_drafted_or_unknown_stays_out() -> None:
    known = policy(
        measure("told"), measure("secret", restricted=True), measure("wordless", family=""),
        measure("waits"), measure("optional"),
    )  # fmt: skip
    drafted = plan(
        item("secret"), item("wordless"), item("told"), item("forgotten"),
        item("waits", state=ItemState.WAITING), item("optional", state=ItemState.OPTIONAL),
    )  # fmt: skip
    assert told(parent_letter(drafted, facts(), known)) == ["老师会做told这件事。"]


def test_a_plan_without_words_for_a_family_makes_no_letter() -> None:
    with pytest.raises(PlanError, match="没有可以告诉家长的措施"):
        parent_letter(plan(), facts(), policy())


@pytest.mark.parametrize("start", range(0, len(TOLD), MOST_MEASURES))
def test_a_letter_names_no_label_reason_need_or_score(start: int) -> None:
    found = TOLD[start : start + MOST_MEASURES]
    items = [item(measure.id, label=measure.label) for measure in found]
    text = whole_text(parent_letter(plan(*items, kind=PlanKind.DISABILITY), facts(), POLICY))
    assert all(measure.family in text for measure in found)
    assert [word for word in (*WORDS.never, REASON, NEED) if word in text] == []


def test_words_that_label_a_child_are_refused_and_named() -> None:
    known = policy(measure("m", label="谈心", family="孩子有辍学风险，老师会谈心。"))
    with pytest.raises(ContractError, match="“谈心”：风险、辍学"):
        parent_letter(plan(item("m")), facts(), known)


def test_a_family_is_asked_for_what_fits_its_needs_and_for_three_things_at_most() -> None:
    needs = tuple(Need(name, ("原话",)) for name in ("学习方法", "家庭情况", "思想心理"))
    asked = WORDS.suggested(plan(needs=needs))
    assert [text[:8] for text in asked] == [
        "每天和孩子聊上十",
        "如果您在外地，请",
        "给孩子留一段安静",
    ]
    assert len(WORDS.suggested(plan(needs=()))) == 2


def test_no_suggestion_labels_or_reproaches() -> None:
    for suggestion in WORDS.suggestions:
        assert WORDS.labels_in(suggestion.say) == []
        assert not {"必须", "不得", "责任", "应该"} & {suggestion.say[n : n + 2] for n in range(60)}


def test_only_what_the_law_asks_of_the_school_is_marked() -> None:
    duty = {"grade": "法定义务", "finding": "有", "unknown": "无"}
    known = policy(measure("a"), measure("b", evidence=duty))
    marked = parent_letter(plan(item("a"), item("b", days=9)), facts(), known)
    assert told(marked) == ["老师会做a这件事。", "老师会做b这件事。※"]
    assert "标※的是法律规定学校应当做的" in whole_text(marked)
    assert "※" not in whole_text(parent_letter(plan(item("a")), facts(), known))


def test_the_letter_says_whom_to_ask_and_when_and_what_a_family_may_do() -> None:
    text = whole_text(parent_letter(plan(item("a")), facts(), policy(measure("a"))))
    assert "班主任教师甲老师，电话0000-0000000；平时常和孩子在一起的是教师乙老师" in text
    assert "2026年4月1日前后" in text
    for right in ("说明为什么", "查看、复制", "更正、补充", "不同意的可以不做", "家长签名"):
        assert right in text


def test_what_is_not_known_leaves_no_gap() -> None:
    bare = facts(teacher_phone="", mentor_name="教师甲")
    known = policy(measure("a"))
    text = whole_text(parent_letter(plan(item("a"), reviews=(date(2026, 3, 1),)), bare, known))
    assert "班主任教师甲老师。上课的日子都可以联系，也可以约时间当面谈。" in text
    assert "前后再和您一起看看" not in text


def test_equal_plans_give_equal_bytes() -> None:
    known = policy(*(measure(f"m{number}") for number in range(1, 7)))
    letters = {parent_letter(full_plan(), facts(), known) for _ in range(2)}
    assert len(letters) == 1


def test_every_field_of_the_letter_is_filled() -> None:
    values = letter_values(plan(item("a")), facts(day=DAY), policy(measure("a")), WORDS)
    assert set(values) == {field.name for field in PARENT_LETTER.fields}


def test_a_school_adds_a_line_of_its_own(tmp_path: Path) -> None:
    shipped = form_file(PARENT_LETTER.file_name).read_bytes()
    own = with_line(shipped, "{{ 学生姓名 }}的家长接待日：每周五")
    (tmp_path / PARENT_LETTER.file_name).write_bytes(own)
    letter = parent_letter(plan(item("a")), facts(), policy(measure("a")), templates=tmp_path)
    assert texts(letter)[-1] == "学生甲的家长接待日：每周五"
