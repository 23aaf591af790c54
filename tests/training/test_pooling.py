"""School effects: shrinkage worked by hand, what they recover, what they never change."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from kongchuo_risk.training.pooling import (
    SCHOOL_EFFECT,
    PooledModel,
    _Places,
    fit_pooled,
    once_per_term,
)
from tests.training.steady import Steady, rows, small_matrix


def two_schools(events_a: int, events_b: int, pupils: int = 100) -> _Places:
    """Two places of which the offset is an even chance."""
    y = np.concatenate([np.arange(pupils) < events_a, np.arange(pupils) < events_b]).astype(float)
    place = np.repeat([0, 1], pupils)
    return _Places(place, 2, np.zeros(2 * pupils), y, np.ones(2 * pupils))


def test_an_effect_stops_where_the_events_pull_as_hard_as_the_prior():
    # At log 1.5 a chance is 0.6: 70 - 60 = 10 events above; the prior pulls log 1.5 / variance.
    variance = np.log(1.5) / 10
    effects = two_schools(70, 30).modes(variance)
    assert effects == pytest.approx([np.log(1.5), -np.log(1.5)])


def test_a_school_with_a_tenth_of_the_rows_is_pulled_further_to_zero():
    variance = np.log(1.5) / 10
    small = two_schools(7, 3, pupils=10).modes(variance)
    # Near an even chance p = 1/2 + u/4; 7 - 10 p = u / variance is 2 = (10 / log 1.5 + 2.5) u.
    assert small[0] == pytest.approx(2 / (10 / np.log(1.5) + 2.5), rel=1e-3)
    assert small[0] < np.log(1.5) / 5


def test_schools_with_the_same_rate_have_no_effect_at_all():
    school = ["a"] * 50 + ["b"] * 50
    y = np.tile([1.0, 0, 0, 0, 0], 20)
    model = fit_pooled("pooled", Steady(-1.0), rows(school), np.full(100, -1.0), y)
    assert model.deviation == 0.0
    assert model.effects == {}


def test_one_school_alone_has_no_effect():
    y = np.tile([1.0, 0.0], 20)
    model = fit_pooled("pooled", Steady(0.0), rows(["a"] * 40), np.zeros(40), y)
    assert model.effects == {}


def test_a_shift_that_all_schools_share_is_no_effect():
    # Both schools have half of their pupils leave where the base expects one in twenty.
    school = ["a"] * 30 + ["b"] * 30
    y = np.tile([1.0, 0.0], 30)
    model = fit_pooled("pooled", Steady(-3.0), rows(school), np.full(60, -3.0), y)
    assert model.effects == {}


def test_without_rows_there_is_no_effect():
    none = rows(["a"]).iloc[:0]
    model = fit_pooled("pooled", Steady(0.0), none, np.empty(0), np.empty(0))
    assert (model.deviation, model.effects) == (0.0, {})


def simulated(per_school: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Sixty schools with effects of deviation 0.8: true effects, school, base, outcomes."""
    rng = np.random.default_rng(3)
    true = rng.normal(0, 0.8, 60)
    school = np.repeat(np.arange(60), per_school)
    base = rng.normal(-2.5, 1.0, len(school))
    return true, school, base, (rng.random(len(school)) < expit(base + true[school])).astype(float)


def test_known_effects_between_schools_are_recovered():
    true, school, base, y = simulated(400)
    model = fit_pooled("pooled", Steady(0.0), rows([f"s{i:02d}" for i in school]), base, y)
    assert model.deviation == pytest.approx(true.std(), rel=0.25)
    found = np.array([model.effects[f"s{i:02d}"] for i in range(60)])
    assert np.corrcoef(found, true)[0, 1] > 0.93


def test_shrunken_effects_are_nearer_to_the_truth_than_each_school_alone():
    true, school, base, y = simulated(60)
    sample = _Places(school, 60, base, y, np.ones(len(y)))
    shrunken, alone = sample.modes(sample.deviation() ** 2), sample.modes(25.0)
    assert ((shrunken - true) ** 2).mean() < 0.8 * ((alone - true) ** 2).mean()


def test_a_pupil_seen_on_three_days_of_a_term_counts_once():
    once = rows(["a"] * 30 + ["b"] * 30)
    y = np.concatenate([np.arange(30) < 20, np.arange(30) < 5]).astype(float)
    thrice = pd.concat([once] * 3, ignore_index=True)
    base = Steady(0.0)
    short = fit_pooled("pooled", base, once, np.zeros(60), y)
    long = fit_pooled("pooled", base, thrice, np.zeros(180), np.tile(y, 3))
    assert short.effects["a"] > 0.1
    assert long.effects == pytest.approx(short.effects)
    assert once_per_term(thrice).sum() == pytest.approx(60)


def test_an_unknown_school_gets_exactly_the_base():
    matrix = small_matrix()
    model = PooledModel("pooled", Steady(-2.0), {"elsewhere": 0.7}, 0.5)
    assert (model.log_odds(matrix) == Steady(-2.0).log_odds(matrix)).all()


def test_the_effect_is_a_part_of_its_own_and_the_parts_add_up():
    matrix = small_matrix()
    model = PooledModel("pooled", Steady(-2.0), {"school1": 0.7}, 0.5)
    parts = model.contributions(matrix)
    assert parts.features == ("absences", SCHOOL_EFFECT)
    assert parts.base + parts.values.sum(axis=1) == pytest.approx(model.log_odds(matrix))
    here = (matrix.rows["school_code"] == "school1").to_numpy()
    assert parts.values[:, 1] == pytest.approx(np.where(here, 0.7, 0.0))


def test_an_effect_never_changes_the_order_within_a_school():
    matrix = small_matrix()
    base = Steady(-2.0)
    model = PooledModel("pooled", base, {"school1": 0.7, "school2": -0.4}, 0.5)
    for school in ("school1", "school2", "school3"):
        mine = (matrix.rows["school_code"] == school).to_numpy()
        before = np.argsort(base.log_odds(matrix)[mine], kind="stable")
        after = np.argsort(model.log_odds(matrix)[mine].round(12), kind="stable")
        assert (before == after).all()


def test_a_pooled_model_comes_back_from_its_state():
    model = PooledModel("pooled", Steady(-2.0), {"school1": 0.7}, 0.5)
    state = json.loads(json.dumps(model.state()))
    assert PooledModel.from_state("pooled", Steady(-2.0), state) == model
