"""Which measures are called for whom: every condition of the policy over a whole cohort at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from kongchuo_risk.contracts.policy import Condition, FactTest, Measure, Policy
from kongchuo_risk.domain.risk import Reason, Tier
from kongchuo_risk.planning.facts import CohortFacts, holds

LAST_CLASS = 99
"""Priority of pupils to whom no law gives precedence."""


@dataclass(frozen=True)
class Cohort:
    """Everybody who is planned for, one place per pupil.

    Attributes
    ----------
    student_ids : sequence of str
    tiers : sequence of Tier
    reasons : sequence of tuple of Reason
        Reasons that cannot be acted on call nothing.
    known : CohortFacts
        Rows in the order of ``student_ids``.
    """

    student_ids: Sequence[str]
    tiers: Sequence[Tier]
    reasons: Sequence[tuple[Reason, ...]]
    known: CohortFacts

    def __len__(self) -> int:
        return len(self.student_ids)

    @cached_property
    def actionable(self) -> tuple[tuple[Reason, ...], ...]:
        """The reasons that can be acted on."""
        return tuple(tuple(reason for reason in told if reason.actionable) for told in self.reasons)

    @cached_property
    def has_reason(self) -> Mapping[str, np.ndarray]:
        """Reason group → bool array of shape (n,): who has a reason of it that can be acted on."""
        found: dict[str, np.ndarray] = {}
        for place, told in enumerate(self.actionable):
            for reason in told:
                mask = found.setdefault(reason.group, np.zeros(len(self), dtype=bool))
                mask[place] = True
        return found

    @cached_property
    def has_tag(self) -> Mapping[str, np.ndarray]:
        """Observation tag → bool array of shape (n,): of whom it was written lately."""
        return {str(tag): column.to_numpy(dtype=bool) for tag, column in self.known.tags.items()}

    @cached_property
    def in_tier(self) -> Mapping[Tier, np.ndarray]:
        """Tier → bool array of shape (n,)."""
        codes = np.array([str(tier) for tier in self.tiers], dtype="U3")
        return {tier: codes == str(tier) for tier in Tier}


class Conditions:
    """Conditions over one cohort; a test that several measures share is looked at once."""

    def __init__(self, cohort: Cohort) -> None:
        self._cohort = cohort
        self._tests: dict[FactTest, np.ndarray] = {}

    def any_met(self, conditions: Sequence[Condition]) -> np.ndarray:
        """Of whom at least one condition holds: bool array of shape (n,)."""
        met = np.zeros(len(self._cohort), dtype=bool)
        for condition in conditions:
            met |= self.met(condition)
        return met

    def met(self, condition: Condition) -> np.ndarray:
        """Of whom every part of a condition holds: bool array of shape (n,)."""
        cohort, met = self._cohort, np.ones(len(self._cohort), dtype=bool)
        if condition.tier:
            met &= self._any(cohort.in_tier, condition.tier)
        if condition.any_reason:
            met &= self._any(cohort.has_reason, condition.any_reason)
        if condition.any_tag:
            met &= self._any(cohort.has_tag, condition.any_tag)
        for test in condition.facts:
            met &= self.passed(test)
        return met

    def passed(self, test: FactTest) -> np.ndarray:
        """Who passes a test: bool array of shape (n,)."""
        if test not in self._tests:
            facts = self._cohort.known.facts
            values = facts.get(test.fact)
            self._tests[test] = holds(test, values, len(self._cohort))
        return self._tests[test]

    def _any(self, masks: Mapping[Any, np.ndarray], names: Sequence[str]) -> np.ndarray:
        found = np.zeros(len(self._cohort), dtype=bool)
        for name in names:
            if name in masks:
                found |= masks[name]
        return found


@dataclass(frozen=True)
class Called:
    """A measure and the pupils for whom something calls it.

    Attributes
    ----------
    places : int array of shape (n_called,)
        Places in the cohort.
    met : bool array of shape (n_called, n_conditions)
        Which conditions of ``measure.when`` hold.
    first : int array of shape (n_called,)
        Number of the rule of ``measure.priority`` that puts the pupil first;
        :data:`LAST_CLASS` where there is none.
    """

    measure: Measure
    places: np.ndarray
    met: np.ndarray
    first: np.ndarray


def called_measures(cohort: Cohort, policy: Policy, day: date) -> tuple[Called, ...]:
    """Measures in force on ``day`` that anything calls, in the order of the policy.

    A measure is called where one of its conditions holds, all its tests of eligibility do, and
    nothing forbids it. Measures that the policy advises against are never called.
    """
    conditions = Conditions(cohort)
    found = (
        _called(measure, conditions, len(cohort))
        for measure in policy.measures
        if measure.offer != "不建议" and measure.terms_on(day) is not None
    )
    return tuple(called for called in found if len(called.places))


def _called(measure: Measure, conditions: Conditions, pupils: int) -> Called:
    met = np.column_stack([conditions.met(condition) for condition in measure.when])
    called = met.any(axis=1) & ~conditions.any_met(measure.not_when)
    for test in measure.eligible:
        called &= conditions.passed(test)
    first = np.full(pupils, LAST_CLASS)
    for number, rule in reversed(list(enumerate(measure.priority))):
        first[conditions.any_met(rule.any_of)] = number
    places = np.flatnonzero(called)
    return Called(measure, places, met[places], first[places])
