"""Candidates as arrays: who asks for what, how much it takes and what it is assumed to bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.policy import Cap, Effect, Uses
from kongchuo_risk.domain.allotment import Candidate

LOW, EXPECTED, HIGH = range(3)
"""Rows of every array of effects and benefits."""
COLUMNS = ("student_id", "school_code", "measure", "risk", "priority", "order")


@dataclass(frozen=True)
class Requests:
    """One row per candidate, sorted by school, place on the list, pupil and measure.

    Attributes
    ----------
    names : DataFrame with ``student_id``, ``school_code``, ``measure``
    pupil, school : int arrays of shape (n,)
        Positions from 0.
    risk, priority, order : arrays of shape (n,)
    amount : float array of shape (n, n_caps)
        What the candidate takes of each cap.
    effect : float array of shape (3, n)
        Share of the risk that the measure takes away: low, expected, high.
    """

    names: pd.DataFrame
    pupil: np.ndarray
    school: np.ndarray
    risk: np.ndarray
    priority: np.ndarray
    order: np.ndarray
    amount: np.ndarray
    effect: np.ndarray

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def n_pupils(self) -> int:
        return int(self.pupil.max(initial=-1)) + 1

    @cached_property
    def n_schools(self) -> int:
        return int(self.school.max(initial=-1)) + 1

    @cached_property
    def wanted(self) -> np.ndarray:
        """Nobody is given what is expected to do harm."""
        return np.asarray(self.effect[EXPECTED] >= 0)

    @cached_property
    def asked(self) -> np.ndarray:
        """Amount that is wanted, by school and cap; array of shape (n_schools, n_caps)."""
        return self.total(self.wanted)

    def total(self, rows: np.ndarray) -> np.ndarray:
        """What the rows of a mask take together, by school and cap."""
        taken = np.zeros((self.n_schools, self.amount.shape[1]))
        np.add.at(taken, self.school[rows], self.amount[rows])
        return taken

    def take(self, rows: np.ndarray) -> Requests:
        """Some rows, with pupils and schools counted from 0 again."""
        return Requests(
            names=self.names.iloc[rows],
            pupil=np.unique(self.pupil[rows], return_inverse=True)[1],
            school=np.unique(self.school[rows], return_inverse=True)[1],
            risk=self.risk[rows],
            priority=self.priority[rows],
            order=self.order[rows],
            amount=self.amount[rows],
            effect=self.effect[:, rows],
        )

    def remaining(self, chosen: np.ndarray) -> np.ndarray:
        """Share of each pupil's risk that the chosen measures leave; shape (3, n_pupils)."""
        left = np.ones((3, self.n_pupils))
        for level in (LOW, EXPECTED, HIGH):
            np.multiply.at(left[level], self.pupil[chosen], 1 - self.effect[level, chosen])
        return left

    def benefit(self, chosen: np.ndarray) -> np.ndarray:
        """Pupils kept in expectation: the sum of p·(1 − Π(1 − e)) at the three levels."""
        risk = np.zeros(self.n_pupils)
        risk[self.pupil] = self.risk
        return np.asarray((1 - self.remaining(chosen)) @ risk)


def read_requests(
    candidates: Sequence[Candidate] | pd.DataFrame,
    uses: Mapping[str, tuple[Uses, ...]],
    effects: Mapping[str, Effect],
    caps: Sequence[Cap],
) -> Requests:
    """Candidates with what they take and bring.

    Raises
    ------
    ValueError
        When a risk is missing or no probability, a pupil stands with two risks or schools or asks
        twice for one measure, or a measure or cap is not known.
    """
    table = _table(candidates)
    _check(table)
    table = table.sort_values(["school_code", "order", "student_id", "measure"], ignore_index=True)
    measures = list(dict.fromkeys(table["measure"]))
    amount, effect = _amounts(measures, uses, caps), _effects(measures, effects)
    of = table["measure"].map({name: at for at, name in enumerate(measures)}).to_numpy("int64")
    return Requests(
        names=table[["student_id", "school_code", "measure"]],
        pupil=pd.factorize(table["student_id"])[0],
        school=pd.factorize(table["school_code"])[0],
        risk=table["risk"].to_numpy("float64"),
        priority=table["priority"].to_numpy("int64"),
        order=table["order"].to_numpy("int64"),
        amount=amount[of],
        effect=effect[:, of],
    )


def _table(candidates: Sequence[Candidate] | pd.DataFrame) -> pd.DataFrame:
    if isinstance(candidates, pd.DataFrame):
        table = candidates[list(COLUMNS)]
    else:
        table = pd.DataFrame([asdict(each) for each in candidates], columns=list(COLUMNS))
    return table.astype(dict.fromkeys(COLUMNS[:3], "str"))


def _check(table: pd.DataFrame) -> None:
    risk = pd.to_numeric(table["risk"])
    if not risk.between(0, 1).all():
        raise ValueError("a risk is missing or not between 0 and 1")
    if table.duplicated(["student_id", "measure"]).any():
        raise ValueError("a pupil asks twice for the same measure")
    pupils = table[["student_id", "school_code", "risk"]].drop_duplicates()
    if pupils["student_id"].duplicated().any():
        raise ValueError("a pupil stands with two risks or in two schools")


def _amounts(
    measures: Sequence[str], uses: Mapping[str, tuple[Uses, ...]], caps: Sequence[Cap]
) -> np.ndarray:
    column = {cap.id: at for at, cap in enumerate(caps)}
    amount = np.zeros((len(measures), len(caps)))
    for row, measure in enumerate(measures):
        if measure not in uses:
            raise ValueError(f"it is not said what {measure} uses")
        for use in uses[measure]:
            if use.cap not in column:
                raise ValueError(f"{measure} uses {use.cap}, which is no cap")
            amount[row, column[use.cap]] += use.amount
    return amount


def _effects(measures: Sequence[str], effects: Mapping[str, Effect]) -> np.ndarray:
    missing = sorted(set(measures) - set(effects))
    if missing:
        raise ValueError(f"no effect is assumed for {', '.join(missing)}")
    assumed = [effects[name] for name in measures]
    rows = [[effect.low, effect.expected, effect.high] for effect in assumed]
    return np.array(rows, dtype=float).reshape(-1, 3).T
