"""Where and when a measure really began: schools or classes that got it in an earlier term."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class StartRule:
    """When a unit counts as having begun.

    Attributes
    ----------
    share : float
        Of the unit's pupils who get the measure in the term.
    pupils : int
        And at least so many of them: two pupils of a small school are no programme.
    """

    share: float
    pupils: int = 5


SCHOOL_RULE = StartRule(0.05)
"""Half of the longest list (a tenth of the pupils): what single teachers do for single pupils stays
far below it, a measure for everybody on the list lies above it."""
CLASS_RULE = StartRule(0.5)
"""Half of the class. With less, the classes with most trouble would be the ones that begin."""
TIMES = 3.0
"""From the start on, the measure is at least so many times as common as before."""
GOES_ON = 0.5
"""A later term with less than this part of the asked share counts as stopped, and is left out."""


def find_starts(panel: pd.DataFrame, rule: StartRule = SCHOOL_RULE) -> pd.DataFrame:
    """The units of a panel with the term in which the measure began there.

    Parameters
    ----------
    panel : DataFrame
        One row per pupil and period: ``unit``, ``period`` (sorts in time), ``delivered`` (bool).
    rule
        What counts as a beginning.

    Returns
    -------
    DataFrame indexed by ``unit``
        ``start`` (period, missing where it never began) and ``stop`` (the first later period in
        which too few pupils got it, missing where it goes on).

    Examples
    --------
    >>> panel = pd.DataFrame({"unit": ["A"] * 20 + ["B"] * 20, "period": ([1] * 10 + [2] * 10) * 2,
    ...                       "delivered": [False] * 10 + [True] * 10 + [False] * 20})
    >>> find_starts(panel)["start"].tolist()
    [2.0, nan]
    """
    by_cell = panel.groupby(["unit", "period"], observed=True)["delivered"]
    share, pupils = by_cell.mean().unstack(), by_cell.sum().unstack()
    begun = (share >= rule.share) & (pupils >= rule.pupils)
    start = begun.idxmax(axis="columns").where(begun.any(axis="columns"))
    started = share.apply(
        lambda cells: cells.index >= start[cells.name], axis=1, result_type="expand"
    )
    started = started.set_axis(share.columns, axis="columns") & start.notna().to_numpy()[:, None]
    # Not more common than before: a trickle that crossed the bound once.
    trickle = share.where(started).mean(axis=1) < TIMES * share.where(~started).mean(axis=1)
    start = start.mask(trickle)
    faded = started & (share < GOES_ON * rule.share)
    stop = faded.idxmax(axis="columns").where(faded.any(axis="columns") & start.notna())
    return pd.DataFrame({"start": start, "stop": stop})
