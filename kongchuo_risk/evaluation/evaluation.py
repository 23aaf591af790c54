"""Every candidate on the same forward folds, at the capacity of the staff, with intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.evaluation.calibration import calibration_table
from kongchuo_risk.evaluation.gate import Gain, GateRules, Verdict, judge
from kongchuo_risk.evaluation.listing import Capacity, list_sizes, listed_share
from kongchuo_risk.evaluation.resampling import metric_values
from kongchuo_risk.evaluation.sample import Sample, draw_weights

MIN_UNITS = 5
"""With fewer schools than this, classes are drawn instead."""
RANDOM = "random"
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
    "lead_days": "提前天数",
}
"""What users call the metrics."""


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
        ``model, bin, predicted, observed, n``.
    verdict : Verdict
    rows, events, lists, listed : int, int, int, float
        Test rows, known events among them, days with lists, places per day over all schools.
    treated_false_alarms : float
        Share of the champion's listed pupils without an event who had received a measure.
    resampled : str
        What was drawn for the intervals: 学校 or 班级.
    flattery : DataFrame
        ``metric, forward, random_split``: what a careless split would have claimed.
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
    bounds: GateRules | None = None,
) -> Evaluation:
    """Compare candidates on rows that none of them had seen.

    Parameters
    ----------
    scores : DataFrame
        Index: position in ``matrix``; column ``fold``, then log-odds by candidate.
    capacity : mapping of school code to places, or a share
    random_split : DataFrame, optional
        ``scores`` of the champion under a random split, to show how much that flatters.
    note : str
        Why there are no scores; becomes the verdict.
    """
    if scores.empty or matrix.y is None:
        return _nothing(champion, note)
    bounds = bounds or GateRules()
    view = _View.of(scores, matrix, capacity)
    weights = draw_weights(view.units, bootstrap, seed)
    samples = {name: view.sample(view.log_odds(name)) for name in view.models}
    gains = [
        _gain(samples[champion], samples[rule], rule, weights, view.days)
        for rule in bounds.rules
        if rule in samples and champion in samples
    ]
    main = samples.get(champion, samples[RANDOM])
    metrics = _with_intervals(samples, weights)
    verdict = judge(
        champion,
        gains,
        slope=_value(metrics, champion, "calibration_slope"),
        expected_to_observed=float(expit(main.log_odds).sum() / max(main.y.sum(), 1.0)),
        terms=scores["fold"].nunique(),
        bounds=bounds,
    )
    return Evaluation(
        champion=champion,
        metrics=metrics,
        by_fold=_by_fold(view, samples),
        calibration=_calibrations(samples),
        verdict=verdict,
        rows=len(scores),
        events=int(main.y.sum()),
        lists=view.days,
        listed=float(main.listed.sum() / view.days),
        treated_false_alarms=_treated(view.rows, main),
        resampled=view.resampled,
        flattery=_flattery(metrics, champion, random_split, matrix, capacity),
    )


@dataclass(frozen=True)
class _View:
    """Test rows in the order of the scores."""

    scores: pd.DataFrame
    rows: pd.DataFrame
    y: np.ndarray
    unit: np.ndarray
    units: int
    resampled: str
    sizes: np.ndarray
    lead_days: np.ndarray

    @classmethod
    def of(cls, scores: pd.DataFrame, matrix: FeatureMatrix, capacity: Capacity) -> _View:
        part = matrix.take(scores.index.to_numpy(dtype=np.intp))
        by_school = part.rows["school_code"].nunique() >= MIN_UNITS
        place = part.rows["school_code" if by_school else "class_id"].astype("str")
        unit, known = pd.factorize(place)
        y = np.asarray(part.y, dtype=float)
        sizes = list_sizes(part.rows, capacity)
        resampled = "学校" if by_school else "班级"
        lead = _lead_days(part.rows, y)
        return cls(scores, part.rows, y, unit, len(known), resampled, sizes, lead)

    @property
    def models(self) -> list[str]:
        return [*self.scores.columns.drop("fold"), RANDOM]

    @property
    def days(self) -> int:
        return int(self.rows["as_of"].nunique())

    def log_odds(self, model: str) -> np.ndarray:
        """Scores of a candidate; the random one knows the base rate and nothing else."""
        if model != RANDOM:
            return self.scores[model].to_numpy(dtype=float)
        rate = np.clip(self.y.mean(), 1e-9, 1 - 1e-9)
        return np.full(len(self.y), logit(rate))

    def sample(self, log_odds: np.ndarray) -> Sample:
        """Rows as one model sees them."""
        listed = listed_share(log_odds, self.rows, self.sizes)
        return Sample(self.unit, self.units, self.y, log_odds, listed, self.lead_days)


def _lead_days(rows: pd.DataFrame, y: np.ndarray) -> np.ndarray:
    """Days from the list to the event; NaN without one."""
    days = (pd.to_datetime(rows["event_on"]) - pd.to_datetime(rows["as_of"])).dt.days
    return np.where(y > 0, days.to_numpy(dtype=float, na_value=np.nan), np.nan)


def _with_intervals(samples: dict[str, Sample], weights: np.ndarray) -> pd.DataFrame:
    parts = []
    for model, sample in samples.items():
        point = metric_values(sample, np.ones((1, sample.units)))
        drawn = metric_values(sample, weights)
        for metric, values in drawn.items():
            low, high = _interval(values)
            parts.append((model, metric, float(point[metric][0]), low, high))
    return pd.DataFrame(parts, columns=["model", "metric", "value", "low", "high"])


def _interval(values: np.ndarray) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    if not len(finite):
        return float("nan"), float("nan")
    low, high = np.quantile(finite, [0.025, 0.975])
    return float(low), float(high)


def _gain(ours: Sample, theirs: Sample, rule: str, weights: np.ndarray, days: int) -> Gain:
    more = ours.total((ours.listed - theirs.listed) * ours.y) / days
    low, high = _interval(weights @ more)
    return Gain(rule, float(more.sum()), low, high)


def _by_fold(view: _View, samples: dict[str, Sample]) -> pd.DataFrame:
    parts = []
    fold = view.scores["fold"].to_numpy()
    for model, sample in samples.items():
        for label in pd.unique(fold):
            keep = fold == label
            part = Sample(
                np.zeros(keep.sum(), dtype=np.intp), 1, sample.y[keep], sample.log_odds[keep],
                sample.listed[keep], sample.lead_days[keep],
            )  # fmt: skip
            values = metric_values(part, np.ones((1, 1)))
            parts += [(label, model, metric, float(value[0])) for metric, value in values.items()]
    return pd.DataFrame(parts, columns=["fold", "model", "metric", "value"])


def _calibrations(samples: dict[str, Sample]) -> pd.DataFrame:
    tables = [
        calibration_table(sample.log_odds, sample.y).assign(model=model)
        for model, sample in samples.items()
    ]
    return pd.concat(tables, ignore_index=True)[["model", "bin", "predicted", "observed", "n"]]


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
    view = _View.of(random_split, matrix, capacity)
    sample = view.sample(view.log_odds(champion))
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
        calibration=pd.DataFrame(columns=["model", "bin", "predicted", "observed", "n"]),
        verdict=Verdict("scorecard", False, text),
        rows=0,
        events=0,
        lists=0,
        listed=0.0,
        treated_false_alarms=float("nan"),
        resampled="学校",
        flattery=pd.DataFrame(columns=["metric", "forward", "random_split"]),
    )
