"""Marks as shares of the full score, whatever a school writes."""

from __future__ import annotations

import numpy as np
import pandas as pd

BAND_VALUE = {"A": 0.92, "B": 0.80, "C": 0.67, "D": 0.45}
"""Share of the full score that a band stands for: the middle of 85–100, 75–85, 60–75, below 60."""
DEFAULT_FULL_SCORE = 100.0


def marked_share(scores: pd.DataFrame) -> np.ndarray:
    """Share of the full score of every row of the table ``scores``.

    Parameters
    ----------
    scores
        ``score``, ``full_score``, ``band``, ``absent``.

    Returns
    -------
    float array of shape (n,)
        A band's middle where there is no score; NaN when the exam was missed.

    Examples
    --------
    >>> papers = pd.DataFrame({"score": [75, None, 60], "full_score": [150, None, None],
    ...                        "band": [None, "A", None], "absent": [False, False, True]})
    >>> marked_share(papers).tolist()
    [0.5, 0.92, nan]
    """
    full = scores["full_score"].to_numpy(dtype="float64", na_value=np.nan)
    score = scores["score"].to_numpy(dtype="float64", na_value=np.nan)
    value = score / np.where(np.isnan(full), DEFAULT_FULL_SCORE, full)
    if scores["band"].notna().any():
        band = scores["band"].astype("object").map(BAND_VALUE).to_numpy(dtype="float64")
        value = np.where(np.isnan(value), band, value)
    missed = scores["absent"].to_numpy(dtype=bool, na_value=False)
    return np.where(missed, np.nan, value)
