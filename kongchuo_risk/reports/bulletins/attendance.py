"""到校: who was expected and who came, for the reports of a day (seed rules 50, 51)."""

from __future__ import annotations

import pandas as pd

from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.domain.attendance import ABSENT
from kongchuo_risk.reports.bulletins.items import named
from kongchuo_risk.reports.indicators.rows import PLACE, classes_of
from kongchuo_risk.reports.ledgers.window import Window

_SHEET = ["class_id", "day", "session"]


def attendance_counts(window: Window) -> pd.DataFrame:
    """应到, 实到, 缺席 and absences by kind, in pupil-sessions, of sheets that were taken.

    A session without a sheet is unknown and counts nowhere; only the reports of single days have
    these counts.
    """
    if window.period.kind != "day":
        return pd.DataFrame(columns=[*PLACE, "item", "count"])
    places = classes_of(window).drop_duplicates("class_id").set_index("class_id")
    sheets = _of_day(window, "class_sheets").drop_duplicates(_SHEET, keep="last")
    sheets = sheets[sheets["class_id"].isin(places.index)]
    absences = _absences(window, sheets)
    absent = absences.groupby(_SHEET).size().rename("absent")
    counts = sheets.join(absent, on=_SHEET)
    missing = counts["absent"].fillna(0).astype("int64")
    there = counts["present"].astype("Int64").fillna(counts["enrolled"].astype("Int64") - missing)
    expected = counts["enrolled"].astype("Int64").fillna(there + missing)
    parts = [
        _placed(counts["class_id"], places, named("到校", "应到"), expected),
        _placed(counts["class_id"], places, named("到校", "实到"), there),
        _placed(counts["class_id"], places, named("到校", "缺席"), expected - there),
        _placed(absences["class_id"], places, "缺席·" + _labels(absences["kind"]), 1),
    ]
    return pd.concat(parts)


def _of_day(window: Window, table: str) -> pd.DataFrame:
    rows = window.after.rows(table)
    return rows[rows["day"] == pd.Timestamp(window.day)]


def _absences(window: Window, sheets: pd.DataFrame) -> pd.DataFrame:
    """Absences in sessions of which there is a sheet, with the pupil's class."""
    rows = _of_day(window, "attendance")
    rows = rows[rows["kind"].isin(ABSENT)]
    rows = rows.drop_duplicates(["student_id", "session"], keep="last")
    of_class = window.moves.closing["class_id"]
    rows = rows.assign(class_id=rows["student_id"].map(of_class))
    return rows.merge(sheets[_SHEET], on=_SHEET)


def _labels(kinds: pd.Series) -> pd.Series:
    codes = load_schema().codes["attendance_kind"]
    return kinds.astype("str").map(codes.label).astype("str")


def _placed(
    class_ids: pd.Series, places: pd.DataFrame, item: str | pd.Series, count: pd.Series | int
) -> pd.DataFrame:
    of = places.reindex(class_ids.to_numpy())
    return pd.DataFrame(
        {
            "school_code": of["school_code"].to_numpy(),
            "class_id": class_ids.to_numpy(),
            "stage": of["stage"].to_numpy(),
            "item": item if isinstance(item, str) else item.to_numpy(),
            "count": count if isinstance(count, int) else count.fillna(0).to_numpy(dtype="int64"),
        }
    )
