"""Marks features in plain pandas."""

from __future__ import annotations

import pandas as pd

from kongchuo_risk.domain.records import Records
from tests.oracle.known import in_force

BANDS = {"A": 0.92, "B": 0.80, "C": 0.67, "D": 0.45}


def papers_on(records: Records, day: pd.Timestamp, pupils: pd.DataFrame) -> pd.DataFrame:
    """One row per pupil, exam and subject, oldest exam first, with standardised values."""
    exams = in_force(records, "exams", day)[["exam_id", "day", "school_code"]]
    exams = exams.rename(columns={"school_code": "owner"})
    scores = in_force(records, "scores", day).merge(exams, on="exam_id")
    scores = scores[scores["student_id"].isin(pupils.index)]
    subjects = scores["subject"].ne("total").groupby(scores["exam_id"]).transform("any")
    scores = scores[scores["subject"].ne("total") | ~subjects]
    value = scores["score"] / scores["full_score"].fillna(100)
    value = value.fillna(scores["band"].map(BANDS).astype("float64"))
    scores = scores.assign(value=value.mask(scores["absent"].fillna(False).astype(bool)))
    scores["school_code"] = scores["student_id"].map(pupils["school_code"])
    scores["z"] = z_within(scores, ["exam_id", "subject", "school_code"])
    scores["z_shared"] = z_within(scores, ["exam_id", "subject"]).where(scores["owner"].isna())
    return scores.sort_values(["day", "exam_id", "subject"], ignore_index=True)


def z_within(scores: pd.DataFrame, keys: list[str]) -> pd.Series:
    by = scores.groupby(keys)["value"]
    sd = by.transform("std", ddof=0)
    return (scores["value"] - by.transform("mean")) / sd.where(sd > 1e-9)


def marks_oracle(records: Records, day: pd.Timestamp, pupils: pd.DataFrame) -> pd.DataFrame:
    papers = papers_on(records, day, pupils)
    sittings = (
        papers.groupby(["student_id", "day", "exam_id"])[["value", "z", "z_shared"]]
        .mean()
        .reset_index()
    )
    out = pd.DataFrame(index=pupils.index)
    taken = sittings[sittings["z"].notna()]
    by = taken.groupby("student_id")["z"]
    out["score_z"] = by.last()
    out["score_change"] = by.last() - by.nth(-2).set_axis(taken.loc[by.nth(-2).index, "student_id"])
    recent = taken.groupby("student_id").tail(6)
    out["score_lowest_z"] = recent.groupby("student_id")["z"].min()
    out["score_slope"] = _slopes(recent)
    out["exams_taken"] = by.size().reindex(out.index, fill_value=0).astype(float)
    shared = sittings[sittings["z_shared"].notna()]
    out["score_z_shared"] = shared.groupby("student_id")["z_shared"].last()

    last = sittings.groupby("student_id")["exam_id"].last()
    now = papers[papers["exam_id"] == papers["student_id"].map(last)]
    by_pupil = now["student_id"]
    out["failed_subjects"] = (now["value"] < 0.6).groupby(by_pupil).sum().astype(float)
    out["missing_subjects"] = now["value"].isna().groupby(by_pupil).sum().astype(float)
    out["worst_subject_z"] = now.groupby("student_id")["z"].min()
    for subject in ("chinese", "maths", "english"):
        one = now[now["subject"] == subject]
        out[f"{subject}_z"] = one.set_index("student_id")["z"]
    out["class_rank"] = _class_rank(sittings, pupils, last)

    year = papers[papers["day"] > day - pd.Timedelta(days=365)]
    known = year[year["value"].notna()]
    out["failed_share_year"] = (known["value"] < 0.6).groupby(known["student_id"]).mean()
    exams = sittings[sittings["day"] > day - pd.Timedelta(days=365)]
    out["absent_exams_year"] = (
        exams["value"].isna().groupby(exams["student_id"]).sum().astype(float)
    )
    return out


def _slopes(recent: pd.DataFrame) -> pd.Series:
    """Covariance of mark and order over the variance of order, for three exams or more."""
    order = recent.groupby("student_id").cumcount().astype(float)
    frame = recent.assign(order=order, both=order * recent["z"], square=order**2)
    mean = frame.groupby("student_id")[["order", "z", "both", "square"]].mean()
    slope = (mean["both"] - mean["order"] * mean["z"]) / (mean["square"] - mean["order"] ** 2)
    return slope.where(recent.groupby("student_id").size() >= 3)


def _class_rank(sittings: pd.DataFrame, pupils: pd.DataFrame, last: pd.Series) -> pd.Series:
    marked = sittings[sittings["value"].notna()].copy()
    marked["class_id"] = marked["student_id"].map(pupils["class_id"])
    marked["value"] = marked["value"].round(9)
    by = marked.groupby(["exam_id", "class_id"])["value"]
    others = by.transform("size") - 1
    marked["rank"] = (by.rank(method="min", ascending=False) - 1) / others.where(others > 0)
    now = marked[marked["exam_id"] == marked["student_id"].map(last)]
    return now.set_index("student_id")["rank"]
