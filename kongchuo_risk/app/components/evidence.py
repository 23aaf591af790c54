"""What stands behind a model, one tab per question; a tab without anything to show is left out."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from kongchuo_risk.app.components.evidence_charts import (
    changes_chart,
    drawn_groups,
    groups_chart,
    learning_chart,
    terms_chart,
    windows_chart,
)
from kongchuo_risk.app.components.evidence_tables import (
    audition_table,
    drift_table,
    first_metric,
    groups_table,
    history_table,
    reasons_table,
    sensitive_table,
    unseen_table,
)
from kongchuo_risk.app.components.metrics import metric_label
from kongchuo_risk.app.components.model_charts import calibration_chart, importance_chart
from kongchuo_risk.serving.views import ModelPage

REVIEW_COMMAND = "kongchuo review"


def evidence_tabs(page: ModelPage) -> None:
    """Calibration, importance, groups, drift, reasons, review, history."""
    shown = [
        (title, draw) for title, needs, draw in _TABS if not needs or any(map(page.has, needs))
    ]
    for tab, (_, draw) in zip(st.tabs([title for title, _ in shown]), shown, strict=True):
        with tab:
            draw(page)


def _calibration(page: ModelPage) -> None:
    if not page.has("calibration"):
        st.markdown("正例太少，画不出校准图。")
        return
    chart, words = st.columns([3, 2], gap="medium")
    chart.altair_chart(calibration_chart(page.tables["calibration"]), alt="预测比例与实际比例")
    words.caption(
        "每个点是预测相近的一组学生；落在虚线上，说明预测的比例与实际发生的一致，"
        "在虚线下方说明预测偏高。两轴按倍数刻度，因为结果很少见。"
    )


def _importance(page: ModelPage) -> None:
    if not page.has("importance"):
        st.markdown("没有可显示的内容。")
        return
    st.altair_chart(importance_chart(page.tables["importance"]), alt="各特征的平均贡献")
    st.caption("条越长，这项信息平均与预测的关系越大；与预测有关，不等于原因。")


def _forward(page: ModelPage) -> None:
    if page.has("windows"):
        st.altair_chart(windows_chart(page.tables["windows"]), alt="每次检验的学习期与检验期")
        st.caption(
            "每一行是一次检验：只用检验学期开始之前结果已经清楚的日子学习，"
            "中间隔开一段，防止用到将来才知道的事。"
        )
    if page.has("by_fold"):
        metric, title = "recall_at_k", metric_label("recall_at_k")
        st.altair_chart(terms_chart(page.tables["by_fold"], metric), alt=f"各学期的{title}")
        st.caption(f"各检验学期的{title}；虚线是不需训练的简单规则。")


def _groups(page: ModelPage) -> None:
    if page.has("fairness"):
        table = page.tables["fairness"]
        miss = table[table["metric"] == "miss_rate"]
        if len(drawn_groups(miss)):
            st.altair_chart(groups_chart(miss), alt="各群体的漏报率与区间")
        st.caption(
            "送检的训练模型在检验学期的漏报率：后来疑似辍学、但没有列入名单的学生所占的比例。"
            "区间大幅重叠，说明看不出差别；“数据不足”的群体人数太少，不下结论。"
        )
        with st.expander("每个群体的人数与漏报率"):
            st.table(groups_table(table), border="horizontal")
    if page.has("sensitive"):
        st.markdown("**敏感信息放进模型，还是只作审计**")
        st.table(sensitive_table(page.tables["sensitive"]), border="horizontal")
        st.caption("与现在的做法相比，单位百分点；区间跨过 0，说明看不出差别。")


def _drift(page: ModelPage) -> None:
    drift = page.tables["drift"]
    changed = drift_table(drift)
    if changed.empty:
        st.markdown(f"当日数据的 {drift['label'].nunique()} 项信息都与往年同期相近。")
        return
    st.markdown(
        f"当日数据的 {drift['label'].nunique()} 项信息中，"
        f"{changed.index.nunique()} 项与往年同期不同，请核对是不是漏报、错报，或者情况真的变了："
    )
    st.table(changed, border="horizontal")


def _reasons(page: ModelPage) -> None:
    st.table(reasons_table(page.tables["reasons"]), border="horizontal")
    st.caption(
        "“换一批数据仍会说”：用重新抽取的数据再训练，同样的理由还会说出来的比例；"
        "不稳定的理由不给教师看。"
    )


def _review(page: ModelPage) -> None:
    if not (page.has("ablation") or page.has("learning")):
        st.markdown(f"还没有复核。数据分析员每学期运行一次 `{REVIEW_COMMAND}`，这里就会显示："
                    "每组信息的作用、再多一个学期的数据有多大好处。")  # fmt: skip
        return
    if page.has("ablation"):
        rows, title = first_metric(page.tables["ablation"])
        for choice, part in rows.groupby("choice", sort=False):
            st.markdown(f"**{choice}一组信息时，{title}的变化（百分点）**")
            st.altair_chart(changes_chart(part.sort_values("change")), alt=f"{choice}一组信息")
    if page.has("learning"):
        rows, title = first_metric(page.tables["learning"])
        st.markdown(f"**学习的数据越多，{title}**")
        axes = list(dict.fromkeys(rows["axis"]))
        for column, axis in zip(st.columns(len(axes)), axes, strict=True):
            column.altair_chart(learning_chart(rows, axis), alt=f"{title}与{axis}")
        st.caption(
            "阴影为 95% 区间；线还在上升，说明再积累一些数据可能更好，区间很宽时还说不准。"
            "各点都在同一批记录上检验，与上面几个学期合起来的数字不能直接相比。"
        )
    if page.has("unseen"):
        rows, title = first_metric(page.tables["unseen"])
        st.markdown(f"**换到没有学习过的学校，{title}**")
        st.table(unseen_table(rows), border="horizontal")
        st.caption("每次留出三分之一的学校，只用其余学校学习；其中一部分差距来自学习的数据变少。")


def _history(page: ModelPage) -> None:
    if not page.history.empty:
        st.table(history_table(page.history), border="horizontal")
    if page.has("audition"):
        st.markdown("**如果每学期按某条规则挑选模型**")
        st.table(audition_table(page.tables["audition"]), border="horizontal")
        st.caption("每学期只看更早的学期来挑选，再与下一学期最好的候选比较；差得越少越好。")
    st.markdown(
        "查看、比较、启用和退回模型：`kongchuo models list`、`compare`、`promote`、`rollback`。"
    )


_Tab = tuple[str, tuple[str, ...], Callable[[ModelPage], None]]
_TABS: tuple[_Tab, ...] = (
    ("预测与实际", (), _calibration),
    ("依据的信息", (), _importance),
    ("怎样检验", ("windows", "by_fold"), _forward),
    ("各群体", ("fairness", "sensitive"), _groups),
    ("当日数据", ("drift",), _drift),
    ("理由", ("reasons",), _reasons),
    ("复核", (), _review),
    ("历任模型", (), _history),
)
"""Title, tables of which at least one is needed (none: always shown), and what draws it."""
