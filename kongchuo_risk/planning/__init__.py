"""From scores and facts to tiers by capacity, measures, and a responsible adult for everyone."""

from kongchuo_risk.planning.assignment import assign_mentors, pair_peers
from kongchuo_risk.planning.capacity import capacity_by_school, mentor_places
from kongchuo_risk.planning.facts import (
    CohortFacts,
    Situation,
    cohort_facts,
    watch_groups,
)
from kongchuo_risk.planning.matching import match_measures
from kongchuo_risk.planning.plans import Drafts, draft_plans
from kongchuo_risk.planning.pupil_plans import draft_pupil_plan
from kongchuo_risk.planning.school_plans import draft_school_plan
from kongchuo_risk.planning.tiers import assign_tiers

__all__ = [
    "CohortFacts",
    "Drafts",
    "Situation",
    "assign_mentors",
    "assign_tiers",
    "capacity_by_school",
    "cohort_facts",
    "draft_plans",
    "draft_pupil_plan",
    "draft_school_plan",
    "match_measures",
    "mentor_places",
    "pair_peers",
    "watch_groups",
]
