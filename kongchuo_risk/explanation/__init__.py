"""Contributions of a model's inputs, told in a teacher's words, and how good the reasons are."""

from kongchuo_risk.explanation.grouping import grouped_contributions
from kongchuo_risk.explanation.noise import ReasonNoise
from kongchuo_risk.explanation.quality import ReasonQuality, noise_of, reason_quality
from kongchuo_risk.explanation.reasons import PupilExplanation, explain

__all__ = [
    "PupilExplanation",
    "ReasonNoise",
    "ReasonQuality",
    "explain",
    "grouped_contributions",
    "noise_of",
    "reason_quality",
]
