"""The calendar that a school starts from, and periods of reports."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kongchuo_risk.domain.school_days import SchoolDays
from kongchuo_risk.procedure import period_of, periods_before
from kongchuo_risk.procedure.calendar import completed, proposed_calendar, unknown_years

DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


def test_holidays_and_make_up_days_are_those_that_the_state_announced() -> None:
    table = proposed_calendar("2025-2026-1").set_index("day")
    assert table.loc["2025-10-01":"2025-10-08", "day_type"].eq("holiday").all()
    assert table.loc["2025-10-11", ["day_type", "note"]].tolist() == ["makeup", "调休上课"]
    assert table.loc["2025-10-01", "note"] == "国庆节"


def test_what_the_school_entered_is_never_changed() -> None:
    own = SchoolDays({date(2025, 10, 1): True})
    days = completed(own, date(2025, 9, 1), date(2025, 10, 31))
    assert days.is_open(date(2025, 10, 1))
    assert not days.is_open(date(2025, 10, 2))
    assert days.is_open(date(2025, 10, 11))


def test_there_is_no_school_between_the_terms() -> None:
    days = completed(SchoolDays(), date(2025, 7, 1), date(2025, 9, 2))
    assert not days.is_open(date(2025, 8, 1))
    assert days.is_open(date(2025, 9, 1))


def test_years_that_the_library_does_not_know_are_named() -> None:
    assert unknown_years(date(2025, 9, 1), date(2025, 12, 31)) == []
    (told,) = unknown_years(date(2031, 1, 1), date(2031, 2, 1))
    assert "2031 年先按周一至周五上课" in told
    assert proposed_calendar("2031-2032-1")["day_type"].isin(["school", "holiday"]).all()


@given(DAYS, st.integers(0, 15))
def test_the_nth_school_day_after_is_a_school_day_and_comes_later(day: date, number: int) -> None:
    target = SchoolDays().after(day, number)
    assert target >= day
    assert number == 0 or SchoolDays().is_open(target)
    assert len(SchoolDays().between(day + timedelta(days=1), target)) == number


@pytest.mark.parametrize("kind", ["day", "week", "month", "quarter", "term", "year"])
@given(day=DAYS)
def test_periods_cover_the_calendar_without_gaps(kind, day: date) -> None:
    period = period_of(day, kind)
    assert period.holds(day)
    assert period_of(period.last, kind) == period
    (before, *_) = list(periods_before(day, kind, count=2))[-1:]
    assert before.last < period.first or kind == "day"
