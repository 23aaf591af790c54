"""Every deadline of a school: what it owes by the calendar, and what waits for an answer."""

from __future__ import annotations

from kongchuo_risk.domain.task import Task
from kongchuo_risk.procedure.deadlines.answers import ANSWERS
from kongchuo_risk.procedure.deadlines.cadence import CADENCE
from kongchuo_risk.procedure.deadlines.school_year import SCHOOL_YEAR
from kongchuo_risk.procedure.duties import Setting, task_of
from kongchuo_risk.procedure.school_facts import SchoolFacts

_DUTIES = (*CADENCE, *SCHOOL_YEAR, *ANSWERS)


def school_tasks(facts: SchoolFacts, setting: Setting) -> list[Task]:
    """Every deadline of a school that is open or recent, by the moment at which it is due."""
    pairs = (pair for make in _DUTIES for pair in make(facts, setting))
    tasks = (task_of(duty, about, setting) for duty, about in pairs)
    return sorted((task for task in tasks if task is not None), key=lambda task: task.due)
