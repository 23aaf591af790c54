"""重复学籍: rows of one roll that are one child."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from kongchuo_risk.domain.match import Comparison, FindingKind, PairState
from kongchuo_risk.registers.evidence import review_queue
from kongchuo_risk.registers.linking import THRESHOLD, Decisions, Links
from kongchuo_risk.registers.preparing import prepared
from kongchuo_risk.registers.scoring import scored
from kongchuo_risk.registers.sorting import REVIEW, ROLL, Joined

EXPECTED_SHARE = 0.002
"""So many pupils are taken to be on the roll twice, before looking."""
_SAME_NUMBER = 3
_SAME_SOUND = 3
"""Level of the name from which a pair is worth a look: below it twins would fill the queue."""


def find_duplicates(
    roll: pd.DataFrame, *, day: date, decided: Decisions | None = None
) -> Comparison:
    """Pupils who are on the roll twice.

    Rows with one citizen number are a finding. Rows that agree in all but the number are shown to
    a person, since twins do so too.

    Parameters
    ----------
    roll : DataFrame
        Person frame of the roll, of one county at best.
    day
        Day of the comparison.
    decided
        Decisions of earlier reviews, left the earlier row of the two.
    """
    people = roll.reset_index(drop=True)
    pairs = _pairs(people, decided or {})
    same = pairs["gamma_number"].eq(_SAME_NUMBER) | pairs["state"].eq(PairState.SAME)
    alike = pairs["gamma_name"].ge(_SAME_SOUND) & pairs["probability"].ge(THRESHOLD) & ~same
    accepted = pairs[same].drop_duplicates("left", ignore_index=True)
    waiting = pairs[alike].assign(reason="各项相近，号码不同或缺失（可能是双胞胎）")
    links = Links(people, people, accepted, waiting.reset_index(drop=True), THRESHOLD, THRESHOLD)
    rows = Joined.of(links, left=ROLL, right=ROLL)
    rows.mark(links.is_accepted(), FindingKind.TWICE_ON_ROLL)
    rows.mark(links.is_waiting(), REVIEW)
    rows.mark(rows.is_open, "只有一条")
    detail = ["证件号相同，或已复核为同一人；请在学籍系统中核对"] * len(people)
    findings = rows.paired(FindingKind.TWICE_ON_ROLL, detail)
    queue = review_queue(links, left=ROLL, right=ROLL, rows=np.full(len(people), True))
    return rows.comparison("学籍查重", day, findings, queue)


def _pairs(people: pd.DataFrame, decided: Decisions) -> pd.DataFrame:
    """Pairs of different rows, the earlier one left, without those judged to be different."""
    rows = prepared(people)
    pairs = scored(rows, rows, at_least=THRESHOLD, seed=0, expected=EXPECTED_SHARE, learn=False)
    pairs = pairs[pairs["left"] < pairs["right"]]
    person = people["person"].astype(object).to_numpy()
    keys = zip(person[pairs["left"]], person[pairs["right"]], strict=True)
    states = pd.Series([decided.get(key) for key in keys], index=pairs.index, dtype=object)
    return pairs.assign(state=states)[states.ne(PairState.DIFFERENT)]
