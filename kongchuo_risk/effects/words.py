"""What was compared and what must hold, in plain Chinese."""

from __future__ import annotations

from collections.abc import Mapping

from kongchuo_risk.domain.effect import Design, Effect, Estimate, Evidence

ASSUMES: Mapping[Design, tuple[str, ...]] = {
    Design.PHASED: (
        "如果没有这项措施，先开始的和后开始的变化会一样（原来高低不同不要紧）",
        "同一时间没有别的只在先开始的地方做的事",
        "先开始的地方没有影响到对照的地方",
    ),
    Design.THRESHOLD: (
        "刚好列入和刚好未列入的学生本来相近，只差是否列入",
        "没有人为了让某个学生列入或不列入而改动分数或名额",
        "只说明界线附近的学生，不说明名单前列的学生",
    ),
}


def compared(evidence: Evidence, unit: str) -> str:
    """Who was compared with whom, with n and N."""
    units = evidence.units
    counts = f"n={evidence.events:,}/{evidence.rows:,}，两边合计的发生人次和学生学期人次"
    if evidence.design is Design.PHASED:
        return (
            f"{units['started']} 个先开始的{unit}，与 {units['compared']} 个当时还没有开始的"
            f"同学段{unit}，比开始前后变化的差（双重差分；{counts}）"
        )
    return (
        f"{units['schools']} 所学校名单末尾刚好列入的 {units['inside']:,} 人次，与刚好未列入的 "
        f"{units['outside']:,} 人次，比界线处的跳跃（断点回归；{counts}）"
    )


def tell(effect: Effect) -> str:
    """The block of one measure as a person reads it."""
    lines = [f"{effect.measure} — {effect.verdict}：{effect.why}"]
    if effect.evidence is not None:
        lines += _figures(effect, effect.evidence)
    if effect.needed:
        lines.append(f"  还差什么：{effect.needed}")
    if effect.dose is not None:
        lines.append(f"  已落实：{tell_dose(effect)}")
    return "\n".join(lines)


def _figures(effect: Effect, evidence: Evidence) -> list[str]:
    listed = evidence.design is Design.THRESHOLD
    open_to = (
        "列入名单本身的作用（不论是否落实）" if listed else "对全体学生的作用（不论是否得到措施）"
    )
    lines = [f"  怎么比的：{effect.compared}", f"  {open_to}：{points(evidence.effect)}"]
    if evidence.per_treated is not None:
        lines.append(
            f"  折算到每名得到措施的学生：{points(evidence.per_treated)}"
            f"（得到措施的比例相差 {100 * evidence.reached:.0f}%）"
        )
    lines += [f"  检查：{check.text} {'✓' if check.passed else '✗'}" for check in evidence.checks]
    return [*lines, f"  前提：{'；'.join(effect.assumes)}"]


def points(estimate: Estimate) -> str:
    """An effect in percentage points and per 1,000 pupils, with its interval.

    >>> points(Estimate(-0.0042, se=0.001, df=30))
    '-0.42 个百分点（95% 区间 -0.62 至 -0.22），每 1000 人 -4.2 人'
    """
    low, high = estimate.interval()
    return (
        f"{100 * estimate.value:+.2f} 个百分点（95% 区间 {100 * low:+.2f} 至 {100 * high:+.2f}），"
        f"每 1000 人 {1000 * estimate.value:+.1f} 人"
    )


def tell_dose(effect: Effect) -> str:
    """What was delivered, in one line."""
    dose = effect.dose
    if dose is None:
        return "没有落实记录"
    usual = "" if dose.median_sessions is None else f"，每名学生中位数 {dose.median_sessions:g} 次"
    return (
        f"{dose.pupils:,} 名学生，{dose.deliveries:,} 条记录，共 {dose.sessions:,} 次{usual}"
        f"（{dose.first} 至 {dose.last}）"
    )
