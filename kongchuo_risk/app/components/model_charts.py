"""Charts of the model: calibration and importance."""

from __future__ import annotations

import altair as alt
import pandas as pd

from kongchuo_risk.app.components.charts import HELPS, NEUTRAL, Drawing, finish, quiet_axis


def calibration_chart(calibration: pd.DataFrame) -> Drawing:
    """Predicted against observed shares by bin; on the diagonal the model says what happens."""
    top = float(calibration[["predicted", "observed"]].max().max()) * 1.05 or 1.0
    scale = alt.Scale(type="sqrt", domain=[0, top])
    axis = alt.Axis(format=".1%", tickCount=5)
    line = (
        alt.Chart(pd.DataFrame({"predicted": [0.0, top], "observed": [0.0, top]}))
        .mark_line(color=NEUTRAL, strokeDash=[5, 4])
        .encode(x="predicted:Q", y="observed:Q")
    )
    points = (
        alt.Chart(calibration)
        .mark_circle(color=HELPS, opacity=0.85)
        .encode(
            x=alt.X("predicted:Q", title="预测的比例", scale=scale, axis=axis),
            y=alt.Y("observed:Q", title="实际的比例", scale=scale, axis=axis),
            size=alt.Size("n:Q", title="人次", legend=alt.Legend(orient="top")),
            tooltip=[
                alt.Tooltip("predicted:Q", title="预测", format=".2%"),
                alt.Tooltip("observed:Q", title="实际", format=".2%"),
                alt.Tooltip("n:Q", title="人次", format=","),
            ],
        )
    )
    return finish((line + points).properties(height=320))


def importance_chart(importance: pd.DataFrame, *, top: int = 15) -> Drawing:
    """The features that weigh most over all pupils."""
    table = importance.nlargest(top, "mean_abs_contribution")
    chart = (
        alt.Chart(table)
        .mark_bar(color=HELPS, height={"band": 0.65}, cornerRadius=2)
        .encode(
            y=alt.Y("label:N", sort="-x", title=None, axis=quiet_axis(18)),
            x=alt.X("mean_abs_contribution:Q", title="平均贡献（对数几率，绝对值）"),
            tooltip=[
                alt.Tooltip("label:N", title="特征"),
                alt.Tooltip("group:N", title="方面"),
                alt.Tooltip("mean_abs_contribution:Q", title="平均贡献", format=".3f"),
            ],
        )
    )
    return finish(chart.properties(height=alt.Step(26)))
