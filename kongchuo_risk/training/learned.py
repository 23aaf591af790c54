"""A fitted ``DropoutRiskClassifier`` behind the interface of a risk model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.domain.model import Contributions
from kongchuo_risk.training.checks import columns_for
from kongchuo_risk.training.estimators import DropoutRiskClassifier


@dataclass(frozen=True)
class LearnedModel:
    """``logistic``, ``lightgbm`` or ``blend``."""

    name: str
    estimator: DropoutRiskClassifier

    @property
    def features(self) -> tuple[str, ...]:
        names: tuple[str, ...] = self.estimator.encoder_.names
        return names

    def log_odds(self, matrix: FeatureMatrix) -> np.ndarray:
        """Calibrated log-odds."""
        return self.estimator.decision_function(columns_for(matrix, self.features, model=self.name))

    def contributions(self, matrix: FeatureMatrix) -> Contributions:
        """Exact parts by feature."""
        columns = columns_for(matrix, self.features, model=self.name)
        values, base = self.estimator.contributions(columns)
        return Contributions(values, base, self.features)
