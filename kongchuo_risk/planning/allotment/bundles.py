"""What can be given to each pupil: every set of the measures that are scarce for that pupil.

The benefit of two measures is not the sum of their benefits, so a sum over measures would be wrong;
a sum over sets, of which each pupil gets at most one, is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import sparse

from kongchuo_risk.planning.allotment.program import SLACK, Program
from kongchuo_risk.planning.allotment.requests import EXPECTED, Requests

MOST = 6
"""Scarce measures of one pupil that are combined; of more, those with the largest effects.

The others are given only where room is left afterwards.
"""
TIE = 1e-6
"""The first on the list counts for this share more than the last, which only parts equals."""
_GRAIN = 1_000
"""Amounts are multiples of a thousandth of a unit, or are left as they are."""


@dataclass(frozen=True)
class Offer:
    """What one round may give.

    Attributes
    ----------
    free : bool array of shape (n,)
        Requests for which there is room whatever the others get.
    members : int array of shape (n_options, MOST)
        Requests of each option; -1 where there are fewer.
    value : float array of shape (3, n_options)
        Pupils kept by the option, beside what the pupil has got before and what is free.
    program : Program
        Which options to pick.
    """

    free: np.ndarray
    members: np.ndarray
    value: np.ndarray
    program: Program

    def given(self, picked: np.ndarray) -> np.ndarray:
        """Mask of the requests that are given with the picked options."""
        chosen = self.free.copy()
        members = self.members[picked]
        chosen[members[members >= 0]] = True
        return chosen


def make_offer(
    asked: Requests,
    turn: np.ndarray,
    chosen: np.ndarray,
    room: np.ndarray,
    county: np.ndarray | None = None,
) -> Offer:
    """Options of the pupils whose turn it is.

    Parameters
    ----------
    asked
        All requests.
    turn, chosen : bool arrays of shape (n,)
        Requests of this round; what was given before.
    room : float array of shape (n_schools, n_caps)
        What is left.
    county : float array of shape (n_caps,), optional
        What is left in the whole county of the caps that tie schools together; else infinite.
    """
    fits = turn & (asked.amount <= room[asked.school] + SLACK).all(axis=1)
    short = asked.total(fits) > room + SLACK
    tied = np.zeros(room.shape[1], dtype=bool) if county is None else np.isfinite(county)
    tight = fits & ((short | tied)[asked.school] & (asked.amount > 0)).any(axis=1)
    free = fits & ~tight
    members = _sets(asked, np.flatnonzero(tight))
    owner = asked.pupil[members[:, 0]]
    value = _values(asked, members, asked.remaining(chosen | free)[:, owner])
    use = _uses(asked, members, short, tied)
    left = room[short] if county is None else np.r_[room[short], county[tied]]
    first = asked.order[members[:, 0]]
    program = Program(_part(value[EXPECTED], first), use, owner, _attainable(use, left))
    return Offer(free, members, value, program)


def _sets(asked: Requests, rows: np.ndarray) -> np.ndarray:
    """Every non-empty set of each pupil's rows, padded with -1."""
    by_effect = rows[np.lexsort((-asked.effect[EXPECTED, rows], asked.pupil[rows]))]
    _, start, count = np.unique(asked.pupil[by_effect], return_index=True, return_counts=True)
    found = [np.empty((0, MOST), dtype=np.intp)]
    for number in np.unique(np.minimum(count, MOST)):
        starts = start[np.minimum(count, MOST) == number]
        own = by_effect[starts[:, None] + np.arange(number)]
        for size in range(1, number + 1):
            for subset in combinations(range(number), size):
                padded = np.full((len(own), MOST), -1, dtype=np.intp)
                padded[:, :size] = own[:, subset]
                found.append(padded)
    return np.concatenate(found)


def _values(asked: Requests, members: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Pupils kept at the three levels, of whose risk the share ``before`` is left."""
    # The last column of effects is what -1 points to: nothing.
    effect = np.concatenate([asked.effect, np.zeros((3, 1))], axis=1)
    left = np.prod(1 - effect[:, members], axis=2)
    return np.asarray(asked.risk[members[:, 0]] * before * (1 - left))


def _uses(
    asked: Requests, members: np.ndarray, short: np.ndarray, tied: np.ndarray
) -> sparse.csr_array:
    """Rows: what is short, by school and cap, then the county's; columns: the options."""
    total = taken_by(asked, members)
    school = asked.school[members[:, 0]]
    number = np.cumsum(short).reshape(short.shape) - 1
    option, cap = np.nonzero(total * short[school])
    of, shared = np.nonzero(total * tied)
    row = np.r_[number[school[option], cap], short.sum() + np.cumsum(tied)[shared] - 1]
    entry = np.r_[total[option, cap], total[of, shared]]
    shape = (int(short.sum() + tied.sum()), len(members))
    return sparse.csr_array((entry, (row, np.r_[option, of])), shape=shape)


def taken_by(asked: Requests, members: np.ndarray) -> np.ndarray:
    """What each option takes of every cap; shape (n_options, n_caps)."""
    amount = np.concatenate([asked.amount, np.zeros((1, asked.amount.shape[1]))])
    return np.asarray(amount[members].sum(axis=1))


def _attainable(use: sparse.csr_array, room: np.ndarray) -> np.ndarray:
    """Room that sums of amounts can fill: 7 of 7.3 hours where everybody takes half an hour.

    It changes no choice of whole options, and makes the linear relaxation tighter.
    """
    filled: np.ndarray = np.maximum(room, 0)
    for row in range(use.shape[0]):
        amounts = use.data[use.indptr[row] : use.indptr[row + 1]]
        grid = np.gcd.reduce(np.rint(amounts * _GRAIN).astype(np.int64)) / _GRAIN
        if grid > 0 and np.allclose(amounts, np.rint(amounts / grid) * grid, rtol=0, atol=1e-9):
            filled[row] = np.floor((filled[row] + SLACK) / grid) * grid
    return np.asarray(filled)


def _part(value: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Values that part equals by their place on the list."""
    place = np.unique(order, return_inverse=True)[1]
    return np.asarray(value * (1 + TIE * (1 - place / (place.max(initial=0) + 1))))
