"""Are the reasons of the ranking model stable and faithful, for the pupils on the list."""

from __future__ import annotations

import numpy as np

from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.domain.model import RiskModel
from kongchuo_risk.domain.progress import Progress, silent
from kongchuo_risk.evaluation.listing import Capacity, list_sizes, listed_share
from kongchuo_risk.explanation import ReasonQuality, reason_quality
from kongchuo_risk.training.forward import TrainingInputs
from kongchuo_risk.training.refits import REFITS, refit_on_resamples

MOST_PUPILS = 400
"""Pupils examined at most, the highest risks of the lists."""


def judge_reasons(
    inputs: TrainingInputs,
    model: RiskModel,
    *,
    capacity: Capacity,
    refits: int = REFITS,
    progress: Progress = silent,
) -> ReasonQuality:
    """Quality of the reasons that ``model`` gives the listed pupils of the last day.

    Parameters
    ----------
    model : RiskModel
        The model that ranks the list, fitted on everything that is known.
    refits : int
        Refits on resamples; none are made of a model whose reasons are given by rule.
    """
    day = inputs.matrix.rows["as_of"]
    today = inputs.matrix.take((day == day.max()).to_numpy())
    return reason_quality(
        model,
        refit_on_resamples(inputs, model, refits=refits, progress=progress),
        today,
        inputs.catalogue,
        schema=load_schema(inputs.settings.data_schema),
        only=listed(model, today, capacity),
        seed=inputs.settings.seed,
    )


def listed(model: RiskModel, day: FeatureMatrix, capacity: Capacity) -> np.ndarray:
    """Mask of the pupils who are sure of a place, at most :data:`MOST_PUPILS`."""
    log_odds = model.log_odds(day)
    sure = listed_share(log_odds, day.rows, list_sizes(day.rows, capacity)) >= 1
    if sure.sum() > MOST_PUPILS:
        sure &= log_odds >= np.sort(log_odds[sure])[-MOST_PUPILS]
    return np.asarray(sure)
