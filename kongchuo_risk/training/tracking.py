"""One MLflow run per training, offline in the workspace; the only module that knows MLflow."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from kongchuo_risk.workspace import Workspace

# Both are read when MLflow is imported, which happens in `_client` below.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")

EXPERIMENT = "控辍保学"
REGISTERED_MODEL = "kongchuo_risk"
CHAMPION = "champion"
_LONGEST_PARAMETER = 500


class EvaluationTables(Protocol):
    """What is logged of an evaluation."""

    @property
    def metrics(self) -> pd.DataFrame:
        """``model, metric, value, low, high``."""

    @property
    def by_fold(self) -> pd.DataFrame:
        """``fold, model, metric, value``."""

    @property
    def calibration(self) -> pd.DataFrame:
        """``model, bin, predicted, observed, n``."""

    @property
    def flattery(self) -> pd.DataFrame:
        """``metric, forward, random_split``."""


class TrainingFacts(Protocol):
    """What is logged of the training."""

    @property
    def name(self) -> str:
        """The model that ranks the list."""

    @property
    def weights(self) -> pd.DataFrame:
        """``feature, label, group, mean_abs_contribution``."""

    @property
    def versions(self) -> Mapping[str, str]:
        """Library → version."""

    @property
    def fingerprint(self) -> str:
        """Hash of the rows learned from."""


@dataclass(frozen=True)
class TrainingRun:
    """Everything of one training that a reviewer may want to see again.

    Attributes
    ----------
    evaluation, facts
        As :class:`EvaluationTables` and :class:`TrainingFacts`.
    card : str
        Model card, Chinese Markdown.
    folder : Path
        The saved model.
    settings : mapping
        Settings of the run, nested.
    """

    evaluation: EvaluationTables
    facts: TrainingFacts
    card: str
    folder: Path
    settings: Mapping[str, Any]


def tracking_uri(workspace: Workspace) -> str:
    """Address of the workspace's MLflow database, also right for Windows paths."""
    return f"sqlite:///{workspace.mlflow_database.as_posix()}"


def log_training(workspace: Workspace, run: TrainingRun) -> str:
    """Log ``run`` and give its model the alias ``champion``.

    Returns
    -------
    str
        MLflow's id of the run.
    """
    with _client(workspace) as client:
        experiment = _experiment(client, workspace)
        run_id: str = client.create_run(experiment, tags=_tags(run)).info.run_id
        try:
            _log(client, run_id, run)
            _promote(client, run_id, run)
        except BaseException:
            client.set_terminated(run_id, status="FAILED")
            raise
        client.set_terminated(run_id)
    return run_id


@contextmanager
def _client(workspace: Workspace) -> Iterator[Any]:
    """A client of the workspace's own database; MLflow's English chatter is silenced."""
    with warnings.catch_warnings():
        # MLflow warns about its own dependencies; none of it concerns the user.
        warnings.simplefilter("ignore")
        from mlflow import MlflowClient

        # Importing MLflow sets its own level, hence only now.
        for name in ("mlflow", "alembic"):
            logging.getLogger(name).setLevel(logging.ERROR)
        uri = tracking_uri(workspace)
        yield MlflowClient(tracking_uri=uri, registry_uri=uri)


def _experiment(client: Any, workspace: Workspace) -> str:
    found = client.get_experiment_by_name(EXPERIMENT)
    if found is not None:
        return str(found.experiment_id)
    artifacts = workspace.mlflow_artifacts
    artifacts.mkdir(parents=True, exist_ok=True)
    return str(client.create_experiment(EXPERIMENT, artifact_location=artifacts.as_uri()))


def _tags(run: TrainingRun) -> dict[str, str]:
    tags = {"mlflow.runName": run.folder.name, "data.fingerprint": run.facts.fingerprint}
    commit = _commit()
    return tags | ({"mlflow.source.git.commit": commit} if commit else {})


def _log(client: Any, run_id: str, run: TrainingRun) -> None:
    from mlflow.entities import Param

    parameters = {
        **_flat(run.settings),
        **{f"version.{k}": v for k, v in run.facts.versions.items()},
    }
    parameters["model"] = run.facts.name
    client.log_batch(
        run_id,
        metrics=list(_metrics(run.evaluation)),
        params=[Param(key, str(value)[:_LONGEST_PARAMETER]) for key, value in parameters.items()],
    )
    for name, table in _tables(run).items():
        client.log_text(run_id, table.to_csv(index=False), f"tables/{name}.csv")
    client.log_text(run_id, run.card, "card.md")
    client.log_artifacts(run_id, str(run.folder), "model")


def _metrics(evaluation: EvaluationTables) -> Iterator[Any]:
    """Whole-test figures with their bounds at step 0; figures by fold, a step per term."""
    from mlflow.entities import Metric

    now = int(time.time() * 1000)
    for model, metric, *values in evaluation.metrics.itertuples(index=False):
        for suffix, value in zip(("", ".low", ".high"), values, strict=True):
            if value == value:
                yield Metric(f"{model}.{metric}{suffix}", float(value), now, 0)
    step = {fold: i for i, fold in enumerate(pd.unique(evaluation.by_fold["fold"]))}
    for fold, model, metric, value in evaluation.by_fold.itertuples(index=False):
        if value == value:
            yield Metric(f"fold.{model}.{metric}", float(value), now, step[fold])


def _tables(run: TrainingRun) -> dict[str, pd.DataFrame]:
    return {
        "metrics": run.evaluation.metrics,
        "by_fold": run.evaluation.by_fold,
        "calibration": run.evaluation.calibration,
        "random_split": run.evaluation.flattery,
        "weights": run.facts.weights,
    }


def _promote(client: Any, run_id: str, run: TrainingRun) -> None:
    if not client.search_registered_models(filter_string=f"name = '{REGISTERED_MODEL}'"):
        client.create_registered_model(REGISTERED_MODEL)
    source = f"{client.get_run(run_id).info.artifact_uri}/model"
    version = client.create_model_version(
        REGISTERED_MODEL, source, run_id=run_id, tags={"folder": run.folder.name}
    )
    client.set_registered_model_alias(REGISTERED_MODEL, CHAMPION, version.version)


def _flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def _commit() -> str:
    """Commit of the checkout that the package runs from; empty outside one."""
    git = shutil.which("git")
    root = Path(__file__).resolve().parents[2]
    if git is None or not (root / ".git").exists():
        return ""
    done = subprocess.run(
        [git, "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()
