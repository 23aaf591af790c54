"""Tables of the evidence for a model, in the words of a headteacher."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kongchuo_risk.app.components.metrics import metric_label, model_label
from kongchuo_risk.app.components.text import plain
from kongchuo_risk.evaluation.fairness import INSUFFICIENT

UNSTABLE = 0.5
"""Below this share of retold reasons a reason is called shaky."""
_SENSITIVE_METRICS = {
    "recall_at_k": "名额内找出比例的变化",
    "miss_gap": "群体间漏报率最大差距的变化",
}


def found_in_words(metrics: pd.DataFrame, title: str) -> str:
    """How many of a hundred the list finds, beside the scorecard and chance; empty if unknown.

    >>> rows = [("blend", "recall_at_k", 0.55), ("random", "recall_at_k", 0.09)]
    >>> found_in_words(pd.DataFrame(rows, columns=["model", "metric", "value"]), "融合模型")
    '以往学期的检验：后来疑似辍学的学生每 100 名中，名单上有 55 名；随机抽取同样多的学生，有 9 名。'
    """
    rows = metrics[(metrics["metric"] == "recall_at_k") & metrics["value"].notna()]
    found = dict(zip(rows["model"].map(model_label), rows["value"], strict=True))
    if title not in found:
        return ""
    others = [name for name in ("评分卡", "随机抽取") if name in found and name != title]
    told = {"评分卡": "用评分卡排，有", "随机抽取": "随机抽取同样多的学生，有"}
    parts = [f"{told[name]} {100 * found[name]:.0f} 名" for name in others]
    lead = f"后来疑似辍学的学生每 100 名中，名单上有 {100 * found[title]:.0f} 名"
    return "以往学期的检验：" + "；".join([lead, *parts]) + "。"


def checks_table(checks: pd.DataFrame) -> pd.DataFrame:
    """The gate's conditions: what was asked, what was found, whether it was kept."""
    result = checks["passed"].astype(bool).map({True: "✓ 达到", False: "✗ 没有达到"})
    return _titled(
        checks.assign(result=result),
        # The result comes second: a phone shows two columns.
        {"check": "条件", "result": "结果", "value": "实际", "bound": "要求"},
    )


def groups_table(fairness: pd.DataFrame) -> pd.DataFrame:
    """Every group with its miss rate; too small ones say so."""
    miss = fairness[fairness["metric"] == "miss_rate"]
    return _titled(
        miss.assign(
            rate=[
                f"{value:.0%}（{low:.0%}–{high:.0%}）" if enough else INSUFFICIENT
                for value, low, high, enough in zip(
                    miss["value"], miss["low"], miss["high"], miss["enough"], strict=True
                )
            ],
            pupils=miss["pupils"].map("{:,.0f}".format),
            events=miss["events"].map("{:,.0f}".format),
        ),
        {
            "attribute": "方面",
            "group": "群体",
            "pupils": "学生",
            "events": "其中疑似辍学",
            "rate": "漏报率（95% 区间）",
        },
    )


def sensitive_table(sensitive: pd.DataFrame) -> pd.DataFrame:
    """What the other choice on a sensitive input would change, in percentage points."""
    told = sensitive.assign(told=_changes(sensitive))
    wide = told.pivot_table(
        index=["input", "choice"], columns="metric", values="told", aggfunc="first", sort=False
    )
    titles = {name: _SENSITIVE_METRICS.get(name, name) for name in map(str, wide)}
    return _titled(wide.fillna("—").reset_index(), {"input": "信息", "choice": "若改为"} | titles)


def unseen_table(unseen: pd.DataFrame) -> pd.DataFrame:
    """How the learner does in schools of which it saw nothing, by one metric."""
    return _titled(
        unseen.assign(value=_shares(unseen["value"]), told=_changes(unseen)),
        {
            "compared_with": "比较对象",
            "value": "没见过的学校",
            "told": "相差（百分点）",
        },
    )


def drift_table(drift: pd.DataFrame) -> pd.DataFrame:
    """What is not as at the same time of earlier terms, worst first."""
    shown = drift[drift["verdict"] != "稳定"]
    return _titled(
        shown.assign(told=shown["value"].map("{:.3g}".format)),
        {
            "label": "信息",
            "kind": "看什么",
            "statistic": "统计量",
            "told": "数值",
            "verdict": "判断",
        },
    )


def reasons_table(reasons: pd.DataFrame) -> pd.DataFrame:
    """How often a reason is told again, and how often the risk falls without it."""
    return _titled(
        reasons.assign(
            told=reasons["told"].map("{:,.0f}".format),
            stability=_shares(reasons["stability"]),
            faithful=_shares(reasons["faithful"]),
        ),
        {
            "group": "理由",
            "told": "说过几次",
            "stability": "换一批数据仍会说",
            "faithful": "去掉后预测下降",
        },
    )


def audition_table(audition: pd.DataFrame) -> pd.DataFrame:
    """What each rule of choosing would have cost on the next term."""
    return _titled(
        audition.assign(
            mean_regret=(100 * audition["mean_regret"]).map("{:.1f}".format),
            worst_regret=(100 * audition["worst_regret"]).map("{:.1f}".format),
            next_pick=audition["next_pick"].fillna("").map(model_label),
        ),
        {
            "title": "挑选规则",
            "terms": "学期数",
            "mean_regret": "平均比最好差（百分点）",
            "worst_regret": "最多差（百分点）",
            "next_pick": "下学期会选",
        },
    )


def history_table(history: pd.DataFrame) -> pd.DataFrame:
    """Which model ranked from when, newest first, on this computer's clock."""
    moments = history["at"].map(_on_this_clock)
    return _titled(
        history.assign(at=moments).fillna(""),
        {
            "at": "时间",
            "action": "事项",
            "model": "模型",
            "version": "版本",
            "by": "经手",
            "because": "理由",
        },
    )


def first_metric(table: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """The rows of a table's first metric, and what users call it."""
    metric = str(table["metric"].iloc[0])
    return table[table["metric"] == metric], metric_label(metric)


def _titled(table: pd.DataFrame, titles: dict[str, str]) -> pd.DataFrame:
    """The columns with Chinese heads as texts that no sign turns into Markdown.

    The first one is the index, so that no number precedes it.
    """
    shown = table[list(titles)].astype(str).map(plain).rename(columns=titles)
    return shown.set_index(next(iter(titles.values())))


def _on_this_clock(moment: Any) -> str:
    if pd.isna(moment):
        return "—"
    return f"{moment.tz_localize('UTC').to_pydatetime().astimezone():%Y-%m-%d %H:%M}"


def _changes(table: pd.DataFrame) -> list[str]:
    rows = 100 * table[["change", "low", "high"]]
    return [_change(*row).replace("-", "−") for row in rows.itertuples(index=False)]


def _change(change: float, low: float, high: float) -> str:
    """A change with its interval, where there is one."""
    interval = "" if pd.isna(low) else f"（{low:+.1f} 至 {high:+.1f}）"
    return f"{change:+.1f}{interval}"


def _shares(values: pd.Series) -> pd.Series:
    return values.map(lambda value: "—" if pd.isna(value) else f"{value:.0%}")
