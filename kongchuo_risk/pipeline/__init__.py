"""Table of contents of the toolkit: how the stages meet, from records to list and plans."""

from kongchuo_risk.pipeline.learning import (
    Judged,
    LastChampion,
    base_rate,
    places_by_school,
    profile_of,
    train_model,
    training_matrix,
)
from kongchuo_risk.pipeline.planning import TermPlan, assign_term, plan_term
from kongchuo_risk.pipeline.scoring import Companions, Scored, score_cohort

__all__ = [
    "Companions",
    "Judged",
    "LastChampion",
    "Scored",
    "TermPlan",
    "assign_term",
    "base_rate",
    "places_by_school",
    "plan_term",
    "profile_of",
    "score_cohort",
    "train_model",
    "training_matrix",
]
