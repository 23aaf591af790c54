from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from kongchuo_risk.evaluation.calibration import calibration_table
from kongchuo_risk.evaluation.resampling import metric_values
from kongchuo_risk.evaluation.sample import Sample, draw_weights


def drawn(n: int = 3000, schools: int = 8, *, ties: bool = False) -> Sample:
    rng = np.random.default_rng(2)
    score = rng.normal(-1.5, 1.0, n)
    if ties:
        score = np.round(score)
    y = (rng.random(n) < expit(0.7 * score)).astype(float)
    listed = (score > 0).astype(float)
    lead = np.where(y > 0, rng.integers(5, 90, n).astype(float), np.nan)
    return Sample(rng.integers(0, schools, n), schools, y, score, listed, lead)


def at_once(sample: Sample) -> dict[str, float]:
    values = metric_values(sample, np.ones((1, sample.units)))
    return {name: float(value[0]) for name, value in values.items()}


@pytest.mark.parametrize("ties", [False, True])
def test_ranking_and_brier_agree_with_scikit_learn(ties):
    sample = drawn(ties=ties)
    found, p = at_once(sample), expit(sample.log_odds)
    assert found["average_precision"] == pytest.approx(average_precision_score(sample.y, p))
    assert found["roc_auc"] == pytest.approx(roc_auc_score(sample.y, p))
    assert found["brier"] == pytest.approx(brier_score_loss(sample.y, p))


def test_the_calibration_slope_is_that_of_a_logistic_regression():
    sample = drawn()
    model = LogisticRegression(C=np.inf, tol=1e-10).fit(sample.log_odds[:, None], sample.y)
    assert at_once(sample)["calibration_slope"] == pytest.approx(model.coef_[0, 0], abs=1e-4)


def test_figures_at_capacity_worked_by_hand():
    # Two places; the listed are an event and a calm pupil; one event of two is found.
    sample = Sample(
        unit=np.zeros(4, dtype=int), units=1, y=np.array([1.0, 0, 1, 0]),
        log_odds=np.array([3.0, 2, 1, 0]), listed=np.array([1.0, 1, 0, 0]),
        lead_days=np.array([20.0, np.nan, 40, np.nan]),
    )  # fmt: skip
    found = at_once(sample)
    assert found["precision_at_k"] == 0.5
    assert found["recall_at_k"] == 0.5
    assert found["lift_at_k"] == 1.0
    assert found["lead_days"] == 20.0


def test_a_weight_of_two_is_a_school_that_is_there_twice():
    sample = drawn(schools=3)
    twice = np.concatenate([np.arange(len(sample.y)), np.flatnonzero(sample.unit == 1)])
    copied = Sample(
        sample.unit[twice], 3, sample.y[twice], sample.log_odds[twice], sample.listed[twice],
        sample.lead_days[twice],
    )  # fmt: skip
    weighted = metric_values(sample, np.array([[1.0, 2.0, 1.0]]))
    for name, value in at_once(copied).items():
        # The slope takes one Newton step from the estimate on all rows.
        near = 0.02 if name.startswith("calibration") else 1e-9
        assert weighted[name][0] == pytest.approx(value, abs=near), name


def test_each_resample_draws_as_many_schools_as_there_are():
    weights = draw_weights(7, 50, seed=1)
    assert (weights.sum(axis=1) == 7).all()
    assert np.array_equal(weights, draw_weights(7, 50, seed=1))


def test_constant_scores_have_no_slope_and_no_skill():
    sample = drawn()
    rate = np.full(len(sample.y), np.log(sample.y.mean() / (1 - sample.y.mean())))
    found = at_once(Sample(sample.unit, 8, sample.y, rate, sample.listed, sample.lead_days))
    assert np.isnan(found["calibration_slope"])
    assert found["brier_skill"] == pytest.approx(0.0)
    assert found["roc_auc"] == 0.5
    assert found["calibration_intercept"] == pytest.approx(0.0, abs=1e-9)


def test_bins_hold_every_row_once_and_rise():
    sample = drawn()
    table = calibration_table(sample.log_odds, sample.y)
    assert table["n"].sum() == len(sample.y)
    assert table["predicted"].is_monotonic_increasing
    assert (table["observed"] * table["n"]).sum() == pytest.approx(sample.y.sum())
    assert list(table["bin"]) == list(range(1, 11))
    assert isinstance(table, pd.DataFrame)
