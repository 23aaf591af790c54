"""Scarce places go where they are expected to keep most pupils, those first whom a law names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from time import perf_counter

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.policy import Cap, Effect, Uses
from kongchuo_risk.domain.allotment import Allotment, Benefit, Candidate, LeftOut
from kongchuo_risk.planning.allotment.requests import EXPECTED, HIGH, LOW, Requests, read_requests
from kongchuo_risk.planning.allotment.serving import Served, serve
from kongchuo_risk.planning.allotment.weeks import weeks_of
from kongchuo_risk.planning.allotment.worth import Outcome, worth_table

COMPARED = ["effects", "chosen", "dropped", "added"]
SCENARIOS = {LOW: "全部取低值", HIGH: "全部取高值"}


def allot(
    candidates: Sequence[Candidate] | pd.DataFrame,
    uses: Mapping[str, tuple[Uses, ...]],
    effects: Mapping[str, Effect],
    caps: Sequence[Cap],
    supply: pd.DataFrame,
    county_limits: Mapping[str, float] | None = None,
    *,
    sensitivity: bool = True,
) -> Allotment:
    """Choose the measures that keep most pupils from leaving, within every cap.

    A pupil at risk p with measures of effects e is kept with p·(1 − Π(1 − e)): every further
    measure brings less. Classes of priority are served one after the other, each to its best; what
    a class was given is not taken back. Who waits for a spilling cap is not denied. A measure
    that is expected to do harm is neither chosen nor left out.

    Parameters
    ----------
    candidates
        Who asks for what; or a table with the fields of
        :class:`~kongchuo_risk.domain.allotment.Candidate` as columns.
    uses
        What one pupil takes, by measure; an empty tuple where nothing is scarce.
    effects
        By measure, with people's edits.
    caps
        Everything scarce.
    supply : DataFrame with ``school_code``, ``cap``, ``supply``
        As from :func:`~kongchuo_risk.planning.allotment.supplies`; what is not there is 0.
    county_limits
        Ceiling over all schools, by cap.
    sensitivity
        Allot twice more, with all effects low and all high, to see how much hangs on them.

    Returns
    -------
    Allotment
        Its ``worth`` has ``school_code`` (全县 for a ceiling of the county), ``cap``, ``label``,
        ``unit``, ``supply``, ``used`` (of a spilling cap: in the first week), ``asked`` (all in
        the unit), ``left_out`` (requests), ``step`` (one unit, or the least that a pupil who goes
        without takes), ``one_more`` (further pupils kept by one step more), ``low`` and ``high``
        of it, and ``method``: 够用, 全县限额, 重新分配 (exact) or 线性松弛 (places divisible).

    Raises
    ------
    ValueError
        See :func:`~kongchuo_risk.planning.allotment.requests.read_requests`; and when a supply is
        missing or negative.

    Examples
    --------
    >>> from kongchuo_risk.contracts.policy import Supply
    >>> club = Cap(id="club", label="兴趣班", unit="个", per="学期", supply=Supply(), source="假设")
    >>> asks = [Candidate("a", "S1", "club", 0.1, 1, 1), Candidate("b", "S1", "club", 0.3, 1, 2)]
    >>> found = allot(asks, {"club": (Uses(cap="club"),)},
    ...               {"club": Effect(low=0, expected=0.1, high=0.2, basis="假设")}, [club],
    ...               pd.DataFrame({"school_code": ["S1"], "cap": ["club"], "supply": [1]}))
    >>> found.chosen, [left.student_id for left in found.left_out]
    (frozenset({('b', 'club')}), ['a'])
    >>> round(found.benefit.expected, 6), round(found.worth["one_more"].item(), 6)
    (0.03, 0.01)
    """
    begun = perf_counter()
    asked = read_requests(candidates, uses, effects, caps)
    there_is = _supply(asked, caps, supply)
    spills = np.array([cap.spills for cap in caps], dtype=bool)
    limit = np.where(spills & (there_is > 0), np.inf, there_is)
    ceiling = np.array([(county_limits or {}).get(cap.id, np.inf) for cap in caps])
    served = serve(asked, limit, ceiling)
    outcome = Outcome(asked, served, caps, there_is, limit, ceiling)
    low, expected, high = asked.benefit(served.chosen).tolist()
    return Allotment(
        chosen=_keys(asked, served.chosen),
        left_out=_left_out(outcome),
        weeks=weeks_of(asked, served.chosen, there_is, spills),
        worth=worth_table(outcome),
        benefit=Benefit(low, expected, high),
        sensitivity=_sensitivity(outcome) if sensitivity else pd.DataFrame(columns=COMPARED),
        gap=1 - served.value / served.bound if served.bound > 0 else 0.0,
        seconds=perf_counter() - begun,
    )


def _supply(asked: Requests, caps: Sequence[Cap], supply: pd.DataFrame) -> np.ndarray:
    if not (pd.to_numeric(supply["supply"]) >= 0).all():
        raise ValueError("a supply is missing or negative")
    wide = supply.pivot_table(index="school_code", columns="cap", values="supply", aggfunc="sum")
    codes = list(dict.fromkeys(asked.names["school_code"]))
    known = wide.reindex(index=codes, columns=[cap.id for cap in caps])
    return np.array(known.fillna(0), dtype=float)


def _keys(asked: Requests, rows: np.ndarray) -> frozenset[tuple[str, str]]:
    names = asked.names[rows]
    return frozenset(zip(names["student_id"], names["measure"], strict=True))


def _left_out(outcome: Outcome) -> tuple[LeftOut, ...]:
    served, rows = outcome.served, np.flatnonzero(outcome.served.cap >= 0)
    names = outcome.asked.names.iloc[rows].itertuples(index=False, name=None)
    return tuple(
        LeftOut(student_id, school, measure, outcome.caps[cap].id, float(there_is), bool(county))
        for (student_id, school, measure), cap, county, there_is in zip(
            names,
            served.cap[rows],
            served.by_county[rows],
            _binding_supply(outcome, rows),
            strict=True,
        )
    )


def _binding_supply(outcome: Outcome, rows: np.ndarray) -> np.ndarray:
    cap, school = outcome.served.cap[rows], outcome.asked.school[rows]
    own, whole = outcome.supply[school, cap], outcome.ceiling[cap]
    return np.asarray(np.where(outcome.served.by_county[rows], whole, own))


def _sensitivity(outcome: Outcome) -> pd.DataFrame:
    """Allot again as if every effect were at its low, and at its high, bound."""
    rows = []
    for level, label in SCENARIOS.items():
        then = _served_at(outcome, level).chosen
        now = outcome.served.chosen
        counts = (then.sum(), (now & ~then).sum(), (then & ~now).sum())
        rows.append((label, *map(int, counts)))
    return pd.DataFrame(rows, columns=COMPARED)


def _served_at(outcome: Outcome, level: int) -> Served:
    effect = outcome.asked.effect.copy()
    effect[EXPECTED] = effect[level]
    return serve(replace(outcome.asked, effect=effect), outcome.limit, outcome.ceiling)
