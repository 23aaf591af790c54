"""What the records say of one pupil: facts, attendance, marks and a timeline, in Chinese."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

import pandas as pd

from kongchuo_risk.contracts.tables import Schema
from kongchuo_risk.domain.records import Records, latest_by_student

TABLES = (
    "students", "attendance", "exams", "scores", "registration_changes", "aid", "observations",
    "visits", "measures_delivered",
)  # fmt: skip
"""Tables that a pupil's file is made of."""

FACT_COLUMNS = (
    "boarding", "school_distance_km", "commute_mode", "caregiver", "left_behind", "father_away",
    "mother_away", "parent_ill", "siblings", "migrant_child", "orphan", "unsupported",
    "poverty_type", "boarding_subsidy", "disability_type", "placement", "health_status", "talents",
    "expectation",
)  # fmt: skip
"""What a pupil may be helped with. No audit column (sex, ethnicity) and no restricted one."""

UNREMARKABLE = {
    "left_behind": "0", "disability_type": "0", "poverty_type": "none", "placement": "regular",
    "health_status": "10",
}  # fmt: skip
"""Codes that say that there is nothing to help with."""

COUNTED_KINDS = ("unexcused", "not_reported", "sick", "personal", "late", "left_early")
DEFAULT_FULL_SCORE = 100.0


class Event(NamedTuple):
    """A line of the timeline."""

    day: Any
    """A timestamp."""
    kind: str
    text: str


def of_pupil(records: Records, student_id: str, as_of: date) -> Records:
    """Rows of one pupil that were known by ``as_of``; tables without pupils stay whole."""
    return Records(
        {
            name: table[table["student_id"].eq(student_id)] if "student_id" in table else table
            for name, table in records.items()
        }
    ).known_by(as_of)


def pupil_facts(own: Records, as_of: date, schema: Schema) -> tuple[tuple[str, str], ...]:
    """(Chinese title, Chinese value) of what a pupil may be helped with.

    Parameters
    ----------
    own
        Rows of the pupil, from :func:`of_pupil`.
    as_of
        The last row known by this day counts.
    schema
        Titles and code lists.
    """
    latest = latest_by_student(own["students"], as_of)
    if latest.empty:
        return ()
    row, fields = latest.iloc[0], schema.tables["students"].by_name
    values = ((fields[name], row.get(name)) for name in FACT_COLUMNS)
    return tuple(
        (field.title, _said(value, field.codes, schema))
        for field, value in values
        if not _is_unremarkable(field.name, value)
    )


def _is_unremarkable(name: str, value: object) -> bool:
    missing = value is None or value is pd.NA or value != value or value == ""
    return missing or value is False or str(value) in (UNREMARKABLE.get(name), "False")


def _said(value: object, codes: str | None, schema: Schema) -> str:
    if codes is not None:
        return schema.label(codes, value)
    if str(value) == "True":
        return "是"
    return f"{value:g}" if isinstance(value, float) else str(value)


def attendance_days(own: Records, schema: Schema) -> pd.DataFrame:
    """Exceptions of one pupil: day, session (code), kind (Chinese), newest first."""
    # A category is sorted by its place in the file, a text by its letters: AM before PM.
    table = own["attendance"].astype({"session": "str"})
    table = table.sort_values(["day", "session"], ascending=[False, True])
    kinds = [schema.label("attendance_kind", kind) for kind in table["kind"]]
    seen = table[["day", "session"]].assign(kind=pd.Series(kinds, index=table.index, dtype="str"))
    return seen.reset_index(drop=True)


def marks(own: Records, records: Records, schema: Schema) -> pd.DataFrame:
    """Marks of one pupil beside the mean of everybody who sat the same exam.

    Parameters
    ----------
    own
        Rows of the pupil.
    records
        Rows of everybody, for the means.
    schema
        Labels.

    Returns
    -------
    DataFrame
        day, exam, subject (Chinese), rate and grade_mean (shares of the full score; NaN for a
        missed exam or a band), oldest first.
    """
    exams = own["exams"].drop_duplicates("exam_id", keep="last").set_index("exam_id")
    scores = own["scores"][own["scores"]["exam_id"].isin(exams.index)]
    everybody = records["scores"][records["scores"]["exam_id"].isin(scores["exam_id"].unique())]
    keys = ["exam_id", "subject"]
    means = everybody.assign(rate=_rates(everybody)).groupby(keys, observed=True)["rate"].mean()
    sat = pd.MultiIndex.from_frame(scores[keys].astype("str"))
    table = pd.DataFrame(
        {
            "day": scores["exam_id"].astype("str").map(exams["day"]),
            "exam": scores["exam_id"].astype("str").map(_exam_names(exams, schema)),
            "subject": [schema.label("subject", subject) for subject in scores["subject"]],
            "rate": _rates(scores),
            "grade_mean": means.reindex(sat).to_numpy() if len(scores) else [],
        }
    )
    return table.sort_values(["day", "exam", "subject"], kind="stable").reset_index(drop=True)


def _rates(scores: pd.DataFrame) -> pd.Series:
    return scores["score"] / scores["full_score"].fillna(DEFAULT_FULL_SCORE)


def _exam_names(exams: pd.DataFrame, schema: Schema) -> pd.Series:
    types = exams["exam_type"].map(lambda code: schema.label("exam_type", code))
    return exams["exam_name"].fillna(types).astype("str")


def timeline(own: Records, seen: pd.DataFrame, sat: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Everything that happened, newest first: day, kind (Chinese), text (Chinese).

    Parameters
    ----------
    own
        Rows of the pupil.
    seen, sat
        :func:`attendance_days` and :func:`marks` of the pupil.
    schema
        Labels.
    """
    events = [
        *_absences(seen, schema),
        *_exams(sat),
        *_changes(own["registration_changes"], schema),
        *_visits(own["visits"], schema),
        *_aid(own["aid"], schema),
        *_observations(own["observations"], schema),
        *_measures(own["measures_delivered"]),
    ]
    table = pd.DataFrame(events, columns=list(Event._fields))
    table["day"] = pd.to_datetime(table["day"])
    return newest_first(table)


def newest_first(events: pd.DataFrame) -> pd.DataFrame:
    """Events with the newest day first; what stands there twice is there once."""
    once = events.drop_duplicates(list(Event._fields))
    return once.sort_values("day", ascending=False, kind="stable").reset_index(drop=True)


def _absences(seen: pd.DataFrame, schema: Schema) -> Iterator[Event]:
    counted = [schema.label("attendance_kind", kind) for kind in COUNTED_KINDS]
    shown = seen[seen["kind"].isin(counted)].sort_values(["day", "session"])
    said = shown["session"].map(lambda session: schema.label("session", session)) + shown["kind"]
    for day, texts in said.groupby(shown["day"]):
        yield Event(day, "考勤", "、".join(texts))


def _exams(sat: pd.DataFrame) -> Iterator[Event]:
    for (day, exam), rows in sat.groupby(["day", "exam"]):
        texts = (
            f"{subject}{'未取得分数' if rate != rate else f'得分率{rate:.0%}'}"
            for subject, rate in zip(rows["subject"], rows["rate"], strict=True)
        )
        yield Event(day, "考试", f"{exam}：{'、'.join(texts)}")


def _changes(changes: pd.DataFrame, schema: Schema) -> Iterator[Event]:
    for row in changes.to_dict("records"):
        text = joined_words(schema.label("change_type", row["change_type"]), row["reason"])
        yield Event(row["day"], "异动", text)


def _visits(visits: pd.DataFrame, schema: Schema) -> Iterator[Event]:
    people = {"met_student": "学生", "met_guardian": "监护人"}
    for row in visits.to_dict("records"):
        met = "和".join(word for name, word in people.items() if str(row[name]) == "True")
        mode = schema.label("visit_mode", row["visit_mode"])
        result = schema.label("visit_result", row["result"])
        yield Event(row["day"], "走访", joined_words(mode, met and f"见到{met}", result))


def _aid(aid: pd.DataFrame, schema: Schema) -> Iterator[Event]:
    for row in aid.to_dict("records"):
        amount = "" if pd.isna(row["amount"]) else f"{row['amount']:g} 元"
        paid = "尚未发放" if pd.isna(row["paid_on"]) else f"{row['paid_on']:%Y-%m-%d} 发放"
        day = row["known_on"] if pd.isna(row["applied_on"]) else row["applied_on"]
        yield Event(day, "资助", joined_words(schema.label("aid_item", row["item"]), amount, paid))


def _observations(observations: pd.DataFrame, schema: Schema) -> Iterator[Event]:
    for row in observations.to_dict("records"):
        level = schema.label("level3", row["level"])
        text = joined_words(schema.label("observation_tag", row["tag"]), level and f"程度{level}")
        yield Event(row["day"], "苗头", text)


def _measures(delivered: pd.DataFrame) -> Iterator[Event]:
    for row in delivered.to_dict("records"):
        sessions = "" if pd.isna(row["sessions"]) else f"{row['sessions']} 次"
        yield Event(row["started_on"], "帮扶", joined_words(row["measure"], sessions))


def joined_words(*parts: object) -> str:
    """The words among ``parts`` with commas between them.

    >>> joined_words("上门", "", None, "已返校")
    '上门，已返校'
    """
    return "，".join(part for part in parts if isinstance(part, str) and part)
