"""The model page: tables kept beside a saved model, its card, its drift, and the models before."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pandas as pd

from kongchuo_risk.domain.run import Run
from kongchuo_risk.errors import ModelError
from kongchuo_risk.evaluation.gate import RULE_TITLES
from kongchuo_risk.serving import pointer
from kongchuo_risk.serving.mlflow_ui import mlflow_command
from kongchuo_risk.serving.views import ModelPage
from kongchuo_risk.workspace import Workspace, replace_file

PAGE_TABLES: Mapping[str, tuple[str, ...]] = {
    "metrics": ("model", "metric", "value", "low", "high"),
    "calibration": ("bin", "predicted", "observed", "n"),
    "importance": ("feature", "label", "group", "mean_abs_contribution"),
    "checks": ("check", "value", "bound", "passed", "text"),
    "windows": ("fold", "part", "start", "end", "rows", "events"),
    "by_fold": ("fold", "model", "metric", "value"),
    "gains": ("model", "listed", "found"),
    "fairness": (
        "attribute", "group", "pupils", "events", "metric", "value", "low", "high", "enough",
    ),
    "audition": ("rule", "title", "terms", "mean_regret", "worst_regret", "next_pick"),
    "drift": ("feature", "label", "kind", "statistic", "value", "verdict"),
    "ablation": ("group", "choice", "metric", "change", "low", "high"),
    "learning": ("axis", "size", "metric", "value", "low", "high"),
    "sensitive": ("input", "choice", "metric", "change", "low", "high"),
    "unseen": ("compared_with", "metric", "value", "change", "low", "high"),
    "reasons": ("group", "told", "stability", "faithful"),
}  # fmt: skip
"""Tables of the page and their columns; each is ``page/NAME.csv`` in the model's folder.

``drift`` belongs to a day and is ``drift-YYYY-MM-DD.csv`` in the workspace's reports.
"""
MANIFEST = "manifest.json"


def save_page_tables(folder: Path, **tables: pd.DataFrame) -> None:
    """Keep the tables that :data:`PAGE_TABLES` names beside the model in ``folder``.

    Tables kept earlier stay; a manifest makes a later change of any of them seen.
    """
    page = folder / "page"
    sums = _manifest(page)
    for name, columns in PAGE_TABLES.items():
        if name in tables:
            content = _csv(tables[name], columns)
            replace_file(page / f"{name}.csv", content)
            sums[f"{name}.csv"] = hashlib.sha256(content).hexdigest()
    replace_file(page / MANIFEST, json.dumps({"sha256": sums}, indent=1).encode("utf-8"))


def load_table(folder: Path, name: str) -> pd.DataFrame:
    """One of :data:`PAGE_TABLES` of the model in ``folder``; empty when it was never saved.

    Raises
    ------
    ModelError
        When the table was changed or removed after it was saved.
    """
    page, file = folder / "page", f"{name}.csv"
    known = _manifest(page)
    if file not in known and not (page / file).is_file():
        return pd.DataFrame(columns=list(PAGE_TABLES[name]))
    # Before there was a manifest, tables were kept without one.
    if known and not _unchanged(page / file, known.get(file)):
        raise ModelError(f"模型 {folder.name} 的数据表 page/{file} 被改动过；请从备份恢复。")
    return pd.read_csv(page / file, encoding="utf-8")


def check_page_tables(folder: Path) -> None:
    """Raise :class:`~kongchuo_risk.errors.ModelError` when a kept table was changed."""
    for name in PAGE_TABLES:
        load_table(folder, name)


def drift_file(workspace: Workspace, day: date) -> Path:
    """Where the drift of a day is kept."""
    return workspace.reports / f"drift-{day:%Y-%m-%d}.csv"


def save_drift(workspace: Workspace, day: date, drift: pd.DataFrame) -> Path:
    """Keep how the data of a day differ from those the model learned from."""
    path = drift_file(workspace, day)
    replace_file(path, _csv(drift, PAGE_TABLES["drift"]))
    return path


def save_withheld(workspace: Workspace, day: date, withheld: pd.DataFrame) -> Path:
    """Keep the reasons that teachers are not told, for analysts; pupils by pseudonym."""
    path = workspace.reports / f"withheld-{day:%Y-%m-%d}.csv"
    replace_file(path, _csv(withheld, tuple(withheld.columns)))
    return path


def load_model_page(workspace: Workspace, run: Run) -> ModelPage:
    """The page of the model that made ``run``; a model without tables shows empty ones."""
    folder = workspace.models / run.model_version
    tables = {name: load_table(folder, name) for name in PAGE_TABLES}
    drift = drift_file(workspace, run.as_of)
    if drift.is_file():
        tables["drift"] = pd.read_csv(drift, encoding="utf-8")
    return ModelPage(
        name=RULE_TITLES.get(run.model, run.model),
        version=run.model_version,
        verdict=run.verdict,
        card=_card(folder) if run.model_version else "",
        tables=tables,
        history=history_table(workspace),
        tracking_command=subprocess.list2cmdline(mlflow_command(workspace)),
    )


def history_table(workspace: Workspace) -> pd.DataFrame:
    """``at, action, model, version, by, because``: which model ranked from when, newest first."""
    columns = ["at", "action", "model", "version", "by", "because"]
    entries = [
        entry | {"model": RULE_TITLES.get(entry["name"], entry["name"])}
        for entry in reversed(pointer.history(workspace))
    ]
    table = pd.DataFrame(entries, columns=columns)
    moments = pd.to_datetime(table["at"], utc=True, errors="coerce")
    return table.assign(at=moments.dt.tz_convert(None).astype("datetime64[us]"))


def _csv(table: pd.DataFrame, columns: tuple[str, ...]) -> bytes:
    return table.loc[:, list(columns)].to_csv(index=False, date_format="%Y-%m-%d").encode()


def _manifest(page: Path) -> dict[str, str]:
    path = page / MANIFEST
    if not path.is_file():
        return {}
    try:
        sums: dict[str, str] = json.loads(path.read_bytes())["sha256"]
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"模型 {page.parent.name} 的 page/{MANIFEST} 已损坏。") from error
    return sums


def _unchanged(path: Path, expected: str | None) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == expected


def _card(folder: Path) -> str:
    from kongchuo_risk.training.model_folder import read_card  # LightGBM is slow to import

    return read_card(folder)
