"""The ranking model fitted again on resamples of classes: other models it might have become."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.domain.model import RiskModel
from kongchuo_risk.domain.progress import Progress, silent
from kongchuo_risk.training.anchoring import AnchoredModel
from kongchuo_risk.training.candidates import members_of, train_candidates, trainable
from kongchuo_risk.training.forward import TrainingInputs
from kongchuo_risk.training.learned import LearnedModel
from kongchuo_risk.training.pooling import PooledModel

REFITS = 6
"""From 3 to 8 refits the error of the expected share falls by 0.01 only."""
CALM_PER_EVENT = 10
"""Calm rows kept per event: half the time of 100, and as good a prediction of their reasons."""


def refit_on_resamples(
    inputs: TrainingInputs, model: RiskModel, *, refits: int = REFITS, progress: Progress = silent
) -> tuple[RiskModel, ...]:
    """Models of the same candidate, each fitted on a bootstrap resample of whole classes.

    Their contributions are on the calibration line of ``model``, so that they can be compared with
    its own; the base, which thinning shifts, cannot.

    Parameters
    ----------
    model : RiskModel
        The model whose reasons are to be examined; of one that is made of others, the part that
        learns is fitted again. One that learns no weights, such as the scorecard, has no refits:
        its reasons are given by rule.

    Returns
    -------
    tuple of RiskModel
        Empty for a model that learns no weights.

    Raises
    ------
    NotReadyError
        When a resample has too few events to learn from.
    """
    learned = _learned_part(model)
    if learned is None:
        return ()
    known = inputs.matrix.take(trainable(inputs.matrix))
    # The resample has members of its own seed: how trees draw columns is part of what may vary.
    seeds = np.random.SeedSequence(inputs.settings.seed).generate_state(refits)
    models = []
    for done, seed in enumerate(seeds):
        progress(done, refits, "重抽样再训练，检查理由是否稳定")
        refit = _refit(inputs, learned, resample(known, int(seed)), int(seed))
        models.append(_with_part(model, refit))
    return tuple(models)


def _learned_part(model: RiskModel) -> LearnedModel | None:
    if isinstance(model, AnchoredModel):
        return _learned_part(model.learned)
    if isinstance(model, PooledModel):
        return _learned_part(model.base)
    return model if isinstance(model, LearnedModel) else None


def _with_part(model: RiskModel, refit: LearnedModel) -> RiskModel:
    if isinstance(model, AnchoredModel):
        return replace(model, learned=_with_part(model.learned, refit))
    if isinstance(model, PooledModel):
        return replace(model, base=_with_part(model.base, refit))
    return refit


def resample(known: FeatureMatrix, seed: int) -> FeatureMatrix:
    """As many classes as there are, drawn with replacement.

    The schools stay: the list is made for the schools that are learned from, and what chance
    decided is who was in their classes. All events of a drawn class are kept, and at most
    :data:`CALM_PER_EVENT` calm rows for each event.
    """
    rng = np.random.default_rng(seed)
    code, names = pd.factorize(known.rows["class_id"].astype("str"))
    times = np.bincount(rng.integers(0, len(names), len(names)), minlength=len(names))
    drawn = np.repeat(np.arange(len(known)), times[code])
    happened = np.asarray(known.y)[drawn] > 0
    calm = drawn[~happened]
    most = min(len(calm), CALM_PER_EVENT * int(happened.sum()))
    kept = np.concatenate([drawn[happened], rng.choice(calm, most, replace=False)])
    return known.take(np.sort(kept))


def _refit(
    inputs: TrainingInputs, model: LearnedModel, rows: FeatureMatrix, seed: int
) -> LearnedModel:
    no_line = (np.empty((0, len(members_of((model.name,))))), np.empty(0))
    refit = train_candidates(
        [model.name],
        rows,
        catalogue=inputs.catalogue,
        settings=inputs.settings.model_copy(update={"seed": seed}),
        scorecard=inputs.scorecard,
        calibration=no_line,
    )[model.name]
    assert isinstance(refit, LearnedModel)
    refit.estimator.calibration_ = model.estimator.calibration_
    return refit
