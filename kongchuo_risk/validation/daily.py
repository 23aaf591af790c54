"""Checks of the calendar, class sheets, exceptions and marks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kongchuo_risk.validation.findings import Measured
from kongchuo_risk.validation.view import View

Limits = Mapping[str, float]
_SESSION = ["class_id", "day", "session"]


def check_no_calendar(view: View, limits: Limits) -> Measured | None:
    """No teaching day is known."""
    return None if len(view.school_days) else Measured(1)


def check_stale_records(view: View, limits: Limits) -> Measured | None:
    """Teaching days since the last class sheet or exception."""
    days = [view.records[name]["day"].max() for name in ("class_sheets", "attendance")]
    last = max((day for day in days if pd.notna(day)), default=pd.Timestamp(1970, 1, 1))
    since = int((view.school_days > np.datetime64(last, "D")).sum())
    if since <= limits["school_days"]:
        return None
    return Measured(since, values={"last": "从未有过" if last.year == 1970 else f"{last:%Y-%m-%d}"})


def check_missing_sheets(view: View, limits: Limits) -> Measured | None:
    """Schools where many class-sessions of the last weeks have no sheet."""
    share = missing_sheet_share(view, limits["days"])
    bad = share[share > limits["share"]].sort_values(ascending=False)
    examples = tuple(f"{view.school_name(code)}（缺 {value:.0%}）" for code, value in bad.items())
    return Measured(len(bad), len(share), examples, _days(view, limits)) if len(bad) else None


def missing_sheet_share(view: View, days: float) -> pd.Series:
    """Share of class-sessions without a sheet over the last ``days`` teaching days, by school."""
    classes = view.classes[["class_id", "school_code"]].drop_duplicates("class_id")
    window = view.school_days[-int(days) :]
    first = pd.Timestamp(window[0])
    sheets = view.records["class_sheets"]
    taken = sheets[sheets["day"] >= first].drop_duplicates(_SESSION)
    counted = taken.merge(classes, on="class_id").groupby("school_code").size()
    closed = view.closures.to_frame(index=False)
    shut = closed[closed["day"].isin(window)].groupby("school_code").size()
    count = classes.groupby("school_code").size()
    expected = count * 2 * (len(window) - shut.reindex(count.index, fill_value=0))
    return 1 - counted.reindex(count.index, fill_value=0) / expected.clip(lower=1)


def check_counts_disagree(view: View, limits: Limits) -> Measured | None:
    """Sheets whose 应到 − 实到 is not the number of pupils written down as absent."""
    sheets = view.records["class_sheets"]
    sheets = sheets[sheets["day"] >= view.since(limits["days"])]
    sheets = sheets.dropna(subset=["enrolled", "present"])
    if sheets.empty:
        return None
    named = view.absences(limits["days"]).groupby(_SESSION, observed=True)["student_id"].nunique()
    named = named.reindex(pd.MultiIndex.from_frame(sheets[_SESSION]), fill_value=0)
    gap = (sheets["enrolled"] - sheets["present"]).to_numpy(float) - named.to_numpy(float)
    wrong = sheets[gap != 0]
    if len(wrong) <= limits["share"] * len(sheets):
        return None
    schools = wrong.merge(view.classes, on="class_id")["school_code"].value_counts()
    examples = tuple(f"{view.school_name(code)}（{n} 个时段）" for code, n in schools.items())
    return Measured(len(wrong), len(sheets), examples, _days(view, limits))


def check_no_absence_recorded(view: View, limits: Limits) -> Measured | None:
    """Schools of some size that wrote down no absence at all."""
    size = view.present_roster.groupby("school_code").size()
    some = view.absences(limits["days"])["school_code"].unique()
    silent = size[(size >= limits["pupils"]) & ~size.index.isin(some)]
    examples = tuple(view.school_name(code) for code in silent.index)
    return Measured(len(silent), len(size), examples, _days(view, limits)) if len(silent) else None


def check_off_calendar(view: View, limits: Limits) -> Measured | None:
    """Exceptions on days on which nobody had school."""
    attendance = view.records["attendance"][["student_id", "day"]]
    attendance = attendance.join(view.pupils["school_code"], on="student_id")
    taught = np.isin(attendance["day"].to_numpy("datetime64[D]"), view.school_days)
    pairs = pd.MultiIndex.from_frame(attendance[["school_code", "day"]])
    wrong = attendance[~taught | pairs.isin(view.closures)]
    if len(wrong) <= limits["share"] * max(len(attendance), 1):
        return None
    days = wrong["day"].dt.strftime("%Y-%m-%d").value_counts()
    examples = tuple(f"{day}（{count} 条）" for day, count in days.items())
    return Measured(len(wrong), len(attendance), examples)


def check_mass_absence(view: View, limits: Limits) -> Measured | None:
    """School days on which a large part of a school was absent."""
    absent = view.absences(len(view.school_days))
    size = view.present_roster.groupby("school_code").size()
    count = absent.groupby(["school_code", "day"])["student_id"].nunique()
    share = count / size.reindex(count.index.get_level_values(0)).to_numpy()
    bad = share[share > limits["share"]].sort_values(ascending=False)
    named = bad.head(5).rename("share").reset_index()
    examples = tuple(
        f"{view.school_name(code)} {day:%Y-%m-%d}（{value:.0%}）"
        for code, day, value in named.itertuples(index=False)
    )
    return Measured(len(bad), 0, examples) if len(bad) else None


def check_scores_missing(view: View, limits: Limits) -> Measured | None:
    """Exams for which too few of the grade's pupils have a mark or are named as absent."""
    exams = view.records["exams"].drop_duplicates("exam_id", keep="last")
    recent = exams[exams["term"] == exams["term"][exams["term"] <= view.term].max()]
    if recent.empty:
        return None
    handed = view.records["scores"].groupby("exam_id", observed=True)["student_id"].nunique()
    size = view.present_roster.groupby(["school_code", "grade"]).size()
    area = view.present_roster.groupby("grade").size()
    expected = np.array([
        size.get((school, grade), 0) if isinstance(school, str) and school else area.get(grade, 0)
        for school, grade in zip(recent["school_code"], recent["grade"], strict=True)
    ])  # fmt: skip
    found = handed.reindex(recent["exam_id"], fill_value=0).to_numpy()
    poor = recent["exam_id"][(expected > 0) & (found < limits["share"] * expected)]
    return Measured(len(poor), len(recent), tuple(poor[:5])) if len(poor) else None


def _days(view: View, limits: Limits) -> dict[str, str]:
    return {"days": str(min(int(limits["days"]), len(view.school_days)))}
