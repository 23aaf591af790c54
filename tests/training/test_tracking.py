from __future__ import annotations

import warnings
from types import SimpleNamespace

import pandas as pd
import pytest

from kongchuo_risk.contracts.scorecards import load_scorecards
from kongchuo_risk.training.model_folder import load_model, save_model
from kongchuo_risk.training.points import points_model
from kongchuo_risk.training.tracking import TrainingRun, log_training, tracking_uri
from kongchuo_risk.workspace import create_workspace


@pytest.fixture(scope="module")
def logged(tmp_path_factory):
    workspace = create_workspace(tmp_path_factory.mktemp("区 县") / "工作区")
    model = points_model("scorecard", load_scorecards().cards["scorecard"])
    folder = save_model(model, workspace.models / "20250901-scorecard-001", card="# 卡")
    metrics = pd.DataFrame(
        {"model": ["blend", "random"], "metric": "recall_at_k", "value": [0.5, float("nan")],
         "low": [0.4, float("nan")], "high": [0.6, float("nan")]},
    )  # fmt: skip
    by_fold = pd.DataFrame(
        {"fold": ["2023-2024-2", "2024-2025-1"], "model": "blend", "metric": "recall_at_k",
         "value": [0.25, 0.75]},
    )  # fmt: skip
    nothing = pd.DataFrame({"metric": [], "forward": [], "random_split": []})
    evaluation = SimpleNamespace(
        metrics=metrics, by_fold=by_fold, calibration=nothing, flattery=nothing
    )
    facts = SimpleNamespace(
        name="scorecard", weights=nothing, versions={"numpy": "2"}, fingerprint="abc"
    )
    run = TrainingRun(evaluation, facts, "# 卡", folder, {"seed": 7, "training": {"bootstrap": 50}})
    return workspace, [log_training(workspace, run) for _ in range(2)]


@pytest.fixture(scope="module")
def client(logged):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from mlflow import MlflowClient

    return MlflowClient(tracking_uri=tracking_uri(logged[0]), registry_uri=tracking_uri(logged[0]))


def test_a_run_keeps_parameters_figures_and_fingerprint(logged, client):
    run = client.get_run(logged[1][0])
    assert run.info.status == "FINISHED"
    assert run.data.params["training.bootstrap"] == "50"
    assert run.data.params["version.numpy"] == "2"
    assert run.data.tags["data.fingerprint"] == "abc"
    assert run.data.metrics["blend.recall_at_k"] == 0.5
    assert run.data.metrics["blend.recall_at_k.low"] == 0.4
    assert "random.recall_at_k" not in run.data.metrics


def test_figures_by_fold_are_a_history_in_the_order_of_the_terms(logged, client):
    history = client.get_metric_history(logged[1][0], "fold.blend.recall_at_k")
    assert [(point.step, point.value) for point in history] == [(0, 0.25), (1, 0.75)]


def test_everything_stays_in_the_workspace(logged):
    workspace, runs = logged
    assert workspace.mlflow_database.is_file()
    artifacts = workspace.mlflow_artifacts / runs[0] / "artifacts"
    assert (artifacts / "card.md").read_text(encoding="utf-8") == "# 卡"
    assert (artifacts / "tables" / "metrics.csv").is_file()
    assert load_model(artifacts / "model").name == "scorecard"


def test_the_alias_points_to_the_latest_training(logged, client):
    version = client.get_model_version_by_alias("kongchuo_risk", "champion")
    assert (version.run_id, int(version.version)) == (logged[1][1], 2)
