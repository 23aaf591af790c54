"""Is the day's data like that of earlier terms, and is all there that scoring needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import chdtri, ndtri

from kongchuo_risk.contracts.features import load_features
from kongchuo_risk.contracts.gates import DriftBounds, Gate, Steps
from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.evaluation.drift_baseline import SCORE, DriftBaseline
from kongchuo_risk.evaluation.sample import effective_rows

STABLE, NOTICE, LARGE, REFUSED = "稳定", "留意", "变化大", "拒用"
VERDICTS = (STABLE, NOTICE, LARGE, REFUSED)
"""From harmless to worst."""
PSI, TOTAL_VARIATION, MISSING, RATE = "PSI", "总变差", "缺失比例之差", "发生率之比"
_COLUMNS = ("feature", "label", "kind", "statistic", "value", "noise", "verdict")
_TOLD = 5


@dataclass(frozen=True)
class Drift:
    """How far a day is from the same time of earlier terms.

    Attributes
    ----------
    table : DataFrame
        ``feature, label, kind, statistic, value, noise, verdict``: a row per feature and
        statistic; ``noise`` is what chance alone may reach. Last the scores and the outcome rate.
    refused : tuple of str
        Features that scoring needs and that are gone; non-empty stops scoring.
    message : str
        What a user is told of them, and what to do; empty without any.
    text : str
        One sentence on the whole.
    compared_with : tuple of date
        Training days with which the day was compared.
    """

    table: pd.DataFrame
    refused: tuple[str, ...]
    message: str
    text: str
    compared_with: tuple[date, ...] = field(default=())

    @property
    def verdicts(self) -> dict[str, str]:
        """Worst verdict by feature."""
        order = self.table["verdict"].map(VERDICTS.index)
        worst = order.groupby(self.table["feature"], sort=False).max()
        return {str(name): VERDICTS[place] for name, place in worst.items()}


@dataclass(frozen=True)
class _Finding:
    feature: str
    kind: str
    statistic: str
    value: float
    noise: float
    steps: Steps | None

    @property
    def verdict(self) -> str:
        if self.steps is None:
            return REFUSED
        if not self.value > max(self.steps.notice, self.noise):
            return STABLE
        return LARGE if self.value > max(self.steps.large, self.noise) else NOTICE


def refusal(
    baseline: DriftBaseline,
    matrix: FeatureMatrix,
    gate: Gate,
    *,
    data_schema: Path | None = None,
) -> str:
    """What to tell a user when scoring must stop; empty when it may go on.

    Needs no scores, so it can be asked before the model is.
    """
    gone = _gone(baseline, matrix, gate.drift)
    return _message(gone, _day(matrix), data_schema)


def check_drift(
    baseline: DriftBaseline,
    matrix: FeatureMatrix,
    log_odds: np.ndarray | None,
    gate: Gate,
    *,
    data_schema: Path | None = None,
) -> Drift:
    """Compare one day with the same time of earlier terms.

    Parameters
    ----------
    matrix : FeatureMatrix
        Rows of one day.
    log_odds : float array of shape (n_rows,), optional
        Scores of the day.
    gate : Gate
        Bounds; ``gate.drift``.

    Notes
    -----
    Each value is that of the most similar comparable day: what any earlier term looked like, the
    model has learned from, and the first term of a record lacks what later ones have.

    A value is worth a look only when it exceeds both the bound and what chance alone would reach:
    under no change PSI is about (1/n + 1/m)·χ² with as many degrees of freedom as bins less one
    (Yurdakul & Naranjo 2020), and total variation at most half the root of that (Cauchy-Schwarz).
    n and m are effective numbers of rows, since pupils of a class resemble each other.
    """
    day = _day(matrix)
    near = baseline.comparable(day, gate.drift)
    gone = _gone(baseline, matrix, gate.drift)
    comparison = _Comparison(baseline, matrix, near, gate.drift)
    findings = [_Finding(name, "缺失", MISSING, 1.0, 0.0, None) for name in gone]
    for name in baseline.features:
        if name not in gone:
            findings += comparison.feature(name)
    if log_odds is not None:
        findings += comparison.shape(SCORE, pd.Series(log_odds))
    findings += _label_rate(baseline, gate.drift)
    table = _table(findings, data_schema)
    return Drift(
        table=table,
        refused=gone,
        message=_message(gone, day, data_schema),
        text=_text(table, _compared(baseline, day, near, gate.drift)),
        compared_with=tuple(baseline.days[place].as_of for place in near),
    )


@dataclass(frozen=True)
class _Comparison:
    """A day beside the training days ``near`` it in the term."""

    baseline: DriftBaseline
    matrix: FeatureMatrix
    near: Sequence[int]
    bounds: DriftBounds

    def feature(self, name: str) -> Iterator[_Finding]:
        """Findings on one column: its shape, and how much of it is missing."""
        yield from self.shape(name, self.matrix.X[name])
        yield self._missing(name, self.matrix.X[name])

    def shape(self, name: str, column: pd.Series) -> Iterator[_Finding]:
        """PSI of a number, total variation of a category, on the known values."""
        shape = self.baseline.shapes[name]
        place = shape.place(column)
        now = np.bincount(place[place >= 0], minlength=shape.counts.shape[1])
        before = [counts for counts in shape.counts[list(self.near)] if counts.any()]
        if not now.any() or not before:
            return
        kind = "风险分数" if name == SCORE else "数值" if shape.is_number else "类别"
        statistic, measure, steps = (
            (PSI, psi, self.bounds.psi)
            if shape.is_number
            else (TOTAL_VARIATION, total_variation, self.bounds.total_variation)
        )
        value, nearest = min(
            ((measure(counts, now), counts) for counts in before), key=lambda pair: pair[0]
        )
        reach = self._reach(place, nearest, now)
        noise = reach if shape.is_number else float(np.sqrt(reach) / 2)
        yield _Finding(name, kind, statistic, value, noise, steps)

    def _reach(self, place: np.ndarray, before: np.ndarray, now: np.ndarray) -> float:
        """What chance alone may make of PSI between two histograms."""
        rows, per_row = self._effective(place, len(now))
        filled = int(((now > 0) | (before > 0)).sum())
        spread = 1 / rows + per_row / before.sum()
        return float(chdtri(max(filled - 1, 1), self._chance) * spread)

    def _missing(self, name: str, column: pd.Series) -> _Finding:
        shape = self.baseline.shapes[name]
        rows_before, missing = shape.rows[list(self.near)], shape.missing[list(self.near)]
        gone = column.isna().to_numpy()
        apart = np.abs(gone.mean() - missing / rows_before)
        near = int(apart.argmin())
        share = (gone.sum() + missing[near]) / (len(gone) + rows_before[near])
        # No room for classes here: what is lost is lost by the class, and that is to be seen.
        spread = np.sqrt(share * (1 - share) * (1 / len(gone) + 1 / rows_before[near]))
        noise = float(-ndtri(self._chance / 2) * spread)
        value, steps = float(apart[near]), self.bounds.missing_share
        return _Finding(name, "缺失", MISSING, value, noise, steps)

    def _effective(self, place: np.ndarray, bins: int) -> tuple[float, float]:
        """Effective number of rows with a value, and how many rows make one effective row."""
        known = place >= 0
        rows = effective_rows(place[known], bins, self.matrix.rows[known])
        return rows, int(known.sum()) / rows

    @property
    def _chance(self) -> float:
        return _chance(self.baseline, self.bounds)


def psi(before: np.ndarray, now: np.ndarray) -> float:
    """Population stability index of two histograms; half a row is added to every bin.

    >>> round(psi(np.array([500, 500]), np.array([50, 50])), 6)
    0.0
    >>> round(psi(np.array([900, 100]), np.array([700, 300])), 2)
    0.27
    """
    p, q = ((counts + 0.5) / (counts + 0.5).sum() for counts in (before, now))
    return float(((q - p) * np.log(q / p)).sum())


def total_variation(before: np.ndarray, now: np.ndarray) -> float:
    """Share of the rows that would have to change their category.

    >>> total_variation(np.array([3, 1]), np.array([1, 1]))
    0.25
    """
    return float(np.abs(before / before.sum() - now / now.sum()).sum() / 2)


def _day(matrix: FeatureMatrix) -> date:
    day: pd.Timestamp = matrix.rows["as_of"].max()
    return day.date()


def _gone(baseline: DriftBaseline, matrix: FeatureMatrix, bounds: DriftBounds) -> tuple[str, ...]:
    """Features that are absent, or unknown of everybody although that was never so at this time.

    Without the same time of an earlier term nobody can say what should be known by now.
    """
    same = baseline.same_time(_day(matrix), bounds)
    return tuple(
        name
        for name in baseline.features
        if name not in matrix.X
        or (
            bool(matrix.X[name].isna().all())
            and _expected_known(baseline, name, matrix.rows, same) >= bounds.expected_known.value
        )
    )


def _expected_known(
    baseline: DriftBaseline, name: str, rows: pd.DataFrame, same: Sequence[int]
) -> float:
    """Known values to be expected today; none when a comparable day had none either."""
    shape = baseline.shapes[name]
    known_before = (shape.rows - shape.missing)[list(same)]
    if not len(same) or not known_before.all():
        return 0.0
    by_time = len(rows) * known_before.sum() / shape.rows[list(same)].sum()
    by_grade = rows["grade"].map(shape.known_share).fillna(0).astype(float).sum()
    return float(min(by_time, by_grade))


def _label_rate(baseline: DriftBaseline, bounds: DriftBounds) -> Iterator[_Finding]:
    """The last term whose outcomes are known against the terms before it."""
    rates = np.array(baseline.label_rates())
    if len(rates) < 2 or not rates[-1, 1] or not rates[:-1, 1].any():
        return
    (rows, events), (rows_before, events_before) = rates[-1], rates[:-1].sum(axis=0)
    ratio = (events / rows) / (events_before / rows_before)
    spread = np.sqrt(1 / events + 1 / events_before)
    noise = float(np.exp(-ndtri(_chance(baseline, bounds) / 2) * spread))
    value = float(max(ratio, 1 / ratio))
    yield _Finding("", "结果发生率", RATE, value, noise, bounds.label_rate_ratio)


def _chance(baseline: DriftBaseline, bounds: DriftBounds) -> float:
    """Chance of a false alarm of one statistic: its share of the day's."""
    return bounds.false_alarm.value / (2 * len(baseline.features) + 2)


def _table(findings: Sequence[_Finding], data_schema: Path | None) -> pd.DataFrame:
    labels = {feature.id: feature.label for feature in load_features(data_schema).features}
    labels |= {SCORE: "风险分数", "": "疑似辍学发生率"}
    rows = [
        (f.feature, labels.get(f.feature, f.feature), f.kind, f.statistic, f.value, f.noise,
         f.verdict)
        for f in findings
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _message(gone: Sequence[str], day: date, data_schema: Path | None) -> str:
    """Which information is gone, from which tables it comes, what to do."""
    if not gone:
        return ""
    features, tables = load_features(data_schema).by_id, load_schema(data_schema).tables
    by_table: dict[str, list[str]] = {}
    for name in gone:
        known = features.get(name)
        table = tables[known.table].title if known and known.table in tables else "其他"
        by_table.setdefault(table, []).append(known.label if known else name)
    told = "；".join(
        f"“{table}”表的{'、'.join(labels[:_TOLD])}" + f"等 {len(labels)} 项" * (len(labels) > _TOLD)
        for table, labels in by_table.items()
    )
    return (
        f"{day} 的数据缺少模型需要的 {len(gone)} 项信息，已停止排序：{told}。"
        f"往年同期这些信息都有；请先导入{'、'.join(f'“{table}”' for table in by_table)}表，"
        "再重新排序。没有用任何数值代替。"
    )


def _text(table: pd.DataFrame, drift_from: str) -> str:
    """The worst verdicts with their features."""
    worst = table.sort_values("value", ascending=False).drop_duplicates("label")
    parts = []
    for verdict in (REFUSED, LARGE, NOTICE):
        labels = worst.loc[worst["verdict"] == verdict, "label"].tolist()
        if labels:
            more = f"等 {len(labels)} 项" * (len(labels) > _TOLD)
            parts.append(f"{verdict}：{'、'.join(labels[:_TOLD])}{more}")
    return drift_from + ("；".join(parts) if parts else "没有值得留意的变化") + "。"


def _compared(baseline: DriftBaseline, day: date, near: Sequence[int], bounds: DriftBounds) -> str:
    days = "、".join(f"{baseline.days[place].as_of}" for place in near)
    if baseline.same_time(day, bounds):
        return f"{day} 的数据与往年同期（{days}）相比："
    return f"{day} 的数据没有往年同期可比，与最接近的日子（{days}）相比："
