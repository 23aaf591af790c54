"""Every candidate on the same forward folds, at the capacity of the staff, with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.gates import Gate, load_gate
from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.evaluation.calibration import calibration_table
from kongchuo_risk.evaluation.fairness import Fairness, fairness_audit
from kongchuo_risk.evaluation.gate import (
    LAST_CHAMPION,
    RULE_TITLES,
    Findings,
    Gain,
    Verdict,
    judge,
)
from kongchuo_risk.evaluation.listing import Capacity
from kongchuo_risk.evaluation.resampling import metric_values
from kongchuo_risk.evaluation.sample import Sample, Weights, effective_number, interval
from kongchuo_risk.evaluation.view import RANDOM, View

METRIC_TITLES = {
    "precision_at_k": "名单内准确率",
    "recall_at_k": "名额内找出比例",
    "lift_at_k": "相对随机的倍数",
    "average_precision": "平均准确率 AP",
    "roc_auc": "ROC-AUC",
    "brier": "Brier 误差",
    "brier_skill": "Brier 技巧分",
    "calibration_slope": "校准斜率",
    "calibration_intercept": "校准截距",
    "expected_to_observed": "预计与实际人数之比",
    "lead_days": "提前天数",
}
"""What users call the metrics."""
_CALIBRATION_COLUMNS = ("model", "bin", "predicted", "observed", "low", "high", "n")


@dataclass(frozen=True)
class Evaluation:
    """What the forward folds say.

    Attributes
    ----------
    champion : str
        The candidate that was judged.
    metrics : DataFrame
        ``model, metric, value, low, high``; 95 % intervals over schools.
    by_fold : DataFrame
        ``fold, model, metric, value``.
    calibration : DataFrame
        ``model, bin, predicted, observed, low, high, n``; 95 % intervals of ``observed``.
    verdict : Verdict
    rows, events, lists, listed : int, int, int, float
        Test rows, known events among them, days with lists, places per day over all schools.
    treated_false_alarms : float
        Share of the champion's listed pupils without an event who had received a measure.
    resampled : str
        What was drawn for the intervals, such as 学校和校内班级.
    flattery : DataFrame
        ``metric, forward, random_split``: what a careless split would have claimed.
    event_pupils : int
        Pupils with an event, each counted once a term.
    effective_schools : float
        Schools counted by their share of the events; below about eight intervals may be narrow.
    fairness : Fairness or None
        The champion's figures by group; ``None`` without test rows.
    last_champion : str
        What the model is called that ranked before; empty when it scored no test row.
    """

    champion: str
    metrics: pd.DataFrame
    by_fold: pd.DataFrame
    calibration: pd.DataFrame
    verdict: Verdict
    rows: int
    events: int
    lists: int
    listed: float
    treated_false_alarms: float
    resampled: str
    flattery: pd.DataFrame
    event_pupils: int = 0
    effective_schools: float = 0.0
    fairness: Fairness | None = None
    last_champion: str = ""

    @property
    def base_rate(self) -> float:
        """Events per row of the test terms."""
        return self.events / self.rows if self.rows else float("nan")

    def value(self, model: str, metric: str) -> float:
        """One figure of :attr:`metrics`; NaN when it is not there."""
        table = self.metrics
        found = table.loc[(table["model"] == model) & (table["metric"] == metric), "value"]
        return float(found.iloc[0]) if len(found) else float("nan")


def evaluate(
    scores: pd.DataFrame,
    matrix: FeatureMatrix,
    *,
    capacity: Capacity,
    champion: str,
    bootstrap: int = 400,
    seed: int = 0,
    random_split: pd.DataFrame | None = None,
    note: str = "",
    gate: Gate | None = None,
    last_champion: str | None = None,
    data_schema: Path | None = None,
) -> Evaluation:
    """Compare candidates on rows that none of them had seen.

    Parameters
    ----------
    scores : DataFrame
        Index: position in ``matrix``; column ``fold``, then log-odds by candidate. The column
        ``last_champion``, if any, is NaN on rows that the model that ranked before learned from.
    capacity : mapping of school code to places, or a share
    random_split : DataFrame, optional
        ``scores`` of the champion under a random split, which flatters.
    note : str
        Why there are no scores; becomes the verdict.
    gate : Gate, optional
        Rules, bounds and groups; by default ``gate.yaml`` of ``data_schema``.
    last_champion : str, optional
        Name of the candidate behind the column ``last_champion``.
    """
    scores = _without_empty_champion(scores)
    if scores.empty or matrix.y is None:
        return _nothing(champion, note)
    gate = gate or load_gate(data_schema)
    view = View.of(
        scores, matrix, capacity, one_stage_schools=gate.evidence.one_stage_schools.value
    )
    weights = view.units.draw(bootstrap, seed)
    samples = {name: view.sample(name) for name in view.models}
    metrics = _with_intervals(samples, weights)
    fairness = fairness_audit(
        scores, matrix, champion, capacity=capacity, gate=gate, bootstrap=bootstrap, seed=seed,
        data_schema=data_schema,
    )  # fmt: skip
    findings = _findings(view, metrics, champion, fairness)
    return Evaluation(
        champion=champion,
        metrics=metrics,
        by_fold=_by_fold(view, samples),
        calibration=_calibrations(samples, weights),
        verdict=judge(champion, _gains(view, champion, weights, gate), findings, gate),
        flattery=_flattery(metrics, champion, random_split, matrix, capacity),
        event_pupils=findings.event_pupils,
        effective_schools=findings.effective_schools,
        fairness=fairness,
        last_champion=_title_of_last(last_champion) if LAST_CHAMPION in samples else "",
        **_counts(view, samples.get(champion, samples[RANDOM])),
    )


def _counts(view: View, main: Sample) -> dict[str, Any]:
    """Figures of the test rows and of the champion's lists."""
    return {
        "rows": len(view.rows),
        "events": int(main.y.sum()),
        "lists": view.days(),
        "listed": float(main.listed.sum() / view.days()),
        "treated_false_alarms": _treated(view.rows, main),
        "resampled": view.units.resampled,
    }


def _without_empty_champion(scores: pd.DataFrame) -> pd.DataFrame:
    """A last champion that had learned from every row says nothing."""
    if LAST_CHAMPION in scores and not scores[LAST_CHAMPION].notna().any():
        return scores.drop(columns=LAST_CHAMPION)
    return scores


def _title_of_last(name: str | None) -> str:
    if name in (None, "", LAST_CHAMPION):
        return RULE_TITLES[LAST_CHAMPION]
    return f"{RULE_TITLES[LAST_CHAMPION]}（{RULE_TITLES.get(str(name), str(name))}）"


def _findings(view: View, metrics: pd.DataFrame, champion: str, fairness: Fairness) -> Findings:
    return Findings(
        slope=_value(metrics, champion, "calibration_slope"),
        expected_to_observed=_value(metrics, champion, "expected_to_observed"),
        event_pupils=view.event_pupils,
        effective_schools=effective_number(view.events_by_school),
        terms=int(view.scores["fold"].nunique()),
        group_gaps=fairness.out_of_bounds,
        groups_compared=fairness.compared,
    )


def _gains(view: View, champion: str, weights: Weights, gate: Gate) -> list[Gain]:
    """Pupils that the champion finds beyond each rule, on the lists that the rule scored."""
    if champion not in view.models:
        return []
    gains = []
    for rule in [rule.rule for rule in gate.must_beat if rule.rule in view.models]:
        among = view.scored(rule)
        if not among.any():
            continue
        ours, theirs = view.sample(champion, among=among), view.sample(rule, among=among)
        more = ours.total((ours.listed - theirs.listed) * ours.y)
        events = ours.total(ours.y)
        # A drawn district has other events than ours; of as many as ours, so many more are found.
        with np.errstate(divide="ignore", invalid="ignore"):
            drawn = (weights @ more) / (weights @ events) * events.sum()
        low, high = (bound / view.days(among) for bound in interval(drawn))
        gains.append(Gain(rule, float(more.sum()) / view.days(among), low, high))
    return gains


def _with_intervals(samples: dict[str, Sample], weights: Weights) -> pd.DataFrame:
    parts = []
    for model, sample in samples.items():
        point = metric_values(sample, np.ones((1, sample.units)))
        drawn = metric_values(sample, weights)
        for metric, values in drawn.items():
            low, high = interval(values)
            parts.append((model, metric, float(point[metric][0]), low, high))
    return pd.DataFrame(parts, columns=["model", "metric", "value", "low", "high"])


def _by_fold(view: View, samples: dict[str, Sample]) -> pd.DataFrame:
    parts = []
    for model, sample in samples.items():
        fold = view.scores["fold"].to_numpy()[view.scored(model)]
        for label in pd.unique(fold):
            part = sample.take(fold == label)
            values = metric_values(part, np.ones((1, part.units)))
            parts += [(label, model, metric, float(value[0])) for metric, value in values.items()]
    return pd.DataFrame(parts, columns=["fold", "model", "metric", "value"])


def _calibrations(samples: dict[str, Sample], weights: Weights) -> pd.DataFrame:
    tables = [
        calibration_table(sample, weights).assign(model=model) for model, sample in samples.items()
    ]
    return pd.concat(tables, ignore_index=True)[list(_CALIBRATION_COLUMNS)]


def _treated(rows: pd.DataFrame, sample: Sample) -> float:
    if "treated" not in rows:
        return float("nan")
    alarm = sample.listed * (1 - sample.y)
    treated = rows["treated"].fillna(False).to_numpy(dtype=bool)
    return float((alarm * treated).sum() / max(alarm.sum(), 1e-9))


def _flattery(
    metrics: pd.DataFrame,
    champion: str,
    random_split: pd.DataFrame | None,
    matrix: FeatureMatrix,
    capacity: Capacity,
) -> pd.DataFrame:
    columns = ["metric", "forward", "random_split"]
    if random_split is None or champion not in random_split:
        return pd.DataFrame(columns=columns)
    sample = View.of(random_split, matrix, capacity).sample(champion)
    values = metric_values(sample, np.ones((1, sample.units)))
    rows = [
        (metric, _value(metrics, champion, metric), float(values[metric][0]))
        for metric in ("average_precision", "roc_auc")
    ]
    return pd.DataFrame(rows, columns=columns)


def _value(metrics: pd.DataFrame, model: str, metric: str) -> float:
    found = metrics[(metrics["model"] == model) & (metrics["metric"] == metric)]["value"]
    return float(found.iloc[0]) if len(found) else float("nan")


def _nothing(champion: str, note: str) -> Evaluation:
    text = note or "没有可检验的历史；名单由评分卡排序。"
    return Evaluation(
        champion=champion,
        metrics=pd.DataFrame(columns=["model", "metric", "value", "low", "high"]),
        by_fold=pd.DataFrame(columns=["fold", "model", "metric", "value"]),
        calibration=pd.DataFrame(
            columns=["model", "bin", "predicted", "observed", "low", "high", "n"]
        ),
        verdict=Verdict("scorecard", False, text),
        rows=0,
        events=0,
        lists=0,
        listed=0.0,
        treated_false_alarms=float("nan"),
        resampled="学校",
        flattery=pd.DataFrame(columns=["metric", "forward", "random_split"]),
    )
