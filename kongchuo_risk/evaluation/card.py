"""The model card: what a model is for, what it was made of, how well it did, where it fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from kongchuo_risk.evaluation.card_parts import (
    drift_section,
    fairness_section,
    markdown,
    prices_section,
    section,
)
from kongchuo_risk.evaluation.drift_baseline import DriftBaseline
from kongchuo_risk.evaluation.evaluation import METRIC_TITLES, Evaluation
from kongchuo_risk.evaluation.gate import RULE_TITLES
from kongchuo_risk.evaluation.view import RANDOM

_PERCENT = ("precision_at_k", "recall_at_k")
_DIGITS = {
    "lift_at_k": 1,
    "lead_days": 0,
    "brier": 5,
    "calibration_slope": 2,
    "calibration_intercept": 2,
    "expected_to_observed": 2,
}
"""Decimals of the metrics that three do not suit."""
_OF_PROBABILITIES = (
    "calibration_slope", "calibration_intercept", "expected_to_observed", "brier", "brier_skill",
)  # fmt: skip
"""Metrics of the probabilities; all others are of the ranking."""
_SHOWN_FEATURES = 15
_SYNTHETIC = "> **合成数据**：以下数字来自合成数据，不代表任何真实学校。\n"


@dataclass(frozen=True)
class ModelFacts:
    """What the card tells beside the figures.

    Attributes
    ----------
    name : str
        Candidate, such as ``blend``.
    made_on : date
    outcome : str
        Definition of the outcome and its horizon, in Chinese.
    data : str
        Rows, terms and schools learned from, in Chinese.
    weights : DataFrame
        ``label, group, mean_abs_contribution``, heaviest first.
    versions : mapping of library to version
    fingerprint : str
        Hash of the rows learned from.
    synthetic : bool
        Whether the records come from the synthetic generator.
    """

    name: str
    made_on: date
    outcome: str
    data: str
    weights: pd.DataFrame
    versions: Mapping[str, str] = field(default_factory=dict)
    fingerprint: str = ""
    synthetic: bool = False


@dataclass(frozen=True)
class ReviewParts:
    """What further reviews add to a card; an empty one adds no section.

    Attributes
    ----------
    audition : str
        Selection over time, in Chinese Markdown.
    reason_quality : DataFrame, optional
        Stability and faithfulness of the reasons: ``group, told, stability, faithful``.
    reason_text : str
        What that table says.
    input_prices : DataFrame, optional
        Rows of :func:`kongchuo_risk.evaluation.price_of_input`.
    drift : DriftBaseline, optional
        What the day's data will be compared with.
    """

    audition: str = ""
    reason_quality: pd.DataFrame | None = None
    reason_text: str = ""
    input_prices: pd.DataFrame | None = None
    drift: DriftBaseline | None = None


def model_card(facts: ModelFacts, evaluation: Evaluation, review: ReviewParts | None = None) -> str:
    """The card as Chinese Markdown."""
    title = RULE_TITLES.get(facts.name, facts.name)
    review = review or ReviewParts()
    sections = [
        f"# 模型卡：{title}（{facts.name}）\n\n{_SYNTHETIC if facts.synthetic else ''}",
        f"**结论**：{evaluation.verdict.text}\n",
        _purpose(),
        _data(facts, evaluation),
        _figures(evaluation),
        _gate(evaluation),
        _flattery(evaluation),
        section("逐学期的选择", review.audition),
        fairness_section(evaluation.fairness, of=_judged(evaluation)),
        prices_section(review.input_prices),
        _weights(facts.weights),
        _reasons(review),
        drift_section(review.drift),
        _limits(evaluation),
        _origin(facts),
    ]
    return "\n".join(part for part in sections if part)


def metrics_table(metrics: pd.DataFrame) -> pd.DataFrame:
    """One row per model, one column per metric, as texts with intervals."""
    table = metrics.assign(
        text=[
            _told(metric, value, low, high)
            for metric, value, low, high in metrics[["metric", "value", "low", "high"]].itertuples(
                index=False
            )
        ]
    )
    wide = table.pivot(index="model", columns="metric", values="text")
    models = [RANDOM, *[name for name in RULE_TITLES if name in wide.index and name != RANDOM]]
    wide = wide.reindex(index=models, columns=list(METRIC_TITLES)).astype(object).fillna("—")
    return wide.rename(index=RULE_TITLES, columns=METRIC_TITLES).rename_axis(None, axis=1)


def _purpose() -> str:
    return (
        "## 用途与禁区\n\n"
        "- 用于：在人手有限时排定走访与帮扶的先后，每名学生都附理由，由班主任和学校核实后决定。\n"
        "- 不用于：处分、排座、分班、评优、拒收、公开排名，也不据此认定任何学生“会辍学”。\n"
        "- 理由只说明“与预测有关”，不是原因；重点群体（孤儿、残疾、留守等）无论分数都在关注之列。\n"
    )


def _data(facts: ModelFacts, evaluation: Evaluation) -> str:
    lines = [f"- 结果定义：{facts.outcome}", f"- 学习数据：{facts.data}"]
    if evaluation.rows:
        lines += [
            f"- 检验数据：{evaluation.rows:,} 条“学生×日期”记录，"
            f"其中 {evaluation.events:,} 条疑似辍学"
            f"（每 1000 条 {1000 * evaluation.base_rate:.1f} 条）",
            f"- 名单长度：{evaluation.lists} 个名单日，"
            f"每日全部学校合计 {evaluation.listed:.0f} 个名额",
        ]
    return "## 数据\n\n" + "\n".join(lines) + "\n"


def _figures(evaluation: Evaluation) -> str:
    if not evaluation.rows:
        return ""
    head = (
        "## 与简单规则并排的成绩\n\n"
        "向前检验：只用更早学期学习，在之后的学期检验；"
        f"95% 区间按{evaluation.resampled}重抽样；按事件折算相当于"
        f" {evaluation.effective_schools:.1f} 所学校。\n\n"
    )
    if evaluation.last_champion:
        head += (
            f"{evaluation.last_champion}只在它没有学习过的日子上有成绩，与其他各行不是同样的记录；"
            "在同样名单上的比较见“启用条件”。\n\n"
        )
    table = metrics_table(evaluation.metrics)
    of_probabilities = [METRIC_TITLES[name] for name in _OF_PROBABILITIES]
    ranking = markdown(table.drop(columns=of_probabilities).reset_index(names="模型"))
    probabilities = markdown(table[of_probabilities].reset_index(names="模型"))
    return f"{head}排序：\n\n{ranking}\n概率的刻度：\n\n{probabilities}"


def _judged(evaluation: Evaluation) -> str:
    """What users call the candidate that went before the gate."""
    return RULE_TITLES.get(evaluation.champion, evaluation.champion)


def _gate(evaluation: Evaluation) -> str:
    checks = evaluation.verdict.checks
    if checks.empty:
        return ""
    told = checks.assign(passed=checks["passed"].map({True: "通过", False: "未通过"}))
    told = told[["check", "value", "bound", "passed"]]
    shown = markdown(told.set_axis(["条件", "实际", "要求", "结果"], axis=1))
    return section("启用条件", f"接受检验的是{_judged(evaluation)}。\n\n{shown}")


def _reasons(review: ReviewParts) -> str:
    table = review.reason_quality
    shown = markdown(_reason_table(table)) if table is not None and len(table) else ""
    return section("理由的质量", "\n\n".join(part for part in (review.reason_text, shown) if part))


def _reason_table(table: pd.DataFrame) -> pd.DataFrame:
    told = table.assign(
        told=table["told"].map("{:,.0f}".format),
        stability=table["stability"].map(_share),
        faithful=table["faithful"].map(_share),
    )
    titles = {
        "group": "理由组",
        "told": "说过几次",
        "stability": "换一批数据仍会说",
        "faithful": "去掉后预测下降",
    }
    return told[list(titles)].rename(columns=titles)


def _share(value: float) -> str:
    return f"{value:.0%}" if np.isfinite(value) else "—"


def _flattery(evaluation: Evaluation) -> str:
    if evaluation.flattery.empty:
        return ""
    lines = [f"以{_judged(evaluation)}为例：\n"]
    lines += [
        f"- {METRIC_TITLES[metric]}：向前检验 {forward:.3f}；"
        f"若随意随机拆分会报成 {random:.3f}（{_minus(f'{random - forward:+.3f}')}）"
        for metric, forward, random in evaluation.flattery.itertuples(index=False)
    ]
    return "## 随机拆分会把成绩说高多少\n\n" + "\n".join(lines) + "\n"


def _weights(weights: pd.DataFrame) -> str:
    if weights.empty:
        return ""
    shown = weights.head(_SHOWN_FEATURES)[["label", "group", "mean_abs_contribution"]]
    told = shown.assign(mean_abs_contribution=shown["mean_abs_contribution"].map("{:.3f}".format))
    told.columns = ["特征", "理由组", "平均贡献（对数几率）"]
    return "## 最有分量的特征\n\n" + markdown(told) + "\n"


def _limits(evaluation: Evaluation) -> str:
    lines = [
        "- 只认得记录在案的情况：没有登记的考勤、没有写下的苗头，模型看不见。",
        "- 接受帮扶后留下来的学生在这里算“没有发生”，并非误报。",
        "- 突然离校（约三成）事前没有缺勤征兆，任何模型都难以提前看到。",
        "- 学校、政策或记录习惯改变后须重新检验。",
    ]
    if np.isfinite(evaluation.treated_false_alarms):
        share = f"{100 * evaluation.treated_false_alarms:.0f}%"
        lines.insert(2, f"- 名单内未发生疑似辍学的学生中，{share} 在结果之前已接受帮扶措施。")
    return "## 局限\n\n" + "\n".join(lines) + "\n"


def _origin(facts: ModelFacts) -> str:
    versions = "、".join(f"{name} {version}" for name, version in facts.versions.items())
    lines = [f"- 训练日期：{facts.made_on:%Y-%m-%d}"]
    lines += [f"- 软件版本：{versions}"] if versions else []
    lines += [f"- 数据指纹：`{facts.fingerprint}`"] if facts.fingerprint else []
    return "## 来历\n\n" + "\n".join(lines) + "\n"


def _told(metric: str, value: float, low: float, high: float) -> str:
    if not np.isfinite(value):
        return "—"
    scale, digits = (100, 1) if metric in _PERCENT else (1, _DIGITS.get(metric, 3))
    unit = "%" if metric in _PERCENT else ""
    # Adding zero takes the sign from a zero.
    told, least, most = (
        f"{round(scale * one, digits) + 0.0:.{digits}f}" for one in (value, low, high)
    )
    if not (np.isfinite(low) and high > low):
        return _minus(f"{told}{unit}")
    # A dash between negative numbers would read as one more minus.
    between = " 至 " if low < 0 else "–"
    return _minus(f"{told}{unit}（{least}{between}{most}）")


def _minus(text: str) -> str:
    return text.replace("-", "−")
