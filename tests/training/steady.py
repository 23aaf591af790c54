"""A base model whose log-odds are worked out in the head, and rows to go with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.domain.model import Contributions
from tests.training import builders


@dataclass(frozen=True)
class Steady:
    """A base that gives everybody the same log-odds, and may name one feature."""

    level: float
    name: str = "steady"
    features: tuple[str, ...] = ("absences",)

    def log_odds(self, matrix: FeatureMatrix) -> np.ndarray:
        return self.level + matrix.X["absences"].to_numpy()

    def contributions(self, matrix: FeatureMatrix) -> Contributions:
        return Contributions(matrix.X[["absences"]].to_numpy(), self.level, self.features)


def rows(school: list[str], term: str = "2024-2025-1") -> pd.DataFrame:
    """One pupil per row."""
    return pd.DataFrame(
        {
            "student_id": [f"p{i}" for i in range(len(school))],
            "as_of": pd.Timestamp("2024-10-14"),
            "term": term,
            "school_code": school,
            "class_id": "c1",
            "grade": 7,
        }
    )


def small_matrix() -> FeatureMatrix:
    return builders.matrix(builders.County(pupils=60, terms=2))
