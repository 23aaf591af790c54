"""The worked cases of data_schema/examples: they hold for whoever edits the measures."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.contracts.policy import load_policy
from kongchuo_risk.contracts.reading import Contract, read_yaml
from kongchuo_risk.domain.risk import Reason, Tier
from kongchuo_risk.planning import Situation, match_measures
from kongchuo_risk.planning.deadlines import SchoolDays


class Given(Contract):
    tier: Tier
    reasons: tuple[str, ...] = ()
    fixed_reasons: tuple[str, ...] = ()
    tags: frozenset[str] = frozenset()
    facts: dict[str, Any] = {}  # noqa: RUF012
    day: date


class Example(Contract):
    name: str
    given: Given
    expect: dict[str, int] = {}  # noqa: RUF012
    never: tuple[str, ...] = ()


def _examples() -> list[Example]:
    files: list[Path] = sorted((data_schema() / "examples").glob("*.yaml"))
    return [Example.model_validate(case) for file in files for case in read_yaml(file)]


EXAMPLES = _examples()


def _reasons(groups: tuple[str, ...], *, actionable: bool) -> list[Reason]:
    return [Reason(group, "x", f"{group}的情况", 1.0, actionable) for group in groups]


def _every_day_is_a_school_day(first: date) -> SchoolDays:
    """The cases tell terms in days; weekends are tested with the deadlines."""
    return SchoolDays({first + timedelta(days=number): True for number in range(200)})


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_worked_case(example: Example) -> None:
    given = example.given
    reasons = _reasons(given.reasons, actionable=True)
    reasons += _reasons(given.fixed_reasons, actionable=False)
    items = match_measures(
        "a",
        reasons,
        Situation(given.facts, given.tags),
        given.tier,
        policy=load_policy(),
        day=given.day,
        owners={},
        calendar=_every_day_is_a_school_day(given.day),
    )
    days = {item.measure: (item.due - given.day).days for item in items}
    assert example.expect.items() <= days.items()
    assert not days.keys() & set(example.never)


def test_every_measure_has_a_case_that_shows_it() -> None:
    shown = {name for example in EXAMPLES for name in (*example.expect, *example.never)}
    assert shown == set(load_policy().by_id)


def test_every_proposed_measure_is_called_by_a_case() -> None:
    called = {name for example in EXAMPLES for name in example.expect}
    proposed = {measure.id for measure in load_policy().measures if measure.proposed}
    assert called == proposed
