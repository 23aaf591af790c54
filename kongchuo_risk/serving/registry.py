"""The models of a workspace: list, compare, let one rank the list, return to the one before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from kongchuo_risk.cases import case_store, open_case_database
from kongchuo_risk.contracts.features import load_features
from kongchuo_risk.errors import ModelError, NotReadyError
from kongchuo_risk.evaluation.card import metrics_table
from kongchuo_risk.evaluation.gate import NOT_ADMITTED, RULE_TITLES
from kongchuo_risk.serving import pointer
from kongchuo_risk.serving.model_pages import check_page_tables, load_table
from kongchuo_risk.serving.model_shelf import NO_RATE
from kongchuo_risk.serving.who_ranks import BY_HAND
from kongchuo_risk.training.model_folder import load_model, read_about
from kongchuo_risk.training.tracking import move_champion
from kongchuo_risk.workspace import Workspace

FOLDERS = "[0-9]*-*-[0-9][0-9][0-9]"
"""Names of model folders: day of the data, candidate, number."""
KEY_METRICS = ("recall_at_k", "precision_at_k", "average_precision", "calibration_slope")
NEXT_SCORE = "下次运行 kongchuo score 时由它排序。"
OTHER_ROWS = "两个模型学习的数据不同，检验的学期也可能不同，成绩只能大致比较。"
_RULES = ("school_only", "abc_rules", "scorecard")


@dataclass(frozen=True)
class KeptModel:
    """A model on the shelf.

    Attributes
    ----------
    version : str
        Its folder in ``models/``.
    made_on : str
        Day on which it was trained, ISO.
    admitted : bool
        Whether it may rank: the gate let it pass, or it is a rule, which needs no gate.
    ranks : bool
        Whether it ranks the list now.
    problem : str
        Why it cannot be used; empty for a whole one.
    metrics : mapping
        Key metrics on the forward folds, for machines.
    """

    version: str
    name: str
    made_on: str
    verdict: str
    admitted: bool
    ranks: bool
    problem: str
    metrics: Mapping[str, float]

    @property
    def title(self) -> str:
        """What users call the model."""
        return RULE_TITLES.get(self.name, self.name)


@dataclass(frozen=True)
class ModelComparison:
    """Two models side by side, as Chinese texts.

    Attributes
    ----------
    metrics : DataFrame
        Index: metric; one column per version, values with intervals.
    settings : DataFrame
        Index: setting that differs; one column per version.
    only : mapping of version to tuple of str
        Features that only this one uses, as users call them.
    verdicts : mapping of version to str
    note : str
        What keeps the figures from being compared; empty when nothing does.
    """

    metrics: pd.DataFrame
    settings: pd.DataFrame
    only: Mapping[str, tuple[str, ...]]
    verdicts: Mapping[str, str]
    note: str


def list_models(workspace: Workspace) -> list[KeptModel]:
    """Every model folder, newest first; a damaged one is listed with its problem."""
    now = pointer.current(workspace) or {}
    folders = sorted(workspace.models.glob(FOLDERS), key=lambda path: path.name[-3:], reverse=True)
    return [_kept(folder, ranks=folder.name == now.get("version")) for folder in folders]


def compare_models(workspace: Workspace, first: str, second: str) -> ModelComparison:
    """Figures, settings, features and verdicts of two models.

    Raises
    ------
    ModelError
        When there is no such model, or one is damaged.
    """
    folders = {name: _folder(workspace, name) for name in (first, second)}
    about = {name: read_about(folder) for name, folder in folders.items()}
    features = {name: set(load_model(folder).features) for name, folder in folders.items()}
    same_rows = about[first].get("fingerprint") == about[second].get("fingerprint")
    return ModelComparison(
        metrics=pd.DataFrame(
            {name: _figures(folder, about[name]["name"]) for name, folder in folders.items()}
        ).fillna("—"),
        settings=_different(about),
        only={
            first: _labelled(features[first] - features[second]),
            second: _labelled(features[second] - features[first]),
        },
        verdicts={name: str(facts.get("verdict", "")) for name, facts in about.items()},
        note="" if same_rows else OTHER_ROWS,
    )


def promote(
    workspace: Workspace,
    version: str,
    *,
    anyway: bool = False,
    because: str = "",
    by: str = "命令行",
) -> KeptModel:
    """Let ``version`` rank the list from the next scoring on.

    Parameters
    ----------
    anyway
        Also a model that the gate refused; then ``because`` is required, becomes part of the
        verdict that every page shows, and is written to the audit log.

    Raises
    ------
    ModelError
        When the model is missing or damaged, or the gate refused it.
    """
    model = _sound(workspace, version)
    if model.ranks:
        raise NotReadyError(f"{version} 现在就在排序，不用再启用。")
    verdict = model.verdict
    if not model.admitted:
        if not (anyway and because.strip()):
            raise ModelError(
                f"{version} 没有通过检验：{model.verdict}\n"
                "确实要启用，请加 --anyway --because 理由；理由会写入审计日志，并显示在页面上。"
            )
        day = datetime.now(UTC).astimezone().date()
        # What ends a refusal is no longer so: this model ranks.
        found = verdict.removesuffix(NOT_ADMITTED).rstrip("。")
        verdict = f"{found}；{day} 由{by}{BY_HAND}，理由：{because.strip()}。"
    fields = {
        "name": model.name,
        "version": version,
        "verdict": verdict,
        "base_rate": _base_rate(workspace, version),
    }
    _move(workspace, fields, pointer.PROMOTED, by, because)
    return _kept(workspace.models / version, ranks=True)


def rollback(workspace: Workspace, *, because: str, by: str = "命令行") -> KeptModel:
    """Return to the model that ranked before the present one.

    Raises
    ------
    NotReadyError
        When no model ranked before.
    ModelError
        When that model is damaged.
    """
    fields = pointer.before(workspace)
    if fields is None:
        raise NotReadyError("没有更早用过的模型可退回；用 kongchuo models list 查看现有模型。")
    _sound(workspace, fields["version"])
    _move(workspace, fields, pointer.ROLLED_BACK, by, because)
    return _kept(workspace.models / fields["version"], ranks=True)


def _move(
    workspace: Workspace, fields: Mapping[str, str], action: str, by: str, because: str
) -> None:
    """MLflow's alias first, which is only a record; then audit entry and pointer together."""
    now = pointer.current(workspace) or {}
    run_id = move_champion(workspace, fields["version"])
    engine = open_case_database(workspace, workspace.settings().database_url)
    try:
        with case_store(engine) as store:
            store.note(
                by,
                f"模型{action}",
                f"model:{fields['version']}",
                before=now.get("version", ""),
                because=because,
            )
            shelved = {**fields, "run_id": run_id or fields.get("run_id", "")}
            pointer.point(workspace, shelved, action=action, by=by, because=because)
    finally:
        engine.dispose()


def _kept(folder: Path, *, ranks: bool) -> KeptModel:
    about, problem = _about(folder)
    name = str(about.get("name") or folder.name.split("-")[1])
    return KeptModel(
        version=folder.name,
        name=name,
        made_on=str(about.get("made_on") or _written_on(folder)),
        verdict=str(about.get("verdict", "")),
        # Before refused models were kept, every model on the shelf had passed.
        admitted=name in _RULES or bool(about.get("admitted", True)),
        ranks=ranks,
        problem=problem,
        metrics={} if problem else dict(_key_metrics(folder, name)),
    )


def _about(folder: Path) -> tuple[dict[str, Any], str]:
    try:
        about = read_about(folder)
        check_page_tables(folder)
    except ModelError as error:
        return {}, str(error)
    return about, ""


def _sound(workspace: Workspace, version: str) -> KeptModel:
    """A model whose every byte is as it was saved, and which loads."""
    folder = _folder(workspace, version)
    load_model(folder)
    check_page_tables(folder)
    now = pointer.current(workspace) or {}
    return _kept(folder, ranks=version == now.get("version"))


def _folder(workspace: Workspace, version: str) -> Path:
    if version not in {path.name for path in workspace.models.glob(FOLDERS)}:
        raise ModelError(f"没有模型 {version}；用 kongchuo models list 查看现有模型。")
    return workspace.models / version


def _written_on(folder: Path) -> str:
    return f"{datetime.fromtimestamp(folder.stat().st_mtime, tz=UTC).astimezone():%Y-%m-%d}"


def _key_metrics(folder: Path, name: str) -> Iterator[tuple[str, float]]:
    table = load_table(folder, "metrics")
    own = table[(table["model"] == name) & table["metric"].isin(KEY_METRICS)]
    for metric, value in zip(own["metric"], own["value"], strict=True):
        yield str(metric), float(value)


def _figures(folder: Path, name: str) -> pd.Series[str]:
    """Every metric of one model as a text with its interval."""
    table = load_table(folder, "metrics")
    own = table[table["model"] == name]
    if own.empty:
        return pd.Series(dtype=object)
    told: pd.Series[str] = metrics_table(own).iloc[-1]
    return told


def _different(about: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    flat = {
        name: _flat({key: facts.get(key, {}) for key in ("settings", "versions")})
        for name, facts in about.items()
    }
    table = pd.DataFrame(flat).fillna("—").astype(str)
    return table[table.nunique(axis=1) > 1]


def _labelled(features: set[str]) -> tuple[str, ...]:
    """Chinese names of features; one that the catalogue has no longer keeps its own."""
    labels = {feature.id: feature.label for feature in load_features().features}
    return tuple(labels.get(name, name) for name in sorted(features))


def _flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = str(value)
    return flat


def _base_rate(workspace: Workspace, version: str) -> str:
    """The base rate in words that was told when the model was made."""
    told = read_about(workspace.models / version).get("base_rate")
    known = [
        entry["base_rate"]
        for entry in pointer.history(workspace)
        if entry["version"] == version and entry.get("base_rate")
    ]
    return str(told or (known[-1] if known else NO_RATE))
