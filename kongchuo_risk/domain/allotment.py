"""Who gets what is scarce, who does not and through which cap: values, no arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True, slots=True)
class Candidate:
    """A measure that uses something scarce, asked for one pupil."""

    student_id: str
    school_code: str
    measure: str
    """Id in ``interventions.yaml``."""
    risk: float
    """Probability of leaving, 0 to 1."""
    priority: int
    """Class by law: 0 is served first, larger numbers later."""
    order: int
    """Place on the school's list; decides between equals."""


@dataclass(frozen=True, slots=True)
class Benefit:
    """Pupils kept from leaving, in expectation, at the three assumptions about every effect."""

    low: float
    expected: float
    high: float


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A measure that a pupil does not get, and the cap on which adding it would break."""

    student_id: str
    school_code: str
    measure: str
    cap: str
    supply: float
    """All there is of it, in the cap's unit: in the school, or in the county."""
    county: bool = False
    """The school had room left; the ceiling of the county did not."""


@dataclass(frozen=True, slots=True)
class Allotment:
    """Scarce measures of one term, allotted.

    Attributes
    ----------
    chosen
        (student_id, measure) that are carried out.
    left_out
        What a cap left no room for.
    weeks
        (student_id, measure) → week in which it is done, 0 = this one; what uses a spilling cap.
    worth : DataFrame
        One row per school and cap that somebody asks for, and per county-wide ceiling; see
        :func:`kongchuo_risk.planning.allotment.allot`.
    benefit
        Of what is chosen.
    sensitivity : DataFrame
        ``effects``, ``chosen``, ``dropped``, ``added``: what would change were every effect as low
        (as high) as assumed possible.
    gap
        The benefit is at most this share below the best possible one; proven.
    seconds
        Wall time.
    """

    chosen: frozenset[tuple[str, str]]
    left_out: tuple[LeftOut, ...]
    weeks: Mapping[tuple[str, str], int]
    worth: pd.DataFrame
    benefit: Benefit
    sensitivity: pd.DataFrame
    gap: float
    seconds: float


@dataclass(frozen=True, slots=True)
class RecallLost:
    """Of the pupils who later left: for how many everything asked for was allotted."""

    left_school: int
    """Pupils who asked for something scarce and left; the denominator."""
    served: int
    """Those of them who got all they asked for; without caps everybody would."""

    @property
    def with_caps(self) -> float | None:
        """Share that was served; ``None`` when nobody left."""
        return self.served / self.left_school if self.left_school else None

    @property
    def lost(self) -> float | None:
        """What the caps cost: the share that was not served."""
        return None if self.with_caps is None else 1 - self.with_caps
