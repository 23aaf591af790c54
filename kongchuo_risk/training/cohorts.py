"""Where each row stands among those of its cohort: values that survive a shift of year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

MIN_DISTINCT = 10
"""A number with fewer distinct values says as much by itself as its rank would."""


@dataclass(frozen=True)
class CohortRanks:
    """Percentile ranks of numeric columns within the cohorts of the table that is scored.

    Attributes
    ----------
    by : str
        Column that names the cohort: a presentation, a school's grade and term.
    columns : tuple of int
        Positions of the numbers that are ranked.
    """

    by: str
    columns: tuple[int, ...]

    @classmethod
    def learn(
        cls, frame: pd.DataFrame, encoded: np.ndarray, by: str, barred: set[int]
    ) -> CohortRanks:
        """Rank every number that takes many values; ``barred`` are the columns of categories.

        Raises
        ------
        ValueError
            When ``frame`` has no column ``by``.
        """
        if by not in frame:
            raise ValueError(f"cohort column {by!r} is not in X")
        position = list(frame.columns).index(by)
        many = [
            column
            for column in range(encoded.shape[1])
            if column not in barred | {position}
            and len(np.unique(encoded[np.isfinite(encoded[:, column]), column])) >= MIN_DISTINCT
        ]
        return cls(by, tuple(many))

    def ranks(self, frame: pd.DataFrame, encoded: np.ndarray) -> np.ndarray:
        """Shares in (0, 1] of shape (n_rows, len(columns)); missing values stay missing.

        >>> rows = pd.DataFrame({"year": [1, 1, 2], "mark": [60.0, 80.0, 70.0]})
        >>> CohortRanks("year", (1,)).ranks(rows, rows.to_numpy()).ravel().tolist()
        [0.5, 1.0, 1.0]
        """
        values = pd.DataFrame(encoded[:, list(self.columns)])
        cohort = frame[self.by].astype("str").to_numpy()
        return values.groupby(cohort).rank(pct=True).to_numpy(dtype=float)

    def state(self) -> dict[str, Any]:
        """What JSON needs to rebuild it."""
        return {"by": self.by, "columns": list(self.columns)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> CohortRanks:
        """The ranks that :meth:`state` described."""
        return cls(state["by"], tuple(state["columns"]))
