"""How many more pupils one school would keep with more room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kongchuo_risk.planning.allotment.bundles import make_offer
from kongchuo_risk.planning.allotment.program import SLACK, shares
from kongchuo_risk.planning.allotment.requests import EXPECTED, Requests
from kongchuo_risk.planning.allotment.serving import serve, turns

ENOUGH = "够用"
AGAIN = "重新分配"
"""The school's places were allotted again, with one step more: exact."""
BY_COUNTY = "全县限额"
"""The school has room; the ceiling of the county has none."""
RELAXED = "线性松弛"
"""The same, as if places could be divided: fast in a large school."""


@dataclass(frozen=True)
class Gain:
    """Pupils kept by one step more, at the three levels of the effects."""

    levels: np.ndarray
    method: str

    @property
    def expected(self) -> float:
        return float(self.levels[EXPECTED])

    def minus(self, price: np.ndarray) -> Gain:
        """What is left of it where the step is taken from others, for whom it is worth a price."""
        if self.expected <= price[EXPECTED]:
            return Gain(np.zeros(3), self.method)
        return Gain(self.levels - price, self.method)


NOTHING = Gain(np.zeros(3), ENOUGH)
NOTHING_HERE = Gain(np.zeros(3), BY_COUNTY)


def gains_again(
    asked: Requests, before: np.ndarray | None, supply: np.ndarray, steps: Mapping[int, float]
) -> dict[int, Gain]:
    """Exact: allot once more, with one step more of each cap in turn.

    Parameters
    ----------
    asked
        Requests of one school.
    before : float array of shape (3,), optional
        Benefit without a step, where it is known.
    supply : float array of shape (n_caps,)
    steps : mapping of cap to how much more of it
    """
    start = _benefit_again(asked, supply) if before is None else before
    gains = {}
    for cap, step in steps.items():
        more = supply.copy()
        more[cap] += step
        gains[cap] = Gain(_benefit_again(asked, more) - start, AGAIN)
    return gains


def _benefit_again(asked: Requests, supply: np.ndarray) -> np.ndarray:
    served = serve(asked, supply[None], np.full(len(supply), np.inf))
    return asked.benefit(served.chosen)


def gains_relaxed(
    asked: Requests, chosen: np.ndarray, supply: np.ndarray, steps: Mapping[int, float]
) -> dict[int, Gain]:
    """From the linear relaxation of the first class that runs short of a cap.

    A difference, not a shadow price: where the relaxation happens to pick whole options, its
    prices are not unique.

    Parameters
    ----------
    asked, chosen
        Requests of one school, and the mask of what was given.
    supply : float array of shape (n_caps,)
    steps : mapping of cap to how much more of it
    """
    gains = dict.fromkeys(steps, NOTHING)
    for turn in turns(asked):
        earlier = chosen & (asked.priority < asked.priority[turn][0])
        left = supply - asked.total(earlier)
        short = asked.total(turn)[0] > left[0] + SLACK
        tried = [cap for cap in steps if short[cap] and gains[cap] is NOTHING]
        if tried:
            rooms = [left, *(_raised(left, cap, steps[cap]) for cap in tried)]
            before, *after = _divided(asked, turn, earlier, rooms)
            gains |= {
                cap: Gain(kept - before, RELAXED) for cap, kept in zip(tried, after, strict=True)
            }
    return gains


def _raised(room: np.ndarray, cap: int, step: float) -> np.ndarray:
    more = room.copy()
    more[0, cap] += step
    return more


def _divided(
    asked: Requests, turn: np.ndarray, earlier: np.ndarray, rooms: Sequence[np.ndarray]
) -> list[np.ndarray]:
    """Pupils kept by the class in each room were places divisible, at the three levels."""
    start = asked.benefit(earlier)
    offers = [make_offer(asked, turn, earlier, room) for room in rooms]
    picked = shares([offer.program for offer in offers])
    return [
        asked.benefit(earlier | offer.free) - start + offer.value @ share
        for offer, share in zip(offers, picked, strict=True)
    ]
