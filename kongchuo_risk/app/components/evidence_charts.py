"""Charts of the evidence for a model: windows, terms, groups, more data, fewer features."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from kongchuo_risk.app.components.charts import HELPS, NEEDS, NEUTRAL, Drawing, finish, quiet_axis
from kongchuo_risk.app.components.metrics import KINDS, rules_first

_PARTS = {"train": "学习", "gap": "间隔（结果未定，不用）", "test": "检验"}
_PART_COLOURS = (HELPS, "#D5DAE0", NEEDS)
_MODEL_COLOURS = (HELPS, NEEDS, "#2E7D5B", "#7A4E9E", "#A66A00", "#3C8DAD")
_RULE_DASHES = ([1, 3], [2, 2], [6, 2, 1, 2], [6, 3])
_AXES = {"terms": "学习的学期数", "schools": "学习的学校数"}
MOST_GROUPS = 8
"""An attribute with more groups, such as the schools of a county, is only in the table."""
SURE, UNSURE = "看得出差别", "看不出差别"


def windows_chart(windows: pd.DataFrame) -> Drawing:
    """When each test term's model learned and was tested."""
    days = {name: pd.to_datetime(windows[name], format="ISO8601") for name in ("start", "end")}
    # A term that is tested on a single day still has to be seen.
    days["end"] = days["end"].clip(lower=days["start"] + pd.Timedelta(days=10))
    table = windows.assign(part=windows["part"].map(_PARTS), **days)
    chart = (
        alt.Chart(table)
        .mark_bar(height={"band": 0.55}, cornerRadius=2)
        .encode(
            y=alt.Y("fold:N", title=None, axis=quiet_axis(8)),
            x=alt.X("start:T", title=None, axis=alt.Axis(format="%Y-%m", tickCount=6)),
            x2="end:T",
            color=alt.Color(
                "part:N",
                title=None,
                scale=alt.Scale(domain=list(_PARTS.values()), range=list(_PART_COLOURS)),
                legend=alt.Legend(orient="top", columns=2),
            ),
            tooltip=[
                alt.Tooltip("fold:N", title="检验学期"),
                alt.Tooltip("part:N", title="用途"),
                alt.Tooltip("rows:Q", title="记录", format=","),
                alt.Tooltip("events:Q", title="其中疑似辍学", format=","),
            ],
        )
    )
    return finish(chart.properties(height=alt.Step(36)))


def terms_chart(by_fold: pd.DataFrame, metric: str) -> Drawing:
    """A share, such as recall, of every candidate over the test terms; rules grey and dashed."""
    table = rules_first(by_fold[by_fold["metric"] == metric])
    kind = table.drop_duplicates("name").set_index("name")["kind"]
    names, rules = list(kind.index), int((kind == KINDS[0]).sum())
    colours = [NEUTRAL] * rules + list(_MODEL_COLOURS[: len(names) - rules])
    dashes = [*_RULE_DASHES[:rules], *([[1, 0]] * (len(names) - rules))]
    chart = (
        alt.Chart(table)
        .mark_line(point=True)
        .encode(
            x=alt.X("fold:N", title=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("value:Q", title=None, scale=alt.Scale(zero=False), axis=alt.Axis(format="~%")),
            color=alt.Color(
                "name:N",
                title=None,
                scale=alt.Scale(domain=names, range=colours),
                legend=alt.Legend(orient="top", columns=2, symbolType="stroke", symbolSize=400),
            ),
            strokeDash=alt.StrokeDash(
                "name:N", title=None, scale=alt.Scale(domain=names, range=dashes)
            ),
            tooltip=[
                alt.Tooltip("name:N", title="模型"),
                alt.Tooltip("fold:N", title="检验学期"),
                alt.Tooltip("value:Q", title="数值", format=".1%"),
            ],
        )
    )
    return finish(chart.properties(height=280))


def groups_chart(groups: pd.DataFrame) -> Drawing:
    """Miss rate with its interval by group; see :func:`drawn_groups`."""
    table = drawn_groups(groups).assign(
        name=lambda rows: rows["attribute"].astype(str) + " · " + rows["group"].astype(str)
    )
    return finish(_intervals(table, "name", ".0%").properties(height=alt.Step(26)))


def drawn_groups(groups: pd.DataFrame) -> pd.DataFrame:
    """Groups that are large enough, of the attributes with few groups."""
    few = groups.groupby("attribute", sort=False)["group"].transform("size") <= MOST_GROUPS
    return groups[few & groups["enough"].astype(bool)]


def changes_chart(changes: pd.DataFrame) -> Drawing:
    """Change in percentage points with its interval, by group of features."""
    table = changes.assign(
        value=changes["change"] * 100,
        low=changes["low"] * 100,
        high=changes["high"] * 100,
        sure=((changes["low"] > 0) | (changes["high"] < 0)).map({True: SURE, False: UNSURE}),
    )
    zero = alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(color=NEUTRAL).encode(x="x:Q")
    colour = alt.Color(
        "sure:N",
        title=None,
        scale=alt.Scale(domain=[SURE, UNSURE], range=[HELPS, NEUTRAL]),
        legend=alt.Legend(orient="top"),
    )
    drawn = _intervals(table, "group", "+.1f", colour)
    return finish((zero + drawn).properties(height=alt.Step(26)))


def learning_chart(learning: pd.DataFrame, axis: str) -> Drawing:
    """A figure by the amount of data that was learned from, with its interval."""
    base = alt.Chart(learning[learning["axis"] == axis]).encode(
        x=alt.X("size:O", title=_AXES.get(axis, axis), axis=alt.Axis(labelAngle=0)),
        tooltip=[
            alt.Tooltip("size:O", title=_AXES.get(axis, axis)),
            alt.Tooltip("value:Q", title="数值", format=".1%"),
            alt.Tooltip("low:Q", title="区间下限", format=".1%"),
            alt.Tooltip("high:Q", title="区间上限", format=".1%"),
        ],
    )
    band = base.mark_area(color=HELPS, opacity=0.15).encode(
        y=alt.Y("low:Q", title=None, axis=alt.Axis(format="~%")), y2="high:Q"
    )
    line = base.mark_line(color=HELPS, point=True).encode(y="value:Q")
    return finish((band + line).properties(height=240))


def _intervals(table: pd.DataFrame, name: str, form: str, colour: alt.Color | None = None) -> Any:
    """A point and its interval per row, in the order of the table."""
    base = alt.Chart(table).encode(
        y=alt.Y(
            f"{name}:N",
            sort=list(table[name]),
            title=None,
            axis=quiet_axis(14),
            scale=alt.Scale(type="point", padding=0.5),
        ),
        color=colour or alt.value(HELPS),
        tooltip=[
            alt.Tooltip(f"{name}:N", title="组"),
            alt.Tooltip("value:Q", title="数值", format=form),
            alt.Tooltip("low:Q", title="区间下限", format=form),
            alt.Tooltip("high:Q", title="区间上限", format=form),
        ],
    )
    lines = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", title=None, axis=alt.Axis(format=form.replace("1", "0"), tickCount=6)),
        x2="high:Q",
    )
    return lines + base.mark_point(filled=True, size=90, opacity=1).encode(x="value:Q")
