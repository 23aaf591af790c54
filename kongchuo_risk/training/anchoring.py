"""A learned model held to the documented scorecard while few events are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.domain.model import Contributions, RiskModel
from kongchuo_risk.training.calibration import LogOddsLine, fit_line

EVEN_EVENTS = 50.0
"""Known events at which scorecard and learned model weigh the same: ``docs/cold-start.md``."""


@dataclass(frozen=True)
class AnchoredModel:
    """A learned model shrunk towards the documented scorecard, on the log-odds.

    ``line((1 - weight) * learned + weight * anchor)``: a weighted sum and a line, so that parts by
    feature still add up.

    Attributes
    ----------
    learned, anchor : RiskModel
    weight : float
        Share of the anchor, 0 to 1; see :func:`anchor_weight`.
    line : LogOddsLine
    """

    name: str
    learned: RiskModel
    anchor: RiskModel
    weight: float
    line: LogOddsLine

    @property
    def features(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.learned.features, *self.anchor.features)))

    def log_odds(self, matrix: FeatureMatrix) -> np.ndarray:
        """Line over the weighted mean of both log-odds."""
        return self.combined(self.learned.log_odds(matrix), self.anchor.log_odds(matrix))

    def combined(self, learned: np.ndarray, anchor: np.ndarray) -> np.ndarray:
        """The same from log-odds that both models have given already."""
        return self.line.apply(mixed(learned, anchor, self.weight))

    def contributions(self, matrix: FeatureMatrix) -> Contributions:
        """Weighted sums of both models' parts, feature by feature."""
        learned, anchor = self.learned.contributions(matrix), self.anchor.contributions(matrix)
        names = tuple(dict.fromkeys((*learned.features, *anchor.features)))
        position = {name: i for i, name in enumerate(names)}
        values = np.zeros((len(matrix), len(names)))
        for parts, share in ((learned, 1 - self.weight), (anchor, self.weight)):
            values[:, [position[name] for name in parts.features]] += (
                self.line.slope * share * parts.values
            )
        base = self.combined(np.array(learned.base), np.array(anchor.base))
        return Contributions(values, float(base), names)

    def state(self) -> dict[str, Any]:
        """What JSON needs beside the two models to rebuild this one."""
        return {"weight": self.weight, "line": vars(self.line)}

    @classmethod
    def from_state(
        cls, name: str, learned: RiskModel, anchor: RiskModel, state: Mapping[str, Any]
    ) -> AnchoredModel:
        """The model that :meth:`state` described."""
        return cls(name, learned, anchor, state["weight"], LogOddsLine(**state["line"]))


def fit_anchored(
    name: str,
    learned: RiskModel,
    anchor: RiskModel,
    *,
    events: float,
    log_odds: tuple[np.ndarray, np.ndarray] | None = None,
    y: np.ndarray | None = None,
) -> AnchoredModel:
    """Mix two models by what is known, and calibrate the mixture.

    Parameters
    ----------
    events : float
        Pupil-terms with a known event that ``learned`` was trained on; :func:`known_events`.
    log_odds : (learned, anchor), each of shape (n,), optional
        Out-of-sample scores of both, calibrated as the models are, and ``y`` their outcomes.
        Without them, or without both classes, the mixture stays as it is.
    """
    weight = anchor_weight(events)
    line = LogOddsLine()
    if log_odds is not None and y is not None and 0 < np.sum(y) < len(y):
        line = fit_line(mixed(*log_odds, weight), np.asarray(y, dtype=float))
    return AnchoredModel(name, learned, anchor, weight, line)


def anchor_weight(events: float) -> float:
    """Share of the scorecard: ``1 / (1 + sqrt(events / EVEN_EVENTS))``.

    It falls with the root of the events, as sampling errors do: a share that fell with their
    number would give up early what the scorecard knows of the rarest signs.

    >>> anchor_weight(0), anchor_weight(50), anchor_weight(450), anchor_weight(4050)
    (1.0, 0.5, 0.25, 0.1)
    """
    return float(1 / (1 + np.sqrt(events / EVEN_EVENTS)))


def known_events(matrix: FeatureMatrix) -> float:
    """Pupil-terms with a known event: a pupil seen on several days of a term counts once."""
    if matrix.y is None:
        return 0.0
    rows = matrix.rows[matrix.y == 1]
    return float(len(rows.drop_duplicates(["student_id", "term"])))


def mixed(learned: np.ndarray, anchor: np.ndarray, weight: float) -> np.ndarray:
    """Weighted mean of log-odds."""
    return np.asarray((1 - weight) * learned + weight * anchor)
