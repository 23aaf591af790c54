"""The rule that knows no pupil: the past rate of the school and grade."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import logit

from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.domain.model import Contributions

SHRINKAGE_ROWS = 300
"""A school's grade counts as much as the county's grade once it has this many rows."""
PLACE = "school_grade"
"""Name of the only contribution: it is a place, not a feature of the catalogue."""


@dataclass(frozen=True)
class RateModel:
    """Log-odds of school × grade, shrunk towards the grade, and that towards the whole.

    Attributes
    ----------
    overall : float
        Log-odds of all rows.
    by_grade : mapping of grade to log-odds
    by_school : mapping of ``school/grade`` to log-odds
    """

    name: str
    overall: float
    by_grade: Mapping[str, float]
    by_school: Mapping[str, float]

    @property
    def features(self) -> tuple[str, ...]:
        return ()

    def log_odds(self, matrix: FeatureMatrix) -> np.ndarray:
        """Rate of the pupil's school and grade; of the grade alone in an unknown school."""
        grade, place = _places(matrix.rows)
        known = place.map(self.by_school).astype("float64")
        filled = known.fillna(grade.map(self.by_grade).astype("float64")).fillna(self.overall)
        return filled.to_numpy()

    def contributions(self, matrix: FeatureMatrix) -> Contributions:
        """Distance from the overall rate, in one column named :data:`PLACE`."""
        values = (self.log_odds(matrix) - self.overall)[:, None]
        return Contributions(values, self.overall, (PLACE,))

    def state(self) -> dict[str, Any]:
        """What JSON needs to rebuild the model."""
        return {
            "overall": self.overall,
            "by_grade": dict(self.by_grade),
            "by_school": dict(self.by_school),
        }

    @classmethod
    def from_state(cls, name: str, state: Mapping[str, Any]) -> RateModel:
        """The model that :meth:`state` described."""
        return cls(name, state["overall"], dict(state["by_grade"]), dict(state["by_school"]))


def fit_rates(name: str, matrix: FeatureMatrix) -> RateModel:
    """Shrunken rates of the labelled rows."""
    known = matrix.take(matrix.labelled)
    grade, place = _places(known.rows)
    y = pd.Series(known.y)
    overall = float((y.sum() + 0.5) / (len(y) + 1))
    by_grade = _shrunken(y, grade, pd.Series(overall, index=y.index))
    by_school = _shrunken(y, place, grade.map(by_grade))
    return RateModel(
        name,
        float(logit(overall)),
        {key: float(logit(rate)) for key, rate in by_grade.items()},
        {key: float(logit(rate)) for key, rate in by_school.items()},
    )


def _places(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    grade = rows["grade"].astype("str")
    return grade, rows["school_code"].astype("str") + "/" + grade


def _shrunken(y: pd.Series, key: pd.Series, towards: pd.Series) -> dict[str, float]:
    table = pd.DataFrame({"y": y, "prior": towards, "key": key}).groupby("key", observed=True)
    events, rows, prior = table["y"].sum(), table["y"].size(), table["prior"].first()
    rate = (events + SHRINKAGE_ROWS * prior) / (rows + SHRINKAGE_ROWS)
    return {str(name): float(value) for name, value in rate.items()}
