from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kongchuo_risk.evaluation.listing import list_sizes, listed_share


def one_list(n: int) -> pd.DataFrame:
    return pd.DataFrame({"school_code": ["a"] * n, "as_of": [pd.Timestamp("2025-09-01")] * n})


def test_places_are_counted_per_school_and_day():
    rows = pd.DataFrame({"school_code": ["a", "a", "b", "a"], "as_of": ["d1", "d1", "d1", "d2"]})
    assert list_sizes(rows, {"a": 1, "b": 5}).tolist() == [1, 1, 1, 1]
    assert list_sizes(rows, 0.6).tolist() == [2, 2, 1, 1]


def test_a_school_without_staff_has_no_places():
    assert list_sizes(one_list(3), {"b": 2}).tolist() == [0, 0, 0]


@given(st.lists(st.integers(0, 3), min_size=1, max_size=6), st.integers(0, 6))
def test_ties_are_the_mean_over_all_orders_of_the_tied(scores, places):
    values = np.array(scores, dtype=float)
    places = min(places, len(values))
    share = listed_share(values, one_list(len(values)), np.full(len(values), float(places)))
    orders = [
        order for order in itertools.permutations(range(len(values)))
        if all(values[a] >= values[b] for a, b in itertools.pairwise(order))
    ]  # fmt: skip
    wanted = np.mean([np.isin(np.arange(len(values)), order[:places]) for order in orders], axis=0)
    assert share == pytest.approx(wanted)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=30), st.integers(0, 30))
def test_more_capacity_never_drops_a_pupil(scores, places):
    values, rows = np.array(scores), one_list(len(scores))
    sizes = [np.full(len(values), float(min(k, len(values)))) for k in (places, places + 1)]
    fewer, more = (listed_share(values, rows, size) for size in sizes)
    assert (more >= fewer - 1e-12).all()
    assert fewer.sum() == pytest.approx(sizes[0][0])
