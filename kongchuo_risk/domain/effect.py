"""What a measure did, as far as it can be known: estimate, checks, verdict, dose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from scipy import stats

Good = Literal["up", "down"]
"""Which way the outcome should go: enrolment up, dropout down."""
POWER = 0.8
"""Chance to find an effect that is there, at which a detectable effect is told."""


class Verdict(StrEnum):
    """What may be said of a measure; the last one unless everything speaks for another."""

    HELPS = "有作用"
    HARMS = "可能有害"
    UNKNOWN = "尚不能判断"


class Design(StrEnum):
    """What makes two groups comparable."""

    PHASED = "分批开始"
    THRESHOLD = "名单界线"
    NONE = "没有可比的安排"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A difference in the outcome's own unit (a share), with what its interval is made of.

    Examples
    --------
    >>> Estimate(-0.01, se=0.004, df=20).interval()
    (-0.0183..., -0.0016...)
    """

    value: float
    se: float
    df: float
    """Degrees of freedom of Student's t."""
    bias: float = 0.0
    """Known bias of ``value``; the interval is drawn around ``value - bias``."""

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Bounds within which the effect lies at the stated rate."""
        reach = float(stats.t.ppf((1 + level) / 2, self.df)) * self.se
        centre = self.value - self.bias
        return centre - reach, centre + reach

    def holds_zero(self, level: float = 0.95) -> bool:
        """Whether the interval leaves open which way the effect goes."""
        low, high = self.interval(level)
        return low <= 0 <= high

    @property
    def detectable(self) -> float:
        """The smallest effect that such data would show, at 80 % power and 5 % error."""
        t = stats.t(self.df)
        return float(t.ppf(0.975) + t.ppf(POWER)) * self.se


@dataclass(frozen=True, slots=True)
class Check:
    """A condition of a verdict, and how it came out, in words."""

    name: str
    passed: bool
    text: str


@dataclass(frozen=True, slots=True)
class Dose:
    """What was delivered of one measure."""

    measure: str
    pupils: int
    deliveries: int
    sessions: int
    """Sum of the sessions that were recorded."""
    median_sessions: float | None
    """Sessions of the pupil in the middle; None when no sessions were recorded."""
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a design found.

    Attributes
    ----------
    effect : Estimate
        On everybody to whom the measure was open (intention to treat), whether or not reached.
    per_treated : Estimate or None
        The same scaled by the share that was reached more often for it; None when that share is
        not clearly above zero.
    reached : float
        That share.
    rows, events : int
        Pupil-terms in the comparison, and those with the event.
    units : mapping of str to int
        How many schools (classes, lists) stand on each side, and the like.
    """

    design: Design
    effect: Estimate
    per_treated: Estimate | None
    reached: float
    rows: int
    events: int
    units: Mapping[str, int]
    checks: tuple[Check, ...]

    @property
    def rate(self) -> float:
        """Share with the event in the whole comparison, both sides together."""
        return self.events / self.rows


@dataclass(frozen=True, slots=True)
class Effect:
    """A measure with the verdict on it, ready to be told.

    ``evidence`` is None where nothing can be compared; then ``why`` says so.
    """

    measure: str
    verdict: Verdict
    why: str
    """Why the verdict is not another one, in Chinese."""
    compared: str = ""
    """Who was compared with whom."""
    assumes: tuple[str, ...] = ()
    """What must hold for the figure to be believed."""
    needed: str = ""
    """What would be needed for a verdict; empty when there is one."""
    dose: Dose | None = None
    evidence: Evidence | None = None
