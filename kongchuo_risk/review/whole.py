"""The whole review of a training: all its questions, tables and findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from kongchuo_risk.contracts.gates import load_gate
from kongchuo_risk.domain.progress import Progress, silent
from kongchuo_risk.evaluation.gate import RULE_TITLES
from kongchuo_risk.evaluation.listing import Capacity
from kongchuo_risk.review.ablation import ablate, ablation_findings, feature_groups
from kongchuo_risk.review.comparing import METRICS
from kongchuo_risk.review.learning import fits_of_learning, learning_curve, one_more_term
from kongchuo_risk.review.sensitive import price_of_sensitive_inputs, sensitive_inputs
from kongchuo_risk.review.trials import Steps, Trials
from kongchuo_risk.review.unseen import unseen_folds, unseen_schools
from kongchuo_risk.training.forward import TrainingInputs

QUICK_CANDIDATE = "lightgbm"
"""Learner of the trials: a member of the blend that is fast to fit."""


@dataclass(frozen=True)
class Review:
    """What a review found.

    Attributes
    ----------
    tables : mapping of name to DataFrame
        ``ablation`` (``group, choice, metric, change, low, high``), ``learning`` (``axis, size,
        metric, value, low, high``), ``sensitive`` (``input, choice, metric, change, low, high``),
        ``unseen`` (``compared_with, metric, value, change, low, high``).
    findings : tuple of str
        One line each, in Chinese.
    """

    tables: Mapping[str, pd.DataFrame]
    findings: tuple[str, ...]


def review_training(
    inputs: TrainingInputs,
    *,
    capacity: Capacity,
    candidate: str = QUICK_CANDIDATE,
    progress: Progress = silent,
) -> Review:
    """Ask every question of a training, on its own forward folds.

    Parameters
    ----------
    candidate : str
        Learner of all trials; ``blend`` asks the same of the champion and takes many times longer.

    Raises
    ------
    NotReadyError
        When the history is too short to test anything.
    """
    plain = Trials.of(inputs, capacity, candidate)
    trials = replace(plain, steps=Steps(progress, _members_to_fit(plain)))
    whole = trials.scores("复核：全部特征")
    ablation = ablate(trials, whole)
    learning = learning_curve(trials)
    sensitive, prices = price_of_sensitive_inputs(trials, whole)
    unseen, elsewhere = unseen_schools(trials, whole)
    title = RULE_TITLES.get(candidate, candidate)
    terms = f"{trials.folds[0].label} 至 {trials.folds[-1].label}"
    return Review(
        {
            "ablation": ablation,
            "learning": learning.table,
            "sensitive": sensitive,
            "unseen": unseen,
        },
        (
            f"复核用{title}在 {len(trials.folds)} 个学期（{terms}）上向前检验。",
            *ablation_findings(ablation),
            *(one_more_term(learning, metric).text for metric in METRICS),
            *prices,
            *elsewhere,
        ),
    )


def _members_to_fit(trials: Trials) -> int:
    """Members that a review will fit, for its progress."""
    inputs = sensitive_inputs(trials, load_gate(trials.inputs.settings.data_schema))
    variants = 1 + 2 * len(feature_groups(trials)) + len(inputs)
    fits = variants * len(trials.folds) + fits_of_learning(trials) + len(unseen_folds(trials))
    return fits * trials.members
