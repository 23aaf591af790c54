"""What a sensitive input costs or brings: the same model with it and without it, pair by pair."""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.gates import Gate
from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.evaluation.fairness import Fairness, fairness_audit
from kongchuo_risk.evaluation.listing import Capacity
from kongchuo_risk.evaluation.sample import interval
from kongchuo_risk.evaluation.view import View

WITH, WITHOUT = "放入模型", "只作审计"


def price_of_input(
    name: str,
    with_scores: pd.DataFrame,
    without_scores: pd.DataFrame,
    matrix: FeatureMatrix,
    champion: str,
    *,
    capacity: Capacity,
    gate: Gate,
    bootstrap: int = 400,
    seed: int = 0,
    data_schema: Path | None = None,
) -> list[dict[str, Any]]:
    """Two rows that compare a model with the input ``name`` and the same model without it.

    Parameters
    ----------
    with_scores, without_scores : DataFrame
        As for :func:`fairness_audit`; only the rows that both have are compared.

    Returns
    -------
    list of dict
        One per choice: ``input, choice, recall_at_k, change, change_low, change_high,
        worst_group, worst_gap, worst_gap_change, text``. Changes are "without" minus "with"; the
        worst gap is the largest excess of a group's miss rate over the rest.
    """
    both = with_scores.index.intersection(without_scores.index)
    given, taken = (scores.loc[both] for scores in (with_scores, without_scores))
    audits = [
        fairness_audit(
            scores, matrix, champion, capacity=capacity, gate=gate, bootstrap=bootstrap,
            seed=seed, data_schema=data_schema,
        )
        for scores in (given, taken)
    ]  # fmt: skip
    views = [View.of(scores, matrix, capacity) for scores in (given, taken)]
    weights = views[0].units.draw(bootstrap, seed)
    samples = [view.sample(champion) for view in views]
    events = samples[0].total(samples[0].y)
    found = [sample.total(sample.listed * sample.y) for sample in samples]
    recall = [float(by_unit.sum() / max(events.sum(), 1.0)) for by_unit in found]
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = interval(weights @ (found[1] - found[0]) / (weights @ events))
    judged = {a.column for a in gate.fairness.attributes if a.binding}
    worst = [_worst(audit, judged) for audit in audits]
    change = {"change": recall[1] - recall[0], "change_low": low, "change_high": high}
    gap_change = worst[1][1] - worst[0][1]
    still = {"change": 0.0, "change_low": 0.0, "change_high": 0.0}
    return [
        _row(name, WITH, recall[0], still, worst[0], 0.0),
        _row(name, WITHOUT, recall[1], change, worst[1], gap_change),
    ]


def _worst(audit: Fairness, columns: Set[str]) -> tuple[str, float]:
    """The group that is missed most in excess of the rest."""
    compared = audit.table[audit.table["column"].isin(columns) & audit.table["gap"].notna()]
    miss = compared[compared["metric"] == "miss_rate"]
    if miss.empty:
        return "", float("nan")
    row = miss.iloc[int(miss["gap"].argmax())]
    return f"{row['attribute']}：{row['group']}", float(row["gap"])


def _row(
    name: str,
    choice: str,
    recall: float,
    change: dict[str, float],
    worst: tuple[str, float],
    gap_change: float,
) -> dict[str, Any]:
    group, gap = worst
    text = f"名额内找出 {100 * recall:.1f}%"
    if choice == WITHOUT:
        text += (
            f"（{100 * change['change']:+.1f} 个百分点，95% 区间 "
            f"{100 * change['change_low']:+.1f} 至 {100 * change['change_high']:+.1f}）"
        )
    if np.isfinite(gap):
        text += f"；漏报率差别最大的是“{group}”，{100 * gap:+.1f} 个百分点"
    return {
        "input": name, "choice": choice, "recall_at_k": recall, **change, "worst_group": group,
        "worst_gap": gap, "worst_gap_change": gap_change, "text": text.replace("-", "−"),
    }  # fmt: skip
