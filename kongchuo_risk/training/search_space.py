"""What may be tuned of a candidate: the range of each parameter, and a fit with given values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kongchuo_risk.training.candidates import LEARNED, members_of, train_candidates
from kongchuo_risk.training.estimators import DropoutRiskClassifier
from kongchuo_risk.training.forward import TrainingInputs
from kongchuo_risk.training.splits import Fold

if TYPE_CHECKING:
    from optuna import Trial

Parameters = Mapping[str, float | int]


@dataclass(frozen=True)
class Span:
    """Values that a parameter may take, both ends included.

    Attributes
    ----------
    low, high : float
    whole : bool
        Whole numbers only.
    logarithmic : bool
        Search orders of magnitude evenly.
    """

    low: float
    high: float
    whole: bool = False
    logarithmic: bool = False

    def suggest(self, trial: Trial, name: str) -> float | int:
        """Optuna's proposal for the parameter ``name``."""
        if self.whole:
            return trial.suggest_int(name, int(self.low), int(self.high), log=self.logarithmic)
        return trial.suggest_float(name, self.low, self.high, log=self.logarithmic)

    def holds(self, value: Any) -> bool:
        """Whether ``value`` lies in the span.

        >>> Span(3, 6, whole=True).holds(6), Span(0.01, 0.1).holds(None)
        (True, False)
        """
        return isinstance(value, int | float) and self.low <= value <= self.high


OF_TREES: Mapping[str, Span] = {
    "learning_rate": Span(0.01, 0.1, logarithmic=True),
    "trees": Span(100, 600, whole=True, logarithmic=True),
    "num_leaves": Span(4, 31, whole=True, logarithmic=True),
    # Exact contributions need a table of 2^depth subsets per leaf: deeper would slow them down.
    "max_depth": Span(3, 6, whole=True),
    "min_child_samples": Span(5, 200, whole=True, logarithmic=True),
}
OF_LINES: Mapping[str, Span] = {"ridge_c": Span(0.003, 3.0, logarithmic=True)}
"""Ranges around the defaults within which models stay regularised and explanations fast."""
_LINEAR = "logistic"
"""The one member that is not made of trees."""


def searchable(candidate: str) -> tuple[dict[str, Span], dict[str, Any]]:
    """What can be searched of ``candidate``: ranges, and the estimator's defaults.

    Both are empty for a candidate that has no such parameters, such as the scorecard.
    """
    defaults = DropoutRiskClassifier().get_params()
    members = set(LEARNED.get(candidate, ()))
    space = {
        name: span
        for spans, used in ((OF_TREES, members - {_LINEAR}), (OF_LINES, members & {_LINEAR}))
        for name, span in spans.items()
        if used and name in defaults
    }
    return space, {name: defaults[name] for name in space}


def candidate_scorer(
    inputs: TrainingInputs, candidate: str
) -> Callable[[Parameters, Fold], pd.DataFrame]:
    """How ``candidate`` is fitted and scored on a fold with given parameters.

    The scores are not calibrated, which saves three of four fits: a rising line changes no ranking,
    so judge them with metrics of ranking only.
    """
    no_rows = (np.empty((0, len(members_of((candidate,))))), np.empty(0))

    def fit_and_score(parameters: Parameters, fold: Fold) -> pd.DataFrame:
        training = inputs.settings.training.model_copy(update={"parameters": dict(parameters)})
        models = train_candidates(
            [candidate],
            inputs.matrix.take(fold.train_positions),
            catalogue=inputs.catalogue,
            settings=inputs.settings.model_copy(update={"training": training}),
            scorecard=inputs.scorecard,
            calibration=no_rows,
        )
        log_odds = models[candidate].log_odds(inputs.matrix.take(fold.test_positions))
        return pd.DataFrame({"fold": fold.label, candidate: log_odds}, index=fold.test_positions)

    return fit_and_score
