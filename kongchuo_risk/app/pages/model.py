"""模型: what ranks the list, how good it is beside simple rules, and how to look closer."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from kongchuo_risk.app.components.evidence import evidence_tabs
from kongchuo_risk.app.components.evidence_tables import checks_table, found_in_words
from kongchuo_risk.app.components.metrics import (
    EXPLAINED,
    HEADLINE,
    interval_chart,
    metric_label,
    metrics_table,
)
from kongchuo_risk.app.components.overview import overview_line
from kongchuo_risk.app.components.text import plain
from kongchuo_risk.app.state import Key
from kongchuo_risk.errors import KongchuoError
from kongchuo_risk.serving.services import Services
from kongchuo_risk.serving.views import ModelPage


def render(services: Services) -> None:
    """The gate's verdict, the figures behind it, the card, and the way to MLflow."""
    st.title("模型", anchor=False)
    overview = services.overview()
    overview_line(overview)
    page = services.model_page()
    st.info(plain(overview.ranked_by), icon=":material/gavel:")
    if found := found_in_words(page.tables["metrics"], page.name):
        st.markdown(plain(found))
    st.markdown(f"**基础发生率**　{plain(overview.base_rate)}")
    st.markdown(
        f"**名单长度**　{overview.listed:,} 名，占在册 {overview.pupils:,} 名的"
        f" {overview.listed / max(overview.pupils, 1):.1%}；由教职工的包保名额决定。"
    )
    _checks(page)
    _comparison(page.tables["metrics"])
    st.subheader("供数据分析员细看", anchor=False)
    evidence_tabs(page)
    _details(page, services)


def _checks(page: ModelPage) -> None:
    if not page.has("checks"):
        st.caption(plain(page.verdict))
        return
    checks = page.tables["checks"]
    kept = int(checks["passed"].astype(bool).sum())
    st.subheader(f"启用的条件：{len(checks)} 项中达到 {kept} 项", anchor=False)
    st.caption("训练的模型要全部达到，才用来排序；有一项没有达到，就由评分卡排序。")
    st.markdown(f"**检验结论**　{plain(page.verdict)}")
    st.table(checks_table(checks), border="horizontal")


def _comparison(metrics: pd.DataFrame) -> None:
    st.subheader("与简单规则比较", anchor=False)
    if metrics.empty:
        st.markdown("还没有检验结果。")
        return
    st.caption(
        "用较早的学期学习，在之后的学期检验；括号内为 95% 区间（按学校和班级重抽样）。"
        "训练的模型要明显胜过简单规则，才用来排序。"
    )
    st.table(metrics_table(metrics), border="horizontal")
    kept = metrics["metric"].unique()
    names = [*(name for name in HEADLINE if name in kept)]
    names += [name for name in kept if name not in HEADLINE]
    chosen = st.selectbox("指标", names, format_func=metric_label, key=Key.METRIC)
    st.altair_chart(interval_chart(metrics[metrics["metric"] == chosen]), alt="各模型的指标与区间")
    st.caption(EXPLAINED.get(chosen, ""))


def _details(page: ModelPage, services: Services) -> None:
    st.subheader("模型卡与实验记录", anchor=False)
    with st.expander(f"模型卡：{plain(page.name)}"):
        st.markdown(page.card)
    with st.expander("实验记录（MLflow）"):
        st.markdown(
            f"模型文件夹 `{page.version or '随软件提供'}`。每次训练的参数、指标、图和表都在 MLflow "
            "中；它只在本机运行，不需要联网。"
        )
        if st.button("打开 MLflow", key=Key.OPEN_MLFLOW, icon=":material/science:"):
            _open_mlflow(services)
        st.caption("打不开时，可在工作区文件夹中运行这条命令，然后访问 127.0.0.1:5000：")
        st.code(page.tracking_command, language=None)


def _open_mlflow(services: Services) -> None:
    try:
        with st.spinner("正在启动 MLflow，约需十秒……"):
            address = services.open_mlflow()
    except KongchuoError as error:
        st.warning(plain(error), icon=":material/error:")
        return
    st.link_button("在新窗口查看实验记录", address, icon=":material/open_in_new:", type="primary")
