"""Questions that an analyst asks once a term: which data matter, and would more of them help."""

from kongchuo_risk.review.reasons import judge_reasons
from kongchuo_risk.review.whole import Review, review_training

__all__ = ["Review", "judge_reasons", "review_training"]
