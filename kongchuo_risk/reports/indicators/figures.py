"""An indicator's value: n of N, its interval, its target, and the work that stands beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from kongchuo_risk.contracts.procedure import Target
from kongchuo_risk.reports.indicators.catalogue import Indicator

ALL = "全部"
"""The stage of a target that holds for 小学 and 初中 alike."""
_Z = 1.959963984540054
NO_DATA = "没有可以计算的对象。"


def wilson(n: int, of: int) -> tuple[float, float] | None:
    """95 % interval of n of N (Wilson 1927); ``None`` when n of N is no share.

    Examples
    --------
    >>> low, high = wilson(9, 10)
    >>> round(low, 3), round(high, 3)
    (0.596, 0.982)
    >>> wilson(11, 10) is wilson(0, 0) is None
    True
    """
    if of <= 0 or not 0 <= n <= of:
        return None
    z2 = _Z**2
    middle = (n + z2 / 2) / (of + z2)
    half = _Z / (of + z2) * math.sqrt(n * (of - n) / of + z2 / 4)
    return max(middle - half, 0.0), min(middle + half, 1.0)


@dataclass(frozen=True, slots=True)
class Figure:
    """One indicator of one stage.

    ``numerator`` and ``denominator`` are ``None`` when hidden or when there is nothing to count.
    """

    indicator: Indicator
    stage: str
    numerator: int | None
    denominator: int | None
    target: Target | None = None
    hidden: bool = False

    @property
    def value(self) -> float | None:
        """N / N; ``None`` without pupils or when hidden."""
        if self.hidden or self.numerator is None or not self.denominator:
            return None
        return self.numerator / self.denominator

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 % Wilson interval; it says how little a rate of few pupils means."""
        if self.hidden or self.numerator is None or not self.denominator:
            return None
        return wilson(self.numerator, self.denominator)

    @property
    def meets(self) -> bool | None:
        """Whether the target is met; ``None`` when there is no target or no value."""
        if self.value is None or self.target is None:
            return None
        if self.target.at_least is not None:
            return self.value >= self.target.at_least
        assert self.target.at_most is not None
        return self.value <= self.target.at_most


def target_for(
    indicator: str, stage: str, targets: Mapping[str, Mapping[str, Target]]
) -> Target | None:
    """The bound of a stage, or the one for all stages.

    Examples
    --------
    >>> from kongchuo_risk.contracts.profiles import load_profile
    >>> targets = load_profile("普九").procedure.targets
    >>> target_for("学年辍学率", "小学", targets).at_most, target_for("留住率", "小学", targets)
    (0.02, None)
    """
    bounds = targets.get(indicator, {})
    return bounds.get(stage) or bounds.get(ALL)


def percent(share: float) -> str:
    """A share as people read it.

    >>> percent(0.9875), percent(1.0), percent(-0.001)
    ('98.75%', '100%', '-0.1%')
    """
    return f"{100 * share:.2f}".rstrip("0").rstrip(".") + "%"


def target_words(target: Target | None) -> str:
    """A bound in words.

    >>> target_words(Target(at_most=0.02, source=("9",)))
    '不高于 2%'
    """
    if target is None:
        return ""
    if target.at_least is not None:
        return f"不低于 {percent(target.at_least)}"
    return f"不高于 {percent(target.at_most or 0.0)}"
