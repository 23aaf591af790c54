"""A measure that began in some schools before others: what it did to the pupils there."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kongchuo_risk.domain.effect import Check, Design, Estimate, Evidence
from kongchuo_risk.effects.imputation import Cells, Jackknife, jackknife, number_cells

MIN_CLUSTERS = 5
"""On each side: with fewer, a standard error between clusters means little (decision 0011)."""
MIN_EVENTS = 20
"""In the comparison; as the gate asks before it judges a model."""
CLEARLY = np.sqrt(10.0)
"""z of the share reached from which on an effect is scaled by it (F above 10, Stock & Yogo)."""
VALUES = ["outcome", "delivered"]


def estimate_phased(
    panel: pd.DataFrame, starts: pd.DataFrame, *, by_lot: bool = False
) -> Evidence | None:
    """Difference-in-differences of a phased start; see :mod:`kongchuo_risk.effects.imputation`.

    Parameters
    ----------
    panel : DataFrame
        One row per pupil and period: ``unit``, ``cluster`` (units that share their luck),
        ``stratum`` (only units of one stratum are compared), ``period``, ``outcome`` (0, 1 or
        NaN for not known), ``delivered`` (bool).
    starts : DataFrame indexed by unit
        ``start`` and ``stop``, from :func:`kongchuo_risk.effects.find_starts`.
    by_lot
        Whether it was drawn by lot who begins first: then no earlier trend has to be looked at.

    Returns
    -------
    Evidence or None
        None when fewer than two units that began can be compared with two that had not: one alone
        has no interval.
    """
    table = _cells(panel, starts)
    begun = (table["period"] >= table["start"]).to_numpy()
    cells = number_cells(table, begun, VALUES)
    found = jackknife(cells)
    if found is None or not np.isfinite(found.of(0).se):
        return None
    used = _in_comparison(cells)
    counts = _counts(cells, used)
    events = round(float((cells.values[used, 0] * cells.pupils[used]).sum()))
    checks = [_enough_clusters(counts), _enough_events(events)]
    if not by_lot:
        checks.append(_same_trend(_placebo(table)))
    reached = found.of(1)
    return Evidence(
        design=Design.PHASED,
        effect=found.of(0),
        per_treated=_per_treated(found, reached),
        reached=reached.value,
        rows=int(cells.pupils[used].sum()),
        events=events,
        units=counts,
        checks=tuple(checks),
    )


def _cells(panel: pd.DataFrame, starts: pd.DataFrame) -> pd.DataFrame:
    """Units by period, of pupils whose outcome is known; terms after a stop are left out."""
    known = panel[panel["outcome"].notna()].astype({"delivered": float, "outcome": float})
    by_cell = known.groupby(["unit", "cluster", "stratum", "period"], sort=True, observed=True)
    table = by_cell[VALUES].mean().assign(pupils=by_cell.size()).reset_index()
    order = {period: number for number, period in enumerate(sorted(panel["period"].unique()))}
    never = len(order)
    for name in ("start", "stop"):
        table[name] = table["unit"].map(starts[name]).map(order).fillna(never).astype("int64")
    table["period"] = table["period"].map(order).astype("int64")
    table["never"] = table["start"] == never
    kept: pd.DataFrame = table[table["period"] < table["stop"]]
    return kept.reset_index(drop=True)


def _in_comparison(cells: Cells) -> np.ndarray:
    """Cells of the strata in which some unit began and can be compared."""
    units = np.unique(cells.unit[cells.comparable])
    keys = np.unique(cells.key[np.isin(cells.unit, units)])
    return np.asarray(np.isin(cells.key, keys) & (~cells.begun | cells.comparable))


def _counts(cells: Cells, used: np.ndarray) -> dict[str, int]:
    begins = np.unique(cells.cluster[cells.comparable])
    others = np.setdiff1d(cells.cluster[used & ~cells.begun], begins)
    # A unit that begins later is a comparison until then.
    waiting = np.unique(cells.cluster[used & ~cells.begun & _someone_has_begun(cells)])
    return {
        "started": len(begins),
        "compared": len(np.union1d(others, waiting)),
        "periods": len(np.unique(cells.key[cells.comparable])),
    }


def _someone_has_begun(cells: Cells) -> np.ndarray:
    """Cells of periods in which a unit of the stratum had begun."""
    return np.isin(cells.key, cells.key[cells.comparable])


def _per_treated(found: Jackknife, reached: Estimate) -> Estimate | None:
    return found.ratio(0, 1) if reached.value > CLEARLY * reached.se else None


def _placebo(table: pd.DataFrame) -> Estimate | None:
    """The same comparison one period before the start, of what had not begun: about zero."""
    before = table[table["period"] < table["start"]].reset_index(drop=True)
    begun = (before["period"] == before["start"] - 1) & ~before["never"]
    found = jackknife(number_cells(before, begun.to_numpy(), VALUES[:1]))
    return None if found is None else found.of(0)


def _enough_clusters(counts: dict[str, int]) -> Check:
    started, compared = counts["started"], counts["compared"]
    return Check(
        "单位数",
        min(started, compared) >= MIN_CLUSTERS,
        f"先开始的 {started} 个，对照的 {compared} 个（两边各需 {MIN_CLUSTERS} 个以上）",
    )


def _enough_events(events: int) -> Check:
    return Check(
        "人次", events >= MIN_EVENTS, f"比较中共有 {events:,} 人次发生（需 {MIN_EVENTS} 人次以上）"
    )


def _same_trend(placebo: Estimate | None) -> Check:
    if placebo is None or not np.isfinite(placebo.se):
        return Check("原来的趋势", False, "开始前的学期太少，看不出两边原来的变化是否一致")
    low, high = (100 * bound for bound in placebo.interval())
    told = f"假设提前一个学期开始来试算：区间 {low:+.2f} 至 {high:+.2f} 个百分点"
    if placebo.holds_zero():
        return Check("原来的趋势", True, f"{told}，没有看出两边原来就不一致（不等于证明一致）")
    return Check("原来的趋势", False, f"{told}，开始之前两边的变化就不一致")
