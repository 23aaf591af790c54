"""The policy file: what it must say, and how its mistakes are told."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from kongchuo_risk.contracts.causes import load_causes
from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.contracts.policy import (
    NEVER_A_TRIGGER,
    LawSource,
    Measure,
    Policy,
    RuleSource,
    Source,
)
from kongchuo_risk.contracts.policy_file import load_policy
from kongchuo_risk.errors import ContractError
from kongchuo_risk.planning.measures_page import measures_page

ROOT = Path(__file__).resolve().parents[2]
SEED_RULES = ROOT / "data_schema" / "rules.csv"
DIMENSIONS = {"责任", "制度", "扶贫", "关爱", "质量", "依法"}
WANTED = {40, 43, *range(63, 68), 72, 73, *range(74, 103), *range(145, 213)}
"""Rules on what is done for pupils, families and schools (A2, A3, A4, A7, A8, A9)."""
NOT_IN_A_PLAN = {
    83: "bonus money for whoever takes part in a visit",
    100: "liability of staff for late reports: policy text only",
    102: "liability above a dropout rate: policy text only",
}
REWARDS_AND_SANCTIONS = set(range(213, 223))
LABELS = (
    "残疾", "留守", "贫困", "低保", "孤儿", "学困", "后进", "差生", "厌学", "辍学", "风险", "名单",
    "分数", "排名", "诊断", "预警", "层级", "欺凌",
)  # fmt: skip


def _edited(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    """A copy of data_schema with words of interventions.yaml replaced."""
    folder = tmp_path / "data_schema"
    shutil.copytree(data_schema(), folder)
    file = folder / "interventions.yaml"
    text = file.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    file.write_text(text, encoding="utf-8")
    return folder


def _rules(policy: Policy) -> list[RuleSource]:
    return [source for source in _sources(policy) if isinstance(source, RuleSource)]


def _laws(policy: Policy) -> list[LawSource]:
    return [source for source in _sources(policy) if isinstance(source, LawSource)]


def _sources(policy: Policy) -> list[Source]:
    parts = (*policy.measures, *policy.watch, *policy.school, *policy.taxonomies)
    return [source for part in parts for source in part.source]


def _seed_quotes() -> dict[int, str]:
    with SEED_RULES.open(encoding="utf-8-sig", newline="") as file:
        return {int(row["no"]): row["quote"] for row in csv.DictReader(file)}


def _facts_of(measures: Iterable[Measure]) -> set[str]:
    return {test.fact for measure in measures for test in measure.tests}


def test_all_mistakes_of_a_policy_are_named_at_once(tmp_path: Path) -> None:
    folder = _edited(
        tmp_path,
        ("any_tag: [runaway]", "any_tag: [run_away]"),
        ("owner: registrar", "owner: registrer"),
        ("fact: returned, among: [true]", "fact: came_back, among: [true]"),
        ("placement, among: [home]", "placement, among: [at_home]"),
    )
    with pytest.raises(ContractError) as told:
        load_policy(folder)
    text = str(told.value)
    assert "missing_search: 没有苗头 run_away" in text
    assert "registration_check: 没有岗位 registrer" in text
    assert "home_visit: 没有事实 came_back" in text
    assert "home_teaching: placement: 代码表 placement 中没有 at_home" in text


def test_a_key_group_is_defined_by_values_alone(tmp_path: Path) -> None:
    folder = _edited(
        tmp_path,
        ("any_fact: [{fact: orphan, among: [true]", "any_fact: [{fact: orphan, missing: true"),
    )
    with pytest.raises(ContractError, match="重点群体 孤儿: 只能按取值"):
        load_policy(folder)


def test_a_test_without_value_or_bound_is_refused(tmp_path: Path) -> None:
    folder = _edited(tmp_path, ("school_distance_km, at_least: 5", "school_distance_km"))
    with pytest.raises(ContractError, match="school_distance_km: 没有写明取值或界限"):
        load_policy(folder)


def test_an_unknown_key_is_refused_with_its_place(tmp_path: Path) -> None:
    folder = _edited(tmp_path, ("dimension: 依法", "dimensoin: 依法"))
    with pytest.raises(ContractError, match=r"measures\.\d+\.dimensoin"):
        load_policy(folder)


def test_a_measure_may_not_depend_on_sex(tmp_path: Path) -> None:
    folder = _edited(tmp_path, ("fact: grade, at_least: 7", "fact: sex, among: ['2']"))
    with pytest.raises(ContractError, match="career_information: 措施不得取决于 sex"):
        load_policy(folder)


def test_a_condition_that_holds_for_everybody_is_refused(tmp_path: Path) -> None:
    folder = _edited(tmp_path, ("- {any_tag: [runaway]}", "- {}"))
    with pytest.raises(ContractError, match="missing_search: 有一个条件没有内容"):
        load_policy(folder)


def test_mistakes_outside_the_measures_are_named_with_them(tmp_path: Path) -> None:
    folder = _edited(
        tmp_path,
        ("by_profile: {永镇: 0}", "by_profile: {永真: 0}"),
        ("cap: visits_per_week", "cap: visits"),
        ("also: {三字: 以情劝学", "also: {三个字: 以情劝学"),
        ("roles: [counsellor]", "roles: [therapist]"),
        ("- id: meetings", "- id: opening_check"),
    )
    with pytest.raises(ContractError) as told:
        load_policy(folder)
    text = str(told.value)
    assert "same_day_visit: 没有名为“永真”的地方规则" in text
    assert "home_visit: 没有名额 visits" in text
    assert "home_visit: 没有分类 三个字" in text
    assert "名额 counsellor_hours: 没有岗位 therapist" in text
    assert "学校事项 opening_check: 编号重复" in text


def test_a_measure_that_takes_places_must_say_what_it_is_assumed_to_do(tmp_path: Path) -> None:
    uses = "uses: [{cap: visits_per_week, amount: 1}]"
    folder = _edited(tmp_path, ("form: 谈心记录", f"form: 谈心记录\n      {uses}"))
    with pytest.raises(ContractError, match="heart_talk: 占用名额的措施须写明效果假设"):
        load_policy(folder)


def test_nothing_in_the_policy_looks_at_sex_ethnicity_or_household_registration() -> None:
    policy = load_policy()
    called_by = _facts_of(policy.measures)
    used = called_by | {test.fact for group in policy.watch for test in group.any_fact}
    used |= {test.fact for need in policy.needs for test in need.facts}
    assert not used & NEVER_A_TRIGGER
    assert not called_by & {"judicial", "screen_level"}


def test_disability_calls_support_only() -> None:
    calls = {
        measure.id
        for measure in load_policy().measures
        for condition in measure.when
        for test in condition.facts
        if test.fact in {"disability_type", "disability_level", "placement"}
    }
    support = {"aid", "disability_help", "home_teaching", "inclusive_class", "special_placement"}
    assert calls == support


def test_every_measure_says_where_it_comes_from_and_what_nobody_knows() -> None:
    for measure in load_policy().measures:
        assert measure.source, measure.id
        assert measure.evidence.finding, measure.id
        assert measure.evidence.unknown, measure.id


def test_a_grade_that_claims_a_study_or_a_law_names_it() -> None:
    unnamed = [
        measure.id
        for measure in load_policy().measures
        if measure.evidence.grade != "无对照研究" and not measure.evidence.source
    ]
    assert unnamed == []


def test_every_quoted_rule_is_in_the_seeds_with_those_words() -> None:
    quotes = _seed_quotes()
    assert [rule for rule in _rules(load_policy()) if quotes[rule.rule] != rule.quote] == []


def test_laws_are_named() -> None:
    assert all(source.law.strip() for source in _laws(load_policy()))


def test_every_rule_that_a_plan_can_carry_out_is_carried_out() -> None:
    cited = {rule.rule for rule in _rules(load_policy())}
    assert WANTED - cited - NOT_IN_A_PLAN.keys() == set()


def test_a_rule_that_is_left_out_is_not_cited_after_all() -> None:
    cited = {rule.rule for rule in _rules(load_policy())}
    assert not cited & NOT_IN_A_PLAN.keys()
    assert NOT_IN_A_PLAN.keys() <= WANTED


def test_rewards_and_sanctions_never_become_measures() -> None:
    cited = {rule.rule for rule in _rules(load_policy())}
    assert not cited & REWARDS_AND_SANCTIONS


def test_every_other_taxonomy_has_a_name_for_every_dimension() -> None:
    for taxonomy in load_policy().taxonomies:
        assert set(taxonomy.of) == DIMENSIONS, taxonomy.id


def test_the_six_dimensions_all_have_a_measure() -> None:
    assert {measure.dimension for measure in load_policy().measures} == DIMENSIONS


def test_parents_read_no_label_score_or_ranking() -> None:
    policy = load_policy()
    told = {measure.id: measure.family for measure in policy.measures if measure.family}
    words = {name: [word for word in LABELS if word in text] for name, text in told.items()}
    assert {name: found for name, found in words.items() if found} == {}
    assert not told.keys() & {measure.id for measure in policy.measures if measure.restricted}


def test_parents_are_not_threatened_with_the_law_in_the_letter() -> None:
    escalation = ("return_notice", "township_handover", "bureau_report", "dropout_form")
    by_id = load_policy().by_id
    assert [name for name in escalation if by_id[name].family] == []


def test_classroom_practices_stay_out_of_the_draft() -> None:
    by_id = load_policy().by_id
    practices = ("seating", "tiered_teaching", "front_back_group", "peer_teaching", "hand_in_hand")
    assert {by_id[name].offer for name in practices} == {"可选"}


def test_scarce_places_come_with_an_assumption_and_its_basis() -> None:
    policy = load_policy()
    scarce = [m for m in policy.measures for terms in m.effective.values() if terms.uses]
    used = {use.cap for m in scarce for terms in m.effective.values() for use in terms.uses}
    assert used == set(policy.cap_by_id)
    assert all(
        "假设" in m.effect.basis or "evidence.md" in m.effect.basis for m in scarce if m.effect
    )


def test_the_other_names_of_a_measure_follow_its_dimension_or_its_own() -> None:
    policy = load_policy()
    aliases = policy.aliases(policy.by_id["tutoring"])
    assert aliases["五控（篇三、篇五）"] == "质量控辍"
    career = policy.aliases(policy.by_id["career_information"])
    assert career["宣劝助职规（篇三、篇五）"] == "职"


def test_terms_change_on_their_day() -> None:
    aid = load_policy().by_id["aid"]
    before, after = aid.terms_on(date(2024, 1, 31)), aid.terms_on(date(2024, 2, 1))
    assert before is not None
    assert after is not None
    assert "小学 1000 元" in before.dose
    assert "小学 1250 元" in after.dose
    assert aid.terms_on(date(2019, 8, 31)) is None


def test_career_counselling_is_not_proposed_and_says_why() -> None:
    career = load_policy().by_id["career_information"]
    assert career.offer == "不建议"
    assert "反而使辍学增加" in career.warning


def test_the_page_is_the_policy_file() -> None:
    page = ROOT / "docs" / "measures.md"
    assert page.read_text(encoding="utf-8") == measures_page(load_policy())


def test_causes_have_unique_codes_and_name_the_main_ones() -> None:
    causes = load_causes().by_code
    assert len(causes) == 24
    assert causes["30"].label == "外出打工或童工"
    assert causes["31"].restricted


def test_a_cause_given_twice_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "data_schema"
    folder.mkdir()
    row = "{code: '11', label: 厌学, group: 学业}"
    (folder / "causes.yaml").write_text(
        f"source: [甲]\ncauses:\n- {row}\n- {row}\n", encoding="utf-8"
    )
    with pytest.raises(ContractError, match="重复的原因代码 11"):
        load_causes(folder)
