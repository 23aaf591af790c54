"""Every deadline of a case, of the present absence and of those before it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from itertools import chain

from kongchuo_risk.domain.case import Case
from kongchuo_risk.domain.task import Task
from kongchuo_risk.procedure.deadlines.escalation import ESCALATION
from kongchuo_risk.procedure.deadlines.first_days import FIRST_DAYS
from kongchuo_risk.procedure.deadlines.follow_up import FOLLOW_UP, PAPERWORK
from kongchuo_risk.procedure.duties import About, Duty, Setting, task_of
from kongchuo_risk.procedure.facts import CaseFacts

Maker = Callable[[CaseFacts, Setting], Iterator[Duty]]
_OF_AN_ABSENCE = (*FIRST_DAYS, *ESCALATION, *FOLLOW_UP)


def case_tasks(facts: CaseFacts, setting: Setting) -> list[Task]:
    """Every deadline of a case, done or not, by the moment at which it is due.

    After a relapse the deadlines begin anew and have names of their own (``case:17-2:…``); those
    of the absence before stay as they were, so that what was late then can be told later.
    """
    tasks = (task_of(duty, about, setting) for duty, about in _all_duties(facts, setting))
    return sorted((task for task in tasks if task is not None), key=lambda task: task.due)


def level_of(facts: CaseFacts, today: date, confirm_after: int) -> str:
    """疑似辍学 or 辍学 of a pupil who is away; empty of one who is not.

    Parameters
    ----------
    confirm_after
        Days away that make 辍学: the term of ``confirm_dropout``.
    """
    if not facts.case.is_away:
        return ""
    return "辍学" if facts.days_away(today) >= confirm_after else "疑似辍学"


def _all_duties(facts: CaseFacts, setting: Setting) -> Iterator[tuple[Duty, About]]:
    first = _about(facts.case, 1)
    for duty in _made(PAPERWORK, facts, setting):
        yield duty, first
    earlier = facts.earlier()
    for number, (part, ended) in enumerate(earlier, start=1):
        about = _about(facts.case, number)
        for duty in _made(_OF_AN_ABSENCE, part, setting):
            yield _ended(duty, ended), about
    present = _about(facts.case, len(earlier) + 1)
    for duty in _made(_OF_AN_ABSENCE, facts, setting):
        yield duty, present


def _made(makers: Iterable[Maker], facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    return chain.from_iterable(make(facts, setting) for make in makers)


def _ended(duty: Duty, ended: datetime) -> Duty:
    until = ended if duty.until is None else min(ended, duty.until)
    return replace(duty, until=until)


def _about(case: Case, number: int) -> About:
    """Names of the duties of the ``number``-th absence (or early sign) of a case."""
    return About(
        f"case:{case.id}" if number == 1 else f"case:{case.id}-{number}",
        case.school_code,
        class_id=case.class_id,
        student_id=case.student_id,
        case_id=case.id,
        owner_staff=case.owner_staff,
    )
