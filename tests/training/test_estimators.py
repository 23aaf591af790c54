from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.utils.estimator_checks import parametrize_with_checks

from kongchuo_risk import DropoutRiskClassifier
from tests.training.builders import County, matrix

FEW_TREES = ("logistic",)


@parametrize_with_checks([DropoutRiskClassifier()])
def test_the_classifier_keeps_every_rule_of_scikit_learn(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def county():
    return matrix(County(pupils=400))


@pytest.fixture(scope="module")
def fitted(county):
    return DropoutRiskClassifier().fit(county.X, county.y.astype(int))


def test_contributions_add_up_to_the_log_odds(county, fitted):
    values, base = fitted.contributions(county.X)
    assert values.shape == county.X.shape
    assert np.allclose(base + values.sum(axis=1), fitted.decision_function(county.X), atol=1e-9)


def test_probabilities_are_the_logistic_of_the_log_odds(county, fitted):
    log_odds = fitted.decision_function(county.X)
    risk = fitted.predict_proba(county.X)[:, 1]
    assert np.allclose(np.log(risk / (1 - risk)), log_odds)
    assert (fitted.predict(county.X) == (log_odds > 0)).all()


def test_the_same_seed_gives_the_same_scores(county, fitted):
    again = DropoutRiskClassifier().fit(county.X, county.y.astype(int))
    assert np.array_equal(again.decision_function(county.X), fitted.decision_function(county.X))


def test_the_order_of_the_rows_scored_changes_nothing(county, fitted):
    order = np.random.default_rng(1).permutation(len(county.X))
    there = fitted.decision_function(county.X.iloc[order])
    assert np.allclose(there, fitted.decision_function(county.X)[order])


def test_a_category_never_seen_is_scored_like_a_missing_one(county, fitted):
    row = county.X.iloc[:1]
    unseen = row.assign(boarding=pd.Categorical(["9"]))
    missing = row.assign(boarding=pd.Categorical([None], categories=["1", "2"]))
    assert fitted.decision_function(unseen) == fitted.decision_function(missing)


def test_texts_flags_and_numbers_with_gaps_are_accepted():
    rng = np.random.default_rng(3)
    X = pd.DataFrame(
        {
            "text": rng.choice(["a", "b"], 200),
            "flag": pd.array(rng.choice([True, False], 200), dtype="boolean"),
            "whole": pd.array([None, *rng.integers(0, 5, 199)], dtype="Int64"),
        }
    )
    y = (X["text"] == "a").to_numpy() ^ (rng.random(200) < 0.1)
    model = DropoutRiskClassifier().fit(X, y)
    values, _ = model.contributions(X)
    assert np.abs(values).mean(axis=0).argmax() == 0
    assert model.classes_.tolist() == [False, True]


def test_a_monotone_direction_is_kept_by_the_trees():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"absences": rng.normal(size=600)})
    y = (rng.random(600) < 1 / (1 + np.exp(X["absences"]))).astype(int)
    free = DropoutRiskClassifier(members=("lightgbm",)).fit(X, y)
    held = DropoutRiskClassifier(members=("lightgbm",), monotone={"absences": 1}).fit(X, y)
    line = pd.DataFrame({"absences": np.linspace(-3, 3, 50)})
    assert np.diff(free.decision_function(line)).min() < 0
    assert np.diff(held.decision_function(line)).min() >= 0


def test_fewer_calm_rows_leave_the_level_of_risk_right():
    drawn = matrix(County(pupils=3000, terms=2, intercept=-4.5))
    X, y = drawn.X, drawn.y.astype(int)
    thinned = DropoutRiskClassifier(
        members=FEW_TREES, most_negatives=5, calibration_folds=0
    ).fit(X, y)  # fmt: skip
    # The line is off, so nothing but the exact correction can bring the level back.
    assert thinned.predict_proba(X)[:, 1].mean() == pytest.approx(y.mean(), rel=0.1)
    values, base = thinned.contributions(X)
    assert np.allclose(base + values.sum(axis=1), thinned.decision_function(X))


def test_the_line_is_fitted_on_later_rows_than_the_members_learned_from(county):
    times = county.rows["as_of"]
    model = DropoutRiskClassifier(members=FEW_TREES).fit(
        county.X, county.y.astype(int), times=times
    )
    first = (times == times.min()).sum()
    assert 0 < len(model.out_of_fold_) <= len(county) - first


def test_rows_of_one_group_do_not_calibrate_one_another():
    rng = np.random.default_rng(0)
    # Every pupil appears ten times with an own number that gives the outcome away.
    pupil = np.repeat(np.arange(60), 10)
    X = pd.DataFrame({"pupil": pd.Categorical(pupil.astype(str)), "noise": rng.normal(size=600)})
    y = (pupil % 2).astype(int)
    careless = DropoutRiskClassifier(members=FEW_TREES).fit(X, y)
    careful = DropoutRiskClassifier(members=FEW_TREES).fit(X, y, groups=pupil)
    assert careful.calibration_.slope < careless.calibration_.slope / 2


def test_one_class_is_refused_with_the_reason(county):
    with pytest.raises(ValueError, match="one class"):
        DropoutRiskClassifier().fit(county.X, np.zeros(len(county)))


def test_fewer_members_share_the_fit_and_get_their_own_line(county, fitted):
    alone = fitted.restricted(["logistic"])
    raw = fitted.member_log_odds(county.X)[:, -1]
    assert np.allclose(alone.decision_function(county.X), alone.calibration_.apply(raw))
    assert alone.calibration_ != fitted.calibration_


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 0.6))
def test_contributions_of_the_linear_member_add_up_whatever_is_missing(seed, missing):
    drawn = matrix(County(pupils=60, seed=seed, missing=missing, intercept=-0.5))
    model = DropoutRiskClassifier(members=FEW_TREES).fit(drawn.X, drawn.y.astype(int))
    values, base = model.contributions(drawn.X)
    assert np.allclose(base + values.sum(axis=1), model.decision_function(drawn.X))
