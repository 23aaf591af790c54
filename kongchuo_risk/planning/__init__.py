"""From scores and facts to tiers by capacity, measures, and a responsible adult for everyone."""

from kongchuo_risk.planning.capacity import capacity_by_school, mentor_places
from kongchuo_risk.planning.facts import (
    Situation,
    pupil_situations,
    watch_groups,
)
from kongchuo_risk.planning.matching import match_measures
from kongchuo_risk.planning.mentors import assign_mentors
from kongchuo_risk.planning.plans import draft_plans
from kongchuo_risk.planning.tiers import assign_tiers

__all__ = [
    "Situation",
    "assign_mentors",
    "assign_tiers",
    "capacity_by_school",
    "draft_plans",
    "match_measures",
    "mentor_places",
    "pupil_situations",
    "watch_groups",
]
