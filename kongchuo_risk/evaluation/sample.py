"""Test rows as one model sees them, and the draws of whole schools from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Weights = np.ndarray
"""How often each unit was drawn, shape (n_resamples, n_units)."""


@dataclass(frozen=True)
class Sample:
    """Test rows as one model sees them.

    Attributes
    ----------
    unit : int array of shape (n_rows,)
        Number of the school (or class) that is drawn as a whole.
    units : int
    y, log_odds, listed : float arrays of shape (n_rows,)
        Outcome, calibrated score, chance to be on the list.
    lead_days : float array of shape (n_rows,)
        Days from the list to the event; NaN without an event or without its day.
    """

    unit: np.ndarray
    units: int
    y: np.ndarray
    log_odds: np.ndarray
    listed: np.ndarray
    lead_days: np.ndarray

    def total(self, values: np.ndarray) -> np.ndarray:
        """Sum of ``values`` by unit, shape (n_units,)."""
        return np.bincount(self.unit, weights=values, minlength=self.units)


def draw_weights(units: int, resamples: int, seed: int) -> Weights:
    """Ordinary bootstrap: ``units`` draws with replacement, ``resamples`` times."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(units, np.full(units, 1 / units), size=resamples).astype(float)
