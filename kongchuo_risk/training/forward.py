"""Every candidate on the same forward folds, then fitted on everything that is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.features import FeatureCatalogue
from kongchuo_risk.contracts.scorecards import Scorecards
from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.domain.model import RiskModel
from kongchuo_risk.domain.progress import Progress, silent
from kongchuo_risk.settings import Settings
from kongchuo_risk.training.candidates import POINTS, members_of, train_candidates, trainable
from kongchuo_risk.training.derived import (
    DERIVED,
    PastScores,
    derived_log_odds,
    with_parts,
)
from kongchuo_risk.training.learned import LearnedModel
from kongchuo_risk.training.splits import Fold, forward_folds, why_no_folds


@dataclass(frozen=True)
class TrainingInputs:
    """What training reads: rows, catalogue, cards, settings."""

    matrix: FeatureMatrix
    catalogue: FeatureCatalogue
    scorecard: Scorecards
    settings: Settings


@dataclass(frozen=True)
class ForwardScores:
    """Scores that every candidate gave to terms it had not seen.

    Attributes
    ----------
    folds : tuple of Fold
    scores : DataFrame
        Index: position in the matrix. Columns: ``fold`` (test term), then the calibrated log-odds
        of each candidate.
    member_log_odds : float array of shape (len(scores), n_members)
        Raw scores from which the next calibration line is fitted.
    note : str
        Why there are no folds; empty when there are some.
    """

    folds: tuple[Fold, ...]
    scores: pd.DataFrame
    member_log_odds: np.ndarray
    note: str = ""


def validate_forward(inputs: TrainingInputs, *, progress: Progress = silent) -> ForwardScores:
    """Train all candidates on each fold and score its test term.

    The calibration line of a fold is fitted on the scores of the folds before it, and of these on
    the rows whose outcome was known by then, so that calibration too is always forward in time.
    """
    names = with_parts(inputs.settings.training.candidates)
    window = inputs.settings.training
    folds = tuple(
        forward_folds(inputs.matrix, window=window.window, window_terms=window.window_terms)
    )
    parts: list[pd.DataFrame] = []
    raw: list[np.ndarray] = []
    for done, fold in enumerate(folds):
        progress(done, len(folds), f"向前检验 {fold.label}")
        calibration = _calibration(inputs.matrix, parts, raw, known=fold.train_positions)
        past = _past(inputs.matrix, parts, known=fold.train_positions)
        models = _train(inputs, fold.train_positions, names, calibration, past)
        test = inputs.matrix.take(fold.test_positions)
        scores, members = _scores(models, test, fold)
        parts.append(scores)
        raw.append(members)
    if not folds:
        empty = pd.DataFrame(columns=["fold", *names])
        return ForwardScores((), empty, np.empty((0, 0)), why_no_folds(inputs.matrix))
    return ForwardScores(folds, pd.concat(parts), np.concatenate(raw))


def train_final(
    inputs: TrainingInputs, forward: ForwardScores, *, progress: Progress = silent
) -> dict[str, RiskModel]:
    """Every candidate fitted on all that is known, calibrated on the forward scores.

    Without folds only the cards are returned: nothing that learns could be checked.
    """
    names = with_parts(inputs.settings.training.candidates)
    if not forward.folds:
        names = tuple(name for name in names if name in POINTS)
    # The scorecard ranks whenever the gate refuses, whether or not it was asked for.
    names = tuple(dict.fromkeys((*names, "scorecard")))
    progress(0, None, "用全部已知结果训练")
    known = np.flatnonzero(trainable(inputs.matrix))
    calibration = _calibration(
        inputs.matrix, [forward.scores], [forward.member_log_odds], known=known
    )
    past = _past(inputs.matrix, [forward.scores], known=known)
    return _train(inputs, known, names, calibration, past)


def random_split_scores(inputs: TrainingInputs, forward: ForwardScores, name: str) -> pd.DataFrame:
    """Scores of ``name`` under a careless random split of the same rows.

    Returns
    -------
    DataFrame
        As :attr:`ForwardScores.scores`, one candidate: a quarter of the rows at random, learned
        from the rest. Only to show by how much such a split flatters.
    """
    known = np.flatnonzero(trainable(inputs.matrix))
    held_out = np.random.default_rng(inputs.settings.seed).random(len(known)) < 0.25
    fold = Fold(known[~held_out], known[held_out], "random")
    # Uncalibrated: ranking is what is compared, and it does not change with the line.
    names = with_parts((name,))
    calibration = (np.empty((0, len(members_of(names)))), np.empty(0))
    models = _train(inputs, fold.train_positions, names, calibration)
    scores = _scores(models, inputs.matrix.take(fold.test_positions), fold)[0]
    return scores[["fold", name]]


def _train(
    inputs: TrainingInputs,
    positions: np.ndarray,
    names: tuple[str, ...],
    calibration: tuple[np.ndarray, np.ndarray] | None,
    past: PastScores | None = None,
) -> dict[str, RiskModel]:
    return train_candidates(
        names,
        inputs.matrix.take(positions),
        catalogue=inputs.catalogue,
        settings=inputs.settings,
        scorecard=inputs.scorecard,
        calibration=calibration,
        past=past,
    )


def _past(
    matrix: FeatureMatrix, parts: list[pd.DataFrame], *, known: np.ndarray
) -> PastScores | None:
    """Forward scores of the rows that are among the ``known`` positions."""
    if not parts or matrix.y is None:
        return None
    scores = pd.concat(parts)
    scores = scores[np.isin(scores.index, known)]
    positions = scores.index.to_numpy(dtype=np.intp)
    return (
        PastScores(matrix.rows.iloc[positions], scores, matrix.y[positions])
        if len(scores)
        else None
    )


def _calibration(
    matrix: FeatureMatrix,
    parts: list[pd.DataFrame],
    raw: list[np.ndarray],
    *,
    known: np.ndarray,
) -> tuple[np.ndarray, np.ndarray] | None:
    """Member log-odds and outcomes of the scored rows that are among the ``known`` positions."""
    if not parts or matrix.y is None:
        return None
    positions = np.concatenate([part.index.to_numpy() for part in parts]).astype(np.intp)
    use = np.isin(positions, known)
    return (np.concatenate(raw)[use], matrix.y[positions[use]]) if use.any() else None


def _scores(
    models: dict[str, RiskModel], test: FeatureMatrix, fold: Fold
) -> tuple[pd.DataFrame, np.ndarray]:
    """Log-odds of each candidate, and raw log-odds of the members that the learners share."""
    raw = _member_log_odds(models, test)
    log_odds: dict[str, np.ndarray] = {}
    for name, model in models.items():
        if isinstance(model, LearnedModel):
            log_odds[name] = _combined(model, raw)
        elif name in DERIVED:
            log_odds[name] = derived_log_odds(model, log_odds, test.rows)
        else:
            log_odds[name] = model.log_odds(test)
    scores = pd.DataFrame(log_odds, index=fold.test_positions)
    scores.insert(0, "fold", fold.label)
    ordered = [raw[name] for name in members_of(tuple(models))]
    return scores, np.column_stack(ordered) if ordered else np.empty((len(test), 0))


def _member_log_odds(models: dict[str, RiskModel], test: FeatureMatrix) -> dict[str, np.ndarray]:
    """Each member scores once, however many candidates it belongs to."""
    raw: dict[str, np.ndarray] = {}
    for model in models.values():
        if isinstance(model, LearnedModel) and not set(model.estimator.members_) <= set(raw):
            columns = model.estimator.member_log_odds(test.X[list(model.features)])
            raw |= dict(zip(model.estimator.members_, columns.T, strict=True))
    return raw


def _combined(model: LearnedModel, raw: dict[str, np.ndarray]) -> np.ndarray:
    mean = np.mean([raw[name] for name in model.estimator.members_], axis=0)
    return model.estimator.calibration_.apply(mean)
