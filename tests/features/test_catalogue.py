"""The catalogue is complete, says what it means, and holds nothing that is only audited."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from kongchuo_risk.contracts.features import Feature, ReasonGroup, load_features
from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.explanation.day_means import ClassMean
from kongchuo_risk.features.catalogue_page import catalogue_page
from kongchuo_risk.features.columns import features_of_day
from kongchuo_risk.features.known import History
from kongchuo_risk.features.schooldays import SchoolDays
from kongchuo_risk.settings import Settings
from tests.features.random_records import SCHOOL_DAYS, random_records

FEATURES = load_features().features
PAGE = Path(__file__).resolve().parents[2] / "docs" / "features.md"


def test_there_are_sixty_features_and_more_in_all_nine_groups() -> None:
    assert len(FEATURES) >= 60
    assert {feature.group for feature in FEATURES} == set(get_args(ReasonGroup))


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.id)
def test_every_phrase_can_be_said_of_a_number_and_of_a_category(feature: Feature) -> None:
    for template in (feature.phrase, feature.strength):
        text = template.format(value=2.0, class_mean=ClassMean(0.5), label="甲", degree="明显")
        assert "{" not in text
    assert feature.phrase or not feature.actionable, "what is never told cannot call a measure"
    assert feature.definition
    assert feature.source


def test_every_category_has_a_code_list_and_every_table_exists() -> None:
    schema = load_schema()
    assert {f.table for f in FEATURES} <= set(schema.tables)
    assert all(f.codes in schema.codes for f in FEATURES if f.kind == "category")
    assert all(f.codes is None for f in FEATURES if f.kind != "category")


def test_columns_that_are_only_audited_are_no_features() -> None:
    audited = set(Settings().features.audit_only)
    assert audited.isdisjoint(feature.id for feature in FEATURES)
    assert not {"psych_screen", "screen_level"} & {feature.id for feature in FEATURES}


def test_changing_what_is_only_audited_changes_no_feature() -> None:
    records = random_records(3)
    audited = list(Settings().features.audit_only)
    blank = records["students"].copy()
    blank[audited] = None
    assert _columns(records) == _columns(type(records)({**records, "students": blank}))


def test_every_computed_column_has_its_entry_or_serves_another_one() -> None:
    serving = {
        "sick_5", "sick_10", "personal_5", "personal_10", "late_5", "late_10", "left_early_5",
        "left_early_10", "left_early_20", "absent_5", "absent_20",
    }  # fmt: skip
    computed = set(_columns(random_records(0)))
    assert computed == {feature.id for feature in FEATURES} | serving


def test_the_page_of_features_is_the_catalogue() -> None:
    assert PAGE.read_text(encoding="utf-8") == catalogue_page(load_features())


def _columns(records: object) -> dict[str, list[str]]:
    history = History(records)  # type: ignore[arg-type]
    day = features_of_day(history, SchoolDays(history), SCHOOL_DAYS[60])
    return {name: [str(value) for value in values] for name, values in day.columns.items()}
