from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from kongchuo_risk.domain.match import PairState
from kongchuo_risk.registers import Links, link, synthetic_registers
from kongchuo_risk.registers.evidence import review_queue
from tests.registers.builders import others, people, person


def joined(one: list[dict[str, Any]], other: list[dict[str, Any]], **options: Any) -> Links:
    """The rows of two registers among forty other children who are in both."""
    return link(people(*one, *others()), people(*other, *others()), **options)


def pairs(links: Links, rows: int) -> list[tuple[int, int]]:
    """Accepted pairs of the first rows."""
    found = links.accepted[links.accepted["left"] < rows]
    return list(zip(found["left"], found["right"], strict=True))


def test_children_of_both_registers_are_joined_by_number() -> None:
    links = joined([], [])
    assert links.accepted["way"].value_counts().to_dict() == {"number": 40}
    assert links.waiting.empty


AS_WRITTEN = {
    "day and month": {"birth": "2010-07-03"},
    "one digit": {"birth": "2011-03-01"},
    "two digits": {"birth": "2021-03-07"},
    "homophones": {"name": "{}佳梓"},
    "pinyin": {"name": "{}jia子"},
    "rare character": {"name": "{}?子", "village": "西岭"},
    "other guardian": {"guardian": "李卯", "village": None},
    "month only": {"birth": "2017-03", "name": "{}贾子"},
    "surname of the other parent": {"name": "李甲子"},
    "variant surname": {"name": "{}甲子"},
}
"""What a clerk made of a child without a number."""
SURNAMES = "汪唐曹彭曾田董袁潘蔣"
VARIANTS = {"蔣": "蒋"}


@pytest.fixture(scope="module")
def rewritten() -> Links:
    """Ten children, each written in the second register in a way of its own."""
    left = [
        person(name=f"{VARIANTS.get(surname, surname)}甲子", guardian=f"{surname}丙寅",
               birth=f"201{at}-03-07", village=f"{surname}家")
        for at, surname in enumerate(SURNAMES)
    ]  # fmt: skip
    right = [
        {**row, **how, "name": how.get("name", "{}甲子").format(surname)}
        for row, how, surname in zip(left, AS_WRITTEN.values(), SURNAMES, strict=True)
    ]
    return joined(left, right)


@pytest.mark.parametrize("child", range(10), ids=AS_WRITTEN)
def test_a_child_without_a_number_is_found_however_it_was_written(
    rewritten: Links, child: int
) -> None:
    assert (child, child) in pairs(rewritten, 10)


@pytest.fixture(scope="module")
def numbered() -> Links:
    """Children with a number: a name miswritten, a relative's number, an old number."""
    left = [person(number="n1"), person(number="n2"), person(number="n3", name="王丁卯")]
    stranger = {"name": "李乙丑", "birth": "1985-12-24", "sex": "女", "guardian": None}
    old = {"name": "王丁茂"}
    right = [
        person(number="n1", name="李乙丑"),
        person(number="n2", **stranger),
        person(number="new", **old) | {"old_id_hash": "n3"},
    ]
    return joined(left, right)


def test_a_number_joins_rows_whose_name_was_miswritten(numbered: Links) -> None:
    assert (0, 0) in pairs(numbered, 3)


def test_a_number_that_may_be_a_relatives_waits_for_review(numbered: Links) -> None:
    assert 1 not in dict(pairs(numbered, 3))
    [pair] = review_queue(numbered, left="户籍", right="学籍", rows=numbered.is_waiting())
    assert "亲属的号码" in pair.reason
    assert [item.agreement for item in pair.evidence if item.field == "证件号"] == ["相同"]


def test_an_old_number_inside_a_registration_number_still_joins(numbered: Links) -> None:
    assert (2, 2) in pairs(numbered, 3)
    assert numbered.accepted.set_index("left").loc[2, "gamma_number"] == 2


def test_twins_are_told_apart_by_their_names() -> None:
    twins = [person(), person(name="王乙丑")]
    assert pairs(joined(twins, twins[::-1]), 2) == [(0, 1), (1, 0)]


def test_a_twin_whose_name_is_unreadable_waits_for_review() -> None:
    links = joined([person(), person(name="王乙子")], [person(name="王?子")])
    assert pairs(links, 2) == []
    assert set(links.waiting["left"]) == {0, 1}
    assert links.waiting["reason"].str.contains("双胞胎").all()


def test_children_who_share_only_a_name_are_two() -> None:
    namesake = person(birth="2011-11-25", village="西岭", guardian="李卯", sex="女")
    links = joined([person()], [namesake])
    assert pairs(links, 1) == []
    assert links.waiting.empty


def test_what_a_person_decided_is_kept() -> None:
    left, right = [person(), person(name="王乙子")], [person(name="王?子")]
    keys = [(row["person"], right[0]["person"]) for row in left]
    decided = {keys[0]: PairState.DIFFERENT, keys[1]: PairState.SAME}
    links = joined(left, right, decided=decided)
    assert pairs(links, 2) == [(1, 0)]
    assert links.waiting.empty


def test_evidence_says_in_words_what_agrees_and_what_does_not() -> None:
    links = joined([person(), person(name="王乙子")], [person(name="王?子", birth="2014-07-03")])
    pair = review_queue(links, left="户籍", right="学籍", rows=links.is_waiting())[0]
    words = {item.field: (item.left, item.right, item.agreement) for item in pair.evidence}
    assert words["姓名"] == (pair.left.name, "王?子", "缺一字，其余相同")
    assert words["出生日期"] == ("2014-03-07", "2014-07-03", "数字颠倒（如月日互换）")
    assert words["证件号"] == ("", "", "一方未填")
    assert all(item.weight > 0 for item in pair.evidence if item.agreement == "相同")


def test_an_empty_register_joins_with_nothing() -> None:
    links = link(people(), people(person()))
    assert links.accepted.empty
    assert links.waiting.empty


@pytest.mark.parametrize(("threshold", "review"), [(0.5, 0.6), (1.0, 0.2), (0.9, 0.0)])
def test_thresholds_must_be_in_order(threshold: float, review: float) -> None:
    with pytest.raises(ValueError, match="review <= threshold"):
        link(people(), people(), threshold=threshold, review=review)


def test_a_frame_without_its_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="guardian"):
        link(people().drop(columns="guardian"), people())


@pytest.fixture(scope="module", params=[300, 2_000], ids=["a school", "a township that teaches"])
def noisy(request: pytest.FixtureRequest) -> tuple[Links, pd.DataFrame]:
    registers = synthetic_registers(request.param, seed=7)
    return link(registers.left, registers.right), registers.truth


def test_precision_and_recall_on_noisy_registers(noisy: tuple[Links, pd.DataFrame]) -> None:
    links, truth = noisy
    right = len(links.accepted.merge(truth))
    assert right / len(links.accepted) >= 0.98
    assert right / len(truth) >= 0.95


def test_every_row_is_joined_once_at_most(noisy: tuple[Links, pd.DataFrame]) -> None:
    links, _ = noisy
    assert links.accepted["left"].is_unique
    assert links.accepted["right"].is_unique
    assert not links.waiting["left"].isin(links.accepted["left"]).any()
    assert not links.waiting["right"].isin(links.accepted["right"]).any()


def test_the_order_of_the_rows_changes_nothing() -> None:
    registers = synthetic_registers(200, seed=3)
    turned = link(registers.left[::-1], registers.right)
    straight = link(registers.left, registers.right)
    found = {(199 - left, right) for left, right in pairs(turned, 200)}
    assert found == set(pairs(straight, 200))
