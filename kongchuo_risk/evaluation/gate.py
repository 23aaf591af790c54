"""May the learned model rank the list? Only when it beats the rules and is calibrated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

RULE_TITLES = {
    "random": "随机抽取",
    "school_only": "学校基准率",
    "abc_rules": "出勤—行为—课程规则",
    "scorecard": "评分卡",
    "logistic": "逻辑回归",
    "lightgbm": "梯度提升树",
    "blend": "融合模型",
}
"""What users call the candidates."""


@dataclass(frozen=True)
class GateRules:
    """Bounds a champion must keep; design choices, not findings.

    Attributes
    ----------
    rules : tuple of str
        Simple rules that must be beaten at capacity, the interval above zero.
    slope : (float, float)
        Calibration slope must lie between.
    expected_to_observed : (float, float)
        Expected events over observed events must lie between.
    """

    rules: tuple[str, ...] = ("scorecard", "abc_rules", "school_only")
    slope: tuple[float, float] = (0.6, 1.6)
    expected_to_observed: tuple[float, float] = (0.5, 2.0)


@dataclass(frozen=True)
class Gain:
    """Pupils found within capacity beyond a rule, per day on which a list was made."""

    rule: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Verdict:
    """Which model ranks the list, and why in one sentence."""

    ranks: str
    admitted: bool
    text: str


def judge(
    champion: str,
    gains: list[Gain],
    *,
    slope: float,
    expected_to_observed: float,
    terms: int,
    bounds: GateRules | None = None,
) -> Verdict:
    """Verdict on ``champion``.

    >>> gain = Gain("scorecard", 6.2, 2.1, 10.4)
    >>> judge("blend", [gain], slope=1.0, expected_to_observed=1.0, terms=3).text.split("，")[1]
    '融合模型每个名单日在名额内比评分卡多找出 6 名（95% 区间 2–10）'
    """
    bounds = bounds or GateRules()
    title = RULE_TITLES.get(champion, champion)
    lead = f"近 {terms} 个学期的向前检验中，{title}"
    if not gains:
        return Verdict("scorecard", False, f"{title}没有可比较的结果；名单由评分卡排序。")
    weakest = next((gain for gain in gains if not gain.low > 0), None)
    if weakest is not None:
        reason = f"每个名单日在名额内比{_told(weakest)}，没有可靠地胜过该规则"
        return Verdict("scorecard", False, f"{lead}{reason}，不予启用；名单由评分卡排序。")
    problem = _miscalibration(slope, expected_to_observed, bounds)
    if problem:
        return Verdict("scorecard", False, f"{lead}{problem}，不予启用；名单由评分卡排序。")
    return Verdict(champion, True, f"{lead}每个名单日在名额内比{_told(gains[0])}，准予启用。")


def _told(gain: Gain) -> str:
    verb = "多" if gain.value >= 0 else "少"
    sign = 1 if gain.value >= 0 else -1
    low, high = sorted((sign * gain.low, sign * gain.high))
    title = RULE_TITLES.get(gain.rule, gain.rule)
    return (
        f"{title}{verb}找出 {_count(abs(gain.value))} 名（95% 区间 {_count(low)}–{_count(high)}）"
    )


def _count(value: float) -> str:
    if not np.isfinite(value):
        return "未知"
    digits = 0 if abs(value) >= 1.95 else 1
    return f"{value:.{digits}f}".replace("-", "−")


def _miscalibration(slope: float, ratio: float, bounds: GateRules) -> str:
    low, high = bounds.slope
    if not low <= slope <= high:
        return f"的概率刻度失准（校准斜率 {slope:.2f}，应在 {low}–{high} 之间）"
    low, high = bounds.expected_to_observed
    if not low <= ratio <= high:
        return f"的概率总量失准（预计人数是实际的 {ratio:.2f} 倍，应在 {low}–{high} 倍之间）"
    return ""
