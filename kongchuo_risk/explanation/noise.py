"""How far a reason strays from refit to refit: what decides whether a teacher sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

MIN_CONTRIBUTION = 0.05
"""Log-odds below which a group says nothing worth a teacher's time (about 5 % of the odds)."""
MIN_STABILITY = 0.6
"""A reason that fewer refits than this would tell again is withheld from teachers."""
_PRIOR_REASONS = 20.0
"""Reasons of which the mean noise of all groups counts as much as a group's own."""


@dataclass(frozen=True)
class ReasonNoise:
    """Deviation of the contributions of each reason group over refits.

    A reason is told again when its contribution in the refit reaches 0.05; taking that for normal
    around the model's own predicts the share about as well as keeping the refits would
    (``docs/decisions/0007`` has the comparison).

    Attributes
    ----------
    deviation : mapping of reason group to float
        Root mean square distance from the model's own contribution, in log-odds.
    elsewhere : float
        That of a group of which no reason was told.

    Examples
    --------
    >>> noise = ReasonNoise({"出勤": 0.2}, elsewhere=0.6)
    >>> round(noise.least("出勤"), 3), round(noise.least("学业"), 3)
    (0.101, 0.202)
    >>> noise.holds("出勤", 0.15), noise.holds("学业", 0.15)
    (True, False)
    """

    deviation: Mapping[str, float]
    elsewhere: float

    def share(self, group: str, contribution: float) -> float:
        """Expected share of refits that tell a reason of this size again."""
        return float(norm.cdf((contribution - MIN_CONTRIBUTION) / self._of(group)))

    def least(self, group: str) -> float:
        """Log-odds from which a reason of the group may be told to teachers."""
        return float(MIN_CONTRIBUTION + norm.ppf(MIN_STABILITY) * self._of(group))

    def holds(self, group: str, contribution: float) -> bool:
        """Whether a reason of this size may be told to teachers."""
        return contribution >= self.least(group)

    def state(self) -> dict[str, Any]:
        """What JSON needs to rebuild the noise."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> ReasonNoise:
        """The noise that :meth:`state` described."""
        return cls({str(g): float(d) for g, d in state["deviation"].items()}, state["elsewhere"])

    def _of(self, group: str) -> float:
        return max(self.deviation.get(group, self.elsewhere), 1e-9)


def fit_noise(told: pd.DataFrame) -> ReasonNoise:
    """Noise of each group from the reasons that a model told.

    Parameters
    ----------
    told : DataFrame
        ``group`` and ``strayed``, the root mean square distance of each reason's contribution in
        the refits from that in the model. Not empty.

    Notes
    -----
    A group's mean square is shrunk towards that of all reasons, as if 20 more had been told of it.
    """
    squares = told["strayed"] ** 2
    overall = float(squares.mean())
    by_group = squares.groupby(told["group"])
    shrunk = (by_group.sum() + _PRIOR_REASONS * overall) / (by_group.size() + _PRIOR_REASONS)
    deviation = {str(group): float(np.sqrt(square)) for group, square in shrunk.items()}
    return ReasonNoise(deviation, float(np.sqrt(overall)))
