"""Means and distances within groups of pupils."""

from __future__ import annotations

import numpy as np

SPREAD_FLOOR = 1e-9
"""A smaller standard deviation is rounding: everybody has the same value."""


def group_moments(
    values: np.ndarray, group: np.ndarray, counted: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Number, mean and standard deviation (of the population) of the known values by group.

    Parameters
    ----------
    values : float array of shape (n,)
        NaN is left out.
    group : int array of shape (n,)
        Negative groups are left out.
    counted : bool array of shape (n,), optional
        Further rows to leave out where false.

    Returns
    -------
    three float arrays of shape (n_groups,)

    Examples
    --------
    >>> group_moments(np.array([1.0, 3.0, 5.0]), np.array([0, 0, 1]))
    (array([2., 1.]), array([2., 5.]), array([1., 0.]))
    """
    size = int(group.max(initial=-1)) + 1
    use = np.isfinite(values) & (group >= 0)
    use = use if counted is None else use & counted
    member, value = group[use], values[use]
    number = np.bincount(member, minlength=size).astype(np.float64)
    with np.errstate(invalid="ignore"):
        mean = np.bincount(member, value, minlength=size) / number
        spread = np.bincount(member, (value - mean[member]) ** 2, minlength=size) / number
    return number, mean, np.sqrt(spread)


def group_mean(values: np.ndarray, group: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """Mean of each row's group, NaN for rows without group or groups without values."""
    _, mean, _ = group_moments(values, group, counted)
    return spread_out(mean, group)


def spread_out(by_group: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Value of each row's group, NaN for rows without group."""
    if not len(by_group):
        return np.full(len(group), np.nan)
    return np.where(group >= 0, by_group[group], np.nan)


def standardised(
    values: np.ndarray,
    group: np.ndarray,
    counted: np.ndarray | None = None,
    *,
    alike: float = np.nan,
) -> np.ndarray:
    """Distance from the group's mean in standard deviations.

    ``alike`` is returned where everybody in the group has the same value.

    Examples
    --------
    >>> standardised(np.array([1.0, 3.0, 5.0]), np.array([0, 0, 1]), alike=0.0)
    array([-1.,  1.,  0.])
    """
    _, mean, spread = group_moments(values, group, counted)
    sd, distance = spread_out(spread, group), values - spread_out(mean, group)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(sd > SPREAD_FLOOR, distance / sd, alike)
    return np.where(np.isfinite(distance), z, np.nan)
