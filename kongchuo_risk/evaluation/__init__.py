"""How well a model ranks, whether its probabilities hold, whom it misses, and the gate."""

from kongchuo_risk.evaluation.card import ModelFacts, ReviewParts, model_card
from kongchuo_risk.evaluation.drift import Drift, check_drift, refusal
from kongchuo_risk.evaluation.drift_baseline import DriftBaseline
from kongchuo_risk.evaluation.evaluation import Evaluation, evaluate
from kongchuo_risk.evaluation.fairness import Fairness, fairness_audit
from kongchuo_risk.evaluation.gate import Verdict
from kongchuo_risk.evaluation.input_prices import price_of_input

__all__ = [
    "Drift",
    "DriftBaseline",
    "Evaluation",
    "Fairness",
    "ModelFacts",
    "ReviewParts",
    "Verdict",
    "check_drift",
    "evaluate",
    "fairness_audit",
    "model_card",
    "price_of_input",
    "refusal",
]
