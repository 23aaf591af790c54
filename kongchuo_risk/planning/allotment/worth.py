"""What one more place, hour or yuan would bring, school by school and in the county."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.policy import Cap
from kongchuo_risk.planning.allotment.gains import (
    NOTHING,
    NOTHING_HERE,
    Gain,
    gains_again,
    gains_relaxed,
)
from kongchuo_risk.planning.allotment.program import SLACK
from kongchuo_risk.planning.allotment.requests import Requests
from kongchuo_risk.planning.allotment.serving import Served

COUNTY = "全县"
"""``school_code`` of the rows of county-wide ceilings."""
COLUMNS = (
    "school_code", "cap", "label", "unit", "supply", "used", "asked", "left_out", "step",
    "one_more", "low", "high", "method",
)  # fmt: skip
Place = tuple[int, int]
"""Positions of a school and a cap."""


@dataclass(frozen=True)
class Outcome:
    """What was asked for, what there is, and what was given."""

    asked: Requests
    served: Served
    caps: Sequence[Cap]
    supply: np.ndarray
    """As schools report it; shape (n_schools, n_caps)."""
    limit: np.ndarray
    """As it limits the term: infinite where people only wait; same shape."""
    ceiling: np.ndarray
    """Of the county; infinite where it sets none; shape (n_caps,)."""


def worth_table(outcome: Outcome) -> pd.DataFrame:
    """One row per school and cap that somebody asks for, then one per ceiling of the county."""
    step = _steps(outcome)
    whole = _county_gains(outcome, step)
    own = _own_gains(outcome, step, whole)
    rows = [*_school_rows(outcome, step, own), *_county_rows(outcome, step, whole)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _steps(outcome: Outcome) -> np.ndarray:
    """One unit; or the least that somebody who goes without takes, if that is more."""
    asked = outcome.asked
    without = asked.wanted & ~outcome.served.chosen
    takes = np.where(asked.amount[without] > 0, asked.amount[without], np.inf)
    step = np.full(outcome.supply.shape, np.inf)
    np.minimum.at(step, asked.school[without], takes)
    return np.where(np.isfinite(step), np.maximum(step, 1.0), np.inf)


def _county_gains(outcome: Outcome, step: np.ndarray) -> dict[int, Gain]:
    """One step more of each ceiling goes to the school where it brings most."""
    whole = {}
    for cap in np.flatnonzero(np.isfinite(outcome.ceiling)).tolist():
        whole[cap] = NOTHING
        least = float(step[:, cap].min(initial=np.inf))
        if outcome.served.shared[cap] and np.isfinite(least):
            used = outcome.asked.total(outcome.served.chosen)[:, cap]
            hopes = np.flatnonzero(
                (outcome.asked.asked[:, cap] > used + SLACK)
                & (used + least <= outcome.limit[:, cap] + SLACK)
            )
            gains = _gains(outcome, {(at, cap): least for at in hopes.tolist()})
            whole[cap] = max(gains.values(), key=lambda gain: gain.expected, default=NOTHING)
    return whole


def _own_gains(outcome: Outcome, step: np.ndarray, whole: Mapping[int, Gain]) -> dict[Place, Gain]:
    """One step more in a school; where the county divides a ceiling, it is taken from others."""
    used = outcome.asked.total(outcome.served.chosen)
    short = (outcome.asked.asked > outcome.limit + SLACK) & np.isfinite(step)
    # With room left in the school, it is the ceiling of the county that binds.
    short &= ~outcome.served.shared | (used + step > outcome.limit + SLACK)
    tried = {(at, cap): float(step[at, cap]) for at, cap in np.argwhere(short).tolist()}
    gains = _gains(outcome, tried)
    held = ~short & outcome.served.shared & (outcome.asked.asked > used + SLACK)
    gains |= dict.fromkeys(zip(*np.nonzero(held), strict=True), NOTHING_HERE)
    for (at, cap), gain in gains.items():
        if outcome.served.shared[cap] and gain is not NOTHING_HERE:
            per_unit = whole[cap].levels / step[:, cap].min()
            gains[at, cap] = gain.minus(per_unit * step[at, cap])
    return gains


def _gains(outcome: Outcome, steps: Mapping[Place, float]) -> dict[Place, Gain]:
    """Each school on its own, with its share of what the county divides."""
    asked, served = outcome.asked, outcome.served
    used = asked.total(served.chosen)
    limit = np.where(served.shared, np.minimum(outcome.limit, used), outcome.limit)
    by_school: dict[int, dict[int, float]] = {}
    for (at, cap), step in steps.items():
        # Of what spills, something is enough for everybody in the end.
        by_school.setdefault(at, {})[cap] = np.inf if outcome.caps[cap].spills else step

    def one(at: int) -> dict[int, Gain]:
        rows = np.flatnonzero(asked.school == at)
        part, given = asked.take(rows), served.chosen[rows]
        if served.small[at]:
            start = None if served.shared.any() else part.benefit(given)
            return gains_again(part, start, limit[at], by_school[at])
        return gains_relaxed(part, given, limit[at], by_school[at])

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = dict(zip(by_school, pool.map(one, by_school), strict=True))
    return {(at, cap): found[at][cap] for at, cap in steps}


def _school_rows(
    outcome: Outcome, step: np.ndarray, gains: Mapping[Place, Gain]
) -> Iterator[tuple[Any, ...]]:
    asked, served = outcome.asked, outcome.served
    codes = asked.names["school_code"].to_numpy()[np.unique(asked.school, return_index=True)[1]]
    used = np.minimum(asked.total(served.chosen), outcome.supply)
    denied = np.zeros(used.shape, dtype=int)
    rows = (served.cap >= 0) & ~served.by_county
    np.add.at(denied, (asked.school[rows], served.cap[rows]), 1)
    for at, cap in np.argwhere(asked.asked > 0).tolist():
        yield (
            codes[at], *_named(outcome.caps[cap]), outcome.supply[at, cap], used[at, cap],
            asked.asked[at, cap], denied[at, cap], _told_step(step[at, cap]),
            *_told(gains.get((at, cap), NOTHING)),
        )  # fmt: skip


def _county_rows(
    outcome: Outcome, step: np.ndarray, gains: Mapping[int, Gain]
) -> Iterator[tuple[Any, ...]]:
    asked, served = outcome.asked, outcome.served
    used = asked.total(served.chosen).sum(axis=0)
    for cap, gain in gains.items():
        denied = int(((served.cap == cap) & served.by_county).sum())
        yield (
            COUNTY, *_named(outcome.caps[cap]), outcome.ceiling[cap], used[cap],
            asked.asked[:, cap].sum(), denied, _told_step(step[:, cap].min(initial=np.inf)),
            *_told(gain),
        )  # fmt: skip


def _named(cap: Cap) -> tuple[str, str, str]:
    return cap.id, cap.label, cap.unit


def _told_step(step: float) -> float:
    return step if np.isfinite(step) else 1.0


def _told(gain: Gain) -> tuple[float, float, float, str]:
    return gain.expected, float(gain.levels.min()), float(gain.levels.max()), gain.method
