"""What kinds of columns and parameters the classifier takes, and how it refuses the others."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from kongchuo_risk import DropoutRiskClassifier
from kongchuo_risk.training.additive import MOST_CATEGORIES, fit_additive
from kongchuo_risk.training.columns import ColumnEncoder
from kongchuo_risk.training.member import BLOCK_ROWS, FitContext

ROWS = 120
QUICK = {"trees": 5, "calibration_folds": 0, "n_jobs": 1}


def frame(column: object) -> pd.DataFrame:
    """A table with one column in question beside a plain one."""
    return pd.DataFrame({"plain": np.arange(ROWS) % 7, "asked": column})


def outcome() -> np.ndarray:
    return (np.arange(ROWS) % 3 == 0).astype(int)


@pytest.mark.parametrize(
    "values",
    [
        [1, None, 3],
        [Decimal("1.5"), None, Decimal(3)],
        [True, None, False],
        [1, 2.5, None],
    ],
)
def test_numbers_in_an_object_column_are_numbers(values: list[object]) -> None:
    column = pd.DataFrame({"a": pd.Series(values, dtype=object)})
    encoder = ColumnEncoder.learn(column)
    wanted = [np.nan if value is None else float(value) for value in values]  # type: ignore[arg-type]
    assert encoder.categories == (None,)
    assert np.array_equal(encoder.encode(column)[:, 0], wanted, equal_nan=True)


@pytest.mark.parametrize("dtype", ["int64[pyarrow]", "Int64", "Float32", "float16", "uint8"])
def test_numbers_of_every_kind_are_numbers(dtype: str) -> None:
    column = pd.DataFrame({"a": pd.Series([1, 2, 3], dtype=dtype)})
    assert ColumnEncoder.learn(column).encode(column)[:, 0].tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    "values",
    [
        pd.date_range("2025-09-01", periods=ROWS),
        pd.to_timedelta(np.arange(ROWS), unit="D"),
        pd.period_range("2025-09", periods=ROWS, freq="M"),
        [date(2025, 9, 1)] * ROWS,
        [[1]] * ROWS,
        np.arange(ROWS) * 1j,
    ],
)
def test_a_column_that_cannot_be_learned_from_is_named(values: object) -> None:
    with pytest.raises(ValueError, match="column 'asked' holds"):
        DropoutRiskClassifier(**QUICK).fit(frame(values), outcome())


def test_dates_where_training_had_numbers_are_refused_too() -> None:
    encoder = ColumnEncoder.learn(frame(1.0))
    with pytest.raises(ValueError, match="'asked' holds datetime"):
        encoder.encode(frame(pd.date_range("2025-09-01", periods=ROWS)))
    with pytest.raises(ValueError, match="'asked' held numbers in training"):
        encoder.encode(frame("many"))


def test_whole_numbers_as_categories_survive_a_gap_that_turns_them_into_floats() -> None:
    codes = np.arange(ROWS) % 3
    encoder = ColumnEncoder.learn(frame(pd.Categorical(codes)))
    later = np.where(np.arange(ROWS) == 0, np.nan, codes.astype(float))
    encoded = encoder.encode(frame(pd.Categorical(later)))[:, 1]
    assert np.array_equal(encoded[1:], codes[1:])
    assert np.isnan(encoded[0])


def test_labels_that_read_the_same_are_one_category() -> None:
    both = pd.Categorical([1, "1", None] * 40)
    assert ColumnEncoder.learn(frame(both)).categories[1] == ("1",)
    assert ColumnEncoder.learn(frame([1, "1", "x"] * 40)).categories[1] == ("1", "x")


def test_numbers_too_large_to_be_squared_are_refused() -> None:
    with pytest.raises(ValueError, match=r"too large for dtype.*'asked'"):
        DropoutRiskClassifier(**QUICK).fit(frame(np.linspace(-1e300, 1e300, ROWS)), outcome())


def test_two_columns_of_one_name_are_refused() -> None:
    X = frame(1.0).set_axis(["same", "same"], axis=1)
    with pytest.raises(ValueError, match="two columns of X are called 'same'"):
        DropoutRiskClassifier(**QUICK).fit(X, outcome())


def test_a_table_without_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="0 feature"):
        DropoutRiskClassifier(**QUICK).fit(pd.DataFrame(index=range(ROWS)), outcome())


@pytest.mark.parametrize("column", [1.0, np.nan, None, 2**62, 1e-300])
def test_columns_that_say_nothing_do_no_harm(column: object) -> None:
    X = frame([column] * ROWS)
    model = DropoutRiskClassifier(trees=5).fit(X, outcome())
    values, base = model.contributions(X)
    # The same of everybody, and next to nothing.
    assert np.ptp(values[:, 1]) < 1e-9
    assert abs(values[0, 1]) < 0.02
    assert np.isfinite(base)
    assert np.isfinite(model.predict_proba(X.assign(asked=7.0))).all()


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"members": "lightgbm"}, "list of some of"),
        ({"members": ()}, "list of some of"),
        ({"members": ["catboost"]}, "unknown member 'catboost'"),
        ({"most_negatives": 0}, "above 0"),
        ({"monotone": {"absences": 1}}, "not in X: 'absences'"),
        ({"monotone": {"plain": 2}}, "-1, 0 or 1"),
    ],
)
def test_a_parameter_that_cannot_be_used_is_refused(
    parameters: dict[str, object], match: str
) -> None:
    with pytest.raises(ValueError, match=match):
        DropoutRiskClassifier(**{**QUICK, **parameters}).fit(frame(1.0), outcome())


@pytest.mark.parametrize("name", ["groups", "times"])
def test_groups_and_times_go_with_the_rows_and_are_complete(name: str) -> None:
    model = DropoutRiskClassifier(trees=5)
    with pytest.raises(ValueError, match=f"{name} has 2 values, X has {ROWS} rows"):
        model.fit(frame(1.0), outcome(), **{name: ["a", "b"]})
    with pytest.raises(ValueError, match=f"{name} must not be missing"):
        model.fit(frame(1.0), outcome(), **{name: ["a", "b", None] * (ROWS // 3)})


def test_members_that_were_not_fitted_cannot_be_kept() -> None:
    model = DropoutRiskClassifier(members=["logistic"], **QUICK).fit(frame(1.0), outcome())
    with pytest.raises(ValueError, match="'lightgbm' was not fitted; logistic were"):
        model.restricted(["lightgbm"])


def test_of_very_many_categories_the_most_common_get_a_coefficient() -> None:
    codes = np.repeat(np.arange(MOST_CATEGORIES + 100.0), 5)
    codes = np.append(codes, [7.0, MOST_CATEGORIES + 99.0])
    y = np.arange(len(codes)) % 2.0
    plain = FitContext(categorical=(0,), monotone=(0,), seed=0, threads=1)
    levels = fit_additive(codes[:, None], y, plain).levels[:, 1]
    assert len(levels) == MOST_CATEGORIES
    assert {7, MOST_CATEGORIES + 99} <= set(levels.tolist())


def test_rows_beyond_one_block_are_scored_like_those_before() -> None:
    X = frame(np.linspace(0, 1, ROWS))
    model = DropoutRiskClassifier(**QUICK).fit(X, outcome())
    many = X.iloc[np.arange(BLOCK_ROWS + ROWS) % ROWS]
    assert np.allclose(model.decision_function(many)[-3:], model.decision_function(many[-3:]))
    values, base = model.contributions(many)
    assert np.allclose(base + values.sum(axis=1), model.decision_function(many))
