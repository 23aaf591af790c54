"""The candidates, always trained beside each other on the same rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

import numpy as np

from kongchuo_risk.contracts.features import FeatureCatalogue
from kongchuo_risk.contracts.scorecards import Scorecards
from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.domain.model import RiskModel
from kongchuo_risk.errors import NotReadyError, SettingsError
from kongchuo_risk.settings import Settings
from kongchuo_risk.training.derived import DERIVED, PastScores, derive, with_parts
from kongchuo_risk.training.estimators import DropoutRiskClassifier
from kongchuo_risk.training.learned import LearnedModel
from kongchuo_risk.training.member import Shape
from kongchuo_risk.training.members import MEMBERS
from kongchuo_risk.training.points import points_model
from kongchuo_risk.training.rates import fit_rates

LEARNED: Mapping[str, tuple[str, ...]] = {
    "logistic": ("logistic",), "lightgbm": ("lightgbm",), "blend": MEMBERS,
}  # fmt: skip
"""Candidates that learn weights, and the members of each."""
POINTS = ("scorecard", "abc_rules")
CANDIDATES = ("school_only", *POINTS, *LEARNED, *DERIVED)
MIN_POSITIVES = 10
"""Fewer events than this teach nothing; the scorecard ranks then."""
MOST_NEGATIVES = 100.0
"""Calm rows per event that learners see; more of them cost time and teach nothing."""


def train_candidate(
    name: str,
    matrix: FeatureMatrix,
    *,
    catalogue: FeatureCatalogue,
    settings: Settings,
    scorecard: Scorecards,
) -> RiskModel:
    """Train one candidate on the labelled rows of ``matrix``.

    Raises
    ------
    NotReadyError
        When a learner has too few known outcomes; the points candidates need none.
    SettingsError
        When no candidate is called ``name``.
    """
    return train_candidates(
        [name], matrix, catalogue=catalogue, settings=settings, scorecard=scorecard
    )[name]


def train_candidates(
    names: Sequence[str],
    matrix: FeatureMatrix,
    *,
    catalogue: FeatureCatalogue,
    settings: Settings,
    scorecard: Scorecards,
    calibration: tuple[np.ndarray, np.ndarray] | None = None,
    past: PastScores | None = None,
) -> dict[str, RiskModel]:
    """Train several candidates; those that learn share the fit of their members.

    Parameters
    ----------
    calibration : (member log-odds, outcomes), optional
        Rows of earlier forward folds for the calibration line, in the order of
        :func:`members_of`; without them the line is fitted on folds of classes.
    past : PastScores, optional
        Scores of earlier forward folds, for the candidates that are made of others.
    """
    unknown = [name for name in names if name not in CANDIDATES]
    if unknown:
        raise SettingsError(
            f"没有名为 {'、'.join(unknown)} 的候选模型；可选：{'、'.join(CANDIDATES)}"
        )
    models: dict[str, RiskModel] = {}
    parts = [name for name in with_parts(names) if name not in DERIVED]
    learned = [name for name in parts if name in LEARNED]
    if learned:
        whole = _fit(members_of(parts), matrix, catalogue, settings, calibration)
        models |= {name: LearnedModel(name, whole.restricted(LEARNED[name])) for name in learned}
    for name in parts:
        if name in POINTS:
            models[name] = points_model(name, scorecard.cards[name], matrix)
        elif name == "school_only":
            models[name] = fit_rates(name, matrix)
    models |= derive(names, models, matrix, past)
    return {name: models[name] for name in names}


def members_of(names: Sequence[str]) -> tuple[str, ...]:
    """Members that the candidates ``names`` need together.

    >>> members_of(["logistic", "scorecard"])
    ('logistic',)
    """
    needed = {member for name in names for member in LEARNED.get(name, ())}
    return tuple(member for member in MEMBERS if member in needed)


def learned_features(
    matrix: FeatureMatrix, catalogue: FeatureCatalogue, settings: Settings
) -> list[str]:
    """Catalogue ids that a learner may see: fit to learn from, not excluded, not only audited."""
    barred = catalogue.made_of(settings.features.audit_only) | set(settings.features.excluded)
    return [
        feature.id
        for feature in catalogue.features
        if feature.learned and feature.id in matrix.X and feature.id not in barred
    ]


def trainable(matrix: FeatureMatrix) -> np.ndarray:
    """Mask of labelled rows whose day is over for their school and grade.

    While a horizon is still open only its events are known, no one who stayed; such rows would
    teach that everybody leaves. Horizons end at different times: a final grade's with the term, and
    a school's never when its records stop before.
    """
    labelled = matrix.labelled
    if matrix.y is None:
        return labelled
    rows = matrix.rows.assign(stayed=matrix.y == 0)
    together = rows.groupby(["as_of", "school_code", "grade"], observed=True)
    return labelled & together["stayed"].transform("any").to_numpy()


def _fit(
    members: Sequence[str],
    matrix: FeatureMatrix,
    catalogue: FeatureCatalogue,
    settings: Settings,
    calibration: tuple[np.ndarray, np.ndarray] | None,
) -> DropoutRiskClassifier:
    known = matrix.take(trainable(matrix))
    if known.y is None or min(known.y.sum(), (known.y == 0).sum()) < MIN_POSITIVES:
        events = 0 if known.y is None else int(known.y.sum())
        raise NotReadyError(
            f"已知结果的记录中只有 {events} 例疑似辍学（至少需要 {MIN_POSITIVES} 例），"
            "还不能训练；名单先由评分卡排序。"
        )
    names = learned_features(known, catalogue, settings)
    directions = {name: catalogue.by_id[name].direction for name in names}
    model = DropoutRiskClassifier(
        members=members,
        monotone=directions,
        calibration_folds=2 if calibration is None else 0,
        most_negatives=MOST_NEGATIVES,
        n_jobs=settings.training.threads,
        random_state=settings.seed % 2**31,
    )
    _set_parameters(model, settings.training.parameters)
    model.fit(known.X[names], known.y.astype(int), groups=known.rows["class_id"].astype("str"))
    if calibration is not None:
        model.out_of_fold_, model.out_of_fold_target_ = calibration
    return model


def _set_parameters(model: DropoutRiskClassifier, parameters: Mapping[str, float | int]) -> None:
    known = [field.name for field in fields(Shape)]
    unknown = [name for name in parameters if name not in known]
    if unknown:
        raise SettingsError(
            f"设置 training.parameters 中没有 {'、'.join(unknown)} 这样的参数；"
            f"可用：{'、'.join(known)}"
        )
    model.set_params(**parameters)
