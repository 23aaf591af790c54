from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kongchuo_risk.contracts.features import FeatureCatalogue, load_features
from kongchuo_risk.domain.model import RiskModel
from kongchuo_risk.errors import NotReadyError, SettingsError
from kongchuo_risk.settings import FeatureSettings, Settings
from kongchuo_risk.training.candidates import (
    CANDIDATES,
    learned_features,
    train_candidate,
    train_candidates,
)
from kongchuo_risk.training.forward import (
    TrainingInputs,
    random_split_scores,
    train_final,
    validate_forward,
)
from tests.training.builders import County, catalogue, matrix, scorecards


def inputs(drawn=None, settings: Settings | None = None) -> TrainingInputs:
    return TrainingInputs(drawn or matrix(), catalogue(), scorecards(), settings or Settings())


def with_names(**more: object) -> dict[str, object]:
    return {"catalogue": catalogue(), "settings": Settings(), "scorecard": scorecards(), **more}


@pytest.fixture(scope="module")
def trained():
    every = Settings().training.model_copy(update={"candidates": CANDIDATES})
    given = inputs(settings=Settings(training=every))
    forward = validate_forward(given)
    return given, forward, train_final(given, forward)


def test_there_are_the_candidates_that_the_settings_name(trained):
    assert set(trained[2]) == set(CANDIDATES)
    assert set(Settings().training.candidates) == set(CANDIDATES) - {"pooled"}


@pytest.mark.parametrize("name", CANDIDATES)
def test_contributions_of_every_candidate_add_up(trained, name):
    given, _, models = trained
    model = models[name]
    assert isinstance(model, RiskModel)
    parts = model.contributions(given.matrix)
    assert parts.values.shape == (len(given.matrix), len(parts.features))
    assert np.allclose(parts.base + parts.values.sum(axis=1), model.log_odds(given.matrix))


def test_forward_scores_are_those_of_models_that_knew_the_past_only(trained):
    given, forward, _ = trained
    first = forward.folds[0]
    alone = train_candidate(
        "blend", given.matrix.take(first.train_positions), **with_names()
    ).log_odds(given.matrix.take(first.test_positions))  # fmt: skip
    assert np.allclose(forward.scores["blend"].loc[first.test_positions], alone)


def test_later_rows_do_not_change_earlier_forward_scores(trained):
    given, forward, _ = trained
    fewer = given.matrix.take((given.matrix.rows["term"] <= "2024-2025-1").to_numpy())
    shorter = validate_forward(inputs(fewer))
    same = forward.scores.loc[shorter.scores.index]
    assert np.allclose(same["blend"], shorter.scores["blend"])


def test_audited_and_excluded_columns_never_reach_a_learner():
    features = FeatureSettings(audit_only=("aversion",), excluded=("noise",))
    model = train_candidate(
        "logistic", matrix(), **with_names(settings=Settings(features=features))
    )
    assert set(model.features) == {"absences", "marks", "boarding"}


def test_what_grows_with_the_length_of_the_records_is_not_learned_from():
    grown = catalogue().by_id["noise"].model_copy(update={"learned": False})
    others = [feature for feature in catalogue().features if feature.id != "noise"]
    marked = FeatureCatalogue(features=(*others, grown))
    assert "noise" in learned_features(matrix(), catalogue(), Settings())
    assert "noise" not in learned_features(matrix(), marked, Settings())
    assert [f.id for f in load_features().features if not f.learned] == [
        "exams_taken", "days_since_sign",
    ]  # fmt: skip


def test_rows_without_a_known_outcome_are_not_learned_from():
    drawn = matrix()
    hidden = drawn.take(np.arange(len(drawn)))
    hidden.y[hidden.rows["term"] == "2024-2025-2"] = np.nan
    visible = drawn.take((drawn.rows["term"] != "2024-2025-2").to_numpy())
    here, there = (train_candidate("logistic", m, **with_names()) for m in (hidden, visible))
    assert np.array_equal(here.log_odds(drawn), there.log_odds(drawn))


def test_too_few_events_are_refused_but_the_cards_still_rank():
    drawn = matrix(County(pupils=100, intercept=-9.0))
    with pytest.raises(NotReadyError, match="评分卡"):
        train_candidate("blend", drawn, **with_names())
    given = inputs(drawn)
    forward = validate_forward(given)
    assert forward.scores.empty
    assert "评分卡" in forward.note
    assert set(train_final(given, forward)) == {"scorecard", "abc_rules"}


def test_an_unknown_candidate_is_named_with_those_that_exist():
    with pytest.raises(SettingsError, match="blend"):
        train_candidates(["catboost"], matrix(), **with_names())


def test_a_school_without_history_gets_the_rate_of_its_grade():
    drawn = matrix()
    model = train_candidate("school_only", drawn, **with_names())
    grade_7 = drawn.take((drawn.rows["grade"] == 7).to_numpy())
    strange = grade_7.take(np.arange(1))
    strange.rows["school_code"] = "elsewhere"
    rate = 1 / (1 + np.exp(-model.log_odds(strange)[0]))
    n, events = len(grade_7), grade_7.y.sum()
    overall = (drawn.y.sum() + 0.5) / (len(drawn) + 1)
    assert rate == pytest.approx((events + 300 * overall) / (n + 300))


def test_a_random_split_scores_a_quarter_of_the_rows(trained):
    given, forward, _ = trained
    scores = random_split_scores(given, forward, "blend")
    assert len(scores) / len(given.matrix) == pytest.approx(0.25, abs=0.03)


def test_calibration_uses_no_outcome_that_was_not_known_by_the_test_day():
    drawn = matrix(County(terms=3))
    second = (drawn.rows["term"] == "2023-2024-2").to_numpy()
    drawn.rows.loc[second, "outcome_known_on"] = pd.Timestamp("2024-10-14")
    third = np.flatnonzero(drawn.rows["term"] == "2024-2025-1")
    before = validate_forward(inputs(drawn)).scores.loc[third]
    drawn.y[np.flatnonzero(second & (drawn.y == 0))[:150]] = 1.0
    after = validate_forward(inputs(drawn)).scores.loc[third]
    pd.testing.assert_frame_equal(before, after)
