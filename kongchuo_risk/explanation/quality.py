"""How good the reasons are: stable, faithful, and which of them teachers are not shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.features import FeatureCatalogue
from kongchuo_risk.contracts.tables import Schema
from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.domain.model import RiskModel
from kongchuo_risk.explanation.faithfulness import Faithfulness, Share, reason_faithfulness
from kongchuo_risk.explanation.noise import MIN_STABILITY, ReasonNoise
from kongchuo_risk.explanation.stability import Stability, reason_stability

BY_RULE = "评分卡的理由由规则给定：情况相同，理由就相同，不随训练样本改变。"
MIN_TOLD = 20
"""With fewer told reasons than this the noise is unknown, and nothing is withheld."""


@dataclass(frozen=True)
class ReasonQuality:
    """What the model card says of the reasons.

    Attributes
    ----------
    by_group : DataFrame
        ``group, told, stability, faithful``: reasons told of the pupils examined, share of the
        refits that tell them again, share of pupils whose risk is lower without their first one.
        The stability of reasons that are given by rule is 1.
    sentences : tuple of str
        For the card, in Chinese.
    noise : ReasonNoise or None
        What decides which reasons teachers are not shown; None withholds nothing.
    """

    by_group: pd.DataFrame
    sentences: tuple[str, ...]
    noise: ReasonNoise | None

    def state(self) -> dict[str, Any]:
        """What is kept with the model, as JSON holds it; see :func:`noise_of`."""
        return {
            "noise": None if self.noise is None else self.noise.state(),
            "sentences": list(self.sentences),
        }


def noise_of(state: dict[str, Any] | None) -> ReasonNoise | None:
    """The noise that :meth:`ReasonQuality.state` kept with a model.

    >>> noise_of({"noise": {"deviation": {"出勤": 0.2}, "elsewhere": 0.6}, "sentences": []})
    ReasonNoise(deviation={'出勤': 0.2}, elsewhere=0.6)
    >>> noise_of(None) is None
    True
    """
    kept = (state or {}).get("noise")
    return None if kept is None else ReasonNoise.from_state(kept)


def reason_quality(
    model: RiskModel,
    refits: Sequence[RiskModel],
    matrix: FeatureMatrix,
    catalogue: FeatureCatalogue,
    *,
    schema: Schema,
    only: np.ndarray,
    top: int = 3,
    seed: int = 0,
) -> ReasonQuality:
    """Stability and faithfulness of the reasons of some pupils, those on the list above all.

    Parameters
    ----------
    refits : sequence of RiskModel
        The same candidate on bootstrap resamples; none when reasons are given by rule.
    matrix : FeatureMatrix
        Everybody on the day.
    only : bool array of shape (n_rows,)
        Pupils whose reasons are examined.
    """
    stability = reason_stability(
        model, refits, matrix, catalogue, schema=schema, only=only, top=top
    )
    faithfulness = reason_faithfulness(
        model, matrix, catalogue, _first_reasons(stability, only), seed=seed
    )
    enough = bool(refits) and len(stability.told) >= MIN_TOLD
    noise = stability.noise if enough else None
    table = stability.by_group().merge(faithfulness.by_group(), how="left", on="group")
    if not refits:
        table["stability"] = 1.0
    ordered = table.sort_values("told", ascending=False, ignore_index=True)
    sentences = (*_told_of_stability(stability, noise), *_told_of_faithfulness(faithfulness))
    return ReasonQuality(ordered, sentences, noise)


def _first_reasons(stability: Stability, only: np.ndarray) -> pd.DataFrame:
    first = stability.told.drop_duplicates("pupil")
    return first.assign(row=np.flatnonzero(only)[first["pupil"].to_numpy(dtype=np.intp)])


def _told_of_stability(stability: Stability, noise: ReasonNoise | None) -> list[str]:
    if not stability.refits:
        return [BY_RULE]
    if stability.told.empty:
        return ["理由稳定性：所查学生没有可讲的理由，数据不足。"]
    lines = [
        f"理由稳定性：按班级重抽样再训练 {stability.refits} 次，"
        f"{stability.told['pupil'].nunique():,} 名学生的 {len(stability.told):,} 条理由平均有 "
        f"{100 * stability.told['retold'].mean():.0f}% 仍会讲出，"
        f"各理由组轻重次序的一致程度（Kendall τ）为 {stability.agreement:.2f}。"
    ]
    if noise is None:
        return [*lines, f"理由不足 {MIN_TOLD} 条，暂不据此隐去理由。"]
    told = zip(stability.told["group"], stability.told["contribution"], strict=True)
    withheld = np.mean([not noise.holds(group, size) for group, size in told])
    least = [noise.least(group) for group in noise.deviation]
    return [
        *lines,
        f"预计重抽样后讲出的比例不到 {100 * MIN_STABILITY:.0f}% 的理由"
        f"（按理由组，贡献低于 {min(least):.2f}–{max(least):.2f} 对数几率）不向教师显示，"
        f"这次占 {100 * withheld:.0f}%；分析人员仍可看到。",
    ]


def _told_of_faithfulness(faithfulness: Faithfulness) -> list[str]:
    if faithfulness.falls.empty:
        return []
    ours, random = faithfulness.odds_left
    return [
        f"理由忠实性：把首要理由换成同年级其他学生的情况，"
        f"{_percent(faithfulness.lower)}的学生风险随之降低，"
        f"{_percent(faithfulness.lower_than_random)}的学生降得比随机换掉另一组更多；"
        f"风险几率的中位数变为原来的 {ours:.2f} 倍（随机换掉一组为 {random:.2f} 倍）。"
    ]


def _percent(share: Share) -> str:
    return f"{100 * share.value:.0f}%（95% 区间 {100 * share.low:.0f}%–{100 * share.high:.0f}%）"
