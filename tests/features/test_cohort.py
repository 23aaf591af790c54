"""Who is on the list of a day, each exclusion by itself."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from kongchuo_risk.features import cohort
from tests.builders import absent_days, attendance, records, sheets, students, table, weekdays

DAYS = weekdays(date(2024, 9, 2), 40)
DAY = DAYS[30]


def exclusion(**tables: Any) -> str:
    given = {"students": students(), "class_sheets": sheets(DAYS), **tables}
    return str(cohort(records(**given), DAY).loc["a", "exclusion"])


def test_an_enrolled_pupil_is_included() -> None:
    found = cohort(records(students=students(), class_sheets=sheets(DAYS)), DAY)
    assert found.loc["a"].to_dict() == {"included": True, "exclusion": ""}


@pytest.mark.parametrize(
    ("change_type", "why"),
    [
        ("11", "休学"), ("21", "转学"), ("31", "已辍学或流失"), ("51", "死亡"), ("70", "毕业"),
        ("81", "送教上门"), ("82", "出国（境）"),
    ],
)  # fmt: skip
def test_papers_exclude_with_their_reason(change_type: str, why: str) -> None:
    paper = table("registration_changes", [{"day": DAYS[5], "change_type": change_type}])
    assert exclusion(registration_changes=paper) == why


@pytest.mark.parametrize(
    ("status", "why"),
    [("02", "休学"), ("06", "已辍学或流失"), ("10", "转学"), ("15", "已辍学或流失")],
)
def test_the_roster_status_excludes(status: str, why: str) -> None:
    assert exclusion(students=students({"status": status})) == why


def test_the_last_word_counts() -> None:
    papers = table(
        "registration_changes",
        [{"day": DAYS[5], "change_type": "11"}, {"day": DAYS[20], "change_type": "12"}],
    )
    assert exclusion(registration_changes=papers) == ""


def test_papers_that_become_known_later_exclude_only_later() -> None:
    row = {"day": DAYS[5], "change_type": "21", "known_on": DAYS[35]}
    assert exclusion(registration_changes=table("registration_changes", [row])) == ""


def test_pupils_taught_at_home_are_not_on_the_list() -> None:
    assert exclusion(students=students({"placement": "home"})) == "送教上门"


def test_five_unexcused_days_in_a_row_up_to_the_day_are_a_case_already() -> None:
    long = attendance(*absent_days(DAYS[26:31]))
    short = attendance(*absent_days(DAYS[27:31]))
    assert exclusion(attendance=long) == "连续无故缺勤已达疑似辍学天数"
    assert exclusion(attendance=short) == ""


def test_a_pupil_whom_this_years_roster_leaves_out_is_not_on_the_list() -> None:
    roster = students({"known_on": date(2023, 9, 1)}, {"student_id": "b"})
    assert exclusion(students=roster) == "不在本学年花名册"
