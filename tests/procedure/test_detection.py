"""From sheets to suspicions."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kongchuo_risk.domain.attendance import Absence, Observation, WatchTag
from kongchuo_risk.domain.case import Trigger
from kongchuo_risk.errors import CaseError
from kongchuo_risk.procedure import (
    ended_runs,
    is_early_sign,
    is_suspicion,
    school_counts,
    suspicions_of,
    watch_tags,
)
from tests.procedure.builders import MONDAY, NATIONAL, YONGZHEN, names, sheet

STRICT, NORMAL = YONGZHEN.detection, NATIONAL.detection


def test_one_unexplained_half_day_is_enough_where_the_rules_are_strictest() -> None:
    found = suspicions_of([sheet(0, "AM", "a")], rules=STRICT)
    assert [(s.student_id, s.since, s.session, s.sessions) for s in found] == [
        ("a", MONDAY, "AM", 1)
    ]
    assert suspicions_of([sheet(0, "AM", "a")], rules=NORMAL) == []


def test_half_days_in_a_row_count_over_the_weekend_and_over_missing_sheets() -> None:
    sheets = [sheet(4, "PM", "a"), sheet(7, "AM", "a"), sheet(7, "PM", "a")]
    (found,) = suspicions_of(sheets, rules=NORMAL)
    assert (found.since, found.session, found.sessions) == (MONDAY + timedelta(days=4), "PM", 3)


@pytest.mark.parametrize("kind", ["sick", "personal", "late"])
def test_an_explained_absence_is_no_suspicion(kind: str) -> None:
    sheets = [sheet(0, "AM", "a"), sheet(0, "PM", "a"), sheet(1, "AM", "a", kind=kind)]
    assert suspicions_of(sheets, rules=STRICT) == []


def test_who_was_seen_at_the_last_sheet_is_not_missing() -> None:
    assert suspicions_of([sheet(0, "AM", "a"), sheet(0, "PM")], rules=STRICT) == []


def test_one_pupil_is_enough_for_a_case() -> None:
    sheets = [sheet(0, "AM", "a"), sheet(0, "PM", "a")]
    (found,) = suspicions_of(sheets, rules=NORMAL)
    assert (found.trigger, found.held) == (Trigger.ABSENCE, "")


def test_not_being_back_at_the_start_of_term_is_named_as_such() -> None:
    sheets = [sheet(0, session, "a", kind="not_reported") for session in ("AM", "PM")]
    assert suspicions_of(sheets, rules=NORMAL)[0].trigger == Trigger.NOT_REPORTED


def test_half_a_class_is_held_for_a_person() -> None:
    missing = [f"p{number}" for number in range(12)]
    found = suspicions_of([sheet(0, "AM", *missing)], rules=STRICT)
    assert len(found) == 12
    assert {s.held for s in found} == {
        "本班应到 40 人，12 人无故未到，可能是天气、集市、流感等，请判断"
    }
    assert suspicions_of([sheet(0, "AM", *missing[:4])], rules=STRICT)[0].held == ""


def test_a_fifth_of_the_school_is_held_too() -> None:
    counts = school_counts(
        [sheet(0, "AM", "a", enrolled=5), sheet(0, "AM", enrolled=5, class_id="C2")]
    )
    assert counts == {("S1", (MONDAY, "AM")): (1, 10)}
    assert school_counts([sheet(0, "AM", "a", enrolled=5)]) == {}, "one class is not the school"
    (found,) = suspicions_of([sheet(0, "AM", "a")], rules=STRICT, school=(20, 100))
    assert found.held.startswith("全校应到 100 人，20 人无故未到")


def test_an_absence_that_is_explained_afterwards_ends_the_suspicion() -> None:
    before = suspicions_of([sheet(0, "AM", "a", "b")], rules=STRICT)
    corrected = sheet(0, "AM", "b", version=2)
    assert names(ended_runs(before, [corrected])) == ["a"]


def test_signs_are_watched_and_a_runaway_is_looked_for_at_once() -> None:
    def seen(tag: str) -> Observation:
        return Observation("a", MONDAY, tag, "T1")

    assert is_early_sign(seen("intends_to_leave"), NORMAL)
    assert not is_early_sign(seen("improved"), NORMAL)
    assert is_suspicion(seen("runaway"), NORMAL)
    assert not is_suspicion(seen("aversion"), NORMAL)


def test_the_three_watch_tags() -> None:
    assert watch_tags(struggling=True, returned=False, signs=2, was_away=False) == (
        WatchTag.STRUGGLING, WatchTag.LEAVES_EASILY,
    )  # fmt: skip
    assert watch_tags(struggling=False, returned=True, signs=0, was_away=True) == (
        WatchTag.RETURNER,
    )


def test_a_sheet_counts_present_and_absent() -> None:
    taken = sheet(0, "AM", "a", "b")
    assert (taken.enrolled, taken.present, taken.absent) == (40, 38, 2)


@pytest.mark.parametrize(
    ("absences", "enrolled", "told"),
    [
        ((Absence("a", "sick"), Absence("a", "late")), 40, "填了两次"),
        ((Absence("z", "sick"),), 40, "不是本班学生：z"),
        ((Absence("a", "sick"), Absence("b", "sick")), 1, "人数不符"),
    ],
)
def test_a_sheet_that_cannot_be_right_is_refused(absences, enrolled: int, told: str) -> None:
    taken = sheet(0, "AM", enrolled=enrolled, absences=absences)
    with pytest.raises(CaseError, match=told):
        taken.check(["a", "b"])


@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from(["AM", "PM"]), st.booleans())))
def test_the_order_of_the_sheets_and_a_second_run_change_nothing(taken) -> None:
    unique = {(day, session): missing for day, session, missing in taken}
    sheets = [sheet(day, session, *("a" * missing)) for (day, session), missing in unique.items()]
    found = suspicions_of(sheets, rules=STRICT)
    assert suspicions_of(sheets[::-1], rules=STRICT) == found
    assert all(s.since >= date(2025, 9, 8) for s in found)
