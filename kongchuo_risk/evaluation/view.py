"""Test rows beside the scores that every candidate gave them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import logit

from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.evaluation.listing import LIST_KEY, Capacity, list_sizes, listed_share
from kongchuo_risk.evaluation.sample import Sample, Units

RANDOM = "random"
"""Knows the base rate and nothing else."""
PUPIL_TERM = ["student_id", "term"]
"""A pupil is on the list of several days of a term; an event of theirs happens once."""


@dataclass(frozen=True)
class View:
    """Test rows in the order of the scores.

    Attributes
    ----------
    scores : DataFrame
        ``fold``, then log-odds by candidate; a candidate may lack some rows.
    rows : DataFrame
        :attr:`FeatureMatrix.rows` of the same rows.
    y, sizes, lead_days : float arrays of shape (n_rows,)
        Outcome, places of the row's list, days from the list to the event.
    units : Units
    """

    scores: pd.DataFrame
    rows: pd.DataFrame
    y: np.ndarray
    units: Units
    sizes: np.ndarray
    lead_days: np.ndarray

    @classmethod
    def of(
        cls,
        scores: pd.DataFrame,
        matrix: FeatureMatrix,
        capacity: Capacity,
        *,
        one_stage_schools: float = np.inf,
    ) -> View:
        """The rows of ``matrix`` that ``scores`` names by position."""
        part = matrix.take(scores.index.to_numpy(dtype=np.intp))
        y = np.asarray(part.y, dtype=float)
        units = Units.of(part.rows, one_stage_schools=one_stage_schools)
        sizes = list_sizes(part.rows, capacity)
        return cls(scores, part.rows, y, units, sizes, _lead_days(part.rows, y))

    @property
    def models(self) -> list[str]:
        return [*self.scores.columns.drop("fold"), RANDOM]

    def log_odds(self, model: str) -> np.ndarray:
        """Scores of a candidate, NaN where it gave none."""
        if model != RANDOM:
            return self.scores[model].to_numpy(dtype=float)
        rate = np.clip(self.y.mean(), 1e-9, 1 - 1e-9)
        return np.full(len(self.y), logit(rate))

    def scored(self, model: str) -> np.ndarray:
        """Mask of the rows on lists that the candidate scored as a whole."""
        known = pd.Series(np.isfinite(self.log_odds(model)))
        return np.asarray(known.groupby([self.rows[name] for name in LIST_KEY]).transform("all"))

    def sample(self, model: str, *, among: np.ndarray | None = None) -> Sample:
        """The rows as one candidate sees them, of those it scored or of the mask ``among``."""
        keep = self.scored(model) if among is None else among
        log_odds = self.log_odds(model)[keep]
        listed = listed_share(log_odds, self.rows[keep], self.sizes[keep])
        return Sample(
            self.units.unit[keep], self.units.number, self.y[keep], log_odds, listed,
            self.lead_days[keep],
        )  # fmt: skip

    def days(self, among: np.ndarray | None = None) -> int:
        """Days with lists."""
        day = self.rows["as_of"]
        return int((day if among is None else day[among]).nunique())

    @property
    def event_pupils(self) -> int:
        """Pupils with an event, each counted once a term."""
        return len(self.rows.loc[self.y > 0, PUPIL_TERM].drop_duplicates())

    @property
    def events_by_school(self) -> np.ndarray:
        """Events of each school."""
        return pd.Series(self.y).groupby(self.rows["school_code"].to_numpy()).sum().to_numpy()


def _lead_days(rows: pd.DataFrame, y: np.ndarray) -> np.ndarray:
    """Days from the list to the event; NaN without one."""
    days = (pd.to_datetime(rows["event_on"]) - pd.to_datetime(rows["as_of"])).dt.days
    return np.where(y > 0, days.to_numpy(dtype=float, na_value=np.nan), np.nan)
