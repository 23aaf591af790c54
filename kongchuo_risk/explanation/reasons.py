"""Why a pupil is on the list, and what is good, in a teacher's words with the pupil's numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.features import Feature, FeatureCatalogue
from kongchuo_risk.contracts.tables import Schema
from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.domain.model import RiskModel
from kongchuo_risk.domain.risk import Reason
from kongchuo_risk.explanation.day_means import ClassMean, class_means
from kongchuo_risk.explanation.grouping import groups_of, sums_by_group
from kongchuo_risk.explanation.noise import MIN_CONTRIBUTION, ReasonNoise
from kongchuo_risk.explanation.sides import (
    may_be_mild_reason,
    may_be_reason,
    strengths_of_day,
    tells_class_mean,
)

_Rule = Callable[[Feature, pd.Series, np.ndarray | None], np.ndarray]


@dataclass(frozen=True)
class PupilExplanation:
    """Reasons of one pupil, the heaviest first, and strengths, the rarest first.

    ``groups`` has every reason group's sum of contributions to the log-odds. ``withheld`` are
    reasons that another sample of classes might well not have given; they are for analysts.
    """

    student_id: str
    reasons: tuple[Reason, ...]
    strengths: tuple[Reason, ...]
    groups: Mapping[str, float]
    withheld: tuple[Reason, ...] = ()


def explain(
    model: RiskModel,
    matrix: FeatureMatrix,
    catalogue: FeatureCatalogue,
    *,
    schema: Schema,
    top: int = 3,
    strengths: int = 2,
    only: np.ndarray | None = None,
    noise: ReasonNoise | None = None,
) -> list[PupilExplanation]:
    """Reasons and strengths of the pupils in ``matrix``, in its order.

    A reason is the heaviest feature of a group that raised the risk, when its phrase is true of the
    pupil and worth saying; who has none is given the heaviest one that is true. A strength is a
    good fact of the catalogue whatever the model makes of it; facts that few pupils share come
    first, and no more than one of a group is told.

    Parameters
    ----------
    matrix : FeatureMatrix
        Everybody on the day: class means, and how rare a strength is, are taken over all its rows.
    top, strengths : int
        How many reasons and strengths are told at most.
    only : bool array of shape (n_rows,), optional
        Explain these rows only; the cost is theirs alone.
    noise : ReasonNoise, optional
        Reasons that do not stand out of it are withheld; without it none is.
    """
    chosen = np.arange(len(matrix)) if only is None else np.flatnonzero(only)
    part = matrix.take(chosen)
    contributions = model.contributions(part)
    groups = groups_of(contributions.features, catalogue)
    names = list(dict.fromkeys(groups))
    sums = sums_by_group(contributions, groups)
    known = [i for i, name in enumerate(contributions.features) if name in catalogue.by_id]
    told = [catalogue.by_id[contributions.features[i]] for i in known]
    means = class_means(matrix, [f.id for f in told if tells_class_mean(f)], chosen)
    weight = contributions.values[:, known]
    striking, mild = (
        _spokesmen(np.where(_mask(part, told, means, rule), weight, 0.0), told, names)
        for rule in (may_be_reason, may_be_mild_reason)
    )
    good = [feature for feature in catalogue.features if feature.strength and feature.id in part.X]
    facts = _rarest_first(strengths_of_day(matrix, good), chosen)
    teller = _Teller(part, means, schema)
    explained = []
    for row, student_id in enumerate(part.rows["student_id"]):
        by_group = dict(zip(names, map(float, sums[row]), strict=True))
        reasons = teller.reasons(row, _chosen(striking[row], told), by_group)[:top]
        if not reasons:
            reasons = teller.reasons(row, _chosen(mild[row], told), by_group)[:1]
        held, withheld = _sorted_out(reasons, noise)
        kind = teller.strengths(row, [good[column] for column in facts[row]], by_group)[:strengths]
        explained.append(PupilExplanation(str(student_id), held, kind, by_group, withheld))
    return explained


def _sorted_out(
    reasons: tuple[Reason, ...], noise: ReasonNoise | None
) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
    """Reasons that hold, and those that are withheld."""
    if noise is None:
        return reasons, ()
    holds = [noise.holds(reason.group, reason.contribution) for reason in reasons]
    return (
        tuple(reason for reason, told in zip(reasons, holds, strict=True) if told),
        tuple(reason for reason, told in zip(reasons, holds, strict=True) if not told),
    )


def _mask(
    part: FeatureMatrix, told: Sequence[Feature], means: pd.DataFrame, rule: _Rule
) -> np.ndarray:
    """Mask of shape (n_rows, n_told): the phrase may be told of the value."""
    mask = np.empty((len(part), len(told)), dtype=bool)
    for column, feature in enumerate(told):
        mean = means[feature.id].to_numpy() if feature.id in means else None
        mask[:, column] = rule(feature, part.X[feature.id], mean)
    return mask


def _chosen(positions: np.ndarray, told: Sequence[Feature]) -> list[Feature]:
    return [told[position] for position in positions if position >= 0]


def _spokesmen(weight: np.ndarray, told: Sequence[Feature], names: Sequence[str]) -> np.ndarray:
    """Per row and group the position of the heaviest feature that may be told, or -1."""
    chosen = np.full((len(weight), len(names)), -1)
    for column, group in enumerate(names):
        members = np.array([i for i, f in enumerate(told) if f.group == group], dtype=np.intp)
        if not len(members) or not len(weight):
            continue
        best = weight[:, members].argmax(axis=1)
        heavy = np.take_along_axis(weight[:, members], best[:, None], axis=1)[:, 0] > 0
        chosen[heavy, column] = members[best[heavy]]
    return chosen


def _rarest_first(holds: np.ndarray, chosen: np.ndarray) -> list[np.ndarray]:
    """Positions of the facts that hold for each chosen row, those that fewest share first."""
    order = np.argsort(holds.mean(axis=0), kind="stable") if len(holds) else np.empty(0, np.intp)
    return [order[row] for row in holds[np.ix_(chosen, order)]]


class _Teller:
    """Puts values into words."""

    def __init__(self, part: FeatureMatrix, means: pd.DataFrame, schema: Schema) -> None:
        # Plain arrays: looking up one cell of a frame costs more than saying it.
        self._values = {str(name): column.to_numpy() for name, column in part.X.items()}
        self._means = {str(name): column.to_numpy() for name, column in means.items()}
        self._schema = schema

    def reasons(
        self, row: int, spokesmen: Sequence[Feature], by_group: Mapping[str, float]
    ) -> tuple[Reason, ...]:
        """What raised the risk, the heaviest group first."""
        heavy = [f for f in spokesmen if by_group[f.group] >= MIN_CONTRIBUTION]
        heavy.sort(key=lambda feature: -by_group[feature.group])
        return tuple(self._told(row, f, f.phrase, by_group[f.group]) for f in heavy)

    def strengths(
        self, row: int, facts: Sequence[Feature], by_group: Mapping[str, float]
    ) -> tuple[Reason, ...]:
        """What is good, one fact of each group."""
        first = {feature.group: feature for feature in reversed(facts)}
        kept = [feature for feature in facts if first[feature.group] is feature]
        return tuple(self._told(row, f, f.strength, by_group.get(f.group, 0.0)) for f in kept)

    def _told(self, row: int, feature: Feature, template: str, contribution: float) -> Reason:
        text = self._filled(row, feature, template)
        return Reason(feature.group, feature.id, text, contribution, feature.actionable)

    def _filled(self, row: int, feature: Feature, template: str) -> str:
        value: Any = self._values[feature.id][row]
        if feature.kind == "category":
            label = self._schema.label(feature.codes, value) if feature.codes else str(value)
            return template.format(value=label, label=label)
        mean = ClassMean(self._means[feature.id][row]) if feature.id in self._means else ""
        number = float(value)
        return template.format(value=number, class_mean=mean, degree=degree(number))


def degree(deviation: float) -> str:
    """How far off a standardised value is, as a Chinese adverb.

    >>> [degree(value) for value in (0.1, -0.7, -1.4, 2.5)]
    ['略', '', '明显', '远']
    """
    words = ("略", "", "明显", "远")
    return words[int(np.searchsorted((0.3, 1.0, 2.0), abs(deviation), side="right"))]
