"""Would other classes have taught the model to tell the same reasons? Shares over refits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.features import FeatureCatalogue
from kongchuo_risk.contracts.tables import Schema
from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.domain.model import RiskModel
from kongchuo_risk.explanation.noise import ReasonNoise, fit_noise
from kongchuo_risk.explanation.reasons import PupilExplanation, explain


@dataclass(frozen=True)
class Stability:
    """What refits make of the reasons that a model tells.

    Attributes
    ----------
    told : DataFrame
        One row per pupil and told reason: ``pupil`` (number among those examined), ``group``,
        ``contribution``, ``retold`` (share of the refits that tell the group of the pupil too),
        ``strayed`` (root mean square distance of the contribution in the refits).
    agreement : float
        Mean Kendall tau-a between a pupil's contributions by group in the model and in a refit.
    refits : int
    """

    told: pd.DataFrame
    agreement: float
    refits: int

    @property
    def overlap(self) -> float:
        """Mean over pupils of the share of their reasons that a refit tells again."""
        return float(self.told.groupby("pupil")["retold"].mean().mean())

    @property
    def noise(self) -> ReasonNoise:
        """How far the reasons of each group stray."""
        return fit_noise(self.told)

    def by_group(self) -> pd.DataFrame:
        """Per reason group ``told`` (how many reasons) and ``stability`` (mean share of refits)."""
        return self.told.groupby("group", as_index=False).agg(
            told=("retold", "size"), stability=("retold", "mean")
        )


def reason_stability(
    model: RiskModel,
    refits: Sequence[RiskModel],
    matrix: FeatureMatrix,
    catalogue: FeatureCatalogue,
    *,
    schema: Schema,
    only: np.ndarray,
    top: int = 3,
) -> Stability:
    """Share of refits that tell each reason again: raising the risk too, and among the top.

    Parameters
    ----------
    model : RiskModel
        The model that ranks the list.
    refits : sequence of RiskModel
        The same candidate fitted on bootstrap resamples.
    matrix : FeatureMatrix
        Everybody on the day, since reasons compare a pupil with the class.
    only : bool array of shape (n_rows,)
        Pupils whose reasons are examined.

    Notes
    -----
    Alvarez-Melis & Jaakkola (2018) ask explanations for the same answer after a small change; here
    the change is in whom the model learned from, which is what could have been otherwise.
    """
    own, *others = (
        explain(each, matrix, catalogue, schema=schema, top=top, strengths=0, only=only)
        for each in (model, *refits)
    )
    agreements = [_agreement(own, other) for other in others]
    agreement = float(np.mean(agreements)) if agreements else float("nan")
    return Stability(_told(own, others), agreement, len(others))


def kendall_tau(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Kendall's tau-a of each row with its counterpart, shape (n_rows,).

    >>> kendall_tau(np.array([[3.0, 2.0, 1.0]]), np.array([[3.0, 1.0, 2.0]])).round(3).tolist()
    [0.333]
    """
    first, second = np.triu_indices(ours.shape[1], k=1)
    signs = [np.sign(values[:, first] - values[:, second]) for values in (ours, theirs)]
    return np.asarray((signs[0] * signs[1]).mean(axis=1))


def _told(own: list[PupilExplanation], others: list[list[PupilExplanation]]) -> pd.DataFrame:
    rows = []
    for pupil, words in enumerate(own):
        again = [other[pupil] for other in others]
        groups = [{reason.group for reason in refit.reasons} for refit in again]
        for reason in words.reasons:
            retold = sum(reason.group in told for told in groups) / max(len(again), 1)
            strays = [refit.groups[reason.group] - reason.contribution for refit in again]
            strayed = float(np.sqrt(np.mean(np.square(strays)))) if strays else 0.0
            rows.append((pupil, reason.group, reason.contribution, retold, strayed))
    columns = ["pupil", "group", "contribution", "retold", "strayed"]
    return pd.DataFrame(rows, columns=columns)


def _agreement(own: list[PupilExplanation], other: list[PupilExplanation]) -> float:
    ours, theirs = (pd.DataFrame([words.groups for words in told]) for told in (own, other))
    if ours.shape[1] < 2:
        return float("nan")
    return float(kendall_tau(ours.to_numpy(), theirs[ours.columns].to_numpy()).mean())
