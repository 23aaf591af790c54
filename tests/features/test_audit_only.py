"""What is only audited cannot reach a feature, by whatever way it is computed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kongchuo_risk.contracts.features import load_features
from kongchuo_risk.contracts.gates import load_gate
from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.domain.records import Records
from kongchuo_risk.features import features_as_of
from kongchuo_risk.settings import FeatureSettings, Settings
from kongchuo_risk.training.candidates import learned_features
from tests.features.random_records import SCHOOL_DAYS, random_records

AUDIT_ONLY = Settings().features.audit_only
AUDITED = [a.column for a in load_gate().fairness.attributes if a.column != "school_code"]
SEEDS = (0, 1, 2)
DAY = SCHOOL_DAYS[60]


def shuffled(records: Records, columns: tuple[str, ...], seed: int) -> Records:
    """Each column's values dealt out anew among the rows of the roster."""
    rng, students = np.random.default_rng(seed), records["students"].copy()
    for column in columns:
        students[column] = students[column].iloc[rng.permutation(len(students))].array
    return Records({**records, "students": students})


def changed(before: pd.DataFrame, after: pd.DataFrame) -> set[str]:
    return {name for name in before if not before[name].equals(after[name])}


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_shuffling_what_is_only_audited_changes_no_feature(seed: int) -> None:
    records = random_records(seed)
    mixed = shuffled(records, AUDIT_ONLY, seed + 1)
    assert not mixed["students"].equals(records["students"])
    assert not changed(features_as_of(records, DAY), features_as_of(mixed, DAY))


@pytest.mark.parametrize("column", AUDITED)
def test_the_catalogue_names_every_feature_that_an_audited_column_reaches(column: str) -> None:
    reached: set[str] = set()
    for seed in SEEDS:
        records = random_records(seed)
        mixed = shuffled(records, (column,), seed)
        reached |= changed(features_as_of(records, DAY), features_as_of(mixed, DAY))
    assert reached == load_features().made_of([column])


def test_no_feature_of_the_catalogue_is_made_of_what_is_only_audited() -> None:
    assert not load_features().made_of(AUDIT_ONLY)


def test_a_column_that_is_moved_to_the_audit_is_not_learned_from() -> None:
    catalogue = load_features()
    X = pd.DataFrame({feature.id: [0.0] for feature in catalogue.features})
    rows = pd.DataFrame(
        {
            "student_id": ["a"], "as_of": [pd.Timestamp("2025-10-15")], "term": ["2025-2026-1"],
            "school_code": ["k"], "class_id": ["c"], "grade": [8],
        }
    )  # fmt: skip
    moved = Settings(features=FeatureSettings(audit_only=(*AUDIT_ONLY, "left_behind")))
    kept = learned_features(FeatureMatrix(X, rows), catalogue, Settings())
    left = learned_features(FeatureMatrix(X, rows), catalogue, moved)
    assert set(kept) - set(left) == {"left_behind"}
