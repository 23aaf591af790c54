"""The price of each sensitive input: the same model with it and without it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from kongchuo_risk.contracts.features import Feature, FeatureCatalogue
from kongchuo_risk.contracts.gates import Gate, load_gate
from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.evaluation.input_prices import price_of_input
from kongchuo_risk.review.trials import Trials

TOGETHER = {"disability_type": ("disability_level",)}
"""Features that say more of the same and go with an input."""
MISS_GAP = "miss_gap"
"""Largest excess of a group's miss rate over that of the other pupils."""
_WITH, _WITHOUT = "放入模型", "只作审计"
_COLUMNS = ["input", "choice", "metric", "change", "low", "high"]


@dataclass(frozen=True)
class SensitiveInput:
    """A sensitive input and the features that carry it.

    ``used`` says whether the model sees it today; the other choice is what has a price.
    """

    column: str
    title: str
    features: tuple[str, ...]
    used: bool


def sensitive_inputs(trials: Trials, gate: Gate) -> list[SensitiveInput]:
    """Attributes of the audit that the model sees, or could see because the rows have them."""
    seen, rows = set(trials.features), trials.inputs.matrix.rows
    found = []
    for attribute in gate.fairness.attributes:
        column = attribute.column
        if not attribute.binding:
            continue
        if column in seen:
            carried = (column, *[name for name in TOGETHER.get(column, ()) if name in seen])
            found.append(SensitiveInput(column, attribute.title, carried, used=True))
        elif column in trials.inputs.settings.features.audit_only and column in rows:
            found.append(SensitiveInput(column, attribute.title, (column,), used=False))
    return found


def price_of_sensitive_inputs(
    trials: Trials, whole: pd.DataFrame
) -> tuple[pd.DataFrame, list[str]]:
    """What the other choice would change, for each sensitive input.

    An input that is only audited is let in for this trial and no other use; the model made of it is
    thrown away.

    Parameters
    ----------
    whole : DataFrame
        Scores of the trial with today's choices.

    Returns
    -------
    table : DataFrame
        ``input, choice`` (the one not taken today)``, metric, change, low, high`` for the share
        found within capacity and the largest gap between groups.
    findings : list of str
        One sentence per input, in Chinese.
    """
    settings = trials.inputs.settings
    gate = load_gate(settings.data_schema)
    rows, findings = [], []
    for each in sensitive_inputs(trials, gate):
        other = _other_choice(trials, each).scores(f"敏感输入：{each.title}")
        with_scores, without_scores = (whole, other) if each.used else (other, whole)
        prices = price_of_input(
            each.column,
            with_scores,
            without_scores,
            trials.inputs.matrix,
            trials.candidate,
            capacity=trials.capacity,
            gate=gate,
            bootstrap=settings.training.bootstrap,
            seed=settings.seed,
        )
        choices = {price["choice"]: price for price in prices}
        rows += _rows(each, choices)
        findings.append(f"敏感输入“{each.title}”（现在{_now(each)}）：{_told(choices)}。")
    return pd.DataFrame(rows, columns=_COLUMNS), findings


def _other_choice(trials: Trials, each: SensitiveInput) -> Trials:
    if each.used:
        return trials.without(each.features)
    inputs = trials.inputs
    settings = inputs.settings
    kept = tuple(name for name in settings.features.audit_only if name != each.column)
    features = settings.features.model_copy(update={"audit_only": kept})
    changed = replace(
        inputs,
        matrix=_with_column(inputs.matrix, each.column),
        catalogue=_with_feature(inputs.catalogue, each),
        settings=settings.model_copy(update={"features": features}),
    )
    return replace(trials, inputs=changed)


def _with_column(matrix: FeatureMatrix, column: str) -> FeatureMatrix:
    values = matrix.rows[column].astype("str").astype("category")
    return FeatureMatrix(matrix.X.assign(**{column: values.to_numpy()}), matrix.rows, matrix.y)


def _with_feature(catalogue: FeatureCatalogue, each: SensitiveInput) -> FeatureCatalogue:
    feature = Feature(
        id=each.column, label=each.title, group="变动", table="students", kind="category",
        actionable=False, phrase="",
    )  # fmt: skip
    return FeatureCatalogue(features=(*catalogue.features, feature))


def _rows(each: SensitiveInput, choices: dict[str, dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Changes of the choice not taken today; the other way round their sign turns."""
    price = choices[_WITHOUT]
    sign, choice = (1, _WITHOUT) if each.used else (-1, _WITH)
    low, high = sorted((sign * price["change_low"], sign * price["change_high"]))
    gap = sign * price["worst_gap_change"]
    return [
        (each.title, choice, "recall_at_k", sign * price["change"], low, high),
        (each.title, choice, MISS_GAP, gap, float("nan"), float("nan")),
    ]


def _now(each: SensitiveInput) -> str:
    return _WITH if each.used else _WITHOUT


def _told(choices: dict[str, dict[str, Any]]) -> str:
    return "；".join(f"{choice}时{choices[choice]['text']}" for choice in (_WITH, _WITHOUT))
