"""How well a model ranks, whether its probabilities mean what they say, and the gate."""

from kongchuo_risk.evaluation.card import ModelFacts, model_card
from kongchuo_risk.evaluation.evaluation import Evaluation, evaluate
from kongchuo_risk.evaluation.gate import Verdict

__all__ = ["Evaluation", "ModelFacts", "Verdict", "evaluate", "model_card"]
