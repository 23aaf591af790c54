"""The gate as data, and its verdict in a sentence."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from kongchuo_risk.contracts.gates import Gate, load_gate
from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.errors import ContractError
from kongchuo_risk.evaluation.gate import Findings, Gain, judge

GATE = load_gate()
GOOD = Findings(
    slope=1.0, expected_to_observed=1.0, event_pupils=150, effective_schools=9.0, terms=3
)
RULES = ("scorecard", "abc_rules", "school_only")


def gains(**other: Gain) -> list[Gain]:
    usual = {name: Gain(name, 6.2, 2.1, 10.4) for name in RULES}
    return list((usual | other).values())


def edited(folder: Path, **changes: object) -> Path:
    """A copy of ``data_schema`` with another gate."""
    target = folder / "data_schema"
    shutil.copytree(data_schema(), target)
    content = yaml.safe_load((target / "gate.yaml").read_text(encoding="utf-8"))
    for place, value in changes.items():
        *path, last = place.split("__")
        part = content
        for name in path:
            part = part[name]
        part[last] = value
    (target / "gate.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return target


def test_a_champion_that_keeps_every_rule_is_admitted_with_its_gain_in_a_sentence() -> None:
    verdict = judge("blend", gains(), GOOD, GATE)
    assert verdict.admitted
    assert verdict.text.endswith(
        "融合模型每个名单日在名额内比评分卡多找出 6 名（95% 区间 2 至 10），准予启用。"
    )
    assert verdict.checks["passed"].all()
    assert list(verdict.checks) == ["check", "value", "bound", "passed", "text"]


def test_a_refusal_names_the_rule_that_was_not_beaten() -> None:
    level = Gain("abc_rules", 0.5, -1.2, 2.4)
    verdict = judge("blend", gains(abc_rules=level), GOOD, GATE)
    assert (verdict.ranks, verdict.admitted) == ("scorecard", False)
    assert "比出勤—行为—课程规则多找出 0.5 名（95% 区间 −1.2 至 2.4）" in verdict.text
    assert verdict.text.endswith("不予启用；名单由评分卡排序。")


def test_a_loss_is_told_as_a_loss() -> None:
    verdict = judge("blend", gains(scorecard=Gain("scorecard", -3.2, -6.1, -1.0)), GOOD, GATE)
    assert "比评分卡少找出 3.2 名（95% 区间 1.0 至 6.1）" in verdict.text


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        ({"slope": 0.4}, "校准斜率 0.40，应在 0.6–1.6 之间"),
        ({"slope": float("nan")}, "概率刻度失准"),
        ({"expected_to_observed": 2.5}, "预计人数是实际的 2.50 倍，应在 0.5–2 倍之间"),
        ({"event_pupils": 19}, "只有 19 名学生疑似辍学（至少要 20 名）"),
        ({"group_gaps": ("对性别为“女”的学生漏报率高出其余学生 30 个百分点",)}, "性别为“女”"),
    ],
)
def test_a_refusal_names_the_bound_or_the_group(finding: dict[str, object], words: str) -> None:
    verdict = judge("blend", gains(), replace(GOOD, **finding), GATE)
    assert not verdict.admitted
    assert words in verdict.text


def test_many_failures_are_counted_and_all_are_in_the_table() -> None:
    poor = replace(GOOD, slope=3.0, expected_to_observed=9.0, event_pupils=3)
    verdict = judge("blend", gains(), poor, GATE)
    assert "另有 1 项未达标" in verdict.text
    assert (~verdict.checks["passed"]).sum() == 3


def test_the_last_champion_need_not_be_beaten_but_must_not_be_better() -> None:
    level, better = (
        Gain("last_champion", -0.4, -2.0, 1.1), Gain("last_champion", -4.0, -6.0, -2.0)
    )  # fmt: skip
    assert judge("blend", gains(last_champion=level), GOOD, GATE).admitted
    verdict = judge("blend", gains(last_champion=better), GOOD, GATE)
    assert not verdict.admitted
    assert "比上一任模型少找出 4 名（95% 区间 2 至 6），确实不如" in verdict.text


def test_nothing_is_told_as_less_than_nothing() -> None:
    text = judge("blend", gains(scorecard=Gain("scorecard", 0.01, -0.04, 3.0)), GOOD, GATE).text
    assert "多找出 0.0 名（95% 区间 0.0 至 3.0）" in text


def test_a_rule_without_scores_cannot_be_beaten() -> None:
    verdict = judge("blend", [], GOOD, GATE)
    assert not verdict.admitted
    assert "缺少评分卡的成绩" in verdict.text


def test_events_in_few_schools_are_said_to_make_intervals_narrow() -> None:
    assert (
        "区间可能偏窄" in judge("blend", gains(), replace(GOOD, effective_schools=3.6), GATE).text
    )
    assert "区间可能偏窄" not in judge("blend", gains(), GOOD, GATE).text


def test_bounds_are_read_from_the_file_and_not_from_the_code(tmp_path: Path) -> None:
    gate = load_gate(edited(tmp_path, calibration__slope__low=0.2))
    assert judge("blend", gains(), replace(GOOD, slope=0.4), gate).admitted


def test_all_mistakes_of_the_file_are_told_at_once_in_chinese(tmp_path: Path) -> None:
    folder = edited(
        tmp_path,
        calibration__slope={"low": 2.0, "high": 1.0, "why": "x"},
        drift__psi={"notice": 0.3, "large": 0.1, "why": "x"},
        evidence__min_event_pupils={"value": 0, "why": " "},
        must_beat=[{"rule": "scorecard", "need": "better", "why": "x"}] * 2,
        fairness__attributes=[
            {"column": "shoe_size", "title": "鞋码", "binding": True, "why": "x"},
            {
                "column": "left_behind", "title": "留守", "codes": "left_behind", "binding": True,
                "why": "x", "groups": [{"title": "留守", "values": ["1", "7"]}],
            },
        ],
    )  # fmt: skip
    with pytest.raises(ContractError) as told:
        load_gate(folder)
    for part in (
        "calibration.slope: 应有 0 ≤ low < high", "drift.psi: 应有 0 < notice < large",
        "evidence.min_event_pupils: 应大于 0", "没有写明理由", "must_beat: scorecard 写了两次",
        "fairness.shoe_size: 学生表没有这一列", "代码表 left_behind 没有 7",
        "代码 0、2 不属于任何组",
    ):  # fmt: skip
        assert part in str(told.value), part


def test_an_unknown_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="slop"):
        load_gate(edited(tmp_path, calibration__slop=1))


@pytest.mark.parametrize("attribute", GATE.fairness.attributes, ids=lambda one: one.column)
def test_every_code_of_an_attribute_has_a_chinese_group(attribute: object) -> None:
    schema = load_schema()
    codes = schema.codes[attribute.codes].values if attribute.codes else {"甲": None}
    groups = {attribute.group_of(schema, code) for code in codes}
    assert all(group and not group.isascii() for group in groups)
    assert len(groups) >= 2 or not attribute.codes


def test_every_number_of_the_file_has_a_reason() -> None:
    def reasons(entry: object) -> list[str]:
        if not isinstance(entry, dict):
            return [r for e in entry for r in reasons(e)] if isinstance(entry, list | tuple) else []
        found = [r for value in entry.values() for r in reasons(value)]
        numbers = any(isinstance(value, float) for value in entry.values())
        return found + ([str(entry["why"])] if numbers else [])

    told = reasons(GATE.model_dump())
    assert len(told) >= 15
    assert all(len(reason) > 5 for reason in told)
    assert isinstance(GATE, Gate)
