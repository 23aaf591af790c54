"""May the learned model rank the list? Only when it keeps every rule of ``gate.yaml``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.gates import Gate, Rule

LAST_CHAMPION = "last_champion"
"""Column of the scores that the model gave which ranked before; rows it learned from are NaN."""
RULE_TITLES = {
    "random": "随机抽取",
    "school_only": "学校基准率",
    "abc_rules": "出勤—行为—课程规则",
    "scorecard": "评分卡",
    LAST_CHAMPION: "上一任模型",
    "logistic": "逻辑回归",
    "lightgbm": "梯度提升树",
    "blend": "融合模型",
    "anchored": "稳健融合模型",
    "pooled": "校际融合模型",
}
"""What users call the candidates."""
NOT_ADMITTED = "，不予启用；名单由评分卡排序。"
"""How the verdict on a refused model ends."""
_TOLD_FAILURES = 2
_WHOLE_PUPILS = 1.95


@dataclass(frozen=True)
class Gain:
    """Pupils found within capacity beyond a rule, per day on which a list was made."""

    rule: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Check:
    """One thing that the gate looks at.

    Attributes
    ----------
    check : str
        What is looked at.
    value, bound : str
        What was found and what is asked for, as texts.
    passed : bool
    text : str
        Half a sentence about the champion.
    """

    check: str
    value: str
    bound: str
    passed: bool
    text: str


@dataclass(frozen=True)
class Verdict:
    """Which model ranks the list, why in one sentence, and every check behind it."""

    ranks: str
    admitted: bool
    text: str
    checks: pd.DataFrame = field(
        default_factory=lambda: _table([]), repr=False, compare=False
    )  # fmt: skip


@dataclass(frozen=True)
class Findings:
    """What the gate looks at, beside the gains.

    Attributes
    ----------
    slope, expected_to_observed : float
        Calibration of the champion on the test rows.
    event_pupils : int
        Pupils with an event in the test terms.
    effective_schools : float
        Schools counted by their share of the events.
    terms : int
        Test terms.
    group_gaps : tuple of str
        Binding groups whose miss rate is out of bounds, each in words.
    groups_compared : int
        Binding groups that were large enough to compare.
    """

    slope: float
    expected_to_observed: float
    event_pupils: int
    effective_schools: float
    terms: int
    group_gaps: tuple[str, ...] = ()
    groups_compared: int = 0


def judge(champion: str, gains: Sequence[Gain], findings: Findings, gate: Gate) -> Verdict:
    """Verdict on ``champion``; a refused one leaves the list to the scorecard.

    >>> from kongchuo_risk.contracts.gates import load_gate
    >>> gains = [Gain(rule.rule, 6.2, 2.1, 10.4) for rule in load_gate().must_beat]
    >>> found = Findings(1.0, 1.0, event_pupils=150, effective_schools=9.0, terms=3)
    >>> judge("blend", gains, found, load_gate()).text.partition("，")[2]
    '融合模型每个名单日在名额内比评分卡多找出 6 名（95% 区间 2 至 10），准予启用。'
    """
    title = RULE_TITLES.get(champion, champion)
    by_rule = {gain.rule: gain for gain in gains}
    checks = [_beaten(rule, by_rule.get(rule.rule)) for rule in gate.must_beat]
    checks += [*_calibrated(findings, gate), _enough(findings, gate), _fair(findings, gate)]
    lead = f"近 {findings.terms} 个学期的向前检验中，{title}"
    failed = [check.text for check in checks if not check.passed]
    if failed:
        told = "；".join(failed[:_TOLD_FAILURES])
        more = f"；另有 {len(failed) - _TOLD_FAILURES} 项未达标" * (len(failed) > _TOLD_FAILURES)
        text = f"{lead}{told}{more}{NOT_ADMITTED}"
        return Verdict("scorecard", False, text, _table(checks))
    narrow = _narrow(findings, gate)
    return Verdict(champion, True, f"{lead}{checks[0].text}{narrow}，准予启用。", _table(checks))


def _beaten(rule: Rule, gain: Gain | None) -> Check:
    title = RULE_TITLES.get(rule.rule, rule.rule)
    better = rule.need == "better"
    name = f"胜过{title}" if better else f"不差于{title}"
    bound = "区间在 0 以上" if better else "区间不在 0 以下"
    if gain is None:
        last = rule.rule == LAST_CHAMPION
        text = f"没有{title}可比" if last else f"缺少{title}的成绩，无法比较"
        return Check(name, "—", bound, last, text)
    passed = gain.low > 0 if better else not gain.high < 0
    told = f"每个名单日在名额内比{_told(gain)}"
    if not passed:
        told += "，没有可靠地胜过该规则" if better else "，确实不如"
    value = f"{_signed(gain.value)} 名/名单日（{_signed(gain.low)} 至 {_signed(gain.high)}）"
    return Check(name, value, bound, passed, told)


def _calibrated(findings: Findings, gate: Gate) -> Iterator[Check]:
    slope, total = gate.calibration.slope, gate.calibration.expected_to_observed
    between = f"{slope.low:g}–{slope.high:g}"
    passed = slope.holds(findings.slope)
    told = "概率刻度合格" if passed else "概率刻度失准"
    text = f"{told}（校准斜率 {findings.slope:.2f}，应在 {between} 之间）"
    yield Check("校准斜率", f"{findings.slope:.2f}", between, passed, text)
    between = f"{total.low:g}–{total.high:g}"
    ratio = findings.expected_to_observed
    passed = total.holds(ratio)
    told = "概率总量合格" if passed else "概率总量失准"
    text = f"{told}（预计人数是实际的 {ratio:.2f} 倍，应在 {between} 倍之间）"
    yield Check("预计与实际人数之比", f"{ratio:.2f}", between, passed, text)


def _enough(findings: Findings, gate: Gate) -> Check:
    least, pupils = int(gate.evidence.min_event_pupils.value), findings.event_pupils
    passed = pupils >= least
    text = f"检验期内有 {pupils} 名学生疑似辍学" + _narrow(findings, gate)
    if not passed:
        text = f"检验期内只有 {pupils} 名学生疑似辍学（至少要 {least} 名），不足以下结论"
    return Check("检验期内疑似辍学的学生", f"{pupils} 名", f"至少 {least} 名", passed, text)


def _narrow(findings: Findings, gate: Gate) -> str:
    if findings.effective_schools >= gate.evidence.few_schools.value:
        return ""
    return f"（按事件折算只有 {findings.effective_schools:.1f} 所学校，区间可能偏窄）"


def _fair(findings: Findings, gate: Gate) -> Check:
    bound = f"不超过 {100 * gate.fairness.miss_rate_gap.value:g} 个百分点，或区间含 0"
    gaps = findings.group_gaps
    if gaps:
        return Check("各群体漏报率之差", f"{len(gaps)} 组超出", bound, False, "；".join(gaps))
    if not findings.groups_compared:
        return Check("各群体漏报率之差", "数据不足", bound, True, "各群体人数不足，漏报率未作比较")
    text = f"所比较的 {findings.groups_compared} 个群体漏报率之差都在界限内"
    return Check("各群体漏报率之差", "没有超出", bound, True, text)


def _told(gain: Gain) -> str:
    verb = "多" if gain.value >= 0 else "少"
    sign = 1 if gain.value >= 0 else -1
    low, high = sorted((sign * gain.low, sign * gain.high))
    title = RULE_TITLES.get(gain.rule, gain.rule)
    # One number of decimals for the three: whole pupils, unless that would hide a bound near zero.
    digits = 0 if min(map(abs, (gain.value, low, high))) >= _WHOLE_PUPILS else 1
    found, least, most = (_count(value, digits) for value in (abs(gain.value), low, high))
    return f"{title}{verb}找出 {found} 名（95% 区间 {least} 至 {most}）"


def _count(value: float, digits: int) -> str:
    if not np.isfinite(value):
        return "未知"
    # Adding zero takes the sign from a zero.
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")


def _signed(value: float) -> str:
    return f"{round(value, 1) + 0.0:+.1f}".replace("-", "−") if np.isfinite(value) else "未知"


def _table(checks: Sequence[Check]) -> pd.DataFrame:
    columns = ["check", "value", "bound", "passed", "text"]
    return pd.DataFrame([asdict(check) for check in checks], columns=columns)
