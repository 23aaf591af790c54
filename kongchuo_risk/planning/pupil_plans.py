"""一生一案: a pupil's drafted items, needs and goal put together for people to edit and approve."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

import numpy as np

from kongchuo_risk.contracts.policy import NeedRule, Policy
from kongchuo_risk.domain.calendar import term_of
from kongchuo_risk.domain.plan import Need, PlanItem, PlanKind, PupilPlan
from kongchuo_risk.domain.risk import Reason, RiskEntry
from kongchuo_risk.domain.school_days import SchoolDays
from kongchuo_risk.planning.facts import Situation, as_cohort, holds

NO_DISABILITY = "0"
"""Code of ``disability_type`` for 无."""
FIRST_REVIEW_DAYS = 30
REVIEW_EVERY_DAYS = 60
"""The four follow-up periods of a returned pupil are 60 days each (design §6)."""
RETURNER_REVIEWS = 4
GENERAL_GOAL = "本学期每天到校，有困难有人帮"
RETURNER_GOAL = "回得来、留得住、有收获：按时到校，跟上一门课，有一位说得上话的老师"
DISABILITY_GOAL = "在适合的地方安心学习：安置落实、支持到位、不因残疾离开学校"


def plan_kind(situation: Situation) -> PlanKind:
    """Which plan a pupil needs; a disabled pupil who returned needs the support first.

    >>> plan_kind(Situation({"returned": True, "disability_type": "0"})).value
    '复学学生帮扶计划'
    """
    disability = situation.facts.get("disability_type")
    if disability is not None and disability != NO_DISABILITY:
        return PlanKind.DISABILITY
    return PlanKind.RETURNER if situation.facts.get("returned") is True else PlanKind.GENERAL


def draft_pupil_plan(
    entry: RiskEntry,
    items: Sequence[PlanItem],
    situation: Situation,
    *,
    policy: Policy,
    end: date,
    calendar: SchoolDays,
    run_id: int | None = None,
) -> PupilPlan:
    """The draft of one pupil's plan.

    Parameters
    ----------
    entry
        The pupil on the list of a day, with reasons.
    items
        What was matched for the pupil.
    situation
        Facts and tags of the day.
    policy
        Says what shows a need, and what to aim at.
    end
        Last day of the term.
    calendar
        Reviews fall on school days.
    run_id
        The list from which it is drafted.
    """
    kind = plan_kind(situation)
    shown = tuple(_shown_needs(policy.needs, entry.reasons, situation, policy))
    return PupilPlan(
        student_id=entry.student_id,
        school_code=entry.school_code,
        term=term_of(entry.as_of),
        kind=kind,
        goal=_goal(kind, [rule.goal for rule, _ in shown]),
        needs=_merged((rule.dimension, texts) for rule, texts in shown),
        items=tuple(items),
        start=entry.as_of,
        end=max(end, entry.as_of),
        reviews=_reviews(kind, entry.as_of, end, calendar),
        run_id=run_id,
        by="系统草拟",
    )


def _shown_needs(
    rules: Iterable[NeedRule], reasons: Sequence[Reason], situation: Situation, policy: Policy
) -> Iterator[tuple[NeedRule, tuple[str, ...]]]:
    known = as_cohort(situation, "").facts
    for rule in rules:
        texts = [reason.text for reason in reasons if reason.group in rule.any_reason]
        tags = [policy.tag_label(tag) for tag in rule.any_tag if tag in situation.tags]
        texts += [f"苗头记录：{'、'.join(tags)}"] if tags else []
        for test in rule.facts:
            values = known.get(test.fact)
            texts += [test.say] if np.any(holds(test, values, 1)) else []
        if texts:
            yield rule, tuple(texts)


def _merged(found: Iterable[tuple[str, tuple[str, ...]]]) -> tuple[Need, ...]:
    merged: dict[str, dict[str, None]] = {}
    for dimension, texts in found:
        merged.setdefault(dimension, {}).update(dict.fromkeys(texts))
    return tuple(Need(dimension, tuple(texts)) for dimension, texts in merged.items())


def _goal(kind: PlanKind, goals: Iterable[str]) -> str:
    first = {PlanKind.RETURNER: RETURNER_GOAL, PlanKind.DISABILITY: DISABILITY_GOAL}
    parts = [first.get(kind, GENERAL_GOAL), *dict.fromkeys(filter(None, goals))]
    return "；".join(parts)


def _reviews(kind: PlanKind, start: date, end: date, calendar: SchoolDays) -> tuple[date, ...]:
    """Review days; those of a returned pupil go on beyond the term."""
    if kind is PlanKind.RETURNER:
        waits = [REVIEW_EVERY_DAYS * (number + 1) for number in range(RETURNER_REVIEWS)]
        return tuple(calendar.due(start, wait) for wait in waits)
    last = max(end, start + timedelta(days=FIRST_REVIEW_DAYS))
    days = range(FIRST_REVIEW_DAYS, (last - start).days + 1, REVIEW_EVERY_DAYS)
    return tuple(calendar.due(start, wait) for wait in days)
