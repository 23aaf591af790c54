"""Contributions of a model's inputs, told in a teacher's words."""

from kongchuo_risk.explanation.grouping import grouped_contributions
from kongchuo_risk.explanation.reasons import PupilExplanation, explain

__all__ = ["PupilExplanation", "explain", "grouped_contributions"]
