"""The workspace's models: one folder each, and which of them ranks the list."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import pandas as pd

import kongchuo_risk
from kongchuo_risk import pipeline
from kongchuo_risk.contracts.features import load_features
from kongchuo_risk.contracts.location import cold_start_model
from kongchuo_risk.domain.model import RiskModel
from kongchuo_risk.domain.progress import Progress, silent
from kongchuo_risk.errors import NotReadyError
from kongchuo_risk.evaluation import ModelFacts, model_card
from kongchuo_risk.evaluation.card import metrics_table
from kongchuo_risk.evaluation.evaluation import METRIC_TITLES
from kongchuo_risk.evaluation.gate import RULE_TITLES
from kongchuo_risk.explanation.grouping import feature_weights
from kongchuo_risk.serving.model_pages import load_table, save_page_tables
from kongchuo_risk.settings import Settings
from kongchuo_risk.training.fingerprint import fingerprint
from kongchuo_risk.training.model_folder import load_model, save_model
from kongchuo_risk.training.tracking import TrainingRun, log_training
from kongchuo_risk.workspace import Workspace, replace_file

POINTER = "current.json"
COLD_START = "还没有训练过模型，名单由评分卡排序；分值来自已发表的研究，未经本地数据检验。"
_RANKING_METRICS = ("precision_at_k", "recall_at_k", "lift_at_k", "average_precision", "roc_auc")
_LIBRARIES = ("lightgbm", "scikit-learn", "pandas", "numpy")
NO_RATE = "还没有已知结果，无法计算基础发生率"


@dataclass(frozen=True)
class Shelved:
    """The model that ranks the list, and the gate's word on it."""

    name: str
    version: str
    """Folder in ``workspace.models``; empty for the cold-start scorecard."""
    verdict: str
    base_rate: str
    run_id: str = ""

    @property
    def title(self) -> str:
        """What users call the model."""
        return RULE_TITLES.get(self.name, self.name)

    def folder(self, workspace: Workspace) -> Path:
        return workspace.models / self.version if self.version else cold_start_model()

    def load(self, workspace: Workspace) -> RiskModel:
        """The model itself, checked byte by byte."""
        return load_model(self.folder(workspace))

    def comparison(self, workspace: Workspace) -> pd.DataFrame:
        """The candidates side by side, as Chinese texts with intervals; one row per model.

        How well each ranks; calibration is on the card.
        """
        metrics = self.metrics(workspace)
        if metrics.empty:
            return pd.DataFrame()
        return metrics_table(metrics)[[METRIC_TITLES[name] for name in _RANKING_METRICS]]

    def metrics(self, workspace: Workspace) -> pd.DataFrame:
        """``model, metric, value, low, high`` of every candidate on the forward folds."""
        return load_table(self.folder(workspace), "metrics")


def shelve(
    workspace: Workspace,
    judged: pipeline.Judged,
    settings: Settings,
    *,
    synthetic: bool,
    progress: Progress = silent,
) -> Shelved:
    """Save the model that ranks the list, log the training, and point to the model.

    The pointer is replaced last: a crash leaves the model that ranked before.
    """
    progress(0, None, "写模型卡与实验记录")
    known = judged.matrix.take(judged.matrix.labelled)
    model = judged.ranking
    weights = feature_weights(model, known, load_features(settings.data_schema))
    print_of_rows = fingerprint(known)
    facts = _facts(judged, weights, print_of_rows, settings, synthetic=synthetic)
    card = model_card(facts, judged.evaluation)
    version = f"{judged.matrix.rows['as_of'].max():%Y%m%d}-{model.name}-{_next(workspace):03d}"
    folder = save_model(
        model,
        workspace.models / version,
        card=card,
        about={
            "fingerprint": print_of_rows,
            "settings": settings.model_dump(mode="json"),
            "verdict": judged.evaluation.verdict.text,
        },
    )
    calibration = judged.evaluation.calibration
    save_page_tables(
        folder,
        metrics=judged.evaluation.metrics,
        calibration=calibration[calibration["model"] == model.name],
        importance=weights,
    )
    run_id = log_training(
        workspace,
        TrainingRun(
            evaluation=judged.evaluation,
            facts=facts,
            card=card,
            folder=folder,
            settings=settings.model_dump(mode="json"),
        ),
    )
    shelved = Shelved(
        name=model.name,
        version=version,
        verdict=judged.evaluation.verdict.text,
        base_rate=pipeline.base_rate(judged.matrix),
        run_id=run_id,
    )
    _point(workspace, shelved)
    return shelved


def current(workspace: Workspace) -> Shelved:
    """The trained model that ranks the list.

    Raises
    ------
    NotReadyError
        When nothing was trained yet.
    """
    pointer = workspace.models / POINTER
    if not pointer.is_file():
        raise NotReadyError("还没有训练过模型；先运行 kongchuo train。")
    return Shelved(**json.loads(pointer.read_text(encoding="utf-8")))


def current_or_scorecard(workspace: Workspace) -> Shelved:
    """The trained model, or the cold-start scorecard that needs no history."""
    try:
        return current(workspace)
    except NotReadyError:
        return Shelved("scorecard", "", COLD_START, NO_RATE)


def _facts(
    judged: pipeline.Judged,
    weights: pd.DataFrame,
    print_of_rows: str,
    settings: Settings,
    *,
    synthetic: bool,
) -> ModelFacts:
    rows = judged.matrix.rows[judged.matrix.labelled]
    profile = pipeline.profile_of(settings)
    return ModelFacts(
        name=judged.ranking.name,
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
        fingerprint=print_of_rows,
        synthetic=synthetic,
    )


def _next(workspace: Workspace) -> int:
    """Number of the next model folder; never one that was used."""
    numbers = [int(p.name[-3:]) for p in workspace.models.glob("*-*-[0-9][0-9][0-9]")]
    return max(numbers, default=0) + 1


def _point(workspace: Workspace, shelved: Shelved) -> None:
    content = json.dumps(asdict(shelved), ensure_ascii=False, indent=1)
    replace_file(workspace.models / POINTER, content.encode("utf-8"))
