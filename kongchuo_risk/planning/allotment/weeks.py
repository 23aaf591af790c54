"""What spills: everybody gets a turn, in the first week with room, the most urgent first."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np

from kongchuo_risk.planning.allotment.requests import EXPECTED, Requests


def weeks_of(
    asked: Requests, chosen: np.ndarray, supply: np.ndarray, spills: np.ndarray
) -> dict[tuple[str, str], int]:
    """Week in which each chosen request that uses a spilling cap is done, from 0.

    Parameters
    ----------
    asked, chosen
        Requests, and the mask of those that are carried out.
    supply : float array of shape (n_schools, n_caps)
        Of one week; above 0 wherever a chosen request needs it.
    spills : bool array of shape (n_caps,)
    """
    rows = np.flatnonzero(chosen & (asked.amount[:, spills] > 0).any(axis=1))
    worth = asked.risk * asked.effect[EXPECTED]
    turn = rows[np.lexsort((asked.order[rows], -worth[rows], asked.priority[rows]))]
    queues = [Queue(dict(enumerate(there_is))) for there_is in supply.tolist()]
    caps = np.flatnonzero(spills).tolist()
    amounts = asked.amount[np.ix_(turn, spills)].tolist()
    schools = asked.school[turn].tolist()
    weeks = [
        queues[at].take(dict(zip(caps, needs, strict=True)))
        for at, needs in zip(schools, amounts, strict=True)
    ]
    names = asked.names.iloc[turn]
    return dict(zip(zip(names["student_id"], names["measure"], strict=True), weeks, strict=True))


class Queue:
    """Weeks of one school, filled one request after the other.

    What needs more than a whole week has takes several whole weeks and is done in the last.

    Examples
    --------
    >>> visits = Queue({0: 2.0})
    >>> [visits.take({0: amount}) for amount in (1, 2, 1, 3, 1)]
    [0, 1, 0, 3, 3]
    """

    def __init__(self, supply: Mapping[int, float]) -> None:
        self._supply = supply
        self._used: defaultdict[tuple[int, int], float] = defaultdict(float)
        self._open: defaultdict[int, int] = defaultdict(int)

    def take(self, needs: Mapping[int, float]) -> int:
        """Reserve the first room for all needs at once; the week in which they are done."""
        asked = {cap: amount for cap, amount in needs.items() if amount > 0}
        week = max((self._first_open(cap) for cap in asked), default=0)
        while not all(self._fits(cap, amount, week) for cap, amount in asked.items()):
            week += 1
        last = week
        for cap, amount in asked.items():
            for later, part in self._spread(cap, amount, week):
                self._used[cap, later] += part
                last = max(last, later)
        return last

    def _first_open(self, cap: int) -> int:
        while self._used[cap, self._open[cap]] >= self._supply[cap] * (1 - 1e-9):
            self._open[cap] += 1
        return self._open[cap]

    def _fits(self, cap: int, amount: float, week: int) -> bool:
        return all(
            self._used[cap, later] + part <= self._supply[cap] * (1 + 1e-9)
            for later, part in self._spread(cap, amount, week)
        )

    def _spread(self, cap: int, amount: float, week: int) -> Iterable[tuple[int, float]]:
        whole = self._supply[cap]
        number = max(math.ceil(amount / whole - 1e-9), 1)
        return ((week + i, min(whole, amount - i * whole)) for i in range(number))
