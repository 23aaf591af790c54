"""What became of pupils: horizon, gap and censoring, each by itself and worked by hand.

Autumn teaches 80 weekdays from Monday 2 September 2024, spring 60 from Monday 17 February 2025.
With two weeks into the next term the horizon ends on Sunday 2 March 2025.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kongchuo_risk.contracts.profiles import load_profile
from kongchuo_risk.features import build_matrix, outcome, training_days
from tests.builders import absent_days, attendance, records, sheets, students, table, weekdays

AUTUMN, SPRING = weekdays(date(2024, 9, 2), 80), weekdays(date(2025, 2, 17), 60)
DAY = AUTUMN[40]
PROFILE = load_profile("国家2024")


def outcome_of_a(*, days: list[date] | None = None, as_of: date = DAY, **tables: Any) -> pd.Series:
    taught = AUTUMN + SPRING if days is None else days
    roster = students({}, {"student_id": "b"}, *again("a", "b"))
    given = {"students": roster, "class_sheets": sheets(taught), **tables}
    return outcome(records(**given), as_of, PROFILE).loc["a"]


def again(*ids: str, **row: Any) -> list[dict[str, Any]]:
    """The roster of spring."""
    return [{"student_id": one, "known_on": SPRING[0], **row} for one in ids]


def test_a_pupil_who_stays_until_the_end_of_the_horizon_is_a_zero_known_at_its_end() -> None:
    found = outcome_of_a()
    assert found["y"] == 0
    assert found["known_on"] == pd.Timestamp("2025-03-02")
    assert pd.isna(found["event_on"])


def test_the_fifth_unexcused_day_in_a_row_is_the_event() -> None:
    found = outcome_of_a(attendance=attendance(*absent_days(AUTUMN[50:56])))
    assert found["y"] == 1
    assert found["event_on"] == pd.Timestamp(AUTUMN[54])


def test_four_unexcused_days_in_a_row_are_no_event() -> None:
    rows = absent_days(AUTUMN[50:54]) + absent_days(AUTUMN[55:59])
    assert outcome_of_a(attendance=attendance(*rows))["y"] == 0


def test_sick_leave_is_no_event() -> None:
    assert outcome_of_a(attendance=attendance(*absent_days(AUTUMN[50:60], kind="sick")))["y"] == 0


def test_a_run_that_began_before_the_day_counts_when_it_gets_long_enough_after_it() -> None:
    found = outcome_of_a(attendance=attendance(*absent_days(AUTUMN[38:43])))
    assert found["event_on"] == pd.Timestamp(AUTUMN[42])


def test_a_run_long_enough_on_the_day_itself_is_no_outcome_of_it() -> None:
    assert np.isnan(outcome_of_a(attendance=attendance(*absent_days(AUTUMN[36:50])))["y"])


def test_the_gap_of_the_holiday_does_not_break_a_run() -> None:
    found = outcome_of_a(attendance=attendance(*absent_days(AUTUMN[-3:] + SPRING[:2])))
    assert found["event_on"] == pd.Timestamp(SPRING[1])


def test_the_horizon_ends_with_the_second_week_of_next_term() -> None:
    inside = outcome_of_a(attendance=attendance(*absent_days(SPRING[5:10])))
    beyond = outcome_of_a(attendance=attendance(*absent_days(SPRING[6:11])))
    assert (inside["y"], inside["event_on"]) == (1, pd.Timestamp("2025-02-28"))
    assert beyond["y"] == 0


def test_not_back_when_the_next_term_begins_is_an_event() -> None:
    away = attendance(*absent_days(SPRING[:1], kind="not_reported"))
    found = outcome_of_a(attendance=away)
    assert (found["y"], found["event_on"]) == (1, pd.Timestamp(SPRING[0]))


def test_left_out_of_the_next_roster_without_papers_is_an_event() -> None:
    """Grade 9 stands above, so that grade 8 is not the top of the school."""
    others = [{"student_id": one} for one in "bcd"] + [{"student_id": "e", "grade": 9}]
    roster = students({}, *others, *again("b", "c", "d"), *again("e", grade=9))
    found = outcome_of_a(students=roster)
    assert (found["y"], found["event_on"]) == (1, pd.Timestamp("2025-03-02"))


def test_of_a_top_grade_that_goes_on_elsewhere_nothing_can_be_said() -> None:
    roster = students({}, *({"student_id": one} for one in "bcd"), *again("b", "c", "d"))
    assert np.isnan(outcome_of_a(students=roster)["y"])


def test_the_status_of_a_lost_pupil_is_an_event() -> None:
    lost = {"status": "06", "known_on": AUTUMN[60]}
    found = outcome_of_a(students=students({}, lost, {"student_id": "b"}, *again("a", "b")))
    assert (found["y"], found["event_on"]) == (1, pd.Timestamp(AUTUMN[60]))


@pytest.mark.parametrize("change_type", ["11", "21", "51", "81", "82"])
def test_leaving_with_papers_inside_the_horizon_is_censored(change_type: str) -> None:
    paper = table("registration_changes", [{"day": AUTUMN[60], "change_type": change_type}])
    assert np.isnan(outcome_of_a(registration_changes=paper)["y"])


def test_an_event_before_the_papers_stays_an_event() -> None:
    paper = table("registration_changes", [{"day": AUTUMN[60], "change_type": "21"}])
    away = attendance(*absent_days(AUTUMN[45:50]))
    assert outcome_of_a(registration_changes=paper, attendance=away)["y"] == 1


def test_records_that_end_before_the_horizon_leave_the_outcome_unknown() -> None:
    assert np.isnan(outcome_of_a(days=AUTUMN)["y"])
    assert np.isnan(outcome_of_a(days=AUTUMN + SPRING[:3])["y"])
    assert outcome_of_a(days=AUTUMN + SPRING[:10])["y"] == 0


def test_records_that_end_early_keep_the_events_that_they_hold() -> None:
    away = attendance(*absent_days(AUTUMN[50:55]))
    assert outcome_of_a(days=AUTUMN, attendance=away)["y"] == 1


def test_a_class_whose_roll_was_never_called_says_nothing_about_who_stayed() -> None:
    """The school's other class goes on taking sheets; of C1 nothing is written after the day."""
    roster = students(
        {}, {"student_id": "b", "class_id": "C2"}, *again("a"), *again("b", class_id="C2")
    )
    taken = [sheets(AUTUMN[:41], "C1"), sheets(AUTUMN + SPRING, "C2")]
    given = {"students": roster, "class_sheets": pd.concat(taken, ignore_index=True)}
    found = outcome(records(**given), DAY, PROFILE)
    assert np.isnan(found.loc["a", "y"])
    assert found.loc["b", "y"] == 0


def test_the_final_grade_is_watched_until_the_term_ends() -> None:
    autumn_again = weekdays(date(2025, 9, 1), 20)
    found = outcome_of_a(
        days=SPRING + autumn_again, as_of=SPRING[30],
        students=students({"grade": 9, "known_on": SPRING[0]}),
    )  # fmt: skip
    assert (found["y"], found["known_on"]) == (0, pd.Timestamp(SPRING[-1]))


def test_the_end_of_a_term_that_still_goes_on_is_not_known() -> None:
    found = outcome_of_a(
        days=SPRING, as_of=SPRING[30], students=students({"grade": 9, "known_on": SPRING[0]})
    )
    assert np.isnan(found["y"])


def test_an_outcome_is_known_when_its_absences_are_registered() -> None:
    rows = absent_days(AUTUMN[50:55], known_on=AUTUMN[70])
    found = outcome_of_a(attendance=attendance(*rows))
    assert found["known_on"] == pd.Timestamp(AUTUMN[70])


def test_a_measure_counts_as_treatment_only_between_the_day_and_the_outcome() -> None:
    def treated(started_on: date) -> bool:
        measures = table("measures_delivered", [{"started_on": started_on}])
        away = attendance(*absent_days(AUTUMN[50:55]))
        return bool(outcome_of_a(measures_delivered=measures, attendance=away)["treated"])

    assert [treated(day) for day in (AUTUMN[39], AUTUMN[45], AUTUMN[54])] == [False, True, False]


def test_the_matrix_holds_the_cohort_alone_with_outcomes_and_audit_columns() -> None:
    roster = students({"sex": "2"}, {"student_id": "b", "status": "02"}, *again("a"))
    made = build_matrix(
        records(students=roster, class_sheets=sheets(AUTUMN + SPRING)), [DAY, AUTUMN[45]],
        profile=PROFILE,
    )  # fmt: skip
    assert made.rows["student_id"].tolist() == ["a", "a"]
    assert made.rows["as_of"].tolist() == [pd.Timestamp(DAY), pd.Timestamp(AUTUMN[45])]
    assert made.rows["sex"].tolist() == ["2", "2"]
    assert made.y is not None
    assert made.y.tolist() == [0, 0]


def test_training_days_leave_out_the_first_three_weeks_and_are_evenly_spaced() -> None:
    found = training_days(records(students=students(), class_sheets=sheets(AUTUMN)), per_term=3)
    # Of 80 days 65 remain; the middles of the thirds are days 10, 32 and 54 of these.
    assert found == [AUTUMN[15 + place] for place in (10, 32, 54)]
