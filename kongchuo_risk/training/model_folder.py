"""A model as a folder: JSON, LightGBM text and a card. No pickle; a changed byte is noticed."""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import tempfile
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

import kongchuo_risk
from kongchuo_risk.domain.model import RiskModel
from kongchuo_risk.errors import ModelError
from kongchuo_risk.training.additive import AdditiveMember
from kongchuo_risk.training.anchoring import AnchoredModel
from kongchuo_risk.training.boosters import BoosterMember
from kongchuo_risk.training.calibration import LogOddsLine
from kongchuo_risk.training.cohorts import CohortRanks
from kongchuo_risk.training.columns import ColumnEncoder
from kongchuo_risk.training.estimators import DropoutRiskClassifier
from kongchuo_risk.training.learned import LearnedModel
from kongchuo_risk.training.member import Member
from kongchuo_risk.training.points import PointsModel
from kongchuo_risk.training.pooling import PooledModel
from kongchuo_risk.training.rates import RateModel
from kongchuo_risk.training.target_means import TargetMeans

FORMAT = 1
MODEL_FILE, CARD_FILE, MANIFEST_FILE = "model.json", "card.md", "manifest.json"
_LIBRARIES = ("lightgbm", "numpy", "pandas", "scikit-learn")


def save_model(
    model: RiskModel,
    folder: Path,
    *,
    card: str = "",
    about: Mapping[str, Any] | None = None,
    companions: Mapping[str, Any] | None = None,
) -> Path:
    """Write ``model`` into a new ``folder``; it appears whole or not at all.

    Parameters
    ----------
    card : str
        Model card, Chinese Markdown.
    about : mapping, optional
        Anything JSON holds: data fingerprint, settings, verdict.
    companions : mapping, optional
        What is kept for the days of scoring, each as ``NAME.json``; see :func:`read_companion`.

    Raises
    ------
    ModelError
        When the folder exists already: a saved model is never changed.
    """
    if folder.exists():
        raise ModelError(f"模型文件夹 {folder} 已存在；已保存的模型不会被改写。")
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        for name, text in _files(model, card, about or {}, companions or {}).items():
            (draft / name).write_bytes(text.encode("utf-8"))
        draft.chmod(0o755)
        draft.rename(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return folder


def load_model(folder: Path) -> RiskModel:
    """The model in ``folder``; its scores are exactly those it gave when it was saved.

    Raises
    ------
    ModelError
        When a file is missing or changed, or was written by a newer version.
    """
    texts = _verified(folder)
    content = _json(texts, MODEL_FILE, folder)
    try:
        return _rebuilt(content, texts)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"模型 {folder} 的内容不完整或不认识：{error}") from error


def read_about(folder: Path) -> dict[str, Any]:
    """What was saved beside the model: name, versions, fingerprint, settings."""
    content = _json(_verified(folder), MODEL_FILE, folder)
    about: dict[str, Any] = {**content["about"], "name": content["name"]}
    return about | {"versions": content["versions"]}


def read_card(folder: Path) -> str:
    """The model card, Chinese Markdown."""
    return _verified(folder).get(CARD_FILE, "")


def read_companion(folder: Path, name: str) -> Any:
    """What was saved beside the model as companion ``name``; None when nothing was."""
    texts = _verified(folder)
    return _json(texts, f"{name}.json", folder) if f"{name}.json" in texts else None


def _files(
    model: RiskModel, card: str, about: Mapping[str, Any], companions: Mapping[str, Any]
) -> dict[str, str]:
    kind, state, texts = _described(model)
    content = {
        "format": FORMAT,
        "kind": kind,
        "name": model.name,
        "features": list(model.features),
        "state": state,
        "about": dict(about),
        "versions": _versions(),
    }
    beside = {f"{name}.json": _dumped(state) for name, state in companions.items()}
    files = {**texts, **beside, MODEL_FILE: _dumped(content), CARD_FILE: card}
    manifest = {name: _digest(text) for name, text in sorted(files.items())}
    return {**files, MANIFEST_FILE: _dumped({"format": FORMAT, "sha256": manifest})}


def _described(model: RiskModel) -> tuple[str, dict[str, Any], dict[str, str]]:
    if isinstance(model, PointsModel):
        return "points", model.state(), {}
    if isinstance(model, RateModel):
        return "rates", model.state(), {}
    if isinstance(model, LearnedModel):
        return "learned", *_described_estimator(model.estimator)
    if isinstance(model, AnchoredModel):
        return _described_parts("anchored", model, learned=model.learned, anchor=model.anchor)
    if isinstance(model, PooledModel):
        return _described_parts("pooled", model, base=model.base)
    raise ModelError(f"不会保存 {type(model).__name__} 这种模型。")


def _described_parts(
    kind: str, model: AnchoredModel | PooledModel, **parts: RiskModel
) -> tuple[str, dict[str, Any], dict[str, str]]:
    """A model made of others: their content within its own, their files beside each other."""
    state = model.state()
    texts: dict[str, str] = {}
    for role, part in parts.items():
        part_kind, part_state, part_texts = _described(part)
        state[role] = {"kind": part_kind, "name": part.name, "state": part_state}
        texts |= part_texts
    return kind, state, texts


def _described_estimator(
    estimator: DropoutRiskClassifier,
) -> tuple[dict[str, Any], dict[str, str]]:
    members: dict[str, Any] = {}
    texts: dict[str, str] = {}
    for name, member in estimator.members_.items():
        if isinstance(member, BoosterMember):
            means = None if member.means is None else member.means.state()
            members[name] = {
                "file": f"{name}.txt",
                "shift": member.shift,
                "means": means,
                "stand_ins": _nan_to_none(member.stand_ins),
            }
            texts[f"{name}.txt"] = member.text
        elif isinstance(member, AdditiveMember):
            members[name] = member.state()
    state = {
        "encoder": estimator.encoder_.state(),
        "calibration": vars(estimator.calibration_),
        "members": members,
        "classes": estimator.classes_.tolist(),
        "ranks": None if estimator.ranks_ is None else estimator.ranks_.state(),
    }
    return state, texts


def _rebuilt(content: Mapping[str, Any], texts: Mapping[str, str]) -> RiskModel:
    kind, name, state = content["kind"], content["name"], content["state"]
    if kind == "points":
        return PointsModel.from_state(name, state)
    if kind == "rates":
        return RateModel.from_state(name, state)
    if kind == "learned":
        return LearnedModel(name, _rebuilt_estimator(state, texts))
    if kind == "anchored":
        learned, anchor = (_rebuilt(state[role], texts) for role in ("learned", "anchor"))
        return AnchoredModel.from_state(name, learned, anchor, state)
    if kind == "pooled":
        return PooledModel.from_state(name, _rebuilt(state["base"], texts), state)
    raise ValueError(f"kind = {kind!r}")


def _rebuilt_estimator(state: Mapping[str, Any], texts: Mapping[str, str]) -> DropoutRiskClassifier:
    members: dict[str, Member] = {
        name: _rebuilt_booster(part, texts) if "file" in part else AdditiveMember.from_state(part)
        for name, part in state["members"].items()
    }
    return DropoutRiskClassifier.from_parts(
        encoder=ColumnEncoder.from_state(state["encoder"]),
        members=members,
        calibration=LogOddsLine(**state["calibration"]),
        classes=state["classes"],
        ranks=None if state["ranks"] is None else CohortRanks.from_state(state["ranks"]),
    )


def _nan_to_none(values: np.ndarray) -> list[float | None]:
    """JSON knows no NaN."""
    return [None if np.isnan(value) else float(value) for value in values]


def _rebuilt_booster(part: Mapping[str, Any], texts: Mapping[str, str]) -> BoosterMember:
    means = None if part["means"] is None else TargetMeans.from_state(part["means"])
    stand_ins = np.array(part["stand_ins"], dtype=float)
    return BoosterMember(texts[part["file"]], stand_ins, shift=part["shift"], means=means)


def _verified(folder: Path) -> dict[str, str]:
    """Text of every file that the manifest names, checked byte by byte."""
    try:
        manifest = json.loads((folder / MANIFEST_FILE).read_bytes())
        if manifest["format"] > FORMAT:
            raise ModelError(
                f"模型 {folder} 由更新的版本写成（格式 {manifest['format']}）；请升级。"
            )
        raw = {name: (folder / name).read_bytes() for name in manifest["sha256"]}
        changed = [
            name for name, content in raw.items()
            if hashlib.sha256(content).hexdigest() != manifest["sha256"][name]
        ]  # fmt: skip
    except FileNotFoundError as error:
        raise ModelError(f"模型文件夹 {folder} 缺少文件 {Path(error.filename).name}。") from None
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"模型文件夹 {folder} 的 {MANIFEST_FILE} 已损坏。") from error
    if changed:
        raise ModelError(f"模型 {folder} 的文件被改动过：{'、'.join(changed)}；请从备份恢复。")
    return {name: content.decode("utf-8") for name, content in raw.items()}


def _json(texts: Mapping[str, str], name: str, folder: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(texts[name])
    except (KeyError, ValueError) as error:
        raise ModelError(f"模型 {folder} 的 {name} 缺失或不是 JSON。") from error
    return content


def _dumped(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _versions() -> dict[str, str]:
    found = {name: metadata.version(name) for name in _LIBRARIES}
    return {
        "kongchuo-risk": kongchuo_risk.__version__,
        "python": platform.python_version(),
        **found,
    }
