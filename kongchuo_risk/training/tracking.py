"""One MLflow run per training, offline in the workspace; the only module that knows MLflow.

A training is a run, each candidate a run below it, each test term of a candidate a run below that.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from kongchuo_risk.training.artifact_places import settle_artifacts
from kongchuo_risk.training.model_folder import read_about
from kongchuo_risk.training.training_run import DataSeen, EvaluationTables, Picture, TrainingRun
from kongchuo_risk.workspace import Workspace

__all__ = [
    "CHALLENGER",
    "CHAMPION",
    "EXPERIMENT",
    "REGISTERED_MODEL",
    "DataSeen",
    "Picture",
    "TrainingRun",
    "log_review",
    "log_training",
    "move_champion",
    "tracking_uri",
]

# Both are read when MLflow is imported, which happens in `_client` below.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")

EXPERIMENT = "控辍保学"
REGISTERED_MODEL = "kongchuo_risk"
CHAMPION, CHALLENGER = "champion", "challenger"
_LONGEST_PARAMETER = 500
_LONGEST_NOTE = 4000
_TOLD_OF_A_VERSION = ("recall_at_k", "precision_at_k", "average_precision", "calibration_slope")
_ARRANGED = (
    "每一行是一次训练；展开后，第二层是各候选模型（指标附 95% 区间 .low/.high），"
    "第三层是每个候选在每个检验学期的成绩。图在 figures/，表在 tables/，模型与模型卡在 model/。"
)
_REVIEWED = "复核：各组信息的作用、再多一些数据的好处、敏感信息放不放入模型的代价。"


def tracking_uri(workspace: Workspace) -> str:
    """Address of the workspace's MLflow database, also right for Windows paths."""
    return f"sqlite:///{workspace.mlflow_database.as_posix()}"


def log_training(workspace: Workspace, run: TrainingRun) -> str:
    """Log ``run`` with its candidates and test terms, and give its model the alias ``champion``.

    Returns
    -------
    str
        MLflow's id of the run.
    """
    tags = {
        "data.fingerprint": run.facts.fingerprint,
        "mlflow.note.content": _note(run),
    } | _commit()
    with _client(workspace) as client:
        experiment = _experiment(client, workspace)
        with _run(client, experiment, run.folder.name, tags) as run_id:
            _log(client, run_id, run)
            for model in _models(run.evaluation):
                _log_candidate(client, experiment, run_id, run, model)
            _register(client, run_id, run)
    return run_id


def log_review(
    workspace: Workspace,
    run_id: str,
    tables: Mapping[str, pd.DataFrame],
    figures: Mapping[str, Picture],
    *,
    findings: str = "",
) -> str:
    """Log what ``kongchuo review`` found as a run below the training ``run_id``.

    A training that MLflow does not know, because its database was lost, gives a run of its own.

    Parameters
    ----------
    findings : str
        What the tables say, in Chinese; the description of the run.

    Returns
    -------
    str
        MLflow's id of the review.
    """
    with _client(workspace) as client:
        experiment = _experiment(client, workspace)
        note = {"mlflow.note.content": f"{_REVIEWED}\n\n{findings}"[:_LONGEST_NOTE].strip()}
        parent = _below(run_id) if _knows_run(client, run_id) else {"training": run_id}
        with _run(client, experiment, "复核", parent | note) as review:
            _log_files(client, review, tables, figures)
    return review


def move_champion(workspace: Workspace, folder: str) -> str:
    """Give the alias ``champion`` to the version that was saved in ``models/FOLDER``.

    Returns
    -------
    str
        MLflow's id of the run that made it; empty when MLflow does not know the folder.
    """
    with _client(workspace) as client:
        for version in client.search_model_versions(f"name = '{REGISTERED_MODEL}'"):
            if version.tags.get("folder") == folder:
                client.set_registered_model_alias(REGISTERED_MODEL, CHAMPION, version.version)
                return str(version.run_id)
    return ""


@contextmanager
def _client(workspace: Workspace) -> Iterator[Any]:
    """A client of the workspace's own database; MLflow's English chatter is silenced."""
    settle_artifacts(workspace, EXPERIMENT)
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
    # MLflow's pages then open on trainings instead of language models.
    tags = {"mlflow.experimentKind": "custom_model_development", "mlflow.note.content": _ARRANGED}
    address = artifacts.as_uri()
    return str(client.create_experiment(EXPERIMENT, artifact_location=address, tags=tags))


def _knows_run(client: Any, run_id: str) -> bool:
    from mlflow.exceptions import MlflowException

    try:
        client.get_run(run_id)
    except MlflowException:
        return False
    return True


@contextmanager
def _run(client: Any, experiment: str, name: str, tags: Mapping[str, str]) -> Iterator[str]:
    """A run that ends as failed when anything in it fails."""
    run_id = str(client.create_run(experiment, run_name=name, tags=dict(tags)).info.run_id)
    try:
        yield run_id
    except BaseException:
        client.set_terminated(run_id, status="FAILED")
        raise
    client.set_terminated(run_id)


def _below(parent: str) -> dict[str, str]:
    return {"mlflow.parentRunId": parent}


def _models(evaluation: EvaluationTables) -> list[str]:
    return [str(model) for model in pd.unique(evaluation.metrics["model"])]


def _log(client: Any, run_id: str, run: TrainingRun) -> None:
    from mlflow.entities import Param

    parameters = {
        **_flat(run.settings),
        **{f"version.{k}": v for k, v in run.facts.versions.items()},
        "model": run.facts.name,
    }
    client.log_batch(
        run_id,
        metrics=list(_figures(run.evaluation, run.facts.name)),
        params=[Param(key, str(value)[:_LONGEST_PARAMETER]) for key, value in parameters.items()],
    )
    if run.data is not None:
        client.log_inputs(run_id, datasets=[_dataset(run.data, run.facts.fingerprint)])
    _log_files(client, run_id, _tables(run), run.pictures, card=run.card)
    client.log_artifacts(run_id, str(run.folder), "model")
    if run.refused is not None:
        client.log_artifacts(run_id, str(run.refused), "refused")


def _log_candidate(client: Any, experiment: str, parent: str, run: TrainingRun, model: str) -> None:
    """A run of the candidate, and one below it for each term it was tested on."""
    title = run.titles.get(model, model)
    tags = {"candidate": model, "ranks": str(model == run.facts.name).lower()}
    with _run(client, experiment, title, tags | _below(parent)) as run_id:
        client.log_batch(run_id, metrics=list(_figures(run.evaluation, model)))
        by_fold = run.evaluation.by_fold
        for fold, rows in by_fold[by_fold["model"] == model].groupby("fold", sort=False):
            tags = {"candidate": model, "fold": str(fold)} | _below(run_id)
            with _run(client, experiment, f"{title} · {fold}", tags) as fold_id:
                points = zip(rows["metric"], rows["value"], strict=True)
                client.log_batch(fold_id, metrics=list(_points(points)))


def _figures(evaluation: EvaluationTables, model: str) -> Iterator[Any]:
    """Figures of one candidate with their bounds; then by test term, a step per term."""
    rows = evaluation.metrics[evaluation.metrics["model"] == model]
    for suffix, column in (("", "value"), (".low", "low"), (".high", "high")):
        yield from _points(zip(rows["metric"] + suffix, rows[column], strict=True))
    by_fold = evaluation.by_fold[evaluation.by_fold["model"] == model]
    for step, (_, part) in enumerate(by_fold.groupby("fold", sort=False)):
        yield from _points(zip("by_term." + part["metric"], part["value"], strict=True), step)


def _points(points: Any, step: int = 0) -> Iterator[Any]:
    """Known values as metrics; MLflow would draw an unknown one as zero."""
    from mlflow.entities import Metric

    now = int(time.time() * 1000)
    for name, value in points:
        if value == value:
            yield Metric(str(name), float(value), now, step)


def _dataset(data: DataSeen, fingerprint: str) -> Any:
    from mlflow.entities import Dataset, DatasetInput, InputTag

    columns = [{"name": name, "type": kind} for name, kind in data.columns.items()]
    dataset = Dataset(
        name="学生×日期特征表",
        digest=fingerprint[:36],
        source_type="local",
        # Relative to the workspace: the rows themselves are never logged.
        source=json.dumps({"uri": "tables"}),
        schema=json.dumps({"mlflow_colspec": columns}, ensure_ascii=False),
        profile=json.dumps(dict(data.profile)),
    )
    return DatasetInput(dataset=dataset, tags=[InputTag("mlflow.data.context", "training")])


def _tables(run: TrainingRun) -> dict[str, pd.DataFrame]:
    return {
        "importance": run.facts.weights,
        **run.tables,
        "metrics": run.evaluation.metrics,
        "by_fold": run.evaluation.by_fold,
        # The model's own page has only its own curve; here all candidates stand side by side.
        "calibration": run.evaluation.calibration,
        "random_split": run.evaluation.flattery,
    }


def _log_files(
    client: Any,
    run_id: str,
    tables: Mapping[str, pd.DataFrame],
    pictures: Mapping[str, Picture],
    **texts: str,
) -> None:
    """All files in one go; each call to MLflow would look the run up again."""
    files = {f"tables/{name}.csv": table.to_csv(index=False) for name, table in tables.items()}
    files |= {f"{name}.md": text for name, text in texts.items()}
    contents = {name: text.encode("utf-8") for name, text in files.items()}
    for name, picture in pictures.items():
        contents |= {f"figures/{name}.{kind}": data for kind, data in picture.files().items()}
    with tempfile.TemporaryDirectory() as folder:
        for name, content in contents.items():
            path = Path(folder, name)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        client.log_artifacts(run_id, folder)


def _register(client: Any, run_id: str, run: TrainingRun) -> None:
    if not client.search_registered_models(filter_string=f"name = '{REGISTERED_MODEL}'"):
        client.create_registered_model(
            REGISTERED_MODEL, description="控辍保学排序模型；别名 champion 指向现用的一版。"
        )
    _version(client, run_id, run, run.folder, "model", CHAMPION)
    if run.refused is not None:
        _version(client, run_id, run, run.refused, "refused", CHALLENGER)


def _version(
    client: Any, run_id: str, run: TrainingRun, folder: Path, place: str, alias: str
) -> None:
    name = read_about(folder)["name"]
    tags = {"folder": folder.name, "candidate": name, **_told(run.evaluation, name)}
    version = client.create_model_version(
        REGISTERED_MODEL,
        f"{client.get_run(run_id).info.artifact_uri}/{place}",
        run_id=run_id,
        tags=tags,
        description=run.verdict or None,
    )
    client.set_registered_model_alias(REGISTERED_MODEL, alias, version.version)


def _told(evaluation: EvaluationTables, model: str) -> dict[str, str]:
    """Key figures of a version as texts with their intervals."""
    rows = evaluation.metrics[
        (evaluation.metrics["model"] == model)
        & evaluation.metrics["metric"].isin(_TOLD_OF_A_VERSION)
        & evaluation.metrics["value"].notna()
    ]
    return {
        str(metric): f"{value:.3f}（{low:.3f}–{high:.3f}）"
        for metric, value, low, high in rows[["metric", "value", "low", "high"]].itertuples(
            index=False
        )
    }


def _note(run: TrainingRun) -> str:
    return f"{run.verdict}\n\n{_ARRANGED}"[:_LONGEST_NOTE].strip()


def _flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def _commit() -> dict[str, str]:
    """Commit of the checkout that the package runs from, as a tag; nothing outside one."""
    git = shutil.which("git")
    root = Path(__file__).resolve().parents[2]
    if git is None or not (root / ".git").exists():
        return {}
    done = subprocess.run(
        [git, "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, check=False
    )
    commit = done.stdout.strip()
    return {"mlflow.source.git.commit": commit} if commit else {}
