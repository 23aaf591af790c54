"""What predicts best whether refits tell a reason again, and the time to judge reasons."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from benchmarks._synthetic_county import peak_mb, synthetic_county
from kongchuo_risk.contracts.features import load_features
from kongchuo_risk.contracts.scorecards import load_scorecards
from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.domain.model import RiskModel
from kongchuo_risk.explanation.noise import MIN_CONTRIBUTION, fit_noise
from kongchuo_risk.explanation.stability import reason_stability
from kongchuo_risk.review import judge_reasons
from kongchuo_risk.review.reasons import listed
from kongchuo_risk.settings import Settings
from kongchuo_risk.training.candidates import train_candidates, trainable
from kongchuo_risk.training.forward import TrainingInputs
from kongchuo_risk.training.refits import refit_on_resamples

PLACES = 0.1
"""Share of every school that is listed."""
SEED = 20_240_901

Told = pd.DataFrame
"""``contribution, group, strayed, seen`` (share of the refits used) and ``truth`` (of others)."""


def run(quick: bool) -> list[dict[str, Any]]:
    """Mean error of the predicted share of a dozen other refits; theirs are other designs."""
    name, others, days = ("lightgbm", 4, 1) if quick else ("blend", 12, 3)
    matrix = synthetic_county("学区", SEED, days_per_term=days).matrix
    inputs = TrainingInputs(matrix, load_features(), load_scorecards(), Settings(seed=SEED))
    model = train_candidates(
        [name],
        matrix.take(trainable(matrix)),
        catalogue=inputs.catalogue,
        settings=inputs.settings,
        scorecard=inputs.scorecard,
    )[name]
    began = time.perf_counter()
    judge_reasons(inputs, model, capacity=PLACES)
    seconds = time.perf_counter() - began
    told = _told(inputs, model, others)
    ours = _error(told, _noise)
    designs = {
        "the refits themselves, kept": _error(told, lambda part, rest: part["seen"].to_numpy()),
        "mean share of the group": _error(told, _group_mean),
        "curve over the size": _error(told, _curve),
    }
    rows = [
        _row(f"noise of the group / {design}", ours, theirs, "mean error of a share", len(told))
        for design, theirs in designs.items()
    ]
    return [*rows, _row("judging reasons, 6 refits", seconds, None, "s", len(matrix))]


def _told(inputs: TrainingInputs, model: RiskModel, others: int) -> Told:
    """Reasons with the shares of the refits that are used and of others, drawn with other seeds."""
    day = inputs.matrix.rows["as_of"]
    today = inputs.matrix.take((day == day.max()).to_numpy())
    only = listed(model, today, PLACES)
    elsewhere = replace(inputs, settings=inputs.settings.model_copy(update={"seed": SEED + 1}))
    seen, truth = (
        _shares(model, refits, today, only)
        for refits in (
            refit_on_resamples(inputs, model),
            refit_on_resamples(elsewhere, model, refits=others),
        )
    )
    return seen.rename(columns={"retold": "seen"}).assign(truth=truth["retold"])


def _shares(
    model: RiskModel, refits: tuple[RiskModel, ...], day: FeatureMatrix, only: np.ndarray
) -> pd.DataFrame:
    return reason_stability(
        model, refits, day, load_features(), schema=load_schema(), only=only
    ).told


def _error(told: Told, predict: Callable[[Told, Told], np.ndarray]) -> float:
    """Each half of the pupils is predicted from the other half."""
    half = (told["pupil"] % 2 == 0).to_numpy()
    errors = [
        np.abs(predict(told[part], told[~part]) - told.loc[part, "truth"].to_numpy())
        for part in (half, ~half)
    ]
    return float(np.concatenate(errors).mean())


def _noise(part: Told, rest: Told) -> np.ndarray:
    noise = fit_noise(rest)
    pairs = zip(part["group"], part["contribution"], strict=True)
    return np.array([noise.share(group, size) for group, size in pairs])


def _group_mean(part: Told, rest: Told) -> np.ndarray:
    means = rest.groupby("group")["seen"].mean()
    return part["group"].map(means).fillna(rest["seen"].mean()).to_numpy()


def _curve(part: Told, rest: Told) -> np.ndarray:
    """A logistic line of the share over the log of the size, the same for every group."""
    design, wanted = (
        np.column_stack([np.ones(len(t)), np.log(t["contribution"] / MIN_CONTRIBUTION)])
        for t in (rest, part)
    )
    theta = np.zeros(2)
    for _ in range(60):
        p = expit(design @ theta)
        bend = (design * (p * (1 - p))[:, None]).T @ design + 1e-6 * np.eye(2)
        step = np.linalg.solve(bend, design.T @ (rest["seen"].to_numpy() - p))
        theta += step / max(1.0, np.abs(step).max())
    return np.asarray(expit(wanted @ theta))


def _row(name: str, ours: float, theirs: float | None, unit: str, rows: int) -> dict[str, Any]:
    return {
        "name": name,
        "ours": ours,
        "theirs": theirs,
        "ratio": None if theirs is None else theirs / ours,
        "unit": unit,
        "peak_mb": peak_mb(),
        "rows": rows,
    }
