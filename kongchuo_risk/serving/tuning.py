"""``kongchuo tune``: whether any parameters do better on later terms than the defaults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, roc_auc_score

from kongchuo_risk import __version__, pipeline
from kongchuo_risk.contracts.features import load_features
from kongchuo_risk.contracts.scorecards import load_scorecards
from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.domain.progress import Progress, silent
from kongchuo_risk.errors import NotReadyError, SettingsError
from kongchuo_risk.evaluation.evaluation import METRIC_TITLES
from kongchuo_risk.serving.runs import Outcome
from kongchuo_risk.tables import load_records
from kongchuo_risk.training.candidates import LEARNED, learned_features
from kongchuo_risk.training.derived import DERIVED
from kongchuo_risk.training.fingerprint import fingerprint
from kongchuo_risk.training.forward import TrainingInputs
from kongchuo_risk.training.search_space import Parameters, candidate_scorer, searchable
from kongchuo_risk.training.splits import forward_folds, why_no_folds
from kongchuo_risk.training.tuning import Budget, Objective, Tuning, study_key
from kongchuo_risk.training.tuning import tune as search
from kongchuo_risk.workspace import Workspace

STORAGE = "tuning.db"
"""Every trial ever made in a workspace."""
RANKING_METRICS: dict[str, Callable[..., float]] = {
    "average_precision": average_precision_score,
    "roc_auc": roc_auc_score,
}
"""What may be searched for. At capacity a pupil more or less decides, which is too coarse to tell
settings apart that differ little."""
_HEADS = {"default": "默认参数", "best": "最好的一组", "gain": "多出"}


@dataclass(frozen=True)
class Searched(Outcome):
    """What a search found, a row per test term."""

    table: pd.DataFrame


def tune(
    workspace: Workspace,
    *,
    trials: int = 30,
    minutes: float = 30.0,
    metric: str = "average_precision",
    progress: Progress = silent,
) -> Searched:
    """Search better parameters for the champion of the settings, forward in time.

    The same call on the same data goes on where the last one stopped. Nothing is changed: the text
    says what to write into the settings.

    Parameters
    ----------
    trials, minutes
        As :class:`Budget` has them.
    metric : str
        One of :data:`RANKING_METRICS`.

    Raises
    ------
    NotReadyError
        When Optuna is not installed or the history is too short.
    ModelError
        When the champion has no parameters, such as the scorecard.
    SettingsError
        When ``metric`` is none of :data:`RANKING_METRICS`.
    """
    if metric not in RANKING_METRICS:
        raise SettingsError(f"指标 {metric} 不可用；可选：{'、'.join(RANKING_METRICS)}")
    settings, records = workspace.settings(), load_records(workspace, history=True)
    inputs = TrainingInputs(
        matrix=pipeline.training_matrix(records, settings, progress=progress),
        catalogue=load_features(settings.data_schema),
        scorecard=load_scorecards(settings.data_schema),
        settings=settings,
    )
    found = search_parameters(
        inputs,
        workspace.root / STORAGE,
        metric=metric,
        budget=Budget(trials, minutes),
        progress=progress,
    )
    table = found.by_fold.set_index("fold").rename(columns=_HEADS)
    return Searched(told(found, metric), _values(found, metric), table.map("{:.3f}".format))


def search_parameters(
    inputs: TrainingInputs,
    storage: Path,
    *,
    metric: str = "average_precision",
    budget: Budget | None = None,
    progress: Progress = silent,
) -> Tuning:
    """Search the parameters of the settings' champion on the forward folds of a matrix.

    Of a champion that is made of others, those of its learned part.

    Raises
    ------
    NotReadyError
        When the history is too short, or Optuna is not installed.
    """
    settings, matrix = inputs.settings, inputs.matrix
    candidate = searched_candidate(settings.training.champion)
    folds = forward_folds(matrix)
    if not folds:
        raise NotReadyError(why_no_folds(matrix))
    space, default = searchable(candidate)
    in_use = {**default, **settings.training.parameters}
    features = learned_features(matrix, inputs.catalogue, settings)
    study = study_key(
        fingerprint(matrix), candidate, metric, features, [fold.label for fold in folds], space,
        default, settings.seed, __version__,
    )  # fmt: skip
    return search(
        candidate_scorer(inputs, candidate),
        folds,
        ranking_objective(matrix, candidate, metric),
        space=space,
        default=default,
        also_try=[in_use] if all(span.holds(in_use[name]) for name, span in space.items()) else [],
        storage=storage,
        study=study,
        budget=budget,
        seed=settings.seed,
        progress=progress,
    )


def searched_candidate(champion: str) -> str:
    """The learner whose parameters are searched: of a candidate made of others, its blend.

    >>> searched_candidate("anchored"), searched_candidate("logistic")
    ('blend', 'logistic')
    """
    return next((part for part in DERIVED.get(champion, ()) if part in LEARNED), champion)


def told(found: Tuning, metric: str) -> str:
    """What was found, in Chinese, with the lines for ``kongchuo.toml`` when they are worth it."""
    lead = (
        f"试了 {found.tried} 组参数（{found.stopped_early} 组明显不如、提前放弃），"
        f"在 {len(found.by_fold)} 个学期上向前检验{METRIC_TITLES[metric]}："
    )
    if found.gain <= 0:
        return f"{lead}没有比默认参数（{found.default_value:.3f}）更好的，建议保留默认参数。"
    gain = (
        f"最好的一组平均 {found.best_value:.3f}，默认参数 {found.default_value:.3f}，"
        f"多 {found.gain:.3f}"
    )
    if found.worthwhile:
        return (
            f"{lead}{gain}，超出学期之间的波动（±{found.noise:.3f}）；"
            f"只看更早学期来挑选也平均多 {found.forward_gain:.3f}。"
            f"建议在 kongchuo.toml 写入：\n{_toml(found.best)}"
        )
    return f"{lead}{gain}，但{_doubt(found)}，建议保留默认参数。"


def ranking_objective(matrix: FeatureMatrix, candidate: str, metric: str) -> Objective:
    """``metric`` of the scores of one fold against the outcomes of ``matrix``."""
    measure = RANKING_METRICS[metric]

    def objective(scores: pd.DataFrame) -> float:
        outcome = np.asarray(matrix.y)[scores.index.to_numpy()]
        return float(measure(outcome, scores[candidate].to_numpy()))

    return objective


def _doubt(found: Tuning) -> str:
    if len(found.by_fold) < 2:
        return "只有一个学期可检验，看不出波动"
    if found.gain <= found.noise:
        return f"没有超出学期之间的波动（±{found.noise:.3f}）"
    return f"只看更早学期来挑选时平均 {found.forward_gain:+.3f}，换一个学期未必成立"


def _toml(parameters: Parameters) -> str:
    lines = [
        f"{name} = {value}" if isinstance(value, int) else f"{name} = {value:.4g}"
        for name, value in parameters.items()
    ]
    return "\n".join(["[training.parameters]", *lines])


def _values(found: Tuning, metric: str) -> dict[str, Any]:
    return {
        "metric": metric,
        "tried": found.tried,
        "stopped_early": found.stopped_early,
        "default": dict(found.default),
        "best": dict(found.best),
        "recommended": dict(found.recommended),
        "worthwhile": found.worthwhile,
        "default_value": found.default_value,
        "best_value": found.best_value,
        # JSON knows no infinity: with a single term there is neither.
        "noise": found.noise if np.isfinite(found.noise) else None,
        "forward_gain": found.forward_gain if np.isfinite(found.forward_gain) else None,
        "by_fold": found.by_fold.to_dict(orient="records"),
    }
