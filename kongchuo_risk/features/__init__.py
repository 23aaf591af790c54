"""Tables as of a day → one row per pupil: features, cohort, outcome, matrix."""

from kongchuo_risk.features.cohort import cohort
from kongchuo_risk.features.columns import features_as_of
from kongchuo_risk.features.matrix import AUDIT_COLUMNS, build_matrix
from kongchuo_risk.features.outcome import outcome
from kongchuo_risk.features.teaching import teaching_days, training_days

__all__ = [
    "AUDIT_COLUMNS",
    "build_matrix",
    "cohort",
    "features_as_of",
    "outcome",
    "teaching_days",
    "training_days",
]
