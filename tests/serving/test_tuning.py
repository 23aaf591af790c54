from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from kongchuo_risk.cli.tuning import tune as command
from kongchuo_risk.errors import ModelError, NotReadyError, SettingsError
from kongchuo_risk.serving.tuning import ranking_objective, search_parameters, told, tune
from kongchuo_risk.settings import Settings, TrainingSettings
from kongchuo_risk.training.forward import TrainingInputs
from kongchuo_risk.training.search_space import candidate_scorer, searchable
from kongchuo_risk.training.splits import forward_folds
from kongchuo_risk.training.tuning import Budget, Tuning
from kongchuo_risk.workspace import create_workspace
from tests.training.builders import County, catalogue, matrix, scorecards


def inputs(**training: object) -> TrainingInputs:
    settings = Settings(training=TrainingSettings(**({"champion": "logistic"} | training)))
    return TrainingInputs(matrix(County(pupils=300)), catalogue(), scorecards(), settings)


def tuning(gains: list[float], *, noise: float, forward_gain: float) -> Tuning:
    table = pd.DataFrame(
        {
            "fold": [f"term {i}" for i in range(len(gains))],
            "default": 0.2,
            "best": 0.2 + np.array(gains),
            "gain": gains,
        }
    )
    best = {"trees": 500, "learning_rate": 0.0123456}
    return Tuning({"trees": 300, "learning_rate": 0.03}, best, table, noise, forward_gain, 30, 11)


def test_a_real_search_tries_the_defaults_and_remembers(tmp_path):
    given, budget = inputs(), Budget(3, 10.0)
    found = search_parameters(given, tmp_path / "tuning.db", metric="roc_auc", budget=budget)
    folds = forward_folds(given.matrix)
    assert list(found.by_fold["fold"]) == [fold.label for fold in folds]
    scorer = candidate_scorer(given, "logistic")
    objective = ranking_objective(given.matrix, "logistic", "roc_auc")
    alone = objective(scorer(searchable("logistic")[1], folds[0]))
    assert found.by_fold["default"].iloc[0] == pytest.approx(alone)
    assert found.gain >= 0
    again = search_parameters(given, tmp_path / "tuning.db", metric="roc_auc", budget=budget)
    assert (again.tried, again.best) == (found.tried, found.best)


def test_parameters_reach_the_estimator():
    given = inputs()
    scorer, fold = candidate_scorer(given, "logistic"), forward_folds(given.matrix)[0]
    loose, tight = (scorer({"ridge_c": c}, fold)["logistic"] for c in (3.0, 0.003))
    assert np.abs(tight - tight.mean()).max() < np.abs(loose - loose.mean()).max()
    assert list(loose.index) == list(fold.test_positions)


def test_parameters_in_use_are_tried_too(tmp_path):
    given = inputs(parameters={"ridge_c": 0.05})
    found = search_parameters(given, tmp_path / "tuning.db", budget=Budget(2, 10.0))
    assert found.best["ridge_c"] in (0.05, searchable("logistic")[1]["ridge_c"])


def test_a_champion_without_parameters_cannot_be_tuned(tmp_path):
    with pytest.raises(ModelError, match="没有可搜索的参数"):
        search_parameters(inputs(champion="scorecard"), tmp_path / "tuning.db")


def test_a_champion_made_of_the_blend_has_its_learner_searched(tmp_path, monkeypatch):
    asked = []

    def scorer(_, candidate):
        asked.append(candidate)
        raise NotReadyError("到此为止")

    monkeypatch.setattr("kongchuo_risk.serving.tuning.candidate_scorer", scorer)
    with pytest.raises(NotReadyError, match="到此为止"):
        search_parameters(inputs(champion="anchored"), tmp_path / "tuning.db")
    assert asked == ["blend"]


def test_a_worthwhile_gain_is_told_with_lines_for_the_settings():
    text = told(tuning([0.02, 0.03, 0.04], noise=0.01, forward_gain=0.025), "average_precision")
    for part in (
        "30 组", "11 组明显不如", "3 个学期", "最好的一组平均 0.230", "默认参数 0.200",
        "多 0.030", "±0.010", "平均多 0.025",
    ):  # fmt: skip
        assert part in text, part
    lines = tomllib.loads(text[text.index("[training.parameters]") :])
    assert lines["training"]["parameters"] == {"trees": 500, "learning_rate": 0.01235}


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (tuning([0.0, 0.0], noise=0.0, forward_gain=0.0), "没有比默认参数（0.200）更好的"),
        (tuning([0.05, -0.01], noise=0.06, forward_gain=-0.01), "没有超出学期之间的波动（±0.060）"),
        (tuning([0.05, 0.04], noise=0.01, forward_gain=-0.01), "平均 -0.010，换一个学期未必成立"),
        (tuning([0.05], noise=np.inf, forward_gain=np.nan), "只有一个学期可检验"),
    ],
)
def test_anything_less_says_why_the_defaults_stay(found, reason):
    text = told(found, "roc_auc")
    assert reason in text
    assert "建议保留默认参数" in text
    assert "[training" not in text


def test_the_objective_is_the_metric_of_the_scored_rows():
    drawn = matrix(County(pupils=50))
    perfect = pd.DataFrame({"blend": drawn.y[100:]}, index=np.arange(100, len(drawn)))
    assert ranking_objective(drawn, "blend", "roc_auc")(perfect) == 1.0
    assert ranking_objective(drawn, "blend", "roc_auc")(-perfect) == 0.0


def test_an_unknown_metric_and_an_empty_workspace_are_refused(tmp_path):
    workspace = create_workspace(tmp_path)
    with pytest.raises(SettingsError, match="average_precision、roc_auc"):
        tune(workspace, metric="recall_at_k")
    with pytest.raises(NotReadyError):
        tune(workspace)


def test_the_command_asks_for_a_workspace_and_speaks_chinese(tmp_path: Path):
    runner = CliRunner()
    shown = runner.invoke(command, ["--help"])
    assert "向前检验" in shown.output
    assert "--minutes" in shown.output
    refused = runner.invoke(command, ["-w", str(tmp_path), "--json"])
    assert "kongchuo init" in str(refused.exception)
