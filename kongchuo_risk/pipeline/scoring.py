"""From records and a model to a ranked list of one day, with reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from scipy.special import expit

from kongchuo_risk.contracts.features import load_features
from kongchuo_risk.contracts.gates import load_gate
from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.domain.model import RiskModel
from kongchuo_risk.domain.progress import Progress, silent
from kongchuo_risk.domain.records import Records, latest_by_student
from kongchuo_risk.domain.risk import Reason, RiskEntry, Tier
from kongchuo_risk.errors import ModelError, NotReadyError
from kongchuo_risk.evaluation import (
    Drift,
    DriftBaseline,
    check_drift,
    refusal,
)
from kongchuo_risk.explanation import PupilExplanation, explain
from kongchuo_risk.explanation.noise import ReasonNoise
from kongchuo_risk.features import build_matrix
from kongchuo_risk.pipeline.learning import profile_of
from kongchuo_risk.planning import (
    assign_tiers,
    capacity_by_school,
    watch_groups,
)
from kongchuo_risk.settings import Settings

NOTHING_SINGLE = Reason(
    group="综合",
    feature="",
    text="没有单独突出的情况，几项轻微情况合在一起",
    contribution=0.0,
    actionable=False,
)
"""Told of a pupil on the list of whom no single thing stands out; it calls no measure."""
STRENGTHS_TOLD = 2
REASONS_TOLD = 3


@dataclass(frozen=True)
class Companions:
    """What is kept with a model for the days on which it scores.

    Attributes
    ----------
    baseline : DriftBaseline or None
        What the data looked like in training; None compares nothing.
    noise : ReasonNoise or None
        Reasons that do not stand out of it are withheld from teachers.
    """

    baseline: DriftBaseline | None = None
    noise: ReasonNoise | None = None


@dataclass(frozen=True)
class Scored:
    """Everybody of the cohort on one day.

    Attributes
    ----------
    entries : tuple of RiskEntry
        Listed or not, in the order of school and rank.
    contributions : DataFrame
        ``student_id, group, text, contribution``: sums by reason group.
    drift : Drift or None
        The day against the same weeks of earlier terms.
    withheld : DataFrame or None
        ``student_id, group, feature, text, contribution``: reasons too unsure to be told to
        teachers, for analysts; None when nothing is known of the reasons' noise.
    """

    entries: tuple[RiskEntry, ...]
    contributions: pd.DataFrame
    drift: Drift | None = None
    withheld: pd.DataFrame | None = None

    @property
    def listed(self) -> int:
        return sum(entry.tier != Tier.NONE for entry in self.entries)


def score_cohort(
    records: Records,
    model: RiskModel,
    as_of: date,
    settings: Settings,
    *,
    kept: Companions | None = None,
    progress: Progress = silent,
) -> Scored:
    """Rank everybody of the cohort as of one day, with reasons.

    Parameters
    ----------
    kept : Companions, optional
        What training left for this day: the data to compare with, the noise of the reasons.

    Raises
    ------
    NotReadyError
        When nobody belongs to the cohort on that day.
    ModelError
        When the day's data lack a feature that the model needs, or one that used to be recorded
        is recorded of nobody: no value is invented.
    """
    kept = kept or Companions()
    catalogue = load_features(settings.data_schema)
    matrix = build_matrix(
        records,
        [as_of],
        profile=profile_of(settings),
        catalogue=catalogue,
        with_outcome=False,
        progress=progress,
    )
    if not len(matrix):
        raise NotReadyError(f"{as_of} 没有在校学生可排序；请检查学生花名册和信息日期。")
    _refuse_what_is_gone(kept.baseline, matrix, settings)
    log_odds = model.log_odds(matrix)
    tiers = _tiers(matrix, log_odds, records, settings, as_of)
    told = explain(
        model,
        matrix,
        catalogue,
        schema=load_schema(settings.data_schema),
        top=REASONS_TOLD,
        strengths=STRENGTHS_TOLD,
        noise=kept.noise,
    )
    watch = watch_groups(latest_by_student(records["students"], as_of))
    entries = _entries(matrix, expit(log_odds), tiers, told, watch, as_of)
    drift = None
    if kept.baseline is not None:
        gate = load_gate(settings.data_schema)
        drift = check_drift(kept.baseline, matrix, log_odds, gate, data_schema=settings.data_schema)
    withheld = None if kept.noise is None else _withheld(told)
    return Scored(entries, _contributions(told), drift, withheld)


def _refuse_what_is_gone(
    baseline: DriftBaseline | None, matrix: FeatureMatrix, settings: Settings
) -> None:
    if baseline is None:
        return
    gate = load_gate(settings.data_schema)
    if told := refusal(baseline, matrix, gate, data_schema=settings.data_schema):
        raise ModelError(told)


def _tiers(
    matrix: FeatureMatrix, log_odds: np.ndarray, records: Records, settings: Settings, as_of: date
) -> pd.DataFrame:
    scores = matrix.rows[["student_id", "school_code"]].assign(score=log_odds)
    capacity = capacity_by_school(records.known_by(as_of)["staff"], matrix.rows, settings.capacity)
    tiers = assign_tiers(scores, capacity, settings.capacity)
    return tiers.set_index("student_id").loc[matrix.rows["student_id"]]


def _entries(
    matrix: FeatureMatrix,
    probability: np.ndarray,
    tiers: pd.DataFrame,
    told: Sequence[PupilExplanation],
    watch: dict[str, tuple[str, ...]],
    as_of: date,
) -> tuple[RiskEntry, ...]:
    rows = matrix.rows
    entries = [
        RiskEntry(
            student_id=student,
            school_code=school,
            class_id=group,
            grade=int(grade),
            as_of=as_of,
            rank=int(rank),
            tier=Tier(tier),
            probability=float(p),
            reasons=words.reasons or _nothing_single(Tier(tier)),
            strengths=words.strengths,
            watch=watch.get(student, ()),
        )
        for student, school, group, grade, rank, tier, p, words in zip(
            rows["student_id"].astype(str),
            rows["school_code"].astype(str),
            rows["class_id"].astype(str),
            rows["grade"],
            tiers["rank"],
            tiers["tier"],
            probability,
            told,
            strict=True,
        )
    ]
    return tuple(sorted(entries, key=lambda entry: (entry.school_code, entry.rank)))


def _nothing_single(tier: Tier) -> tuple[Reason, ...]:
    return () if tier is Tier.NONE else (NOTHING_SINGLE,)


def _contributions(told: Sequence[PupilExplanation]) -> pd.DataFrame:
    rows = [
        (words.student_id, group, _text(words, group, value), value)
        for words in told
        for group, value in words.groups.items()
    ]
    return pd.DataFrame(rows, columns=["student_id", "group", "text", "contribution"])


def _withheld(told: Sequence[PupilExplanation]) -> pd.DataFrame:
    rows = [
        (words.student_id, reason.group, reason.feature, reason.text, reason.contribution)
        for words in told
        for reason in words.withheld
    ]
    columns = ["student_id", "group", "feature", "text", "contribution"]
    return pd.DataFrame(rows, columns=columns)


def _text(words: PupilExplanation, group: str, value: float) -> str:
    """What was told of a group on the side to which it leans."""
    told = words.reasons if value > 0 else words.strengths
    return next((reason.text for reason in told if reason.group == group), "")
