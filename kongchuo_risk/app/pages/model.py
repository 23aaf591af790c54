"""模型: what ranks the list, how good it is beside simple rules, and how to look closer."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from kongchuo_risk.app.components.metrics import (
    EXPLAINED,
    HEADLINE,
    interval_chart,
    metric_label,
    metrics_table,
)
from kongchuo_risk.app.components.model_charts import calibration_chart, importance_chart
from kongchuo_risk.app.components.overview import overview_line
from kongchuo_risk.app.components.text import plain
from kongchuo_risk.app.state import Key
from kongchuo_risk.serving.services import Services
from kongchuo_risk.serving.views import ModelPage


def render(services: Services) -> None:
    """The gate's verdict, the figures behind it, the card, and the way to MLflow."""
    st.title("模型", anchor=False)
    overview = services.overview()
    overview_line(overview)
    page = services.model_page()
    st.info(plain(page.verdict), icon=":material/gavel:")
    st.markdown(f"**基础发生率**　{plain(overview.base_rate)}")
    st.markdown(
        f"**名单长度**　{overview.listed:,} 名，占在册 {overview.pupils:,} 名的"
        f" {overview.listed / max(overview.pupils, 1):.1%}；由教职工的包保名额决定。"
    )
    _comparison(page.metrics)
    calibration, importance = st.columns(2, gap="medium")
    with calibration:
        _calibration(page.calibration)
    with importance:
        _importance(page.importance)
    _details(page)


def _comparison(metrics: pd.DataFrame) -> None:
    st.subheader("与简单规则比较", anchor=False)
    if metrics.empty:
        st.markdown("还没有检验结果。")
        return
    st.caption(
        "用较早的学期学习，在之后的学期检验；括号内为 95% 区间（按学校重抽样）。"
        "训练的模型要明显胜过简单规则，才用来排序。"
    )
    st.table(metrics_table(metrics), border="horizontal")
    kept = metrics["metric"].unique()
    names = [*(name for name in HEADLINE if name in kept)]
    names += [name for name in kept if name not in HEADLINE]
    chosen = st.selectbox("指标", names, format_func=metric_label, key=Key.METRIC)
    st.altair_chart(interval_chart(metrics[metrics["metric"] == chosen]), alt="各模型的指标与区间")
    st.caption(EXPLAINED.get(chosen, ""))


def _calibration(calibration: pd.DataFrame) -> None:
    st.subheader("预测与实际", anchor=False)
    if calibration.empty:
        st.markdown("正例太少，画不出校准图。")
        return
    st.altair_chart(calibration_chart(calibration), alt="预测比例与实际比例")
    st.caption(
        "每个点是预测相近的一组学生；落在虚线上，说明预测的比例与实际发生的一致，"
        "在虚线下方说明预测偏高。两轴按倍数刻度，因为结果很少见。"
    )


def _importance(importance: pd.DataFrame) -> None:
    st.subheader("依据哪些信息", anchor=False)
    if importance.empty:
        st.markdown("没有可显示的内容。")
        return
    st.altair_chart(importance_chart(importance), alt="各特征的平均贡献")
    st.caption("条越长，这项信息平均与预测的关系越大；与预测有关，不等于原因。")


def _details(page: ModelPage) -> None:
    st.subheader("模型卡与实验记录", anchor=False)
    with st.expander(f"模型卡：{plain(page.name)}"):
        st.markdown(page.card)
    with st.expander("实验记录（供数据分析员）"):
        st.markdown(
            f"模型文件夹 `{page.version or '随软件提供'}`。每次训练的参数、指标和图都在 MLflow 中，"
            "用这条命令打开，然后访问 127.0.0.1:5000："
        )
        st.code(
            f'mlflow ui --backend-store-uri "{page.tracking_uri}" --host 127.0.0.1 --port 5000',
            language=None,
        )
