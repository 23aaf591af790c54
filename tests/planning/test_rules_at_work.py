"""Each seed rule on what is done, seen at work: in a worked case or in a school's plan."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache

import pytest

from kongchuo_risk.contracts.policy import RuleSource, Source
from kongchuo_risk.contracts.policy_file import load_policy
from kongchuo_risk.domain.plan import SchoolTask
from kongchuo_risk.domain.school_days import SchoolDays
from kongchuo_risk.planning import draft_school_plan
from tests.planning.test_policy_examples import EXAMPLES, items_of

POLICY = load_policy()


def _rules(sources: Iterable[Source]) -> frozenset[int]:
    return frozenset(source.rule for source in sources if isinstance(source, RuleSource))


RULES_OF_MEASURE = {
    measure.id: _rules(measure.source) for measure in POLICY.measures if measure.offer != "不建议"
}
RULES_OF_TASK = {item.id: _rules(item.source) for item in POLICY.school}


@cache
def _shown() -> frozenset[str]:
    """Measures that the worked cases really bring, each with owner, dose and due day."""
    items = [item for example in EXAMPLES for item in items_of(example.given)]
    assert all(item.owner_role and item.dose and item.due for item in items)
    return frozenset(item.measure for item in items)


@cache
def _tasks() -> dict[str, SchoolTask]:
    """Tasks of a school's two terms of one year."""
    plans = [
        draft_school_plan(
            "S1", term, policy=POLICY, owners={}, first_day=first, calendar=SchoolDays(),
            figures={},
        )
        for term, first in (
            ("2025-2026-1", date(2025, 9, 1)), ("2025-2026-2", date(2026, 2, 23)),
        )
    ]  # fmt: skip
    return {task.item: task for plan in plans for task in plan.tasks}


@pytest.mark.parametrize("rule", sorted(frozenset().union(*RULES_OF_MEASURE.values())))
def test_a_worked_case_brings_the_measure_of_the_rule(rule: int) -> None:
    measures = {measure for measure, rules in RULES_OF_MEASURE.items() if rule in rules}
    assert measures <= _shown()


@pytest.mark.parametrize("rule", sorted(frozenset().union(*RULES_OF_TASK.values())))
def test_a_schools_plan_has_the_task_of_the_rule(rule: int) -> None:
    wanted = {task for task, rules in RULES_OF_TASK.items() if rule in rules}
    assert wanted <= set(_tasks())
    assert all(_tasks()[task].checklist for task in wanted)
