"""``kongchuo effects`` as an analyst runs it, on a county whose schools begin a measure by lot."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner

from kongchuo_risk.cli.effects import effects
from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.domain.effect import Design, Verdict
from kongchuo_risk.domain.records import latest_by_student
from kongchuo_risk.domain.risk import RiskEntry, Tier
from kongchuo_risk.errors import NotFoundError
from kongchuo_risk.ingestion.batch import import_batch
from kongchuo_risk.ingestion.synthetic import write_synthetic
from kongchuo_risk.serving.effects import estimate_effects
from kongchuo_risk.serving.scoring import publish
from kongchuo_risk.tables import load_records
from kongchuo_risk.workspace import Workspace, create_workspace, open_workspace

SCHOOLS = 12
PRESET = {
    "terms": ["2024-2025-1", "2024-2025-2", "2025-2026-1", "2025-2026-2"],
    "records_end": date(2026, 4, 30),
    "students_as": "csv",
    "repeat": SCHOOLS,
    "programme": {
        "measure": "一帮一", "works": 0.6, "reach": 0.8, "sessions": [4, 8],
        "starts": {"2025-2026-1": 0.5},
    },
    "schools": [
        {"name": "合成实验学校", "type": "nine_year", "urban_rural": "town",
         "township": "合成甲镇", "sections": 1, "class_size": 14, "junior_sections": 2}
    ],
}  # fmt: skip
MANY_LEAVE = {"primary": 2, 7: 60, 8: 80, 9: 60}
"""Per 1,000 and year: so that a small county has events to count."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("effects")


@pytest.fixture(scope="module")
def county(folder: Path) -> Workspace:
    schema = _schema_with_programme(folder / "data_schema")
    write_synthetic(folder / "files", preset="试点", seed=5, truth_folder=folder / "truth",
                    data_schema=schema)  # fmt: skip
    workspace = create_workspace(folder / "workspace", key=b"synthetic test, no secret at all")
    import_batch(workspace, [folder / "files"], today=PRESET["records_end"])
    return workspace


@pytest.fixture(scope="module")
def values(county: Workspace) -> dict[str, dict]:
    result = CliRunner().invoke(effects, ["-w", str(county.root), "--json"], catch_exceptions=False)
    return {found["measure"]: found for found in json.loads(result.output)["measures"]}


def test_the_true_effect_is_in_the_interval(values: dict[str, dict], folder: Path) -> None:
    found = values["一帮一"]
    assert found["design"] == "分批开始"
    assert found["units"] == {"started": SCHOOLS // 2, "compared": SCHOOLS // 2, "periods": 2}
    low, high = found["effect"]["low"], found["effect"]["high"]
    assert low < 100 * _true_effect(folder / "truth") < high
    assert found["share_reached"] == pytest.approx(0.8, abs=0.1)
    assert found["verdict"] == "尚不能判断"


def test_help_for_single_pupils_has_a_dose_and_no_figure_that_could_pass_for_an_effect(
    values: dict[str, dict],
) -> None:
    for name in ("家访", "心理帮扶", "资助"):
        found = values[name]
        assert set(found) == {"measure", "verdict", "why", "needed", "dose"}
        assert found["verdict"] == "尚不能判断"
        assert found["why"] == "没有分批开始，也没有名单界线可比"
        assert found["dose"]["pupils"] > 0


def test_no_side_of_any_comparison_has_a_rate_of_its_own(values: dict[str, dict]) -> None:
    """Rates by side or by time would let a reader subtract what must not be subtracted."""
    asked = {"points", "low", "high", "per_1000", "df"}
    for found in values.values():
        assert not [key for key in found if "rate" in key or "before" in key or "after" in key]
        if "effect" in found:
            assert set(found["effect"]) == asked


def test_asking_for_one_measure_changes_nothing_about_it(
    county: Workspace, values: dict[str, dict]
) -> None:
    alone = estimate_effects(county, measure="一帮一").values["measures"]
    assert json.loads(json.dumps(alone, default=str)) == [values["一帮一"]]


def test_a_measure_that_nobody_delivered_is_told_with_those_that_were(county: Workspace) -> None:
    with pytest.raises(NotFoundError, match="没有落实过“郊游”；有记录的：一帮一"):
        estimate_effects(county, measure="郊游")


def test_a_person_reads_what_was_compared_and_what_is_missing(county: Workspace) -> None:
    result = CliRunner().invoke(effects, ["-w", str(county.root), "--measure", "一帮一"])
    for part in (
        "一帮一 — 尚不能判断",
        "怎么比的：",
        "95% 区间",
        "前提：",
        "还差什么：",
        "已落实：",
    ):
        assert part in result.output
    assert "家访 —" not in result.output


def test_the_first_list_of_a_term_is_a_threshold_once_its_outcome_is_known(
    county: Workspace, tmp_path: Path
) -> None:
    shutil.copytree(county.root, tmp_path / "copy")
    workspace = open_workspace(tmp_path / "copy")
    _publish(workspace, date(2025, 10, 20), seed=1)
    _publish(workspace, date(2025, 12, 1), seed=2)
    found = estimate_effects(workspace, measure="列入名单").effects[0]
    assert found.evidence is not None
    assert found.evidence.design is Design.THRESHOLD
    assert found.verdict is Verdict.UNKNOWN
    assert "所学校名单末尾刚好列入的" in found.compared
    # A second list of the same term adds nobody.
    assert found.evidence.rows <= _pupils(workspace, date(2025, 10, 20))


def test_a_workspace_without_deliveries_is_told_what_to_bring(tmp_path: Path) -> None:
    workspace = create_workspace(tmp_path / "empty")
    result = CliRunner().invoke(effects, ["-w", str(workspace.root)], catch_exceptions=False)
    assert result.exit_code == 0
    assert "还没有已落实措施的记录" in result.output


def _publish(workspace: Workspace, day: date, *, seed: int) -> None:
    """A list by lot, a tenth of every school: whoever is on it differs from nobody."""
    records = load_records(workspace, history=True)
    pupils = latest_by_student(records["students"], day).reset_index()
    rng = np.random.default_rng(seed)
    pupils["p"] = 1 / (1 + np.exp(4 - rng.normal(0, 1, len(pupils))))
    rank = pupils.groupby("school_code", observed=True)["p"].rank(ascending=False, method="first")
    size = pupils.groupby("school_code", observed=True)["p"].transform("size")
    entries = [
        RiskEntry(str(row.student_id), str(row.school_code), str(row.class_id), int(row.grade), day,
                  int(place), Tier.RED if place <= 0.1 * n else Tier.NONE, row.p, (), ())
        for row, place, n in zip(pupils.itertuples(), rank, size, strict=True)
    ]  # fmt: skip
    publish(workspace, entries, None, (), (), as_of=day, model="试排", verdict="试排",
            profile="国家2024", base_rate="", synthetic=True)  # fmt: skip


def _pupils(workspace: Workspace, day: date) -> int:
    return len(latest_by_student(load_records(workspace, history=True)["students"], day))


def _schema_with_programme(folder: Path) -> Path:
    shutil.copytree(data_schema(), folder)
    file = folder / "synthetic.yaml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    content["presets"]["试点"] = PRESET
    content["hazard"]["suspected_per_1000_year"] = MANY_LEAVE
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return folder


def _true_effect(truth: Path) -> float:
    """Of the terms that ``found`` counts: those of schools that had begun, outcome known."""
    rows = pd.read_parquet(truth / "pupil_terms.parquet")
    less = rows["hazard"] - rows["hazard_without"]
    begins = rows["school"].isin(rows.loc[less < 0, "school"])
    known = rows["term"].eq("2025-2026-1") & (rows["hazard_without"] > 0)
    return float(less[begins & known].mean())
