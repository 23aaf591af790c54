"""The anchored model: its limits and parts; candidates that are made of others."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.domain.model import RiskModel
from kongchuo_risk.training.anchoring import (
    AnchoredModel,
    anchor_weight,
    fit_anchored,
    known_events,
)
from kongchuo_risk.training.calibration import LogOddsLine
from kongchuo_risk.training.derived import (
    ANCHORED,
    POOLED,
    PastScores,
    derive,
    derived_log_odds,
)
from kongchuo_risk.training.points import points_model
from kongchuo_risk.training.pooling import PooledModel
from kongchuo_risk.training.rates import fit_rates
from tests.training import builders
from tests.training.steady import Steady, rows, small_matrix


def two_models(matrix: FeatureMatrix) -> tuple[RiskModel, RiskModel]:
    """A model and a scorecard that share one feature and have one each of their own."""
    return Steady(-2.0), points_model("scorecard", builders.scorecards().cards["scorecard"])


@pytest.mark.parametrize(("weight", "same_as"), [(0.0, 0), (1.0, 1)])
def test_at_its_limits_the_anchored_model_is_one_of_the_two(weight: float, same_as: int):
    matrix = small_matrix()
    models = two_models(matrix)
    anchored = AnchoredModel("anchored", *models, weight, LogOddsLine())
    assert anchored.log_odds(matrix) == pytest.approx(models[same_as].log_odds(matrix))


@given(st.floats(0, 1), st.floats(0.1, 3), st.floats(-5, 5))
def test_the_parts_of_an_anchored_model_always_add_up(weight: float, slope: float, at: float):
    matrix = small_matrix().take(np.arange(20))
    model = AnchoredModel("anchored", *two_models(matrix), weight, LogOddsLine(slope, at))
    parts = model.contributions(matrix)
    assert parts.features == model.features == ("absences", "marks", "boarding")
    assert parts.base + parts.values.sum(axis=1) == pytest.approx(model.log_odds(matrix))


def test_the_scorecard_weighs_less_the_more_events_are_known():
    # 1 / (1 + root of events / 50): 200 events have a root of 2, 800 of 4.
    assert anchor_weight(0) == 1.0
    assert anchor_weight(200) == pytest.approx(1 / 3)
    assert anchor_weight(800) == pytest.approx(1 / 5)


def test_known_events_count_a_pupil_once_per_term():
    table = pd.concat([rows(["a", "a"]), rows(["a", "a"]), rows(["a", "a"], "2024-2025-2")])
    X = pd.DataFrame({"absences": np.zeros(6)})
    y = np.array([1.0, 0.0, 1.0, np.nan, 1.0, 0.0])
    # Pupil p0: twice in autumn, once in spring.
    assert known_events(FeatureMatrix(X, table.reset_index(drop=True), y)) == 2
    assert known_events(FeatureMatrix(X, table.reset_index(drop=True))) == 0


def test_an_anchored_model_is_calibrated_on_scores_it_did_not_learn_from():
    rng = np.random.default_rng(0)
    learned, card = rng.normal(-1, 1, 4000), rng.normal(-1, 1, 4000)
    weight = anchor_weight(100)
    y = (rng.random(4000) < expit(0.5 + weight * card + (1 - weight) * learned)).astype(float)
    matrix = small_matrix()
    model = fit_anchored("anchored", *two_models(matrix), events=100, log_odds=(learned, card), y=y)
    assert model.weight == weight
    assert (model.line.slope, model.line.intercept) == pytest.approx((1.0, 0.5), abs=0.15)


@pytest.mark.parametrize("y", [np.zeros(3), np.ones(3)])
def test_without_both_outcomes_the_line_stays(y: np.ndarray):
    matrix = small_matrix()
    scores = (np.zeros(3), np.zeros(3))
    model = fit_anchored("anchored", *two_models(matrix), events=5, log_odds=scores, y=y)
    assert model.line == LogOddsLine()


def test_an_anchored_model_comes_back_from_its_state():
    matrix = builders.matrix()
    models = fit_rates("school_only", matrix), two_models(matrix)[1]
    model = AnchoredModel("anchored", *models, 0.4, LogOddsLine(1.2, -0.1))
    state = json.loads(json.dumps(model.state()))
    again = AnchoredModel.from_state("anchored", *models, state)
    assert (again.log_odds(matrix) == model.log_odds(matrix)).all()


def past_scores(matrix: FeatureMatrix, models: dict[str, RiskModel]) -> PastScores:
    scores = {name: model.log_odds(matrix) for name, model in models.items()}
    return PastScores(matrix.rows, pd.DataFrame(scores), np.asarray(matrix.y))


def test_derived_candidates_are_made_of_the_models_that_are_there():
    matrix = builders.matrix()
    blend, card = two_models(matrix)
    models = {"blend": blend, "scorecard": card}
    made = derive(["blend", POOLED, ANCHORED], models, matrix, past_scores(matrix, models))
    assert list(made) == [POOLED, ANCHORED]
    pooled, anchored = made[POOLED], made[ANCHORED]
    assert isinstance(pooled, PooledModel)
    assert isinstance(anchored, AnchoredModel)
    assert pooled.base == anchored
    assert anchored.weight == anchor_weight(known_events(matrix))
    assert anchored.line != LogOddsLine()


def test_before_the_first_fold_nothing_is_recalibrated_and_no_school_has_an_effect():
    matrix = builders.matrix()
    blend, card = two_models(matrix)
    made = derive([ANCHORED, POOLED], {"blend": blend, "scorecard": card}, matrix)
    assert made[POOLED].log_odds(matrix) == pytest.approx(made[ANCHORED].log_odds(matrix))
    weight = anchor_weight(known_events(matrix))
    plain = (1 - weight) * blend.log_odds(matrix) + weight * card.log_odds(matrix)
    assert made[ANCHORED].log_odds(matrix) == pytest.approx(plain)


def test_an_error_that_the_parts_have_corrected_is_not_corrected_again():
    matrix = builders.matrix()
    blend, card = two_models(matrix)
    models = {"blend": blend, "scorecard": card}
    past = past_scores(matrix, models)
    # The blend of the earlier fold was too low by 2; the final one is calibrated on these rows.
    low = PastScores(past.rows, past.log_odds.assign(blend=past.log_odds["blend"] - 2), past.y)
    lines = [derive([ANCHORED], models, matrix, scores)[ANCHORED].line for scores in (past, low)]
    assert lines[0].intercept == pytest.approx(lines[1].intercept, abs=0.01)
    assert lines[0].slope == pytest.approx(lines[1].slope, abs=0.01)


def test_scores_of_the_parts_are_enough_for_those_of_the_whole():
    matrix = builders.matrix()
    blend, card = two_models(matrix)
    anchored = AnchoredModel("anchored", blend, card, 0.3, LogOddsLine(0.9, 0.1))
    pooled = PooledModel("pooled", anchored, {"school1": 0.4}, 0.3)
    given = {model.name: model.log_odds(matrix) for model in (blend, card)}
    whole = derived_log_odds(pooled, given, matrix.rows)
    assert whole == pytest.approx(pooled.log_odds(matrix))
