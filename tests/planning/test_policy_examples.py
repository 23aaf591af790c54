"""The worked cases of data_schema/examples: they hold for whoever edits the measures."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.contracts.policy_file import load_policy
from kongchuo_risk.contracts.reading import Contract, read_yaml
from kongchuo_risk.domain.plan import ItemState, PlanItem
from kongchuo_risk.domain.risk import Reason, Tier
from kongchuo_risk.domain.school_days import SchoolDays
from kongchuo_risk.planning import Situation, match_measures


class Given(Contract):
    tier: Tier
    reasons: tuple[str, ...] = ()
    fixed_reasons: tuple[str, ...] = ()
    tags: frozenset[str] = frozenset()
    facts: dict[str, Any] = {}  # noqa: RUF012
    day: date
    profile: str = "国家2024"


class Example(Contract):
    name: str
    given: Given
    expect: dict[str, int] = {}  # noqa: RUF012
    state: dict[str, ItemState] = {}  # noqa: RUF012
    drafted: tuple[int, int] | None = None
    """Fewest and most items that may be drafted."""
    never: tuple[str, ...] = ()


def _examples() -> list[Example]:
    file = data_schema() / "examples" / "measures.yaml"
    return [Example.model_validate(case) for case in read_yaml(file)]


EXAMPLES = _examples()


def _reasons(groups: tuple[str, ...], *, actionable: bool) -> list[Reason]:
    return [Reason(group, "x", f"{group}的情况", 1.0, actionable) for group in groups]


def _every_day_is_a_school_day(first: date) -> SchoolDays:
    """The cases tell terms in days; weekends are tested with the deadlines."""
    return SchoolDays({first + timedelta(days=number): True for number in range(200)})


def items_of(given: Given) -> tuple[PlanItem, ...]:
    reasons = _reasons(given.reasons, actionable=True)
    reasons += _reasons(given.fixed_reasons, actionable=False)
    return match_measures(
        "a",
        reasons,
        Situation(given.facts, given.tags),
        given.tier,
        policy=load_policy(),
        day=given.day,
        owners={},
        calendar=_every_day_is_a_school_day(given.day),
        profile=given.profile,
    )


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_worked_case(example: Example) -> None:
    items = items_of(example.given)
    days = {item.measure: (item.due - example.given.day).days for item in items}
    states = {item.measure: item.state for item in items}
    assert example.expect.items() <= days.items()
    assert example.state.items() <= states.items()
    assert not days.keys() & set(example.never)
    if example.drafted is not None:
        fewest, most = example.drafted
        assert fewest <= list(states.values()).count(ItemState.DRAFTED) <= most


def test_every_measure_has_a_case_that_shows_it() -> None:
    shown = {name for example in EXAMPLES for name in (*example.expect, *example.never)}
    assert shown == set(load_policy().by_id)


def test_every_offered_measure_is_called_by_a_case() -> None:
    called = {name for example in EXAMPLES for name in example.expect}
    offered = {measure.id for measure in load_policy().measures if measure.offer != "不建议"}
    assert called == offered


def test_aid_is_paid_at_the_rates_of_its_day() -> None:
    asked = {
        example.given.day.year: item.dose
        for example in EXAMPLES
        for item in items_of(example.given)
        if item.measure == "aid"
    }
    assert "小学 1000 元、初中 1250 元" in asked[2019]
    assert "小学 1250 元、初中 1500 元" in asked[2025]
