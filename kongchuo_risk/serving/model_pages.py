"""The model page: tables kept beside a saved model, its card, and where MLflow is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from kongchuo_risk.domain.run import Run
from kongchuo_risk.evaluation.gate import RULE_TITLES
from kongchuo_risk.serving.views import ModelPage
from kongchuo_risk.workspace import Workspace

PAGE_TABLES: Mapping[str, tuple[str, ...]] = {
    "metrics": ("model", "metric", "value", "low", "high"),
    "calibration": ("bin", "predicted", "observed", "n"),
    "importance": ("feature", "label", "group", "mean_abs_contribution"),
}
"""Tables of the page and their columns; each is ``page/NAME.csv`` in the model's folder."""


def save_page_tables(folder: Path, **tables: pd.DataFrame) -> None:
    """Keep ``metrics``, ``calibration`` and ``importance`` beside the model in ``folder``."""
    page = folder / "page"
    page.mkdir(exist_ok=True)
    for name, columns in PAGE_TABLES.items():
        if name in tables:
            tables[name].loc[:, list(columns)].to_csv(
                page / f"{name}.csv", index=False, encoding="utf-8"
            )


def load_table(folder: Path, name: str) -> pd.DataFrame:
    """One of :data:`PAGE_TABLES` of the model in ``folder``; empty when it was never saved."""
    path = folder / "page" / f"{name}.csv"
    if not path.is_file():
        return pd.DataFrame(columns=list(PAGE_TABLES[name]))
    return pd.read_csv(path, encoding="utf-8")


def load_model_page(workspace: Workspace, run: Run) -> ModelPage:
    """The page of the model that made ``run``; a model without tables shows empty ones."""
    folder = workspace.models / run.model_version
    tables = {name: load_table(folder, name) for name in PAGE_TABLES}
    return ModelPage(
        name=RULE_TITLES.get(run.model, run.model),
        version=run.model_version,
        verdict=run.verdict,
        card=_card(folder) if run.model_version else "",
        tracking_uri=f"sqlite:///{workspace.mlflow_database.as_posix()}",
        **tables,
    )


def _card(folder: Path) -> str:
    from kongchuo_risk.training.model_folder import read_card  # LightGBM is slow to import

    return read_card(folder)
