"""The policy file: what it must say, and how its mistakes are told."""

from __future__ import annotations

import csv
import shutil
from datetime import date
from pathlib import Path

import pytest

from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.contracts.policy import (
    NEVER_A_TRIGGER,
    LawSource,
    RuleSource,
    load_causes,
    load_policy,
)
from kongchuo_risk.errors import ContractError

ROOT = Path(__file__).resolve().parents[2]
SEED_RULES = ROOT / "data_schema" / "rules.csv"


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
    assert "guardian_contact: 没有苗头 run_away" in text
    assert "aid: 没有岗位 registrer" in text
    assert "mentor_pairing: 没有事实 came_back" in text
    assert "home_teaching: placement: 代码表 placement 中没有 at_home" in text


def test_a_key_group_is_defined_by_values_alone(tmp_path: Path) -> None:
    folder = _edited(tmp_path, ("fact: orphan, among: [true]", "fact: orphan, missing: true"))
    with pytest.raises(ContractError, match="重点群体 孤儿: 只能按取值"):
        load_policy(folder)


def test_a_test_without_value_or_bound_is_refused(tmp_path: Path) -> None:
    folder = _edited(tmp_path, ("school_distance_km, at_least: 5", "school_distance_km"))
    with pytest.raises(ContractError, match="school_distance_km: 没有写明取值或界限"):
        load_policy(folder)


def test_an_unknown_key_is_refused_with_its_place(tmp_path: Path) -> None:
    folder = _edited(tmp_path, ("dimension: 依法", "dimensoin: 依法"))
    with pytest.raises(ContractError, match=r"measures\.0\.dimensoin"):
        load_policy(folder)


def test_a_measure_may_not_depend_on_sex(tmp_path: Path) -> None:
    folder = _edited(tmp_path, ("fact: grade, at_least: 7", "fact: sex, among: ['2']"))
    with pytest.raises(ContractError, match="career_information: 措施不得取决于 sex"):
        load_policy(folder)


def test_a_condition_that_holds_for_everybody_is_refused(tmp_path: Path) -> None:
    folder = _edited(tmp_path, ("- {any_tag: [runaway]}", "- {}"))
    with pytest.raises(ContractError, match="guardian_contact: 有一个条件没有内容"):
        load_policy(folder)


def test_nothing_in_the_policy_looks_at_sex_ethnicity_or_household_registration() -> None:
    policy = load_policy()
    used = {test.fact for measure in policy.measures for test in measure.tests}
    used |= {test.fact for group in policy.watch for test in group.any_fact}
    assert not used & NEVER_A_TRIGGER
    assert "judicial" not in {test.fact for measure in policy.measures for test in measure.tests}


def test_every_measure_says_where_it_comes_from_and_what_nobody_knows() -> None:
    for measure in load_policy().measures:
        assert measure.source, measure.id
        assert measure.evidence.finding, measure.id
        assert measure.evidence.unknown, measure.id


def test_every_quoted_rule_is_in_the_seeds_with_those_words() -> None:
    with SEED_RULES.open(encoding="utf-8-sig", newline="") as file:
        quotes = {int(row["no"]): row["quote"] for row in csv.DictReader(file)}
    policy = load_policy()
    sources = [source for part in (*policy.measures, *policy.watch) for source in part.source]
    for source in sources:
        if isinstance(source, RuleSource):
            assert quotes[source.rule] == source.quote


def test_rule_numbers_lie_within_the_seeds_and_laws_are_named() -> None:
    for measure in load_policy().measures:
        for source in measure.source:
            if isinstance(source, RuleSource):
                assert 1 <= source.rule <= 222
            else:
                assert isinstance(source, LawSource)
                assert source.law.strip()


def test_the_six_dimensions_all_have_a_measure() -> None:
    dimensions = {measure.dimension for measure in load_policy().measures}
    assert dimensions == {"责任", "制度", "扶贫", "关爱", "质量", "依法"}


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
    assert not career.proposed
    assert "反而使辍学增加" in career.warning


def test_the_catalogue_document_names_every_measure() -> None:
    document = (ROOT / "docs" / "measures.md").read_text(encoding="utf-8")
    missing = [
        measure.id
        for measure in load_policy().measures
        if f"`{measure.id}`" not in document or measure.label not in document
    ]
    assert missing == []


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
