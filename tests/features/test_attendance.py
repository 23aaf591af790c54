"""Attendance features on registers small enough to count by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from kongchuo_risk.features import features_as_of
from tests.builders import absent_days, attendance, records, sheets, students, table, weekdays

DAYS = weekdays(date(2024, 9, 2), 70)
DAY = DAYS[64]


def features_of_a(**tables: Any) -> pd.Series:
    given = {"students": students(), "class_sheets": sheets(DAYS), **tables}
    return features_as_of(records(**given), DAY).loc["a"]


def test_half_days_are_counted_within_the_last_school_days() -> None:
    """Windows end with day 64: five days are 60–64, ten 55–64, twenty 45–64, sixty 5–64."""
    rows = absent_days([DAYS[4], DAYS[5], DAYS[44], DAYS[45], DAYS[55], DAYS[60]])
    found = features_of_a(attendance=attendance(*rows))
    names = ["unexcused_5", "unexcused_10", "unexcused_20", "unexcused_60"]
    assert found[names].tolist() == [2, 4, 6, 10]


def test_the_trend_compares_shares_of_recorded_half_days() -> None:
    """8 of 40 half-days in the last 20 days, 8 of 80 in the 40 before: 0.2 - 0.1."""
    rows = absent_days(DAYS[61:65]) + absent_days(DAYS[10:14])
    assert np.isclose(features_of_a(attendance=attendance(*rows))["unexcused_trend"], 0.1)


def test_a_session_without_a_sheet_is_unknown_and_does_not_break_a_run() -> None:
    """Present on days 0–60, away on 61 and 63, no sheet on 62 and 64."""
    rows = attendance(*absent_days([DAYS[61], DAYS[63]]))
    taken = sheets(DAYS[:62] + DAYS[63:64])
    calendar = table("calendar", [{"term": "2024-2025-1", "day": day} for day in DAYS])
    found = features_of_a(attendance=rows, class_sheets=taken, calendar=calendar)
    assert found["unexcused_run"] == 2
    assert found["days_since_seen"] == 4
    assert found["recorded_share_20"] == 36 / 40


def test_without_any_record_counts_are_unknown_rather_than_zero() -> None:
    found = features_of_a(class_sheets=sheets(DAYS[:10]), students=students({"class_id": "C9"}))
    assert found[["unexcused_60", "days_since_seen", "unexcused_trend"]].isna().all()


def test_a_correction_counts_from_the_day_on_which_it_became_known() -> None:
    truant = {"day": DAYS[60], "kind": "unexcused"}
    excused = {"day": DAYS[60], "kind": "sick", "known_on": DAYS[64] + timedelta(days=1)}
    made = records(
        students=students(), class_sheets=sheets(DAYS), attendance=attendance(truant, excused)
    )
    before, after = (features_as_of(made, day).loc["a"] for day in (DAYS[64], DAYS[65]))
    assert before[["unexcused_20", "sick_20"]].tolist() == [1, 0]
    assert after[["unexcused_20", "sick_20"]].tolist() == [0, 1]


def test_a_day_on_which_a_fifth_of_the_school_is_away_is_nobodys_absence() -> None:
    ids = [f"p{number}" for number in range(49)] + ["a"]
    roster = students(*({"student_id": one} for one in ids))

    def unexcused(away: int) -> float:
        rows = [row for one in ids[-away:] for row in absent_days([DAYS[60]], student_id=one)]
        return features_of_a(students=roster, attendance=attendance(*rows))["unexcused_5"]

    assert [unexcused(9), unexcused(10)] == [2, 0]


def test_a_school_that_keeps_exceptions_alone_still_has_counts() -> None:
    """The roll was called when anybody has an exception: 3 half-days, 1 of them the pupil's."""
    rows = attendance(
        {"day": DAYS[62], "student_id": "b"},
        {"day": DAYS[63]},
        {"day": DAYS[64], "student_id": "b"},
    )
    found = features_of_a(
        students=students({}, {"student_id": "b"}), attendance=rows, class_sheets=sheets([])
    )
    assert found["unexcused_20"] == 1
    assert found["days_since_seen"] == 0
    assert np.isnan(found["recorded_share_20"])


def test_the_schools_own_closing_overrides_the_calendar() -> None:
    """Day 64 is closed for the school, so that its last five days are 59–63."""
    rows = [{"term": "2024-2025-1", "day": day} for day in DAYS]
    closed = {**rows[64], "school_code": "S1", "day_type": "closed"}
    away = attendance(*absent_days([DAYS[59], DAYS[64]]))
    found = features_of_a(attendance=away, calendar=table("calendar", [*rows, closed]))
    assert found["unexcused_5"] == 2


def test_the_pupil_stands_beside_the_enrolled_of_the_class() -> None:
    """Half-days 4, 0, 2; mean 2, standard deviation sqrt(8/3). The transferred do not count."""
    roster = students(
        {}, {"student_id": "b"}, {"student_id": "c"}, {"student_id": "d", "status": "10"}
    )
    rows = absent_days(DAYS[60:62]) + absent_days(DAYS[60:61], student_id="c")
    rows += absent_days(DAYS[50:60], student_id="d")
    found = features_of_a(students=roster, attendance=attendance(*rows))
    assert found["unexcused_above_class_20"] == 2
    assert np.isclose(found["unexcused_class_z_60"], 2 / np.sqrt(8 / 3))
    assert found["class_size"] == 3
