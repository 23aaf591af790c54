"""Points models: the cold-start scorecard and the attendance-behaviour-course flags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.scorecards import Card, Item
from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.domain.model import Contributions
from kongchuo_risk.training.calibration import LogOddsLine, fit_line
from kongchuo_risk.training.checks import columns_for

MIN_POSITIVES_FOR_LINE = 30
"""With fewer events than this the documented line says more than a fitted one."""


@dataclass(frozen=True)
class PointsModel:
    """Sum of points per pupil, put on the log-odds by a straight line.

    Attributes
    ----------
    name : str
    items : tuple of :class:`~kongchuo_risk.contracts.scorecards.Item`
    line : :class:`LogOddsLine`
        ``slope`` is the log-odds per point, ``intercept`` those of a pupil without points.
    """

    name: str
    items: tuple[Item, ...]
    line: LogOddsLine

    @property
    def features(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(item.feature for item in self.items))

    def points(self, matrix: FeatureMatrix) -> np.ndarray:
        """Points by feature, shape (n_rows, n_features); an unknown value earns none."""
        columns = columns_for(matrix, self.features, model=self.name)
        position = {name: i for i, name in enumerate(self.features)}
        earned = np.zeros(columns.shape)
        for item in self.items:
            earned[:, position[item.feature]] += _item_points(columns[item.feature], item)
        return earned

    def log_odds(self, matrix: FeatureMatrix) -> np.ndarray:
        """Line over the sum of the points."""
        return self.line.apply(self.points(matrix).sum(axis=1))

    def contributions(self, matrix: FeatureMatrix) -> Contributions:
        """Points times log-odds per point; the base is a pupil without points."""
        values = self.line.slope * self.points(matrix)
        return Contributions(values, self.line.intercept, self.features)

    def state(self) -> dict[str, Any]:
        """What JSON needs to rebuild the model."""
        items = [item.model_dump(mode="json", exclude_none=True) for item in self.items]
        return {"items": items, "line": vars(self.line)}

    @classmethod
    def from_state(cls, name: str, state: Mapping[str, Any]) -> PointsModel:
        """The model that :meth:`state` described."""
        items = tuple(Item.model_validate(item) for item in state["items"])
        return cls(name, items, LogOddsLine(**state["line"]))


def points_model(name: str, card: Card, matrix: FeatureMatrix | None = None) -> PointsModel:
    """The card as a model; its line is fitted anew when ``matrix`` has enough events.

    The points themselves are never learned, so the ranking is the card's own.
    """
    model = PointsModel(name, card.items, LogOddsLine(card.line.per_point, card.line.intercept))
    known = None if matrix is None or matrix.y is None else matrix.take(matrix.labelled)
    if known is None or known.y is None or known.y.sum() < MIN_POSITIVES_FOR_LINE:
        return model
    # The prior of the line is centred on slope 1, hence on the documented log-odds per point.
    line = fit_line(card.line.per_point * model.points(known).sum(axis=1), known.y)
    return PointsModel(
        name, card.items, LogOddsLine(card.line.per_point * line.slope, line.intercept)
    )


def _item_points(column: pd.Series, item: Item) -> np.ndarray:
    earned = np.zeros(len(column))
    for band in item.bands:
        np.maximum(earned, np.where(band.fits(column), band.points, 0.0), out=earned)
    return earned
