from __future__ import annotations

import lightgbm
import numpy as np
import pytest

from kongchuo_risk.training.treeshap import leaf_tables


def grown(*, missing: float = 0.1, rounds: int = 25, **more: object) -> tuple[object, np.ndarray]:
    """A booster on numbers, one of them with gaps, a flag and a category."""
    rng = np.random.default_rng(3)
    n = 1_500
    X = np.column_stack(
        [rng.normal(size=n), rng.poisson(1.0, n), rng.integers(0, 7, n), rng.random(n) < 0.3]
    ).astype(float)
    X[rng.random(n) < missing, 0] = np.nan
    y = (np.nan_to_num(X[:, 0]) + X[:, 1] + (X[:, 2] == 4) + rng.normal(size=n) > 1.5).astype(int)
    parameters = {
        "objective": "binary", "num_leaves": 15, "max_depth": 6, "verbosity": -1, "num_threads": 1,
        "min_data_per_group": 5, **more,
    }  # fmt: skip
    data = lightgbm.Dataset(X, y, categorical_feature=[2])
    return lightgbm.train(parameters, data, num_boost_round=rounds), X


def strange_rows(X: np.ndarray) -> np.ndarray:
    """Rows with gaps where training had none, and a category that it never saw."""
    part = X[:200].copy()
    part[::3, 1] = np.nan
    part[::5, 2] = np.nan
    part[1::5, 2] = 40
    part[2::5, 2] = -1
    return part


@pytest.mark.parametrize(
    "more", [{}, {"extra_trees": True}, {"monotone_constraints": [1, 1, 0, 0]}]
)
def test_the_values_are_those_of_lightgbm(more: dict[str, object]) -> None:
    booster, X = grown(**more)
    for rows in (X, strange_rows(X)):
        expected = booster.predict(rows, pred_contrib=True)
        tables = leaf_tables(booster)
        assert np.allclose(tables.values(rows), expected[:, :-1], rtol=0, atol=1e-12)
        assert tables.base == pytest.approx(expected[0, -1], abs=1e-12)


def test_two_threads_give_what_one_gives() -> None:
    booster, X = grown()
    many = np.tile(X, (6, 1))
    tables = leaf_tables(booster)
    assert (tables.values(many, threads=2) == tables.values(many)).all()


def test_trees_without_a_split_explain_nothing_and_keep_their_value() -> None:
    X, y = np.zeros((50, 1)), np.arange(50) % 5 == 0
    booster = lightgbm.train({"objective": "binary", "verbosity": -1}, lightgbm.Dataset(X, y), 2)
    tables = leaf_tables(booster)
    assert not tables.values(X).any()
    assert tables.base == pytest.approx(float(booster.predict(X, raw_score=True)[0]))


def test_paths_that_are_too_long_are_refused() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2_000, 16))
    booster = lightgbm.train(
        {"objective": "regression", "num_leaves": 400, "min_data_in_leaf": 1, "verbosity": -1},
        lightgbm.Dataset(X, X.sum(axis=1) + 3 * (X > 1.5).sum(axis=1)),
        3,
    )
    with pytest.raises(ValueError, match="at most 12"):
        leaf_tables(booster)
