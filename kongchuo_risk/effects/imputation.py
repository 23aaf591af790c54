"""Difference-in-differences for a start in steps, by imputing what would have been without it.

The estimator of Borusyak, Jaravel & Spiess (2024, Review of Economic Studies): unit and period
effects are fitted on cells that have not begun, give every begun cell its outcome without the
measure, and the differences are averaged over pupils. Effects may differ between units and grow or
fade with time; two-way fixed effects with one coefficient would then mix them with wrong signs
(Goodman-Bacon 2021). The standard error leaves out one cluster at a time (the CRV3 jackknife of
MacKinnon, Nielsen & Webb 2023).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from kongchuo_risk.domain.effect import Estimate


@dataclass(frozen=True)
class Cells:
    """Units by period, numbered.

    Attributes
    ----------
    unit, key, cluster : int array of shape (n_cells,)
        ``key`` numbers the period within the stratum: only cells of one stratum are compared.
    pupils : float array of shape (n_cells,)
        Weight.
    begun : bool array of shape (n_cells,)
    values : float array of shape (n_cells, n_columns)
        Means over the pupils of the cell: the outcome, then what else is to be compared.
    """

    unit: np.ndarray
    key: np.ndarray
    cluster: np.ndarray
    pupils: np.ndarray
    begun: np.ndarray
    values: np.ndarray

    def take(self, keep: np.ndarray) -> Cells:
        """Some of the cells."""
        return Cells(
            self.unit[keep], self.key[keep], self.cluster[keep], self.pupils[keep],
            self.begun[keep], self.values[keep],
        )  # fmt: skip

    @cached_property
    def _parts(self) -> tuple[np.ndarray, np.ndarray]:
        """Which units and which periods are tied together by cells that have not begun."""
        units = int(self.unit.max(initial=-1)) + 1
        nodes = units + int(self.key.max(initial=-1)) + 1
        rows, columns = self.unit[~self.begun], units + self.key[~self.begun]
        graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(nodes, nodes))
        part = connected_components(graph, directed=False)[1]
        return part[:units], part[units:]

    @cached_property
    def comparable(self) -> np.ndarray:
        """Begun cells whose unit and period are both tied to cells that have not begun."""
        units, periods = self._parts
        return np.asarray(self.begun & (units[self.unit] == periods[self.key]))

    def periods(self) -> np.ndarray:
        """An indicator of every period but the first of each part, shape (n_cells, n_periods)."""
        part = self._parts[1]
        first = np.unique(part, return_index=True)[1]
        present = np.isin(np.arange(len(part)), self.key[~self.begun])
        free = present & ~np.isin(np.arange(len(part)), first)
        return np.asarray(self.key[:, None] == np.flatnonzero(free), dtype=float)


def number_cells(table: pd.DataFrame, begun: np.ndarray, columns: list[str]) -> Cells:
    """A table of ``unit, cluster, stratum, period, pupils`` and ``columns`` as arrays."""
    key = table.groupby(["stratum", "period"], sort=True, observed=True).ngroup()
    return Cells(
        unit=pd.factorize(table["unit"])[0],
        key=key.to_numpy(),
        cluster=pd.factorize(table["cluster"])[0],
        pupils=table["pupils"].to_numpy(dtype=float),
        begun=begun,
        values=table[columns].to_numpy(dtype=float),
    )


def weights(cells: Cells) -> np.ndarray | None:
    """Weight of every cell in the estimate, which is ``weights @ values``; None without any.

    Begun cells that cannot be compared have none; the weights of the comparable ones sum to 1.
    """
    target = cells.comparable
    if not target.any():
        return None
    given = np.where(target, cells.pupils, 0.0) / cells.pupils[target].sum()
    calm = ~cells.begun
    weight = np.where(calm, cells.pupils, 0.0)
    total = np.bincount(cells.unit, weight)
    periods = cells.periods()
    usual = _unit_means(cells.unit, weight, total, periods)
    spread = periods - usual[cells.unit]
    # How far the periods of the begun cells are from those that their units are anchored in.
    moved = given @ spread
    slope = _inverse_gram(cells.values[calm, 0], spread[calm], weight[calm]) @ moved
    anchored = np.bincount(cells.unit, given)
    with np.errstate(divide="ignore", invalid="ignore"):
        per_pupil = np.where(total > 0, anchored / total, 0.0)[cells.unit]
    return np.asarray(given - weight * (per_pupil + spread @ slope))


def _unit_means(
    unit: np.ndarray, weight: np.ndarray, total: np.ndarray, values: np.ndarray
) -> np.ndarray:
    sums = np.zeros((len(total), values.shape[1]))
    np.add.at(sums, unit, weight[:, None] * values)
    return sums / np.where(total > 0, total, 1.0)[:, None]


def _inverse_gram(y: np.ndarray, X: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Of the regression of what has not begun on its periods, units already taken out."""
    if not X.shape[1]:
        return np.zeros((0, 0))
    from statsmodels.api import WLS  # loads for seconds; most commands never need it

    return np.asarray(WLS(y, X, weights=weight).fit().normalized_cov_params)


@dataclass(frozen=True)
class Jackknife:
    """The estimate of every column, and what it is when one cluster is left out.

    Attributes
    ----------
    value : float array of shape (n_columns,)
    without : float array of shape (n_clusters, n_columns)
    df : float
    """

    value: np.ndarray
    without: np.ndarray
    df: float

    def of(self, column: int) -> Estimate:
        """One column with its standard error."""
        return self._estimate(self.value[column], self.without[:, column])

    def ratio(self, column: int, base: int) -> Estimate:
        """One column over another, as in an effect per pupil reached."""
        return self._estimate(
            self.value[column] / self.value[base], self.without[:, column] / self.without[:, base]
        )

    def _estimate(self, value: float, without: np.ndarray) -> Estimate:
        n = len(without)
        se = float(np.sqrt((n - 1) / n * ((without - value) ** 2).sum()))
        return Estimate(float(value), se if np.isfinite(se) else np.inf, self.df)


def jackknife(cells: Cells) -> Jackknife | None:
    """Estimate every column of ``cells.values`` and leave out one cluster at a time."""
    weight = weights(cells)
    if weight is None:
        return None
    counted = np.unique(cells.cluster[weight != 0])
    if len(counted) < 2:
        return None
    without = np.full((len(counted), cells.values.shape[1]), np.nan)
    for row, cluster in enumerate(counted):
        rest = cells.take(cells.cluster != cluster)
        if (left := weights(rest)) is not None:
            without[row] = left @ rest.values
    return Jackknife(weight @ cells.values, without, _degrees(cells, weight))


def _degrees(cells: Cells, weight: np.ndarray) -> float:
    """One less than the clusters of the smaller side, the safe end of Welch's range.

    With G - 1 a few schools that begin among many that do not would count for too much.
    """
    started = np.unique(cells.cluster[cells.comparable])
    beside = np.isin(cells.key, cells.key[cells.comparable]) & ~cells.begun & (weight != 0)
    return max(min(len(started), len(np.unique(cells.cluster[beside]))) - 1.0, 1.0)
