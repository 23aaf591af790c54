"""From records to judged candidates: features, forward folds, final fits, audition, gate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.features import load_features
from kongchuo_risk.contracts.gates import load_gate
from kongchuo_risk.contracts.profiles import Profile, load_profile
from kongchuo_risk.contracts.scorecards import load_scorecards
from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.domain.model import RiskModel
from kongchuo_risk.domain.progress import Progress, silent
from kongchuo_risk.domain.records import Records, latest_by_student
from kongchuo_risk.errors import NotReadyError
from kongchuo_risk.evaluation import (
    Evaluation,
    evaluate,
)
from kongchuo_risk.evaluation.audition import Audition, audition, brought_forward
from kongchuo_risk.evaluation.gate import LAST_CHAMPION
from kongchuo_risk.features import build_matrix, training_days
from kongchuo_risk.planning import (
    capacity_by_school,
)
from kongchuo_risk.settings import Settings
from kongchuo_risk.training.candidates import LEARNED, trainable
from kongchuo_risk.training.derived import DERIVED
from kongchuo_risk.training.forward import (
    ForwardScores,
    TrainingInputs,
    random_split_scores,
    train_final,
    validate_forward,
)


def profile_of(settings: Settings) -> Profile:
    """County rules that the settings name."""
    return load_profile(settings.profile, settings.data_schema)


@dataclass(frozen=True)
class LastChampion:
    """The model that ranked before this training, and the last day that it learned from."""

    model: RiskModel
    learned_until: date


@dataclass(frozen=True)
class Judged:
    """A training: every candidate, how they did forward in time, and which one ranks the list.

    Attributes
    ----------
    capacity : dict of school code to places
    audition : Audition
        What each rule of choosing among the candidates would have cost on the next term.
    """

    inputs: TrainingInputs
    capacity: dict[str, int]
    forward: ForwardScores
    models: dict[str, RiskModel]
    evaluation: Evaluation
    audition: Audition

    @property
    def matrix(self) -> FeatureMatrix:
        return self.inputs.matrix

    @property
    def ranking(self) -> RiskModel:
        """The model that ranks the list: the champion when the gate admits it."""
        return self.models[self.evaluation.verdict.ranks]

    @property
    def refused(self) -> RiskModel | None:
        """The candidate that the gate refused, if any."""
        champion = self.evaluation.champion
        return None if self.evaluation.verdict.ranks == champion else self.models.get(champion)

    @property
    def learned_until(self) -> date:
        """The last day whose rows were learned from."""
        day: pd.Timestamp = self.matrix.rows.loc[trainable(self.matrix), "as_of"].max()
        return day.date()


def training_matrix(
    records: Records, settings: Settings, *, progress: Progress = silent
) -> FeatureMatrix:
    """Features and outcomes of all training days.

    Raises
    ------
    NotReadyError
        When the records give no day to learn from.
    """
    days = training_days(records, settings.training.snapshots_per_term)
    if not days:
        raise NotReadyError("没有可用于训练的日期：请先导入校历或点名表，至少覆盖一个学期。")
    return build_matrix(
        records,
        days,
        profile=profile_of(settings),
        catalogue=load_features(settings.data_schema),
        progress=progress,
    )


def train_model(
    records: Records,
    settings: Settings,
    *,
    last: LastChampion | None = None,
    progress: Progress = silent,
) -> Judged:
    """From records to judged candidates: features, forward folds, final fits, audition, gate."""
    inputs = TrainingInputs(
        matrix=training_matrix(records, settings, progress=progress),
        catalogue=load_features(settings.data_schema),
        scorecard=load_scorecards(settings.data_schema),
        settings=settings,
    )
    capacity = places_by_school(records, settings)
    forward = validate_forward(inputs, progress=progress)
    models = train_final(inputs, forward, progress=progress)
    progress(0, None, "检验与把关")
    champion = settings.training.champion
    evaluation = _evaluated(inputs, forward, capacity, champion, last)
    heard = audition(evaluation.by_fold, candidates=settings.training.candidates, champion=champion)
    chosen, why = brought_forward(heard, champion, {*LEARNED, *DERIVED})
    if chosen != champion:
        evaluation = _evaluated(inputs, forward, capacity, chosen, last)
        verdict = replace(evaluation.verdict, text=f"{why}{evaluation.verdict.text}")
        evaluation = replace(evaluation, verdict=verdict)
    return Judged(inputs, capacity, forward, models, evaluation, heard)


def _evaluated(
    inputs: TrainingInputs,
    forward: ForwardScores,
    capacity: dict[str, int],
    champion: str,
    last: LastChampion | None,
) -> Evaluation:
    settings = inputs.settings
    return evaluate(
        _with_last_champion(forward.scores, inputs.matrix, last),
        inputs.matrix,
        capacity=capacity,
        champion=champion,
        bootstrap=settings.training.bootstrap,
        seed=settings.seed,
        random_split=random_split_scores(inputs, forward, champion) if forward.folds else None,
        note=forward.note,
        gate=load_gate(settings.data_schema),
        last_champion=last.model.name if last else None,
        data_schema=settings.data_schema,
    )


def _with_last_champion(
    scores: pd.DataFrame, matrix: FeatureMatrix, last: LastChampion | None
) -> pd.DataFrame:
    """Scores with those of the last champion on days after the last that it learned from."""
    if last is None or scores.empty or not set(last.model.features) <= set(matrix.X):
        return scores
    positions = scores.index.to_numpy(dtype=np.intp)
    unseen = (matrix.rows["as_of"].iloc[positions] > pd.Timestamp(last.learned_until)).to_numpy()
    log_odds = np.full(len(scores), np.nan)
    if unseen.any():
        log_odds[unseen] = last.model.log_odds(matrix.take(positions[unseen]))
    return scores.assign(**{LAST_CHAMPION: log_odds})


def base_rate(matrix: FeatureMatrix) -> str:
    """How rare the outcome is, in words, with its counts."""
    if matrix.y is None or not matrix.labelled.any():
        return "还没有已知结果，无法计算基础发生率"
    known = matrix.take(matrix.labelled)
    terms = known.rows["term"].nunique()
    pupils = known.rows.assign(y=known.y).groupby(["term", "student_id"], observed=True)["y"].max()
    events = int(pupils.sum())
    rate = 1000 * events / len(pupils)
    return (
        f"过去 {terms} 个学期每 1000 名学生中 {rate:.1f} 名疑似辍学（n={events:,}/{len(pupils):,}）"
    )


def places_by_school(records: Records, settings: Settings) -> dict[str, int]:
    """How many pupils each school can look after, by its newest roster: school code → places."""
    day = records["students"]["known_on"].max()
    students = latest_by_student(records["students"], day.date())
    capacity = capacity_by_school(records["staff"], students, settings.capacity)
    return {str(school): int(places) for school, places in capacity.items()}
