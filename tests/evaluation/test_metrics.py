from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from kongchuo_risk.evaluation.calibration import calibration_table
from kongchuo_risk.evaluation.resampling import metric_values
from kongchuo_risk.evaluation.sample import Sample, Units, draw_weights, effective_rows


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


def test_the_calibration_intercept_is_the_shift_that_makes_the_expected_events_right():
    sample = drawn()
    shift = at_once(sample)["calibration_intercept"]
    assert expit(sample.log_odds + shift).sum() == pytest.approx(sample.y.sum())


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
    table = calibration_table(sample, draw_weights(8, 200, seed=0))
    assert table["n"].sum() == len(sample.y)
    assert table["predicted"].is_monotonic_increasing
    assert (table["observed"] * table["n"]).sum() == pytest.approx(sample.y.sum())
    assert list(table["bin"]) == list(range(1, 11))
    assert (table["low"] <= table["observed"]).all()
    assert (table["observed"] <= table["high"]).all()


def test_a_bin_worked_by_hand():
    # Expected events .1 + .1 + .8: nine tenths of them need a second bin of two.
    sample = Sample(
        unit=np.zeros(3, dtype=int), units=1, y=np.array([0.0, 1, 1]),
        log_odds=logit(np.array([0.1, 0.1, 0.8])), listed=np.zeros(3), lead_days=np.full(3, np.nan),
    )  # fmt: skip
    table = calibration_table(sample, np.ones((1, 1)), bins=2)
    assert table["n"].tolist() == [2, 1]
    assert table["predicted"].tolist() == pytest.approx([0.1, 0.8])
    assert table["observed"].tolist() == [0.5, 1.0]


def test_expected_over_observed_and_brier_skill_worked_by_hand():
    sample = Sample(
        unit=np.zeros(4, dtype=int), units=1, y=np.array([1.0, 0, 0, 0]),
        log_odds=logit(np.array([0.8, 0.2, 0.2, 0.2])), listed=np.ones(4),
        lead_days=np.array([30.0, np.nan, np.nan, np.nan]),
    )  # fmt: skip
    found = at_once(sample)
    assert found["expected_to_observed"] == pytest.approx(1.4)
    # Squared errors .04 each against .25 * .75 = .1875 of the base rate.
    assert found["brier_skill"] == pytest.approx(1 - 0.04 / 0.1875)


def rows_of(classes_by_school: list[int], pupils: int = 4) -> pd.DataFrame:
    place = [(f"k{s}", f"c{c}") for s, n in enumerate(classes_by_school) for c in range(n)]
    return pd.DataFrame(np.repeat(place, pupils, axis=0), columns=["school_code", "class_id"])


def test_a_drawn_school_gives_as_many_classes_as_it_has_for_each_draw():
    units = Units.of(rows_of([1, 2, 3, 4, 5]))
    weights = units.draw(200, seed=1)
    by_school = np.column_stack([weights[:, units.school == s].sum(axis=1) for s in range(5)])
    times = by_school / np.array([1, 2, 3, 4, 5])
    assert np.array_equal(times, times.round())
    assert (times.sum(axis=1) == 5).all()
    assert np.array_equal(weights, units.draw(200, seed=1))


def test_a_class_of_the_same_name_in_another_school_is_another_class():
    assert Units.of(rows_of([2, 2])).number == 4


def test_few_schools_are_taken_as_given_and_many_are_drawn_alone():
    few, many = Units.of(rows_of([3, 3])), Units.of(rows_of([1] * 6), one_stage_schools=6)
    weights = few.draw(100, seed=0)
    assert (weights[:, few.school == 0].sum(axis=1) == 3).all()
    assert (few.resampled, many.resampled, many.number) == ("班级", "学校", 6)


def test_two_stages_cover_where_schools_alone_are_too_narrow():
    # Twelve schools of which three hold most pupils; the true mean is zero.
    sizes = [40, 42, 27, 23, 14, 7, 6, 6, 14, 2, 1, 1]
    rng = np.random.default_rng(5)
    covered = np.zeros(2)
    for repeat in range(150):
        units = Units.of(rows_of(sizes, pupils=1))
        value = rng.normal(size=12)[units.school] * 0.3 + rng.normal(size=units.number)
        schools = np.bincount(units.school, weights=value)
        alone = draw_weights(12, 200, seed=repeat)
        two = units.draw(200, seed=repeat) @ value
        for place, drawn in enumerate((alone @ schools, two)):
            low, high = np.quantile(drawn, [0.025, 0.975])
            covered[place] += low <= 0 <= high
    one_stage, two_stages = covered / 150
    assert one_stage < 0.93
    assert two_stages >= 0.93


def test_effective_rows_are_the_rows_when_classes_do_not_matter_and_the_classes_when_they_do():
    rows = rows_of([20, 20], pupils=25)
    place = np.random.default_rng(0).integers(0, 2, len(rows))
    assert effective_rows(place, 2, rows) > 0.5 * len(rows)
    same = np.repeat(np.random.default_rng(0).integers(0, 2, 40), 25)
    assert effective_rows(same, 2, rows) <= 40 * 1.3
