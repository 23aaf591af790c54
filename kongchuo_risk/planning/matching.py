"""Reasons and facts → measures, each with what called it, in Chinese."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial

from kongchuo_risk.contracts.policy import Condition, Measure, Policy, Terms
from kongchuo_risk.domain.plan import ItemState, PlanItem
from kongchuo_risk.domain.risk import Reason, Tier
from kongchuo_risk.domain.school_days import SchoolDays
from kongchuo_risk.planning.facts import Situation, as_cohort
from kongchuo_risk.planning.owners import Owners, stand_in_for
from kongchuo_risk.planning.triggers import LAST_CLASS, Called, Cohort, called_measures

WEEKDAYS = SchoolDays()
DEFAULT_PROFILE = "国家2024"


@dataclass(frozen=True, slots=True)
class Match:
    """One measure called for one pupil.

    ``place`` is the pupil's place in the cohort; ``priority`` the number of the legal rule that
    puts the pupil first (:data:`~kongchuo_risk.planning.triggers.LAST_CLASS`: none).
    """

    place: int
    priority: int
    item: PlanItem


def match_cohort(
    cohort: Cohort,
    owners: Callable[[int], Owners],
    *,
    policy: Policy,
    day: date,
    calendar: SchoolDays = WEEKDAYS,
    profile: str = DEFAULT_PROFILE,
) -> list[Match]:
    """Measures for everybody, pupil by pupil, what is due first before what is due later.

    Parameters
    ----------
    cohort
        Who is planned for.
    owners
        Place in the cohort → owner role → staff number; who leads the school stands in for a role
        that nobody holds.
    policy
        The measures.
    day
        Day of the plan: picks the terms in force and starts the deadlines.
    calendar
        A deadline falls on a school day.
    profile
        Name of the county rules; some have deadlines of their own.

    Returns
    -------
    list of Match
        ``item.owner_role`` is the role's Chinese label; ``item.why`` is what a teacher reads.
    """
    with _collector_at_rest():
        matches = [
            match
            for called in called_measures(cohort, policy, day)
            for match in _Writer(called, cohort, policy, day, calendar, profile).matches(owners)
        ]
        matches.sort(key=lambda match: (match.place, match.item.due))
    return matches


def match_measures(
    student_id: str,
    reasons: Sequence[Reason],
    situation: Situation,
    tier: Tier,
    *,
    policy: Policy,
    day: date,
    owners: Owners,
    calendar: SchoolDays = WEEKDAYS,
    profile: str = DEFAULT_PROFILE,
) -> tuple[PlanItem, ...]:
    """:func:`match_cohort` for one pupil."""
    known = as_cohort(situation, student_id)
    cohort = Cohort([student_id], [tier], [tuple(reasons)], known)
    matches = match_cohort(
        cohort, lambda _: owners, policy=policy, day=day, calendar=calendar, profile=profile
    )
    return tuple(match.item for match in matches)


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Make many values without the cycle collector looking at all of them again and again.

    They hold no cycles; with it, a county takes twice as long (``python -m benchmarks matching``).
    """
    works = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if works:
            gc.enable()


class _Writer:
    """Writes the items of one measure; what is the same for all pupils is worked out once."""

    def __init__(
        self,
        called: Called,
        cohort: Cohort,
        policy: Policy,
        day: date,
        calendar: SchoolDays,
        profile: str,
    ) -> None:
        measure, terms = called.measure, called.measure.terms_on(day)
        assert terms is not None
        self._called, self._cohort, self._policy = called, cohort, policy
        self._role, self._label = terms.owner, policy.role_label(terms.owner)
        self._item = _item_maker(measure, terms, policy, day, calendar, profile)
        self._tellers = [_Teller(condition, cohort, policy) for condition in measure.when]

    def matches(self, owners: Callable[[int], Owners]) -> Iterator[Match]:
        """The items, pupil by pupil."""
        called, rules = self._called, self._called.measure.priority
        rows = zip(called.places.tolist(), called.met.tolist(), called.first.tolist(), strict=True)
        for place, met, first in rows:
            role, staff = self._owner(owners(place))
            item = self._item(
                student_id=self._cohort.student_ids[place],
                why=self._why(place, met),
                owner_role=role,
                owner_staff=staff,
                priority="" if first == LAST_CLASS else rules[first].say,
            )
            yield Match(place, first, item)

    def _owner(self, owners: Owners) -> tuple[str, str | None]:
        held = owners.get(self._role)
        if held is not None:
            return self._label, held
        return stand_in_for(self._role, owners, self._policy)

    def _why(self, place: int, met: Sequence[bool]) -> str:
        told = (
            teller.tell(place) for teller, holds in zip(self._tellers, met, strict=True) if holds
        )
        return "；".join(dict.fromkeys(told))


def _item_maker(
    measure: Measure, terms: Terms, policy: Policy, day: date, calendar: SchoolDays, profile: str
) -> Callable[..., PlanItem]:
    """Makes items of a measure from what differs between pupils."""
    due = calendar.due(day, terms.days(profile))
    return partial(
        PlanItem,
        measure=measure.id,
        label=measure.label,
        dimension=measure.dimension,
        due=due,
        form=terms.form,
        sources=tuple(map(str, measure.source)),
        dose=terms.dose,
        warning=measure.warning,
        state=ItemState.DRAFTED if measure.offer == "列入草案" else ItemState.OPTIONAL,
        start=day,
        review=calendar.due(due, terms.review_days),
        rhythm=terms.rhythm,
        helpers=tuple(map(policy.role_label, terms.helpers)),
        checklist=measure.checklist,
        evidence=measure.evidence.grade,
        entitled=measure.entitled,
        restricted=measure.restricted,
        hours_per_week=terms.hours_per_week,
    )


class _Teller:
    """Tells that a condition holds, in the pupil's own words and numbers."""

    def __init__(self, condition: Condition, cohort: Cohort, policy: Policy) -> None:
        self._condition, self._cohort, self._policy = condition, cohort, policy
        self._facts = [test.say for test in condition.facts]
        self._of_the_list = not (condition.any_reason or condition.any_tag or condition.facts)
        self._written = [tag for tag in condition.any_tag if tag in cohort.has_tag]

    def tell(self, place: int) -> str:
        """What a teacher reads of the pupil in one place of the cohort."""
        reasons = self._cohort.actionable[place]
        if self._of_the_list:
            # Called by the list itself: whatever can be acted on is worth knowing.
            texts = "，".join(reason.text for reason in reasons)
            return texts or f"在重点关注名单上（{self._cohort.tiers[place]}）"
        groups = self._condition.any_reason
        parts = [reason.text for reason in reasons if reason.group in groups] if groups else []
        if self._written:
            seen = [tag for tag in self._written if self._cohort.has_tag[tag][place]]
            parts.append(f"苗头记录：{'、'.join(map(self._policy.tag_label, seen))}")
        return "，".join([*parts, *self._facts])
