"""Candidates that are made of others: the blend held to the scorecard, and school effects on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.domain.model import RiskModel
from kongchuo_risk.training.anchoring import AnchoredModel, fit_anchored, known_events
from kongchuo_risk.training.calibration import fit_line
from kongchuo_risk.training.pooling import PooledModel, fit_pooled

BLEND, SCORECARD = "blend", "scorecard"
ANCHORED, POOLED = "anchored", "pooled"
DERIVED = {ANCHORED: (BLEND, SCORECARD), POOLED: (BLEND, SCORECARD)}
"""Candidates made of others, and of which."""


@dataclass(frozen=True)
class PastScores:
    """What earlier forward folds gave to rows whose outcome was known in time.

    Attributes
    ----------
    rows : DataFrame of shape (n, …)
        Rows of the matrix.
    log_odds : DataFrame of shape (n, n_candidates)
        Calibrated scores by candidate, :data:`BLEND` and :data:`SCORECARD` among them.
    y : 0/1 array of shape (n,)
    """

    rows: pd.DataFrame
    log_odds: pd.DataFrame
    y: np.ndarray


def derive(
    names: Sequence[str],
    models: Mapping[str, RiskModel],
    known: FeatureMatrix,
    past: PastScores | None = None,
) -> dict[str, RiskModel]:
    """The candidates of ``names`` that are made of others.

    Parameters
    ----------
    models : mapping of name to model
        Those that :data:`DERIVED` names, trained on ``known``.
    past : PastScores, optional
        Without them nothing is recalibrated and no school has an effect.
    """
    wanted = [name for name in names if name in DERIVED]
    if not wanted:
        return {}
    scores = None if past is None else _pair(past)
    anchored = fit_anchored(
        ANCHORED,
        models[BLEND],
        models[SCORECARD],
        events=known_events(known),
        log_odds=scores,
        y=None if past is None else past.y,
    )
    made: dict[str, RiskModel] = {ANCHORED: anchored}
    if POOLED in wanted:
        made[POOLED] = (
            PooledModel(POOLED, anchored, {}, 0.0)
            if past is None or scores is None
            else fit_pooled(POOLED, anchored, past.rows, anchored.combined(*scores), past.y)
        )
    return {name: made[name] for name in wanted}


def with_parts(names: Sequence[str]) -> tuple[str, ...]:
    """``names`` and, before each, the candidates that it is made of.

    >>> with_parts(["school_only", "anchored"])
    ('school_only', 'blend', 'scorecard', 'anchored')
    """
    return tuple(dict.fromkeys(part for name in names for part in (*DERIVED.get(name, ()), name)))


def derived_log_odds(
    model: RiskModel, given: Mapping[str, np.ndarray], rows: pd.DataFrame
) -> np.ndarray:
    """Log-odds of ``model`` from those that its parts have given already, by their names."""
    if isinstance(model, PooledModel):
        return model.shifted(derived_log_odds(model.base, given, rows), rows)
    if isinstance(model, AnchoredModel):
        return model.combined(given[model.learned.name], given[model.anchor.name])
    return given[model.name]


def _pair(past: PastScores) -> tuple[np.ndarray, np.ndarray]:
    """Past scores of blend and scorecard as the final models give theirs.

    The final models' lines are fitted on these very rows; a mixture of the scores as they were
    given at the time would correct the same error a second time.
    """
    blend, card = (past.log_odds[name].to_numpy(dtype=float) for name in (BLEND, SCORECARD))
    if not 0 < past.y.sum() < len(past.y):
        return blend, card
    return fit_line(blend, past.y).apply(blend), fit_line(card, past.y).apply(card)
