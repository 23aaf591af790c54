"""The workspace's models: which of them ranks the list, and what is kept beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from kongchuo_risk.contracts.location import cold_start_model
from kongchuo_risk.domain.model import RiskModel
from kongchuo_risk.errors import ModelError, NotReadyError
from kongchuo_risk.evaluation import DriftBaseline
from kongchuo_risk.evaluation.card import metrics_table
from kongchuo_risk.evaluation.evaluation import METRIC_TITLES
from kongchuo_risk.evaluation.gate import RULE_TITLES
from kongchuo_risk.explanation.quality import noise_of
from kongchuo_risk.pipeline import Companions, LastChampion
from kongchuo_risk.serving import pointer
from kongchuo_risk.serving.model_pages import load_table
from kongchuo_risk.training.model_folder import load_model, read_about, read_companion
from kongchuo_risk.workspace import Workspace

BASELINE, REASONS = "drift", "reasons"
"""Companions of a model: the data of its training, the noise of its reasons."""
COLD_START = "还没有训练过模型，名单由评分卡排序；分值来自已发表的研究，未经本地数据检验。"
_RANKING_METRICS = ("precision_at_k", "recall_at_k", "lift_at_k", "average_precision", "roc_auc")
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

    def companions(self, workspace: Workspace) -> Companions:
        """What training left for the days of scoring; nothing for the cold-start scorecard."""
        folder = self.folder(workspace)
        baseline = read_companion(folder, BASELINE)
        return Companions(
            None if baseline is None else DriftBaseline.from_state(baseline),
            noise_of(read_companion(folder, REASONS)),
        )

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


def current(workspace: Workspace) -> Shelved:
    """The trained model that ranks the list.

    Raises
    ------
    NotReadyError
        When nothing was trained yet.
    """
    fields = pointer.current(workspace)
    if fields is None:
        raise NotReadyError("还没有训练过模型；先运行 kongchuo train。")
    return Shelved(**fields)


def last_champion(workspace: Workspace) -> LastChampion | None:
    """The model that ranks now, for a new training to be compared with.

    None before the first training, and when its folder cannot be read: a damaged model is no
    reason not to train another.
    """
    try:
        shelved = current(workspace)
        folder = shelved.folder(workspace)
        until = read_about(folder).get("learned_until")
        return LastChampion(load_model(folder), date.fromisoformat(until)) if until else None
    except (NotReadyError, ModelError):
        return None


def current_or_scorecard(workspace: Workspace) -> Shelved:
    """The trained model, or the cold-start scorecard that needs no history."""
    try:
        return current(workspace)
    except NotReadyError:
        return Shelved("scorecard", "", COLD_START, NO_RATE)
