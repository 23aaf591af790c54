"""Charts of one pupil: reasons, attendance, marks; each draws a table that was made before."""

from __future__ import annotations

from datetime import date, timedelta

import altair as alt
import pandas as pd

from kongchuo_risk.app.components.charts import HELPS, NEEDS, NEUTRAL, Drawing, finish, quiet_axis

_SIDES = ("值得关注", "有利条件")
_WEEKDAYS = "一二三四五六日"
_SESSIONS = {"AM": "上午", "PM": "下午"}
_KINDS = {
    "无故缺勤": ("缺", "#9E1F2F"),
    "未报到": ("未", "#5E1A4A"),
    "病假": ("病", "#7FA6C9"),
    "事假": ("事", "#A9BBCB"),
    "迟到": ("迟", "#E0A93B"),
    "早退": ("退", "#C98F2B"),
}
"""Sign and colour of the kinds that count; the sign carries it without the colour."""
_OTHER = ("记", "#C9CED4")


def contribution_chart(contributions: pd.DataFrame) -> Drawing:
    """Horizontal bars by reason group; lengths only, because teachers see no number of risk."""
    table = contributions.assign(
        side=[_SIDES[0] if value > 0 else _SIDES[1] for value in contributions["contribution"]]
    )
    chart = (
        alt.Chart(table)
        .mark_bar(height={"band": 0.65}, cornerRadius=2)
        .encode(
            y=alt.Y("group:N", sort=list(table["group"]), title=None, axis=quiet_axis(14)),
            x=alt.X("contribution:Q", axis=None),
            color=alt.Color(
                "side:N",
                title=None,
                scale=alt.Scale(domain=list(_SIDES), range=[NEEDS, HELPS]),
                legend=alt.Legend(orient="top"),
            ),
            tooltip=[alt.Tooltip("group:N", title="方面"), alt.Tooltip("text:N", title="情况")],
        )
    )
    return finish(chart.properties(height=alt.Step(30)))


def attendance_cells(attendance: pd.DataFrame, *, as_of: date, weeks: int) -> pd.DataFrame:
    """Half-days with a record in the ``weeks`` up to ``as_of``: week, slot, kind, sign.

    >>> day = pd.DataFrame(
    ...     {"day": [pd.Timestamp("2026-03-04")], "session": ["AM"], "kind": ["病假"]}
    ... )
    >>> attendance_cells(day, as_of=date(2026, 3, 6), weeks=2)[["week", "slot", "sign"]].values
    array([['26/03/02', '周三上午', '病']], dtype=object)
    """
    first = week_starts(as_of, weeks)[0]
    recent = attendance[attendance["day"].between(pd.Timestamp(first), pd.Timestamp(as_of))]
    monday = recent["day"] - pd.to_timedelta(recent["day"].dt.day_of_week, unit="D")
    sessions = recent["session"].astype("object").map(lambda code: _SESSIONS.get(code, code))
    weekdays = recent["day"].dt.day_of_week.map(lambda number: f"周{_WEEKDAYS[number]}")
    kinds = recent["kind"].astype("object")
    return pd.DataFrame(
        {
            "week": monday.dt.strftime("%y/%m/%d").astype("object"),
            "slot": (weekdays.astype("object") + sessions).astype("object"),
            "day": recent["day"].dt.strftime("%Y-%m-%d"),
            "kind": kinds,
            "sign": kinds.map(lambda kind: _KINDS.get(kind, _OTHER)[0]),
        }
    )


def week_starts(as_of: date, weeks: int) -> list[date]:
    """Mondays of the last ``weeks`` weeks, oldest first.

    >>> week_starts(date(2026, 3, 6), 2)
    [datetime.date(2026, 2, 23), datetime.date(2026, 3, 2)]
    """
    last = as_of - timedelta(days=as_of.weekday())
    return [last - timedelta(weeks=back) for back in range(weeks - 1, -1, -1)]


def attendance_chart(cells: pd.DataFrame, *, as_of: date, weeks: int) -> Drawing:
    """A strip of weeks by half-days; an empty cell means no record of an exception."""
    slots = _slots(cells)
    kinds = [kind for kind in (*_KINDS, *cells["kind"]) if kind in set(cells["kind"])]
    kinds = list(dict.fromkeys(kinds))
    starts = [f"{start:%y/%m/%d}" for start in week_starts(as_of, weeks)]
    base = alt.Chart(cells).encode(
        x=alt.X(
            "week:O",
            scale=alt.Scale(domain=starts),
            title="周一的日期",
            axis=alt.Axis(
                grid=True, labelAngle=0, labelFlush=False, labelOverlap="greedy", tickBand="extent"
            ),
        ),
        y=alt.Y(
            "slot:O",
            scale=alt.Scale(domain=slots),
            title=None,
            axis=alt.Axis(grid=True, labelFlush=False, tickBand="extent", ticks=False),
        ),
        tooltip=[alt.Tooltip("day:N", title="日期"), alt.Tooltip("kind:N", title="考勤")],
    )
    squares = base.mark_rect().encode(
        color=alt.Color(
            "kind:N",
            title=None,
            scale=alt.Scale(domain=kinds, range=[_KINDS.get(k, _OTHER)[1] for k in kinds]),
            legend=alt.Legend(orient="top", columns=3),
        )
    )
    letters = base.mark_text(fontSize=11).encode(
        text="sign:N",
        color=alt.condition(
            alt.FieldOneOfPredicate("kind", ["无故缺勤", "未报到"]),
            alt.value("white"),
            alt.value("#1F2933"),
        ),
    )
    return finish((squares + letters).properties(height=alt.Step(20)))


def _slots(cells: pd.DataFrame) -> list[str]:
    weekend = [day for day in _WEEKDAYS[5:] if cells["slot"].str.startswith(f"周{day}").any()]
    return [f"周{day}{half}" for day in (*_WEEKDAYS[:5], *weekend) for half in ("上午", "下午")]


def marks_lines(marks: pd.DataFrame, subject: str | None) -> pd.DataFrame:
    """Shares of the full score by exam, of the pupil and of the grade.

    Parameters
    ----------
    marks
        :attr:`kongchuo_risk.serving.views.PupilFile.marks`.
    subject
        One subject, or ``None`` for the mean of the subjects that the pupil sat.

    Returns
    -------
    DataFrame
        when (such as 25/11/12), exam, series (本人, 年级平均), rate.
    """
    chosen = marks if subject is None else marks[marks["subject"] == subject]
    sat = chosen.dropna(subset=["rate"])
    means = sat.groupby(["day", "exam"], sort=True)[["rate", "grade_mean"]].mean().reset_index()
    means = means.assign(when=means["day"].dt.strftime("%y/%m/%d"))
    means = means.rename(columns={"rate": "本人", "grade_mean": "年级平均"})
    return means.melt(["when", "exam"], ["本人", "年级平均"], var_name="series", value_name="rate")


def marks_chart(lines: pd.DataFrame) -> Drawing:
    """The pupil's marks beside the grade's mean, exam by exam."""
    names = ["本人", "年级平均"]
    chart = (
        alt.Chart(lines)
        .mark_line(point=alt.OverlayMarkDef(size=60))
        .encode(
            x=alt.X("when:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap="greedy")),
            y=alt.Y(
                "rate:Q", title="得分率", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])
            ),
            color=alt.Color(
                "series:N",
                title=None,
                scale=alt.Scale(domain=names, range=[NEEDS, NEUTRAL]),
                legend=alt.Legend(orient="top", symbolType="stroke", symbolStrokeWidth=3),
            ),
            strokeDash=alt.StrokeDash(
                "series:N", scale=alt.Scale(domain=names, range=[[1, 0], [5, 4]]), title=None
            ),
            tooltip=[
                alt.Tooltip("exam:N", title="考试"),
                alt.Tooltip("series:N", title="对象"),
                alt.Tooltip("rate:Q", title="得分率", format=".0%"),
            ],
        )
    )
    return finish(chart.properties(height=240))
