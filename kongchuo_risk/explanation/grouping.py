"""Exact contributions summed by reason group."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.features import FeatureCatalogue
from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.domain.model import Contributions, RiskModel

PLACE_GROUP = "学校与年级"
"""Group of contributions that come from no feature of the catalogue."""
WEIGHT_ROWS = 2_000


def grouped_contributions(
    model: RiskModel, matrix: FeatureMatrix, catalogue: FeatureCatalogue
) -> pd.DataFrame:
    """Contributions to the log-odds by reason group.

    Returns
    -------
    DataFrame of shape (n_rows, n_groups)
        Index ``student_id``; with the model's base each row sums to the pupil's log-odds.
    """
    parts = model.contributions(matrix)
    groups = groups_of(parts.features, catalogue)
    table = pd.DataFrame(sums_by_group(parts, groups), columns=list(dict.fromkeys(groups)))
    return table.set_axis(pd.Index(matrix.rows["student_id"], name="student_id"))


def spread_rows(rows: int, most: int) -> np.ndarray:
    """At most ``most`` positions, spread evenly over ``rows``; always the same ones.

    >>> spread_rows(10, 4).tolist(), spread_rows(0, 4).tolist()
    ([0, 3, 6, 9], [])
    """
    return np.unique(np.linspace(0, max(rows - 1, 0), min(rows, most)).astype(np.intp))


def groups_of(features: Sequence[str], catalogue: FeatureCatalogue) -> list[str]:
    """Reason group of each feature."""
    return [
        catalogue.by_id[name].group if name in catalogue.by_id else PLACE_GROUP for name in features
    ]


def sums_by_group(parts: Contributions, groups: Sequence[str]) -> np.ndarray:
    """Sums of shape (n_rows, n_groups), groups in order of first appearance."""
    names = list(dict.fromkeys(groups))
    member = np.array([[group == name for name in names] for group in groups], dtype=float)
    return parts.values @ member.reshape(len(groups), len(names))


def feature_weights(
    model: RiskModel, matrix: FeatureMatrix, catalogue: FeatureCatalogue
) -> pd.DataFrame:
    """How much each feature moves the log-odds on average, heaviest first.

    The mean is taken over at most :data:`WEIGHT_ROWS` rows, spread evenly over the matrix.

    Returns
    -------
    DataFrame
        ``feature, label, group, mean_abs_contribution``.
    """
    matrix = matrix.take(spread_rows(len(matrix), WEIGHT_ROWS))
    parts = model.contributions(matrix)
    weight = np.abs(parts.values).mean(axis=0) if len(matrix) else np.zeros(len(parts.features))
    table = pd.DataFrame(
        {
            "feature": parts.features,
            "label": [
                catalogue.by_id[name].label if name in catalogue.by_id else PLACE_GROUP
                for name in parts.features
            ],
            "group": groups_of(parts.features, catalogue),
            "mean_abs_contribution": weight,
        }
    )
    return table.sort_values("mean_abs_contribution", ascending=False, ignore_index=True)
