"""Which model ranks the list: promotion, rollback, and models that were tampered with."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from kongchuo_risk.cases import case_reader, open_case_database
from kongchuo_risk.errors import ModelError, NotReadyError
from kongchuo_risk.evaluation.gate import NOT_ADMITTED
from kongchuo_risk.serving import model_shelf, pointer
from kongchuo_risk.serving.model_pages import history_table, load_table, save_page_tables
from kongchuo_risk.serving.registry import compare_models, list_models, promote, rollback
from kongchuo_risk.serving.who_ranks import who_ranks
from kongchuo_risk.settings import Settings
from kongchuo_risk.training.candidates import train_candidates
from kongchuo_risk.training.model_folder import save_model
from kongchuo_risk.training.rates import RateModel
from kongchuo_risk.workspace import Workspace, create_workspace
from tests.training.builders import County, catalogue, matrix, scorecards

RULES, FIRST, SECOND, REFUSED = (
    "20250901-scorecard-001", "20250901-blend-002", "20260301-blend-003", "20260301-blend-004",
)  # fmt: skip


def _shelve(workspace: Workspace, version: str, *, points: bool = True, **about: object) -> Path:
    name = version.split("-")[1]
    folder = save_model(
        RateModel(name, -5.0, {"8": -4.5}, {}),
        workspace.models / version,
        card="# 卡",
        about={"verdict": f"{version} 的结论。", "settings": {"seed": 1}, **about},
    )
    metrics = pd.DataFrame(
        [(name, "recall_at_k", 0.5, 0.4, 0.6), (name, "precision_at_k", 0.01, 0.005, 0.02)],
        columns=["model", "metric", "value", "low", "high"],
    )
    save_page_tables(folder, metrics=metrics)
    if points:
        shelved = {
            "name": name, "version": version, "verdict": f"{version} 的结论。",
            "base_rate": "过去 3 个学期每 1000 名……", "run_id": "",
        }  # fmt: skip
        pointer.point(workspace, shelved, action=pointer.TRAINED, by="命令行")
    return folder


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Three models trained one after the other, the last one refused; MLflow is not asked."""
    monkeypatch.setattr("kongchuo_risk.serving.registry.move_champion", lambda *_: "run-id")
    workspace = create_workspace(tmp_path / "w")
    for version in (RULES, FIRST, SECOND):
        _shelve(workspace, version, made_on="2026-03-02", fingerprint=version[:8])
    refused = {"admitted": False, "verdict": f"{REFUSED} 没有胜过评分卡{NOT_ADMITTED}"}
    _shelve(workspace, REFUSED, points=False, settings={"seed": 2, "a": {"b": 3}}, **refused)
    return workspace


def _ranks(workspace: Workspace) -> str:
    return model_shelf.current(workspace).version


def test_models_are_listed_newest_first_with_verdict_and_figures(workspace: Workspace) -> None:
    kept = list_models(workspace)
    assert [model.version for model in kept] == [REFUSED, SECOND, FIRST, RULES]
    assert [model.ranks for model in kept] == [False, True, False, False]
    assert [model.admitted for model in kept] == [False, True, True, True]
    assert kept[1].made_on == "2026-03-02"
    assert kept[1].metrics == {"recall_at_k": 0.5, "precision_at_k": 0.01}


def test_a_promoted_model_ranks_and_the_change_is_audited(workspace: Workspace) -> None:
    promote(workspace, FIRST, because="新学期数据有误")
    shelved = model_shelf.current(workspace)
    assert (shelved.version, shelved.run_id) == (FIRST, "run-id")
    assert shelved.base_rate.startswith("过去 3 个学期")
    engine = open_case_database(workspace)
    with case_reader(engine) as store:
        (row,) = store.audit_rows(f"model:{FIRST}")
        assert store.verify_audit().is_whole
    engine.dispose()
    assert (row.action, row.detail["before"]) == ("模型启用", SECOND)
    assert row.detail["because"] == "新学期数据有误"


def test_a_refused_model_ranks_only_with_a_reason_that_everybody_sees(
    workspace: Workspace,
) -> None:
    with pytest.raises(ModelError, match="没有通过检验"):
        promote(workspace, REFUSED)
    with pytest.raises(ModelError, match="--because"):
        promote(workspace, REFUSED, anyway=True, because=" ")
    assert _ranks(workspace) == SECOND
    promote(workspace, REFUSED, anyway=True, because="试用一学期")
    verdict = model_shelf.current(workspace).verdict
    assert verdict.startswith(f"{REFUSED} 没有胜过评分卡；")
    assert verdict.endswith("由命令行人工启用，理由：试用一学期。")
    assert "不予启用" not in verdict
    said = who_ranks("blend", REFUSED, verdict)
    assert said == "本名单由融合模型排序；它没有达到全部启用条件，由人工启用。"


def test_what_ranks_already_or_does_not_exist_is_refused(workspace: Workspace) -> None:
    with pytest.raises(NotReadyError, match="现在就在排序"):
        promote(workspace, SECOND)
    for version in ("20990101-blend-009", "../models", ""):
        with pytest.raises(ModelError, match="没有模型"):
            promote(workspace, version)


def test_each_rollback_goes_one_step_further_back(workspace: Workspace) -> None:
    assert rollback(workspace, because="误报太多").version == FIRST
    assert rollback(workspace, because="还是太多").version == RULES
    with pytest.raises(NotReadyError, match="没有更早"):
        rollback(workspace, because="再退")
    promote(workspace, SECOND)
    assert rollback(workspace, because="试过了").version == RULES


def test_the_history_says_when_who_and_why(workspace: Workspace) -> None:
    rollback(workspace, because="误报太多")
    table = history_table(workspace)
    assert list(table["action"]) == ["退回", "训练", "训练", "训练"]
    assert table["because"].iloc[0] == "误报太多"
    assert table["at"].notna().all()


def test_a_pointer_without_history_is_taken_up_into_it(workspace: Workspace) -> None:
    (workspace.models / pointer.HISTORY).unlink()
    promote(workspace, FIRST)
    assert [entry["version"] for entry in pointer.history(workspace)] == [SECOND, FIRST]
    assert rollback(workspace, because="…").version == SECOND


@pytest.mark.parametrize("file", ["model.json", "card.md", "page/metrics.csv"])
def test_a_changed_byte_in_any_file_keeps_a_model_from_ranking(
    workspace: Workspace, file: str
) -> None:
    path = workspace.models / FIRST / file
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match="被改动过"):
        promote(workspace, FIRST)
    assert _ranks(workspace) == SECOND
    assert "被改动过" in list_models(workspace)[2].problem


def test_a_table_that_was_removed_is_missed(workspace: Workspace) -> None:
    (workspace.models / FIRST / "page" / "metrics.csv").unlink()
    with pytest.raises(ModelError, match="被改动过"):
        load_table(workspace.models / FIRST, "metrics")


def test_tables_kept_before_there_was_a_manifest_can_be_read(workspace: Workspace) -> None:
    (workspace.models / FIRST / "page" / "manifest.json").unlink()
    assert len(load_table(workspace.models / FIRST, "metrics")) == 2


def test_tables_added_later_leave_the_earlier_ones_sealed(workspace: Workspace) -> None:
    folder = workspace.models / FIRST
    reasons = pd.DataFrame({"group": ["出勤"], "told": [9], "stability": [0.9], "faithful": [0.8]})
    save_page_tables(folder, reasons=reasons)
    manifest = json.loads((folder / "page" / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["sha256"]) == {"metrics.csv", "reasons.csv"}
    assert load_table(folder, "reasons").equals(reasons)


def test_two_models_are_compared_by_figures_settings_and_verdicts(workspace: Workspace) -> None:
    found = compare_models(workspace, SECOND, REFUSED)
    assert found.metrics.loc["名额内找出比例", SECOND] == "50.0%（40.0–60.0）"
    assert found.settings.loc["settings.seed"].to_list() == ["1", "2"]
    assert found.settings.loc["settings.a.b"].to_list() == ["—", "3"]
    assert found.only == {SECOND: (), REFUSED: ()}
    assert found.verdicts[REFUSED].endswith("不予启用；名单由评分卡排序。")
    assert "只能大致比较" in found.note


_FRESH = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from kongchuo_risk.training.model_folder import load_model
model = load_model(Path(sys.argv[2]))
from tests.training.builders import County, matrix
print(*model.log_odds(matrix(County(pupils=40, seed=5))).tolist())
print(sorted({"streamlit", "sqlalchemy", "mlflow", "shap", "matplotlib"} & set(sys.modules)))
"""


def test_a_blend_loads_in_a_fresh_process_without_app_database_or_mlflow_and_scores_the_same(
    tmp_path: Path,
) -> None:
    blend = train_candidates(
        ("blend",), matrix(County(pupils=300)),
        catalogue=catalogue(), settings=Settings(), scorecard=scorecards(),
    )["blend"]  # fmt: skip
    folder = save_model(blend, tmp_path / "blend", card="# 卡")
    root = Path(model_shelf.__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-I", "-c", _FRESH, str(root), str(folder)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    scores, loaded = done.stdout.splitlines()
    here = blend.log_odds(matrix(County(pupils=40, seed=5)))
    assert [float(score) for score in scores.split()] == here.tolist()
    assert loaded == "[]"
    assert {path.suffix for path in folder.iterdir()} == {".json", ".md", ".txt"}
