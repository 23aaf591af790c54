"""Which row of one register is which row of another: by number, then by likelihood, one to one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kongchuo_risk.domain.match import PairState
from kongchuo_risk.registers.preparing import prepared
from kongchuo_risk.registers.scoring import scored

THRESHOLD = 0.9
"""Pairs from this probability on are one person."""
REVIEW = 0.1
"""Pairs from this probability on, below the threshold, are for a human to decide."""
CLEAR_BITS = 4.0
"""So much more weight than any rival must a pair have: twins share all but the name."""
_DECIDED_DOWN_TO = 0.001
_SAME_NUMBER = (3, 2)
"""Levels of the field ``number``: the same, and the one inside the 学籍号."""
_OTHER_NAME, _OTHER_BIRTH = 0, 1
"""Up to these levels, name and birth date contradict (in birth date the year may agree)."""

Decisions = Mapping[tuple[str, str], PairState]
"""(left person, right person) → what somebody decided earlier."""


@dataclass(frozen=True)
class Links:
    """Rows of two registers joined one to one.

    Attributes
    ----------
    left, right : DataFrame
        The person frames as given, with a RangeIndex.
    accepted : DataFrame
        One row per pair that is one person: ``left``, ``right`` (positions), ``probability``,
        ``weight``, ``way`` (``number``, ``likelihood`` or ``decided``), and the level and weight
        of every field (``gamma_…``, ``weight_…``).
    waiting : DataFrame
        Pairs for review, with ``reason`` in place of ``way``; a row may be in several. Rows that
        were accepted are in none.
    threshold, review : float
        Probabilities that were asked for.
    """

    left: pd.DataFrame
    right: pd.DataFrame
    accepted: pd.DataFrame
    waiting: pd.DataFrame
    threshold: float = field(default=THRESHOLD)
    review: float = field(default=REVIEW)

    def partner(self) -> pd.Series:
        """Position in ``right`` of each row of ``left`` that was accepted."""
        return self.accepted.set_index("left")["right"]

    def partners(self, column: str) -> pd.Series:
        """Of every left row what its partner has in a column; missing without a partner."""
        partner = self.partner()
        cells = self.right[column].fillna("").astype(object).to_numpy()
        found = pd.Series(cells[partner.to_numpy(dtype=int)], partner.index, dtype=object)
        return found.reindex(self.left.index)

    def is_accepted(self) -> np.ndarray:
        """Mask of the rows of ``left`` that have a partner."""
        return np.asarray(self.left.index.isin(self.accepted["left"]))

    def is_waiting(self) -> np.ndarray:
        """Mask of the rows of ``left`` that are in a pair for review."""
        return np.asarray(self.left.index.isin(self.waiting["left"]))


def link(
    left: pd.DataFrame,
    right: pd.DataFrame,
    *,
    threshold: float = THRESHOLD,
    review: float = REVIEW,
    seed: int = 0,
    decided: Decisions | None = None,
) -> Links:
    """Join two registers.

    A shared citizen number joins two rows unless name and birth date both contradict: people fill
    in a relative's number. The others are joined by the likelihood of name, birth date, sex,
    village, guardian and number (Fellegi & Sunter 1969; splink), best first, each row once. A
    pair with a near rival (a twin) waits for review however likely it is.

    Parameters
    ----------
    left, right : DataFrame
        Person frames, see :data:`~kongchuo_risk.domain.match.PERSON_COLUMNS`.
    threshold, review
        Probabilities between 0 and 1, ``review`` the lower one.
    seed
        The same registers and seed give the same links.
    decided
        What people decided of pairs in earlier reviews: it is kept.

    Raises
    ------
    ValueError
        The probabilities are in the wrong order, or a frame lacks columns.
    """
    if not 0 < review <= threshold < 1:
        raise ValueError(f"need 0 < review <= threshold < 1, got {review} and {threshold}")
    left, right = left.reset_index(drop=True), right.reset_index(drop=True)
    # What was decided once holds though the pair has become less likely since.
    at_least = min(review, _DECIDED_DOWN_TO) if decided else review
    pairs = scored(prepared(left), prepared(right), at_least=at_least, seed=seed)
    # Each sieve takes out what it has judged and leaves the rest to the next.
    same, pairs = _take_decisions(pairs, left, right, decided or {})
    numbered, contradicting, pairs = _take_numbers(_free(pairs, same))
    pairs = pairs[pairs["probability"].ge(review)]
    likely, unsure = _take_likely(_free(pairs, numbered), threshold)
    accepted = pd.concat([same, numbered, likely], ignore_index=True)
    waiting = _free(pd.concat([contradicting, unsure], ignore_index=True), accepted)
    return Links(left, right, accepted, waiting, threshold, review)


def _free(pairs: pd.DataFrame, taken: pd.DataFrame) -> pd.DataFrame:
    """Pairs of which no row is taken."""
    gone = pairs["left"].isin(taken["left"]) | pairs["right"].isin(taken["right"])
    return pairs[~gone].reset_index(drop=True)


def _take_decisions(
    pairs: pd.DataFrame, left: pd.DataFrame, right: pd.DataFrame, decided: Decisions
) -> tuple[pd.DataFrame, pd.DataFrame]:
    if not decided:
        return pairs[:0].assign(way=""), pairs
    keys = zip(
        left["person"].iloc[pairs["left"]], right["person"].iloc[pairs["right"]], strict=True
    )
    states = pd.Series([decided.get(key) for key in keys], index=pairs.index, dtype=object)
    same = _one_to_one(pairs[states.eq(PairState.SAME)])
    judged = states.isin([PairState.SAME, PairState.DIFFERENT])
    return same.assign(way="decided"), pairs[~judged].reset_index(drop=True)


def _take_numbers(
    pairs: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Pairs of one number that are one person, those that cannot be, and all other pairs."""
    numbered = pairs["gamma_number"].isin(_SAME_NUMBER)
    other_name = pairs["gamma_name"].le(_OTHER_NAME)
    other_birth = pairs["gamma_birth"].le(_OTHER_BIRTH)
    nothing_known = pairs["gamma_name"].lt(0) & pairs["gamma_birth"].lt(0)
    contradicts = numbered & other_name & other_birth & ~nothing_known
    reason = "证件号相同，姓名和出生日期都不同（可能填了亲属的号码）"
    same = _one_to_one(pairs[numbered & ~contradicts]).assign(way="number")
    return same, pairs[contradicts].assign(reason=reason), pairs[~numbered]


def _take_likely(pairs: pd.DataFrame, threshold: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Likely pairs without a rival, and what is left for review."""
    rival = _rivals(pairs)
    likely = pairs["probability"].ge(threshold)
    clear = likely & rival.lt(pairs["weight"] - CLEAR_BITS)
    accepted = _one_to_one(pairs[clear]).assign(way="likelihood")
    reason = np.where(likely, "另有相近的人（可能是双胞胎或重复登记）", "相似，但把握不足")
    return accepted, pairs.assign(reason=reason)


def _rivals(pairs: pd.DataFrame) -> pd.Series:
    """Weight of the best other pair that shares a row with each pair; -inf without one."""
    order = pairs.sort_values("weight", ascending=False)
    best = np.full(len(order), -np.inf)
    for side in ("left", "right"):
        place = order.groupby(side).cumcount()
        top, next_best = (
            order[place.eq(rank)].set_index(side)["weight"].reindex(order[side]).to_numpy()
            for rank in (0, 1)
        )
        other = np.where(place.eq(0), next_best, top)
        best = np.fmax(best, other)
    return pd.Series(best, order.index).reindex(pairs.index)


def _one_to_one(pairs: pd.DataFrame) -> pd.DataFrame:
    """Best pairs first, every row once."""
    order = pairs.sort_values(["weight", "left", "right"], ascending=[False, True, True])
    left, right, kept = set(), set(), []
    for at, one, other in zip(order.index, order["left"], order["right"], strict=True):
        if one not in left and other not in right:
            left.add(one)
            right.add(other)
            kept.append(at)
    return pairs.loc[sorted(kept)].reset_index(drop=True)
