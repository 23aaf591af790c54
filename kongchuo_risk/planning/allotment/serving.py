"""One class after the other, school by school, within what is left."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from kongchuo_risk.planning.allotment.bundles import make_offer, taken_by
from kongchuo_risk.planning.allotment.program import SLACK, Program, relax, solve
from kongchuo_risk.planning.allotment.requests import EXPECTED, Requests

NOBODY = -1


@dataclass(frozen=True)
class Served:
    """What was given, and why the rest was not.

    Attributes
    ----------
    chosen : bool array of shape (n,)
    cap : int array of shape (n,)
        Position of the scarcest cap on which adding the request would break; -1 for all others.
    by_county : bool array of shape (n,)
        It is the county's ceiling that would break.
    shared : bool array of shape (n_caps,)
        Caps of which the county's ceiling tied schools together.
    small : bool array of shape (n_schools,)
        Every round of the school was solved with all options open.
    value, bound : float
        Pupils kept, and what no choice could exceed given the classes before.
    """

    chosen: np.ndarray
    cap: np.ndarray
    by_county: np.ndarray
    shared: np.ndarray
    small: np.ndarray
    value: float
    bound: float


@dataclass(frozen=True)
class _Round:
    chosen: np.ndarray
    value: float
    bound: float
    small: bool


def serve(asked: Requests, supply: np.ndarray, ceiling: np.ndarray) -> Served:
    """Serve the classes in turn; what an earlier one was given stays.

    Parameters
    ----------
    asked
        All requests.
    supply : float array of shape (n_schools, n_caps)
        Infinite for what does not limit.
    ceiling : float array of shape (n_caps,)
        For all schools together.
    """
    schools = [np.flatnonzero(asked.school == at) for at in range(asked.n_schools)]
    parts = [asked.take(rows) for rows in schools]
    chosen = np.zeros(len(asked), dtype=bool)
    cap, by_county = np.full(len(asked), NOBODY), np.zeros(len(asked), dtype=bool)
    shared, small = np.zeros(len(ceiling), dtype=bool), np.ones(len(parts), dtype=bool)
    value = bound = 0.0
    for turn in turns(asked):
        room, county = _left(asked, chosen, supply, ceiling)
        tied, share, most = _shares(asked, turn, chosen, room, county)
        rounds = _each_school(parts, schools, turn, chosen, np.minimum(room, share))
        before = asked.benefit(chosen)[EXPECTED]
        for at, rows in enumerate(schools):
            chosen[rows] |= rounds[at].chosen
            small[at] &= rounds[at].small
        _fill(asked, turn, chosen, supply, ceiling)
        value += asked.benefit(chosen)[EXPECTED] - before
        bound += sum(each.bound for each in rounds) if most is None else most
        shared |= tied
        _blame(asked, turn & ~chosen, _left(asked, chosen, supply, ceiling), (supply, ceiling),
               cap, by_county)  # fmt: skip
    return Served(chosen, cap, by_county, shared, small, value, max(bound, value))


def turns(asked: Requests) -> Iterator[np.ndarray]:
    for priority in np.unique(asked.priority[asked.wanted]):
        yield asked.wanted & (asked.priority == priority)


def _left(
    asked: Requests, chosen: np.ndarray, supply: np.ndarray, ceiling: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    used = asked.total(chosen)
    return supply - used, ceiling - used.sum(axis=0)


def _shares(
    asked: Requests, turn: np.ndarray, chosen: np.ndarray, room: np.ndarray, county: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float | None]:
    """Caps whose ceiling binds, each school's share of them, and the bound of all schools together.

    The linear relaxation of the whole county (the exact choice, where it is small) divides the
    ceiling; within its share each school is then solved on its own.
    """
    tied = np.minimum(asked.total(turn), room).sum(axis=0) > county + SLACK
    share = np.full(room.shape, np.inf)
    if not tied.any():
        return tied, share, None
    offer = make_offer(asked, turn, chosen, room, np.where(tied, county, np.inf))
    used = asked.total(offer.free)
    most = float(asked.benefit(chosen | offer.free)[EXPECTED] - asked.benefit(chosen)[EXPECTED])
    if len(offer.program):
        part, bound = _picked_in_part(offer.program)
        taken = taken_by(asked, offer.members) * part[:, None]
        np.add.at(used, asked.school[offer.members[:, 0]], taken)
        most += bound
    share[:, tied] = used[:, tied]
    return tied, share, most


def _picked_in_part(program: Program) -> tuple[np.ndarray, float]:
    if program.is_small:
        picked = solve(program)
        return picked.options.astype(float), picked.bound
    relaxed = relax(program)
    return relaxed.share, relaxed.bound


def _each_school(
    parts: list[Requests],
    schools: list[np.ndarray],
    turn: np.ndarray,
    chosen: np.ndarray,
    room: np.ndarray,
) -> list[_Round]:
    def one(at: int) -> _Round:
        rows = schools[at]
        return _round(parts[at], turn[rows], chosen[rows], room[at : at + 1])

    if len(parts) == 1:
        return [one(0)]
    # HiGHS lets other threads run.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(one, range(len(parts))))


def _round(asked: Requests, turn: np.ndarray, chosen: np.ndarray, room: np.ndarray) -> _Round:
    offer = make_offer(asked, turn, chosen, room)
    picked = solve(offer.program)
    given = offer.given(picked.options)
    before = asked.benefit(chosen)[EXPECTED]
    free = asked.benefit(chosen | offer.free)[EXPECTED] - before
    value = asked.benefit(chosen | given)[EXPECTED] - before
    return _Round(given, value, free + picked.bound, offer.program.is_small)


def _fill(
    asked: Requests,
    turn: np.ndarray,
    chosen: np.ndarray,
    supply: np.ndarray,
    ceiling: np.ndarray,
) -> None:
    """Give, in place, whatever still fits: nobody is left out while there is room."""
    room, county = _left(asked, chosen, supply, ceiling)
    rows = np.flatnonzero(turn & ~chosen & ~_over(asked, room, county).any(axis=1))
    worth = asked.risk * asked.effect[EXPECTED]
    for row in rows[np.lexsort((asked.order[rows], -worth[rows]))]:
        amount, at = asked.amount[row], asked.school[row]
        if (amount <= np.minimum(room[at], county) + SLACK).all():
            chosen[row] = True
            room[at] -= amount
            county -= amount


def _over(asked: Requests, room: np.ndarray, county: np.ndarray) -> np.ndarray:
    """Which caps each request would break; only those that it uses."""
    limit = np.minimum(room[asked.school], county) + SLACK
    return np.asarray((asked.amount > limit) & (asked.amount > 0))


def _blame(
    asked: Requests,
    denied: np.ndarray,
    left: tuple[np.ndarray, np.ndarray],
    supply: tuple[np.ndarray, np.ndarray],
    cap: np.ndarray,
    by_county: np.ndarray,
) -> None:
    """Name, in place, the scarcest cap on which each denied request would break."""
    rows = np.flatnonzero(denied)
    over = _over(asked, *left)[rows]
    in_school = asked.amount[rows] > left[0][asked.school[rows]] + SLACK
    asks = np.maximum(asked.asked, SLACK)
    share = np.minimum(
        np.where(in_school, (supply[0] / asks)[asked.school[rows]], np.inf),
        np.where(in_school, np.inf, supply[1] / np.maximum(asked.asked.sum(axis=0), SLACK)),
    )
    cap[rows] = np.argmin(np.where(over, share, np.inf), axis=1)
    by_county[rows] = ~in_school[np.arange(len(rows)), cap[rows]]
