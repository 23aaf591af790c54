"""Puts a training on the shelf: the model folder, its card and tables, the MLflow record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import pandas as pd

import kongchuo_risk
from kongchuo_risk import pipeline
from kongchuo_risk.contracts.gates import load_gate
from kongchuo_risk.domain.model import RiskModel
from kongchuo_risk.domain.progress import Progress, silent
from kongchuo_risk.evaluation import DriftBaseline, ModelFacts, ReviewParts, model_card
from kongchuo_risk.evaluation.album import draw_figures
from kongchuo_risk.evaluation.audition import audition_section
from kongchuo_risk.evaluation.gains import gain_table
from kongchuo_risk.evaluation.gate import RULE_TITLES
from kongchuo_risk.explanation import ReasonQuality
from kongchuo_risk.explanation.grouping import feature_weights
from kongchuo_risk.review import judge_reasons
from kongchuo_risk.serving import pointer
from kongchuo_risk.serving.model_pages import save_page_tables
from kongchuo_risk.serving.model_shelf import BASELINE, REASONS, Shelved
from kongchuo_risk.settings import Settings
from kongchuo_risk.training.fingerprint import fingerprint
from kongchuo_risk.training.model_folder import save_model
from kongchuo_risk.training.splits import fold_windows
from kongchuo_risk.training.tracking import log_training
from kongchuo_risk.training.training_run import DataSeen, TrainingRun
from kongchuo_risk.workspace import Workspace

_LIBRARIES = ("lightgbm", "scikit-learn", "pandas", "numpy")


@dataclass(frozen=True)
class _Told:
    """One model of a training, and all that is said of it."""

    model: RiskModel
    facts: ModelFacts
    card: str
    pages: Mapping[str, pd.DataFrame]
    baseline: DriftBaseline
    quality: ReasonQuality | None


def shelve(
    workspace: Workspace,
    judged: pipeline.Judged,
    *,
    synthetic: bool,
    progress: Progress = silent,
) -> Shelved:
    """Save the model that ranks the list, log the training, and point to the model.

    A champion that the gate refused is saved too: it can be looked at, and promoted with a reason.
    The pointer is replaced last: a crash leaves the model that ranked before.
    """
    progress(0, None, "检查理由是否稳定")
    quality = judge_reasons(
        judged.inputs, judged.ranking, capacity=judged.capacity, progress=progress
    )
    told = _told(judged, judged.ranking, quality, synthetic=synthetic)
    progress(0, None, "写模型卡与实验记录")
    folder = _save(workspace, judged, told, admitted=True)
    refused = None
    if judged.refused is not None:
        other = _told(judged, judged.refused, None, synthetic=synthetic)
        refused = _save(workspace, judged, other, admitted=False)
    run_id = log_training(workspace, _training_run(judged, told, folder, refused))
    shelved = Shelved(
        name=told.model.name,
        version=folder.name,
        verdict=judged.evaluation.verdict.text,
        base_rate=pipeline.base_rate(judged.matrix),
        run_id=run_id,
    )
    pointer.point(workspace, asdict(shelved), action=pointer.TRAINED, by="命令行")
    return shelved


def _told(
    judged: pipeline.Judged, model: RiskModel, quality: ReasonQuality | None, *, synthetic: bool
) -> _Told:
    settings = judged.inputs.settings
    known = judged.matrix.take(judged.matrix.labelled)
    weights = feature_weights(model, known, judged.inputs.catalogue)
    baseline = DriftBaseline.learn(
        judged.matrix,
        # Of this very model: forward scores lie on the lines of earlier folds, and the difference
        # between two lines would be taken for a change of the pupils.
        model.log_odds(judged.matrix),
        gate=load_gate(settings.data_schema),
        features=model.features,
    )
    facts = _facts(judged, model, weights, synthetic=synthetic)
    parts = ReviewParts(audition=audition_section(judged.audition), drift=baseline)
    if quality is not None:
        said = "\n".join(f"- {sentence}" for sentence in quality.sentences)
        parts = replace(parts, reason_quality=quality.by_group, reason_text=said)
    card = model_card(facts, judged.evaluation, parts)
    return _Told(model, facts, card, _pages(judged, model, weights, quality), baseline, quality)


def _pages(
    judged: pipeline.Judged,
    model: RiskModel,
    weights: pd.DataFrame,
    quality: ReasonQuality | None,
) -> dict[str, pd.DataFrame]:
    """Tables of the model page."""
    evaluation = judged.evaluation
    pages = {
        "metrics": evaluation.metrics,
        "calibration": evaluation.calibration[evaluation.calibration["model"] == model.name],
        "importance": weights,
        "checks": evaluation.verdict.checks,
        "windows": fold_windows(judged.forward.folds, judged.matrix),
        "by_fold": evaluation.by_fold,
        "gains": gain_table(judged.forward.scores, judged.matrix),
        "audition": judged.audition.summary,
    }
    if quality is not None:
        pages["reasons"] = quality.by_group
    if evaluation.fairness is not None:
        pages["fairness"] = evaluation.fairness.table
    return pages


def _save(workspace: Workspace, judged: pipeline.Judged, told: _Told, *, admitted: bool) -> Path:
    last_day = judged.matrix.rows["as_of"].max()
    version = f"{last_day:%Y%m%d}-{told.model.name}-{_next(workspace):03d}"
    folder = save_model(
        told.model,
        workspace.models / version,
        card=told.card,
        about={
            "made_on": told.facts.made_on.isoformat(),
            "learned_until": judged.learned_until.isoformat(),
            "admitted": admitted,
            "fingerprint": told.facts.fingerprint,
            "settings": judged.inputs.settings.model_dump(mode="json"),
            "verdict": judged.evaluation.verdict.text,
            "base_rate": pipeline.base_rate(judged.matrix),
        },
        companions={
            BASELINE: told.baseline.state(),
            REASONS: None if told.quality is None else told.quality.state(),
        },
    )
    save_page_tables(folder, **told.pages)
    return folder


def _training_run(
    judged: pipeline.Judged, told: _Told, folder: Path, refused: Path | None
) -> TrainingRun:
    known = judged.matrix.take(judged.matrix.labelled)
    return TrainingRun(
        evaluation=judged.evaluation,
        facts=told.facts,
        card=told.card,
        folder=folder,
        settings=judged.inputs.settings.model_dump(mode="json"),
        verdict=judged.evaluation.verdict.text,
        refused=refused,
        titles=RULE_TITLES,
        tables=told.pages,
        pictures=draw_figures(told.pages),
        data=DataSeen(
            columns={
                str(name): "string" if isinstance(kind, pd.CategoricalDtype) else "double"
                for name, kind in known.X.dtypes.items()
            },
            profile={
                "rows": len(known),
                "events": int(known.y.sum()) if known.y is not None else 0,
                "terms": known.rows["term"].nunique(),
                "schools": known.rows["school_code"].nunique(),
            },
        ),
    )


def _facts(
    judged: pipeline.Judged, model: RiskModel, weights: pd.DataFrame, *, synthetic: bool
) -> ModelFacts:
    settings: Settings = judged.inputs.settings
    known = judged.matrix.take(judged.matrix.labelled)
    rows = known.rows
    profile = pipeline.profile_of(settings)
    return ModelFacts(
        name=model.name,
        made_on=datetime.now(UTC).date(),
        outcome=(
            f"疑似辍学：连续无故缺勤 {profile.outcome.suspect_after_days:g} 个上课日，"
            "或开学未报到、退学、流失、下落不明；"
            f"观察到下学期第 {profile.outcome.weeks_into_next_term} 周（{profile.title}）"
        ),
        data=(
            f"{rows['term'].nunique()} 个学期、{rows['school_code'].nunique()} 所学校、"
            f"{rows['student_id'].nunique():,} 名学生，共 {len(rows):,} 条“学生×日期”记录"
        ),
        weights=weights,
        versions={"kongchuo_risk": kongchuo_risk.__version__}
        | {name: metadata.version(name) for name in _LIBRARIES},
        fingerprint=fingerprint(known),
        synthetic=synthetic,
    )


def _next(workspace: Workspace) -> int:
    """Number of the next model folder; never one that was used."""
    numbers = [int(p.name[-3:]) for p in workspace.models.glob("*-*-[0-9][0-9][0-9]")]
    return max(numbers, default=0) + 1
