from __future__ import annotations

import shutil
import warnings
from types import SimpleNamespace

import pandas as pd
import pytest

from kongchuo_risk.contracts.scorecards import load_scorecards
from kongchuo_risk.training.artifact_places import settle_artifacts
from kongchuo_risk.training.model_folder import load_model, save_model
from kongchuo_risk.training.points import points_model
from kongchuo_risk.training.rates import RateModel
from kongchuo_risk.training.tracking import (
    EXPERIMENT,
    DataSeen,
    TrainingRun,
    log_review,
    log_training,
    move_champion,
    tracking_uri,
)
from kongchuo_risk.workspace import Workspace, create_workspace


class _Picture:
    def files(self):
        return {"svg": b"<svg/>", "png": b"PNG"}


def _client(workspace):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from mlflow import MlflowClient

        uri = tracking_uri(workspace)
        return MlflowClient(tracking_uri=uri, registry_uri=uri)


def _training(workspace, number, *, refused=False):
    model = points_model("scorecard", load_scorecards().cards["scorecard"])
    folder = save_model(model, workspace.models / f"20250901-scorecard-{number:03d}", card="# 卡")
    other = workspace.models / f"20250901-blend-{number + 1:03d}"
    metrics = pd.DataFrame(
        {"model": ["scorecard", "blend", "random"], "metric": "recall_at_k",
         "value": [0.5, 0.6, float("nan")], "low": [0.4, 0.5, float("nan")],
         "high": [0.6, 0.7, float("nan")]},
    )  # fmt: skip
    by_fold = pd.DataFrame(
        {"fold": ["2023-2024-2", "2024-2025-1"] * 2, "model": ["scorecard"] * 2 + ["blend"] * 2,
         "metric": "recall_at_k", "value": [0.25, 0.75, 0.5, 0.7]},
    )  # fmt: skip
    nothing = pd.DataFrame({"metric": [], "forward": [], "random_split": []})
    return TrainingRun(
        SimpleNamespace(metrics=metrics, by_fold=by_fold, calibration=nothing, flattery=nothing),
        SimpleNamespace(
            name="scorecard", weights=nothing, versions={"numpy": "2"}, fingerprint="abc"
        ),
        "# 卡",
        folder,
        {"seed": 7, "training": {"bootstrap": 50}},
        verdict="不予启用；名单由评分卡排序。",
        refused=save_model(RateModel("blend", -5.0, {}, {}), other, card="# 未启用")
        if refused
        else None,
        titles={"blend": "融合模型"},
        tables={"windows": pd.DataFrame({"fold": ["2024-2025-1"]})},
        pictures={"01-检验窗口": _Picture()},
        data=DataSeen({"absences": "double"}, {"rows": 12, "schools": 3}),
    )


@pytest.fixture(scope="module")
def logged(tmp_path_factory):
    workspace = create_workspace(tmp_path_factory.mktemp("区 县") / "工作区")
    first = log_training(workspace, _training(workspace, 1))
    return workspace, [first, log_training(workspace, _training(workspace, 2, refused=True))]


@pytest.fixture(scope="module")
def client(logged):
    return _client(logged[0])


def _below(client, run_id):
    experiment = client.get_experiment_by_name(EXPERIMENT).experiment_id
    found = client.search_runs([experiment], f"tags.mlflow.parentRunId = '{run_id}'")
    return {run.info.run_name: run for run in found}


def test_a_run_keeps_parameters_verdict_fingerprint_and_the_figures_of_what_ranks(logged, client):
    run = client.get_run(logged[1][0])
    assert run.info.status == "FINISHED"
    assert run.data.params["training.bootstrap"] == "50"
    assert run.data.params["version.numpy"] == "2"
    assert run.data.tags["data.fingerprint"] == "abc"
    assert run.data.tags["mlflow.note.content"].startswith("不予启用")
    assert run.data.metrics["recall_at_k"] == 0.5
    assert run.data.metrics["recall_at_k.low"] == 0.4


def test_every_candidate_is_a_run_below_and_every_test_term_one_below_that(logged, client):
    candidates = _below(client, logged[1][0])
    assert set(candidates) == {"scorecard", "融合模型", "random"}
    blend = candidates["融合模型"]
    assert blend.data.metrics["recall_at_k"] == 0.6
    assert "recall_at_k" not in candidates["random"].data.metrics
    terms = _below(client, blend.info.run_id)
    assert set(terms) == {"融合模型 · 2023-2024-2", "融合模型 · 2024-2025-1"}
    assert terms["融合模型 · 2024-2025-1"].data.metrics["recall_at_k"] == 0.7


def test_figures_by_term_are_a_history_in_the_order_of_the_terms(logged, client):
    history = client.get_metric_history(logged[1][0], "by_term.recall_at_k")
    assert [(point.step, point.value) for point in history] == [(0, 0.25), (1, 0.75)]


def test_the_data_are_described_without_a_row_of_them(logged, client):
    (used,) = client.get_run(logged[1][0]).inputs.dataset_inputs
    assert used.dataset.digest == "abc"
    assert "absences" in used.dataset.schema
    assert used.dataset.profile == '{"rows": 12, "schools": 3}'
    assert used.dataset.source == '{"uri": "tables"}'


def test_everything_stays_in_the_workspace(logged):
    workspace, runs = logged
    assert workspace.mlflow_database.is_file()
    artifacts = workspace.mlflow_artifacts / runs[1] / "artifacts"
    assert (artifacts / "card.md").read_text(encoding="utf-8") == "# 卡"
    for name in ("tables/metrics.csv", "tables/windows.csv", "figures/01-检验窗口.svg"):
        assert (artifacts / name).is_file()
    assert load_model(artifacts / "model").name == "scorecard"


def test_the_alias_follows_training_and_promotion_and_a_refused_model_is_registered(logged, client):
    workspace, runs = logged

    def folder(alias):
        return client.get_model_version_by_alias("kongchuo_risk", alias).tags["folder"]

    assert (folder("champion"), folder("challenger")) == (
        "20250901-scorecard-002", "20250901-blend-003",
    )  # fmt: skip
    refused = client.get_model_version_by_alias("kongchuo_risk", "challenger")
    assert refused.tags["candidate"] == "blend"
    assert refused.tags["recall_at_k"] == "0.600（0.500–0.700）"
    assert move_champion(workspace, "20250901-scorecard-001") == runs[0]
    assert folder("champion") == "20250901-scorecard-001"
    assert move_champion(workspace, "20250901-unknown-009") == ""


def test_a_review_hangs_below_its_training_and_stands_alone_when_that_is_lost(logged, client):
    workspace, runs = logged
    table = pd.DataFrame({"group": ["出勤"], "change": [-0.1]})
    pictures, said = {"ablation": _Picture()}, "去掉“出勤”损失最大。"
    review = log_review(workspace, runs[0], {"ablation": table}, pictures, findings=said)
    below = _below(client, runs[0])["复核"]
    assert below.data.tags["mlflow.note.content"].endswith(said)
    files = workspace.mlflow_artifacts / review / "artifacts"
    assert (files / "tables" / "ablation.csv").is_file()
    assert (files / "figures" / "ablation.png").read_bytes() == b"PNG"
    lonely = log_review(workspace, "0" * 32, {"ablation": table}, {})
    assert "mlflow.parentRunId" not in client.get_run(lonely).data.tags


def test_a_moved_workspace_finds_its_files_and_writes_to_its_new_place(logged, tmp_path):
    workspace, runs = logged
    moved = Workspace(tmp_path / "搬走了")
    shutil.copytree(workspace.root, moved.root)
    assert settle_artifacts(moved, EXPERIMENT)
    assert not settle_artifacts(moved, EXPERIMENT)
    client, here = _client(moved), moved.mlflow_artifacts.as_uri()
    assert client.get_run(runs[1]).info.artifact_uri == f"{here}/{runs[1]}/artifacts"
    assert {file.path for file in client.list_artifacts(runs[1])} >= {"card.md", "model"}
    version = client.get_model_version_by_alias("kongchuo_risk", "challenger")
    assert version.source == f"{here}/{runs[1]}/artifacts/refused"
    assert not settle_artifacts(Workspace(tmp_path / "没有"), EXPERIMENT)
