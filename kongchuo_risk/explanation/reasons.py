"""Why a pupil is on the list, in a teacher's words, with the pupil's own numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kongchuo_risk.contracts.features import Feature, FeatureCatalogue
from kongchuo_risk.contracts.tables import Schema
from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.domain.model import RiskModel
from kongchuo_risk.domain.risk import Reason
from kongchuo_risk.explanation.day_means import DayMeans, day_means
from kongchuo_risk.explanation.grouping import groups_of, sums_by_group
from kongchuo_risk.explanation.sides import Leaning, Setting, Side, leanings, may_tell

MIN_CONTRIBUTION = 0.05
"""Log-odds below which a group says nothing worth a teacher's time (about 5 % of the odds)."""


@dataclass(frozen=True)
class PupilExplanation:
    """Reasons and strengths of one pupil, the heaviest first.

    ``groups`` has every reason group's sum of contributions to the log-odds.
    """

    student_id: str
    reasons: tuple[Reason, ...]
    strengths: tuple[Reason, ...]
    groups: Mapping[str, float]


def explain(
    model: RiskModel,
    matrix: FeatureMatrix,
    catalogue: FeatureCatalogue,
    *,
    schema: Schema,
    top: int = 3,
    strengths: int = 2,
    only: np.ndarray | None = None,
) -> list[PupilExplanation]:
    """Reasons of the pupils in ``matrix``, in its order.

    Parameters
    ----------
    matrix : FeatureMatrix
        Everybody on the day: class means are taken over all its rows.
    top, strengths : int
        How many reasons and strengths are told at most.
    only : bool array of shape (n_rows,), optional
        Explain these rows only; the cost is theirs alone.
    """
    chosen = np.arange(len(matrix)) if only is None else np.flatnonzero(only)
    part = matrix.take(chosen)
    contributions = model.contributions(part)
    known = [i for i, name in enumerate(contributions.features) if name in catalogue.by_id]
    told = [catalogue.by_id[contributions.features[i]] for i in known]
    means = day_means(matrix, [f.id for f in told if f.kind != "category"], chosen)
    values = contributions.values[:, known]
    groups = groups_of(contributions.features, catalogue)
    sums = sums_by_group(contributions, groups)
    names = list(dict.fromkeys(groups))
    teller = _Teller(part, means, told, schema, leanings(model, matrix, told))
    risks = _spokesmen(values, teller.tellable("reason"), told, names, sign=1)
    goods = _spokesmen(values, teller.tellable("strength"), told, names, sign=-1)
    return [
        PupilExplanation(
            str(student_id),
            teller.tell(row, sums[row], risks[row], names, sign=1, limit=top),
            teller.tell(row, sums[row], goods[row], names, sign=-1, limit=strengths),
            dict(zip(names, map(float, sums[row]), strict=True)),
        )
        for row, student_id in enumerate(part.rows["student_id"])
    ]


def _spokesmen(
    values: np.ndarray,
    tellable: np.ndarray,
    told: Sequence[Feature],
    names: list[str],
    *,
    sign: int,
) -> np.ndarray:
    """Per row and group the position of the heaviest feature that may be told, or -1."""
    weight = np.where(tellable, sign * values, 0.0)
    chosen = np.full((len(values), len(names)), -1)
    for column, group in enumerate(names):
        members = np.array([i for i, f in enumerate(told) if f.group == group], dtype=np.intp)
        if not len(members) or not len(values):
            continue
        best = weight[:, members].argmax(axis=1)
        heavy = np.take_along_axis(weight[:, members], best[:, None], axis=1)[:, 0] > 0
        chosen[heavy, column] = members[best[heavy]]
    return chosen


class _Teller:
    """Puts chosen contributions into words."""

    def __init__(
        self,
        part: FeatureMatrix,
        means: DayMeans,
        told: Sequence[Feature],
        schema: Schema,
        leaning: Mapping[str, Leaning],
    ) -> None:
        self._part, self._means, self._told = part, means, told
        self._schema, self._leaning = schema, leaning

    def tellable(self, side: Side) -> np.ndarray:
        """Mask of shape (n_rows, n_features): the value may be told on this side."""
        mask = np.empty((len(self._part), len(self._told)), dtype=bool)
        for column, feature in enumerate(self._told):
            values = self._part.X[feature.id]
            mask[:, column] = may_tell(feature, values, self._setting(feature.id), side)
        return mask

    def _setting(self, name: str) -> Setting:
        means = self._means
        known = name in means.reference
        reference = means.reference[name].to_numpy() if known else np.empty(0)
        return Setting(reference, name in means.signed, self._leaning[name])

    def tell(
        self,
        row: int,
        sums: np.ndarray,
        spokesmen: np.ndarray,
        names: Sequence[str],
        *,
        sign: int,
        limit: int,
    ) -> tuple[Reason, ...]:
        """The heaviest groups of one pupil on one side."""
        heavy = np.flatnonzero((sign * sums >= MIN_CONTRIBUTION) & (spokesmen >= 0))
        order = heavy[np.argsort(-sign * sums[heavy], kind="stable")][:limit]
        return tuple(
            self._reason(row, names[group], spokesmen[group], float(sums[group]), sign)
            for group in order
        )

    def _reason(self, row: int, group: str, column: int, contribution: float, sign: int) -> Reason:
        feature = self._told[column]
        template = feature.phrase if sign > 0 else feature.strength
        text = self._filled(template, feature, row)
        return Reason(group, feature.id, text, contribution, feature.actionable)

    def _filled(self, template: str, feature: Feature, row: int) -> str:
        value: Any = self._part.X[feature.id].iat[row]
        if feature.kind == "category":
            label = self._schema.label(feature.codes, value) if feature.codes else str(value)
            return template.format(value=label, label=label, class_mean="", degree="")
        mean: Any = self._means.by_class[feature.id].iat[row]
        return template.format(
            value=float(value), class_mean=float(mean), label="", degree=degree(float(value))
        )


def degree(deviation: float) -> str:
    """How far off a standardised value is, as a Chinese adverb.

    >>> [degree(value) for value in (0.1, -0.7, -1.4, 2.5)]
    ['略', '', '明显', '远']
    """
    words = ("略", "", "明显", "远")
    return words[int(np.searchsorted((0.3, 1.0, 2.0), abs(deviation), side="right"))]
