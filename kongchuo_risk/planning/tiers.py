"""Tiers of the list: a school's own ranking, cut where its capacity ends."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kongchuo_risk.domain.risk import Tier
from kongchuo_risk.settings import CapacitySettings


def assign_tiers(
    scores: pd.DataFrame, capacity: pd.Series, settings: CapacitySettings
) -> pd.DataFrame:
    """Rank and tier of every pupil within the school.

    More capacity never drops a pupil from the list and never lowers a tier.

    Parameters
    ----------
    scores : DataFrame with ``student_id``, ``school_code``, ``score``
        One row per pupil; higher is more at risk. Ties are broken by ``student_id``.
    capacity : Series, index ``school_code``
        Length of each school's list; a school that is not named has none.
    settings
        ``red_share`` and ``orange_share`` of the list.

    Returns
    -------
    DataFrame
        ``scores`` with ``rank`` (from 1 within the school) and ``tier``, in the given row order.

    Raises
    ------
    ValueError
        When a score is missing: an unscored pupil must be left out, not ranked last.

    Examples
    --------
    >>> scores = pd.DataFrame({"student_id": ["a", "b", "c"], "school_code": "S",
    ...                        "score": [.1, .9, .5]})
    >>> tiers = assign_tiers(scores, pd.Series({"S": 2}), CapacitySettings(red_share=.5))
    >>> [str(tier) for tier in tiers["tier"]]
    ['未列入', '红', '橙']
    """
    if scores["score"].isna().any():
        raise ValueError("a score is missing")
    order = scores.sort_values(["score", "student_id"], ascending=[False, True], kind="stable")
    rank = order.groupby("school_code", observed=True).cumcount().add(1).reindex(scores.index)
    length = scores["school_code"].astype("str").map(capacity).fillna(0).to_numpy(dtype="int64")
    return scores.assign(rank=rank, tier=_tiers(rank.to_numpy(), length, settings))


def _tiers(rank: np.ndarray, length: np.ndarray, settings: CapacitySettings) -> list[Tier]:
    red = _first(settings.red_share, length)
    orange = _first(min(settings.red_share + settings.orange_share, 1.0), length)
    band = np.select([rank <= red, rank <= orange, rank <= length], [0, 1, 2], default=3)
    names = list(Tier)
    return [names[position] for position in band]


def _first(share: float, length: np.ndarray) -> np.ndarray:
    """Places of the first ``share`` of a list, rounded up; rounding hides floating-point dust."""
    return np.asarray(np.ceil(np.round(share * length, 9)))
