from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.domain.model import Contributions
from kongchuo_risk.explanation import ReasonNoise, explain, noise_of, reason_quality
from kongchuo_risk.explanation.faithfulness import reason_faithfulness
from kongchuo_risk.explanation.noise import MIN_STABILITY, fit_noise
from kongchuo_risk.explanation.quality import BY_RULE
from kongchuo_risk.explanation.stability import kendall_tau, reason_stability
from kongchuo_risk.settings import Settings
from kongchuo_risk.training.candidates import train_candidates
from kongchuo_risk.training.forward import TrainingInputs
from kongchuo_risk.training.refits import refit_on_resamples
from tests.training.builders import County, catalogue, matrix, scorecards


class LinearModel:
    """Log-odds of a weight per feature; a category counts by its code."""

    name = "linear"

    def __init__(self, **weights: float) -> None:
        self.weights = {name: weights.get(name, 0.0) for name in ("absences", "marks", "noise")}

    @property
    def features(self) -> tuple[str, ...]:
        return tuple(self.weights)

    def contributions(self, matrix: FeatureMatrix) -> Contributions:
        values = matrix.X[list(self.features)].fillna(0.0).to_numpy(dtype=float)
        return Contributions(values * list(self.weights.values()), -3.0, self.features)

    def log_odds(self, matrix: FeatureMatrix) -> np.ndarray:
        parts = self.contributions(matrix)
        return parts.base + parts.values.sum(axis=1)


def grade_of(absences: list[float], **columns: list[float]) -> FeatureMatrix:
    n = len(absences)
    X = pd.DataFrame({"absences": absences, "marks": 0.0, "noise": 0.0} | columns)
    rows = pd.DataFrame(
        {
            "student_id": [f"s{i}" for i in range(n)], "as_of": pd.Timestamp("2025-10-01"),
            "term": "2025-2026-1", "school_code": "k", "class_id": "k-1", "grade": 8,
        }
    )  # fmt: skip
    return FeatureMatrix(X, rows)


def stability(model: LinearModel, *refits: LinearModel, day: FeatureMatrix):
    everybody = np.ones(len(day), dtype=bool)
    return reason_stability(model, refits, day, catalogue(), schema=load_schema(), only=everybody)


def test_the_share_counts_the_refits_that_tell_the_group_again():
    agrees, silent = LinearModel(absences=0.9), LinearModel(absences=0.0)
    result = stability(
        LinearModel(absences=1.0), agrees, agrees, agrees, silent, day=grade_of([2.0, 0.0])
    )
    assert result.told.to_dict("records") == [
        {
            "pupil": 0, "group": "出勤", "contribution": 2.0, "retold": 0.75,
            # Contributions 1.8, 1.8, 1.8 and 0: the root of (3 * 0.2 ** 2 + 2 ** 2) / 4.
            "strayed": pytest.approx(np.sqrt(1.03)),
        }
    ]  # fmt: skip
    assert (result.overlap, result.refits) == (0.75, 4)


def test_a_refit_that_turns_the_sign_tells_nothing_again():
    result = stability(
        LinearModel(absences=1.0), LinearModel(absences=-1.0), day=grade_of([2.0, 0.0])
    )
    assert result.told["retold"].tolist() == [0.0]


def test_agreement_is_kendalls_tau_of_the_groups():
    ours = np.array([[3.0, 2.0, 1.0], [1.0, 2.0, 3.0]])
    theirs = np.array([[3.0, 2.0, 1.0], [3.0, 2.0, 1.0]])
    assert kendall_tau(ours, theirs).tolist() == [1.0, -1.0]


def test_the_noise_of_a_group_is_shrunk_towards_that_of_all():
    told = pd.DataFrame(
        {"group": ["出勤"] * 30 + ["学业"] * 10, "strayed": [0.1] * 30 + [0.5] * 10}
    )
    # All: (30 * 0.01 + 10 * 0.25) / 40 = 0.07; each group as if 20 more of these had been told.
    noise = fit_noise(told)
    assert noise.deviation == {
        "出勤": pytest.approx(np.sqrt((30 * 0.01 + 20 * 0.07) / 50)),
        "学业": pytest.approx(np.sqrt((10 * 0.25 + 20 * 0.07) / 30)),
    }
    assert noise.elsewhere == pytest.approx(np.sqrt(0.07))


def test_when_every_refit_agrees_no_reason_is_withheld():
    noise = fit_noise(pd.DataFrame({"group": ["出勤"] * 30, "strayed": 0.0}))
    assert noise.holds("出勤", 0.0501)


@given(st.floats(0.01, 2), st.floats(0.05, 3))
def test_a_reason_holds_exactly_when_its_share_is_high_enough(deviation, size):
    noise = ReasonNoise({"出勤": deviation}, elsewhere=1.0)
    share = noise.share("出勤", size)
    if abs(share - MIN_STABILITY) > 1e-9:
        assert noise.holds("出勤", size) == (share > MIN_STABILITY)


def test_reasons_within_the_noise_are_withheld_from_teachers_and_kept_for_analysts():
    day = grade_of([2.0, 0.0], marks=[-0.1, 0.0])
    model = LinearModel(absences=1.0, marks=-1.0)
    noise = ReasonNoise({"出勤": 0.5, "学业": 0.5}, elsewhere=0.5)
    pupil = explain(model, day, catalogue(), schema=load_schema(), noise=noise)[0]
    assert [reason.group for reason in pupil.reasons] == ["出勤"]
    assert [reason.group for reason in pupil.withheld] == ["学业"]
    every = explain(model, day, catalogue(), schema=load_schema())[0]
    assert every.reasons == (*pupil.reasons, *pupil.withheld)
    assert every.withheld == ()


def test_a_pupil_may_be_left_without_any_reason():
    noise = ReasonNoise({"出勤": 9.0}, elsewhere=9.0)
    pupil = explain(
        LinearModel(absences=1.0), grade_of([1.0, 0.0]), catalogue(), schema=load_schema(),
        noise=noise,
    )[0]  # fmt: skip
    assert pupil.reasons == ()
    assert [reason.group for reason in pupil.withheld] == ["出勤"]


def first(row: int, group: str, contribution: float) -> pd.DataFrame:
    return pd.DataFrame({"row": [row], "group": [group], "contribution": [contribution]})


def test_without_its_first_reason_the_risk_is_that_of_the_others():
    day = grade_of([6.0, 1.0, 1.0])
    result = reason_faithfulness(LinearModel(absences=0.5), day, catalogue(), first(0, "出勤", 3.0))
    assert result.falls["fall"].tolist() == [2.5]
    assert result.falls["random_fall"].tolist() == [0.0]
    assert result.lower.value == result.lower_than_random.value == 1.0
    assert result.odds_left == (pytest.approx(np.exp(-2.5)), 1.0)


def test_values_come_from_the_same_grade_and_never_from_the_pupil():
    day = grade_of([6.0, 1.0, 40.0])
    day.rows["grade"] = [8, 8, 9]
    result = reason_faithfulness(
        LinearModel(absences=0.5), day, catalogue(), first(0, "出勤", 3.0), draws=50
    )
    assert result.falls["fall"].tolist() == [2.5]


def test_who_is_alone_in_the_grade_loses_nothing():
    result = reason_faithfulness(
        LinearModel(absences=0.5), grade_of([6.0]), catalogue(), first(0, "出勤", 3.0)
    )
    assert result.falls["fall"].tolist() == [0.0]


@pytest.fixture(scope="module")
def learned():
    """Booster and refits where absences, marks and aversion cause, and noise does not."""
    drawn = matrix(County(pupils=900))
    inputs = TrainingInputs(drawn, catalogue(), scorecards(), Settings())
    models = train_candidates(
        ["lightgbm", "scorecard"], drawn, catalogue=inputs.catalogue, settings=inputs.settings,
        scorecard=inputs.scorecard,
    )  # fmt: skip
    refits = refit_on_resamples(inputs, models["lightgbm"], refits=5)
    last = drawn.take((drawn.rows["term"] == drawn.rows["term"].max()).to_numpy())
    return models, refits, last


def quality_of(model, refits, day, **more):
    log_odds = model.log_odds(day)
    listed = log_odds >= np.quantile(log_odds, 0.8)
    return reason_quality(
        model, refits, day, catalogue(), schema=load_schema(), only=listed, **more
    )


def test_reasons_of_noise_are_found_less_stable_than_those_of_a_cause_and_withheld_more_often(
    learned,
):
    models, refits, day = learned
    quality = quality_of(models["lightgbm"], refits, day)
    stable = quality.by_group.set_index("group")["stability"]
    assert stable[["出勤", "学业", "厌学与行为"]].min() > 0.95
    assert stable["变动"] < 0.8
    model = models["lightgbm"]
    told = explain(model, day, catalogue(), schema=load_schema(), noise=quality.noise)
    kept = [reason.group for pupil in told for reason in pupil.reasons]
    withheld = [reason.group for pupil in told for reason in pupil.withheld]
    share = {
        group: withheld.count(group) / (withheld.count(group) + kept.count(group))
        for group in ("出勤", "变动")
    }
    assert share["变动"] > share["出勤"]


def test_taking_the_first_reason_away_lowers_the_risk_further_than_a_random_one(learned):
    models, refits, day = learned
    quality = quality_of(models["lightgbm"], refits, day)
    assert (quality.by_group.set_index("group")["faithful"].loc[["出勤", "学业"]] > 0.9).all()
    assert any("风险随之降低" in sentence for sentence in quality.sentences)


def test_the_reasons_of_a_scorecard_are_given_by_rule_and_none_is_withheld(learned):
    models, _, day = learned
    quality = quality_of(models["scorecard"], (), day)
    assert quality.sentences[0] == BY_RULE
    assert quality.noise is None
    assert (quality.by_group["stability"] == 1).all()


def test_what_is_kept_with_the_model_gives_the_same_noise_back(learned):
    models, refits, day = learned
    quality = quality_of(models["lightgbm"], refits, day)
    kept = json.loads(json.dumps(quality.state(), ensure_ascii=False))
    assert noise_of(kept) == quality.noise


def test_a_model_that_was_saved_before_reasons_were_judged_withholds_nothing():
    assert noise_of({}) is None
