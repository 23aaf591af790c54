"""Reasons and facts of one pupil → measures, each with what called it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from kongchuo_risk.contracts.policy import Condition, Measure, Policy, Terms
from kongchuo_risk.domain.plan import PlanItem
from kongchuo_risk.domain.risk import Reason, Tier
from kongchuo_risk.planning.deadlines import SchoolDays
from kongchuo_risk.planning.facts import Situation, holds
from kongchuo_risk.planning.mentors import STAND_INS

WEEKDAYS = SchoolDays()


def match_measures(
    student_id: str,
    reasons: Sequence[Reason],
    situation: Situation,
    tier: Tier,
    *,
    policy: Policy,
    day: date,
    owners: Mapping[str, str],
    calendar: SchoolDays = WEEKDAYS,
) -> tuple[PlanItem, ...]:
    """Measures proposed for one pupil, what is due first before what is due later.

    Parameters
    ----------
    student_id
        Whose plan it is.
    reasons
        Why the pupil is on the list; reasons that cannot be acted on call nothing.
    situation
        Facts and observation tags as of the day.
    tier
        Band of the list; measures without a tier are called whatever it is.
    policy
        The measures.
    day
        Day of the plan: picks the terms in force and starts the deadlines.
    owners
        Owner role → staff number; who leads the school stands in for a role that nobody holds.
    calendar
        A deadline falls on a school day.

    Returns
    -------
    tuple of PlanItem
        ``owner_role`` is the role's Chinese label; ``why`` is what a teacher reads.
    """
    items = (
        _plan_item(
            student_id,
            measure,
            terms,
            why,
            due=calendar.due(day, terms.within_days),
            owner=_owner(terms.owner, owners, policy),
        )
        for measure in policy.measures
        if measure.proposed
        and (terms := measure.terms_on(day)) is not None
        and (why := _called_by(measure, reasons, situation, tier, policy))
    )
    return tuple(sorted(items, key=lambda item: item.due))


def _owner(role: str, owners: Mapping[str, str], policy: Policy) -> tuple[str, str | None]:
    """Label and staff number of who answers for an item (校长包校, rule 33)."""
    label = policy.role_label(role)
    leader = next((stand_in for stand_in in STAND_INS if stand_in in owners), None)
    if role in owners or leader is None:
        return label, owners.get(role)
    return f"{policy.role_label(leader)}代{label}", owners[leader]


def _called_by(
    measure: Measure,
    reasons: Sequence[Reason],
    situation: Situation,
    tier: Tier,
    policy: Policy,
) -> str:
    """What calls the measure, in Chinese; empty when nothing does or something forbids it."""
    if not all(holds(test, situation.facts) for test in measure.eligible):
        return ""
    if any(_met(condition, reasons, situation, tier) for condition in measure.not_when):
        return ""
    met = (
        _why(condition, reasons, situation, tier, policy)
        for condition in measure.when
        if _met(condition, reasons, situation, tier)
    )
    return "；".join(dict.fromkeys(met))


def _met(condition: Condition, reasons: Sequence[Reason], situation: Situation, tier: Tier) -> bool:
    return (
        (not condition.tier or tier in condition.tier)
        and (not condition.any_tag or not situation.tags.isdisjoint(condition.any_tag))
        and all(holds(test, situation.facts) for test in condition.facts)
        and (not condition.any_reason or bool(_matching(condition, reasons)))
    )


def _matching(condition: Condition, reasons: Sequence[Reason]) -> list[Reason]:
    return [
        reason for reason in reasons if reason.actionable and reason.group in condition.any_reason
    ]


def _why(
    condition: Condition,
    reasons: Sequence[Reason],
    situation: Situation,
    tier: Tier,
    policy: Policy,
) -> str:
    tags = [tag for tag in condition.any_tag if tag in situation.tags]
    if not (condition.any_reason or condition.any_tag or condition.facts):
        # Called by the list itself: whatever can be acted on is worth knowing.
        parts = [reason.text for reason in reasons if reason.actionable]
        return "，".join(parts) or f"在重点关注名单上（{tier}）"
    parts = [reason.text for reason in _matching(condition, reasons)]
    parts += [f"苗头记录：{'、'.join(map(policy.tag_label, tags))}"] if tags else []
    parts += [test.say for test in condition.facts]
    return "，".join(parts)


def _plan_item(
    student_id: str,
    measure: Measure,
    terms: Terms,
    why: str,
    *,
    due: date,
    owner: tuple[str, str | None],
) -> PlanItem:
    return PlanItem(
        student_id=student_id,
        measure=measure.id,
        label=measure.label,
        dimension=measure.dimension,
        why=why,
        owner_role=owner[0],
        owner_staff=owner[1],
        due=due,
        form=terms.form,
        sources=tuple(map(str, measure.source)),
        dose=terms.dose,
        warning=measure.warning,
    )
