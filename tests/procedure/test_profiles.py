"""Profiles of counties: what they say, where it comes from, and what is refused."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from kongchuo_risk.contracts.causes import load_causes
from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.contracts.profiles import load_profile, profile_names
from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.domain.case import CaseStatus
from kongchuo_risk.errors import ContractError, SettingsError
from kongchuo_risk.procedure.procedure_page import all_profiles, procedure_page, term_of_rule

ROOT = Path(__file__).resolve().parents[2]
PROFILES = [load_profile(name) for name in profile_names()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The rules of the toolkit, to be changed."""
    shutil.copytree(data_schema() / "profiles", tmp_path / "profiles")
    return tmp_path


def written(folder: Path, name: str, **content: Any) -> Path:
    text = yaml.safe_dump({"name": name} | content, allow_unicode=True)
    (folder / "profiles" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def sources(value: Any) -> Iterator[str]:
    """Every source that a profile names, wherever it stands."""
    if isinstance(value, dict):
        yield from value.get("source", ())
        for each in value.values():
            yield from sources(each)


def test_the_county_may_say_only_what_differs(folder: Path) -> None:
    own = {"title": "某县", "description": "", "source": ["9"]}
    written(folder, "某县", extends="永镇", **own,
            procedure={"deadlines": {"dropout_report": {"within": 5}}})  # fmt: skip
    profile = load_profile("某县", folder).procedure
    assert profile.deadlines["dropout_report"].within == 5
    assert profile.deadlines["dropout_report"].title == "填写辍学报告单"
    assert profile.deadlines["first_visit"].unit == "half_day"
    assert profile.visits.per_term == 5


def test_profiles_that_extend_one_another_are_refused(folder: Path) -> None:
    written(folder, "甲县", extends="乙县")
    written(folder, "乙县", extends="甲县")
    with pytest.raises(ContractError, match="绕成了圈：甲县 → 乙县 → 甲县"):
        load_profile("甲县", folder)


def test_an_unknown_profile_is_told_with_those_there_are() -> None:
    with pytest.raises(SettingsError, match="没有名为“火星”的地方规则；现有：国家2024"):
        load_profile("火星")


@pytest.mark.parametrize(
    ("procedure", "told"),
    [
        ({"deadlines": {"visit_soon": {"title": "快去", "within": 1, "unit": "day",
                                       "owner": "班主任", "source": ["74"]}}},
         "不认识：visit_soon"),
        ({"deadlines": {"confirm_dropout": {"unit": "week"}}}, "只能是 day"),
        ({"deadlines": {"first_visit": {"source": []}}}, "first_visit.source"),
        ({"moves": {"销号": {"roles": ["校长大人"]}}}, "moves.销号.roles"),
        ({"targets": {"九年巩固率": {"全部": {"at_most": 0.9}}}}, "其中一个"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_is_refused_with_its_place(
    folder: Path, procedure: dict[str, Any], told: str
) -> None:
    own = {"title": "某县", "description": "", "source": ["9"], "procedure": procedure}
    written(folder, "某县", extends="国家2024", **own)
    with pytest.raises(ContractError, match=told):
        load_profile("某县", folder)


def test_every_number_named_as_a_source_is_a_rule_of_the_seeds() -> None:
    with (data_schema() / "rules.csv").open(encoding="utf-8-sig") as file:
        known = {row["no"] for row in csv.DictReader(file)}
    for profile in PROFILES:
        named = {source for source in sources(profile.model_dump()) if source.isdigit()}
        assert named <= known, profile.name
        assert profile.source


def test_tags_and_causes_of_the_rules_exist() -> None:
    tags = load_schema().codes["observation_tag"].values
    for profile in PROFILES:
        rules = profile.procedure.detection
        asked = (
            *rules.early_sign_tags, *rules.suspicion_tags, *rules.mandatory_report_tags,
            *rules.visit_tags,
        )  # fmt: skip
        assert set(asked) <= set(tags)
        assert set(rules.mandatory_report_causes) <= set(load_causes().by_code)


def test_each_document_differs_where_it_says_so() -> None:
    said = {profile.name: profile.procedure for profile in PROFILES}
    sessions = {name: rules.detection.suspect_after_sessions for name, rules in said.items()}
    assert sessions == {"国家2024": 2, "永镇": 1, "篇一": 1, "篇四": 2, "普九": 2}
    visit = {name: term_of_rule(rules.deadlines["first_visit"]) for name, rules in said.items()}
    assert visit["永镇"] == "下一个半天内"
    assert visit["国家2024"] == "次日以前"
    assert said["普九"].targets["学年辍学率"]["小学"].at_most == 0.02
    assert said["普九"].targets["学年辍学率"]["初中"].at_most == 0.03
    assert said["篇四"].targets["流失率"]["全部"].at_most == 0.01
    assert said["篇一"].targets["巩固率"]["全部"].at_least == 1.0


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_nobody_is_closed_or_handed_over_by_one_person(profile) -> None:
    for status in (CaseStatus.CLOSED, CaseStatus.HANDED_OVER):
        assert profile.procedure.moves[status].second


def test_the_page_is_the_profiles() -> None:
    page = ROOT / "docs" / "procedure.md"
    assert page.read_text(encoding="utf-8") == procedure_page(all_profiles())
