"""Which measures are called for one pupil, as the policy reads: the slow twin of triggers.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from kongchuo_risk.contracts.policy import Condition, FactTest, Measure, Policy
from kongchuo_risk.domain.risk import Reason, Tier
from kongchuo_risk.planning import Situation


def called(
    policy: Policy, reasons: Sequence[Reason], situation: Situation, tier: Tier, day: date
) -> set[str]:
    """Ids of the measures that the policy drafts or offers."""
    return {
        measure.id
        for measure in policy.measures
        if measure.offer != "不建议"
        and measure.terms_on(day) is not None
        and _is_called(measure, reasons, situation, tier)
    }


def _is_called(
    measure: Measure, reasons: Sequence[Reason], situation: Situation, tier: Tier
) -> bool:
    if not all(passes(test, situation.facts) for test in measure.eligible):
        return False
    if any(met(condition, reasons, situation, tier) for condition in measure.not_when):
        return False
    return any(met(condition, reasons, situation, tier) for condition in measure.when)


def met(condition: Condition, reasons: Sequence[Reason], situation: Situation, tier: Tier) -> bool:
    """Whether every part of a condition holds."""
    groups = {reason.group for reason in reasons if reason.actionable}
    return (
        (not condition.tier or tier in condition.tier)
        and (not condition.any_tag or not situation.tags.isdisjoint(condition.any_tag))
        and (not condition.any_reason or not groups.isdisjoint(condition.any_reason))
        and all(passes(test, situation.facts) for test in condition.facts)
    )


def passes(test: FactTest, facts: Mapping[str, object]) -> bool:
    """Whether a fact is known and passes its test."""
    value = facts.get(test.fact)
    if value is None or test.missing:
        return test.missing and value is None
    if test.among and value not in test.among:
        return False
    if test.at_least is None and test.at_most is None:
        return True
    return isinstance(value, (int, float)) and (
        (test.at_least is None or value >= test.at_least)
        and (test.at_most is None or value <= test.at_most)
    )
