"""The procedure as code: who may do what next, what is due when, and what an absence means."""

from kongchuo_risk.procedure.case_deadlines import case_tasks, level_of
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
from kongchuo_risk.procedure.guards import Verdict, may_confirm, may_move, moves_for
from kongchuo_risk.procedure.periods import Period, period_of, periods_before
from kongchuo_risk.procedure.pupil_deadlines import class_tasks, pupil_duties
from kongchuo_risk.procedure.school_deadlines import SchoolFacts, school_tasks

__all__ = [
    "CaseFacts",
    "Period",
    "SchoolFacts",
    "Setting",
    "Verdict",
    "case_tasks",
    "class_tasks",
    "ended_runs",
    "is_early_sign",
    "is_suspicion",
    "level_of",
    "may_confirm",
    "may_move",
    "moves_for",
    "period_of",
    "periods_before",
    "pupil_duties",
    "school_counts",
    "school_tasks",
    "suspicions_of",
    "watch_tags",
]
