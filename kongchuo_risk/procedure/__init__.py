"""The procedure as code: who may do what next, what is due when, and what an absence means."""

from kongchuo_risk.procedure.calendar import completed, proposed_calendar, unknown_years
from kongchuo_risk.procedure.deadlines.case import case_tasks, level_of
from kongchuo_risk.procedure.deadlines.pupils import class_tasks, pupil_duties
from kongchuo_risk.procedure.deadlines.school import school_tasks
from kongchuo_risk.procedure.detection import (
    ended_runs,
    is_early_sign,
    is_suspicion,
    school_counts,
    suspicions_of,
    watch_tags,
)
from kongchuo_risk.procedure.duties import Setting
from kongchuo_risk.procedure.facts import CaseFacts
from kongchuo_risk.procedure.guards import Verdict, may_confirm, may_move, moves_for, still_holds
from kongchuo_risk.procedure.periods import Period, period_of, periods_before
from kongchuo_risk.procedure.school_facts import SchoolFacts

__all__ = [
    "CaseFacts",
    "Period",
    "SchoolFacts",
    "Setting",
    "Verdict",
    "case_tasks",
    "class_tasks",
    "completed",
    "ended_runs",
    "is_early_sign",
    "is_suspicion",
    "level_of",
    "may_confirm",
    "may_move",
    "moves_for",
    "period_of",
    "periods_before",
    "proposed_calendar",
    "pupil_duties",
    "school_counts",
    "school_tasks",
    "still_holds",
    "suspicions_of",
    "unknown_years",
    "watch_tags",
]
