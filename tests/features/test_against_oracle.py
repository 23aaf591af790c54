"""Every feature agrees with its plain-pandas twin, and looks neither ahead nor at row order."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kongchuo_risk.contracts.features import load_features
from kongchuo_risk.domain.records import Records
from kongchuo_risk.features import features_as_of
from tests.features.random_records import SCHOOL_DAYS, random_records
from tests.oracle.everything import oracle

TOLERANCE = 1e-9


def difference(ours: pd.DataFrame, theirs: pd.DataFrame) -> dict[str, str]:
    """Columns that differ, each with the pupils and the two values."""
    found = {}
    for feature in load_features().features:
        left, right = ours[feature.id], theirs[feature.id]
        if feature.kind == "category":
            same = left.astype("str").fillna("").eq(right.astype("str").fillna(""))
        else:
            near = np.isclose(left, right, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True)
            same = pd.Series(near, index=left.index)
        if not same.all():
            found[feature.id] = str(pd.DataFrame({"ours": left, "theirs": right})[~same].head(3))
    return found


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("place", [12, 60, 90])
def test_every_feature_agrees_with_plain_pandas(seed: int, place: int) -> None:
    records, day = random_records(seed), SCHOOL_DAYS[place]
    assert difference(features_as_of(records, day), oracle(records, day)) == {}


@given(seed=st.integers(0, 10_000), place=st.integers(0, len(SCHOOL_DAYS) - 1))
@settings(max_examples=12, deadline=None)
def test_what_becomes_known_later_and_the_order_of_rows_change_nothing(
    seed: int, place: int
) -> None:
    records, day = random_records(seed), SCHOOL_DAYS[place]
    everything = features_as_of(records, day)
    then = features_as_of(records.known_by(day), day)
    assert difference(everything, then) == {}
    assert difference(features_as_of(shuffled(records, seed), day), everything) == {}


def shuffled(records: Records, seed: int) -> Records:
    return Records(
        {
            name: rows.sample(frac=1, random_state=seed).reset_index(drop=True)
            for name, rows in records.items()
        }
    )


def test_the_catalogue_and_the_oracle_name_the_same_features() -> None:
    records = random_records(0)
    ours = features_as_of(records, date(2024, 12, 2))
    assert set(load_features().ids) <= set(oracle(records, date(2024, 12, 2)))
    assert list(ours) == load_features().ids
