"""A trained workspace with a history long enough to validate, in a minute's work."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.ingestion.synthetic import write_synthetic
from kongchuo_risk.serving import planning, runs
from kongchuo_risk.serving.importing import import_files
from kongchuo_risk.workspace import Workspace, create_workspace

PRESET = "训练样"
_TERMS = ["2024-2025-1", "2024-2025-2", "2025-2026-1", "2025-2026-2"]
_SCHOOLS = [
    {
        "name": f"合成第{number}九年一贯制学校", "type": "nine_year", "urban_rural": "town",
        "township": "合成甲镇", "sections": sections, "class_size": 36, "junior_sections": sections,
    }
    for number, sections in (("一", 2), ("二", 1))
]  # fmt: skip
_MORE_LEAVE = 8
"""Times as many pupils leave as in the other presets: few pupils then give enough events."""
_SETTINGS = """
[training]
candidates = ["school_only", "abc_rules", "scorecard", "logistic", "lightgbm"]
champion = "lightgbm"
snapshots_per_term = 1
bootstrap = 50
parameters = {trees = 30}
"""


@pytest.fixture(scope="session")
def trained_workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Imported, trained on forward folds, scored and planned: treat it as read-only."""
    folder = tmp_path_factory.mktemp("notebooks")
    exports = folder / "exports"
    write_synthetic(exports, preset=PRESET, data_schema=_schema(folder / "data_schema"))
    workspace = create_workspace(folder / "workspace", key=bytes(32))
    with workspace.config.open("a", encoding="utf-8") as config:
        config.write(_SETTINGS)
    import_files(workspace, [exports])
    runs.train(workspace)
    runs.score(workspace)
    planning.plan(workspace)
    return workspace


def _schema(folder: Path) -> Path:
    shutil.copytree(data_schema(), folder)
    path = folder / "synthetic.yaml"
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    rates = settings["hazard"]["suspected_per_1000_year"]
    settings["hazard"]["suspected_per_1000_year"] = {
        grade: _MORE_LEAVE * rate for grade, rate in rates.items()
    }
    settings["presets"][PRESET] = {
        "terms": _TERMS, "records_end": "2026-04-30", "students_as": "csv", "schools": _SCHOOLS,
    }  # fmt: skip
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    return folder
