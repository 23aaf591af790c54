from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from kongchuo_risk.contracts.scorecards import load_scorecards
from kongchuo_risk.errors import ModelError
from kongchuo_risk.settings import Settings
from kongchuo_risk.training.candidates import CANDIDATES, train_candidates
from kongchuo_risk.training.model_folder import load_model, read_about, read_card, save_model
from kongchuo_risk.training.points import PointsModel, points_model
from tests.training.builders import County, catalogue, matrix, scorecards

COLD_START = Path(__file__).resolve().parents[2] / "models" / "cold_start"


@pytest.fixture(scope="module")
def models():
    return train_candidates(
        CANDIDATES, matrix(County(pupils=300)),
        catalogue=catalogue(), settings=Settings(), scorecard=scorecards(),
    )  # fmt: skip


@pytest.fixture
def saved(models, tmp_path):
    return save_model(models["blend"], tmp_path / "blend", card="# 卡", about={"行": 3})


@pytest.mark.parametrize("name", CANDIDATES)
def test_a_loaded_model_gives_exactly_the_same_scores_and_contributions(models, tmp_path, name):
    rows = matrix(County(seed=9))
    back = load_model(save_model(models[name], tmp_path / name))
    assert back.name == name
    assert back.features == models[name].features
    assert np.array_equal(back.log_odds(rows), models[name].log_odds(rows))
    there, here = back.contributions(rows), models[name].contributions(rows)
    assert np.array_equal(there.values, here.values)
    assert there.base == here.base


def test_a_folder_holds_text_and_json_only(saved):
    names = sorted(path.name for path in saved.iterdir())
    assert names == [
        "card.md", "extra_trees.txt", "lightgbm.txt", "manifest.json", "model.json",
        "target_trees.txt",
    ]  # fmt: skip
    for path in saved.iterdir():
        path.read_text(encoding="utf-8")
    assert json.loads((saved / "model.json").read_text(encoding="utf-8"))["format"] == 1


def test_card_and_what_was_said_about_the_model_come_back(saved):
    about = read_about(saved)
    assert read_card(saved) == "# 卡"
    assert (about["行"], about["name"]) == (3, "blend")
    assert "lightgbm" in about["versions"]


@pytest.mark.parametrize("name", ["lightgbm.txt", "model.json", "card.md"])
def test_a_changed_byte_is_noticed(saved, name):
    content = bytearray((saved / name).read_bytes())
    content[-2] ^= 1
    (saved / name).write_bytes(content)
    with pytest.raises(ModelError, match=f"被改动过：{name}"):
        load_model(saved)


def test_a_missing_file_is_named(saved):
    (saved / "extra_trees.txt").unlink()
    with pytest.raises(ModelError, match=r"缺少文件 extra_trees\.txt"):
        load_model(saved)


def test_a_folder_of_a_newer_version_asks_for_an_upgrade(saved):
    manifest = json.loads((saved / "manifest.json").read_text(encoding="utf-8"))
    (saved / "manifest.json").write_text(json.dumps(manifest | {"format": 2}), encoding="utf-8")
    with pytest.raises(ModelError, match="升级"):
        load_model(saved)


def test_a_saved_model_is_never_overwritten(models, saved):
    with pytest.raises(ModelError, match="已存在"):
        save_model(models["blend"], saved)


def test_an_empty_folder_is_no_model(tmp_path):
    with pytest.raises(ModelError, match=r"manifest\.json"):
        load_model(tmp_path)


def test_the_model_of_the_cold_start_is_the_card_of_the_rules():
    model = load_model(COLD_START)
    assert isinstance(model, PointsModel)
    assert model == points_model("scorecard", load_scorecards().cards["scorecard"])
    assert "评分卡" in read_card(COLD_START)
