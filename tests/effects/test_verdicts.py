"""尚不能判断 unless everything speaks for another verdict."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kongchuo_risk.domain.effect import Check, Design, Estimate, Evidence, Good, Verdict
from kongchuo_risk.effects import judge
from kongchuo_risk.effects.words import tell

PASSED = Check("人次", True, "比较中共有 60 人次发生（需 20 人次以上）")
CLEAR = Evidence(
    design=Design.PHASED,
    effect=Estimate(-0.01, se=0.004, df=30),
    per_treated=None,
    reached=0.5,
    rows=6000,
    events=60,
    units={"started": 8, "compared": 12, "periods": 2},
    checks=(PASSED,),
)
"""95 % interval −1.82 to −0.18 points."""


@pytest.mark.parametrize(
    ("value", "good", "verdict"),
    [
        (-0.01, "down", Verdict.HELPS),
        (0.01, "down", Verdict.HARMS),
        (0.01, "up", Verdict.HELPS),
        (-0.01, "up", Verdict.HARMS),
        (-0.008, "down", Verdict.UNKNOWN),
    ],
)
def test_the_side_of_the_interval_decides(value: float, good: Good, verdict: Verdict) -> None:
    effect = replace(CLEAR, effect=Estimate(value, se=0.004, df=30))
    assert judge("一帮一", effect, good=good).verdict == verdict


def test_a_check_that_failed_leaves_no_verdict_and_is_told() -> None:
    failed = Check("单位数", False, "先开始的 3 个，对照的 9 个（两边各需 5 个以上）")
    effect = judge("一帮一", replace(CLEAR, checks=(PASSED, failed)))
    assert effect.verdict is Verdict.UNKNOWN
    assert effect.why == failed.text


def test_ten_measures_share_one_error() -> None:
    assert judge("一帮一", CLEAR, comparisons=1).verdict is Verdict.HELPS
    assert judge("一帮一", CLEAR, comparisons=10).verdict is Verdict.UNKNOWN


def test_what_is_needed_follows_from_what_can_be_seen() -> None:
    """Detectable 0.02 × (2.086 + 0.860) = 5.89 points; usual 0.38 of 1 %: 240 times the data."""
    blurred = judge("一帮一", replace(CLEAR, effect=Estimate(0.0, se=0.02, df=20)))
    assert "5.89 个百分点以上" in blurred.needed
    assert "50 倍以上" in blurred.needed
    # 0.002 × 2.896 (df 30) = 0.58 points: (0.579 / 0.38)² = 2.3 times, 19 schools, 3 terms more.
    near = judge("一帮一", replace(CLEAR, effect=Estimate(0.0, se=0.002, df=30)))
    assert "约需 19 个先开始的学校（对照同样增加），或再观察 3 个学期" in near.needed


def test_the_block_of_a_measure_says_all_that_an_analyst_asks() -> None:
    told = tell(judge("一帮一", CLEAR))
    for part in (
        "一帮一 — 有作用",
        "8 个先开始的学校",
        "n=60/6,000",
        "-1.00 个百分点",
        "95% 区间 -1.82 至 -0.18",
        "每 1000 人 -10.0 人",
        "前提：",
        "双重差分",
    ):
        assert part in told


def test_nothing_to_compare_is_said_as_it_is() -> None:
    effect = judge("家访", None)
    assert effect.evidence is None
    assert tell(effect) == "家访 — 尚不能判断：没有分批开始，也没有名单界线可比"
