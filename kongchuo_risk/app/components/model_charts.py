"""Charts of the model: calibration and importance."""

from __future__ import annotations

import altair as alt
import pandas as pd

from kongchuo_risk.app.components.charts import HELPS, NEUTRAL, Drawing, finish, quiet_axis

_TICKS = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)


def calibration_chart(calibration: pd.DataFrame) -> Drawing:
    """Predicted against observed shares by bin; on the diagonal the model says what happens."""
    shown, low, high = _on_a_log_scale(calibration)
    scale = alt.Scale(type="log", domain=[low, high], clamp=True)
    axis = alt.Axis(format="~%", values=[tick for tick in _TICKS if low <= tick <= high])
    line = (
        alt.Chart(pd.DataFrame({"predicted": [low, high], "observed": [low, high]}))
        .mark_line(color=NEUTRAL, strokeDash=[5, 4])
        .encode(x=alt.X("predicted:Q", scale=scale), y=alt.Y("observed:Q", scale=scale))
    )
    points = (
        alt.Chart(shown)
        .mark_circle(color=HELPS, opacity=0.85)
        .encode(
            x=alt.X("predicted:Q", title="预测的比例", scale=scale, axis=axis),
            y=alt.Y("observed:Q", title="实际的比例", scale=scale, axis=axis),
            size=alt.Size("n:Q", title="人次", legend=alt.Legend(orient="top", tickCount=3)),
            tooltip=[
                alt.Tooltip("predicted:Q", title="预测", format=".2%"),
                alt.Tooltip("happened:Q", title="实际", format=".2%"),
                alt.Tooltip("n:Q", title="人次", format=","),
            ],
        )
    )
    return finish((line + points).properties(height=320))


def _on_a_log_scale(calibration: pd.DataFrame) -> tuple[pd.DataFrame, float, float]:
    """The bins with room for those in which nothing happened, and the ends of both axes.

    The outcome is rare: on an even scale all bins but one would lie in a corner.
    """
    values = calibration[["predicted", "observed"]].to_numpy()
    low = float(values[values > 0].min(initial=0.5)) / 1.5
    high = min(float(values.max(initial=low)) * 1.5, 1.0)
    raised = calibration[["predicted", "observed"]].clip(lower=low)
    return calibration.assign(happened=calibration["observed"], **raised), low, high


def importance_chart(importance: pd.DataFrame, *, top: int = 15) -> Drawing:
    """The features that weigh most over all pupils."""
    table = importance.nlargest(top, "mean_abs_contribution")
    chart = (
        alt.Chart(table)
        .mark_bar(color=HELPS, height={"band": 0.65}, cornerRadius=2)
        .encode(
            y=alt.Y("label:N", sort="-x", title=None, axis=quiet_axis(18)),
            x=alt.X(
                "mean_abs_contribution:Q",
                title="与预测有关的程度 →",
                axis=alt.Axis(labels=False, ticks=False, grid=False, domain=False),
            ),
            tooltip=[
                alt.Tooltip("label:N", title="特征"),
                alt.Tooltip("group:N", title="方面"),
                alt.Tooltip("mean_abs_contribution:Q", title="平均贡献（对数几率）", format=".3f"),
            ],
        )
    )
    return finish(chart.properties(height=alt.Step(26)))
