"""From evidence to a verdict: 尚不能判断 unless interval, checks and sizes all allow another."""

from __future__ import annotations

import math
from dataclasses import replace

from kongchuo_risk.domain.effect import Design, Dose, Effect, Evidence, Good, Verdict
from kongchuo_risk.effects.words import ASSUMES, compared

ERROR = 0.05
"""Shared by all comparisons of one report, so that many measures do not bring chance findings."""
WORTHWHILE = 0.38
"""Share of the events that programmes took away in 152 studies (21.1 % to 13.0 %, evidence.md D4):
what one should be able to see before saying that nothing was seen."""
FAR = 50
"""More than so many times the data: no advice that anybody can follow."""
NO_DESIGN = "没有分批开始，也没有名单界线可比"


def judge(
    measure: str,
    evidence: Evidence | None,
    *,
    dose: Dose | None = None,
    good: Good = "down",
    comparisons: int = 1,
    why_none: str = NO_DESIGN,
    unit: str = "学校",
) -> Effect:
    """What may be said of a measure.

    Parameters
    ----------
    measure : str
        Its Chinese name.
    evidence
        What a design found; None where there is no design.
    dose
        What was delivered.
    good
        Which way the outcome should go.
    comparisons : int
        Effects that are judged in the same report: they share an error of 5 %.
    why_none
        Told when there is no evidence.
    unit
        What is compared: 学校 or 班级.

    Examples
    --------
    >>> effect = judge("家访", None)
    >>> f"{effect.verdict}：{effect.why}"
    '尚不能判断：没有分批开始，也没有名单界线可比'
    """
    if evidence is None:
        return Effect(measure, Verdict.UNKNOWN, why_none, dose=dose)
    level = 1 - ERROR / comparisons
    verdict, why = _verdict(evidence, good, level)
    told = Effect(
        measure,
        verdict,
        why,
        compared=compared(evidence, unit),
        assumes=ASSUMES[evidence.design],
        dose=dose,
        evidence=evidence,
    )
    return told if verdict is not Verdict.UNKNOWN else replace(told, needed=_needed(evidence, unit))


def _verdict(evidence: Evidence, good: Good, level: float) -> tuple[Verdict, str]:
    failed = [check for check in evidence.checks if not check.passed]
    if failed:
        return Verdict.UNKNOWN, "；".join(check.text for check in failed)
    if evidence.effect.holds_zero(level):
        return Verdict.UNKNOWN, "区间包含 0，变好变坏都有可能"
    low, _ = evidence.effect.interval(level)
    helps = (low > 0) == (good == "up")
    return (Verdict.HELPS if helps else Verdict.HARMS), "区间不包含 0，各项前提检查都通过"


def _needed(evidence: Evidence, unit: str) -> str:
    """The smallest effect that could be seen, and how much more data a usual effect would take."""
    smallest = evidence.effect.detectable
    usual = WORTHWHILE * evidence.rate
    told = f"现有数据只能看出 {100 * smallest:.2f} 个百分点以上的作用（把握 80%）"
    if not math.isfinite(smallest) or not usual:
        return "现有数据还算不出能看出多大的作用"
    times = (smallest / usual) ** 2
    if times <= 1:
        return told
    aim = f"{told}；要看出同类项目常见的 {100 * usual:.2f} 个百分点，"
    if times > FAR:
        return f"{aim}所需数据是现有的 {FAR} 倍以上，单靠本地数据难以判断"
    if evidence.design is Design.THRESHOLD:
        return f"{aim}约需现有名单的 {times:.0f} 倍（更多学期或更多学校）"
    schools = math.ceil(times * evidence.units["started"])
    more = math.ceil((times - 1) * evidence.units["periods"])
    return f"{aim}约需 {schools} 个先开始的{unit}（对照同样增加），或再观察 {more} 个学期"
