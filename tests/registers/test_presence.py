from __future__ import annotations

from datetime import date

from kongchuo_risk.domain.match import FindingKind
from kongchuo_risk.registers import compare_roll_with_attendance, compare_roll_with_headcount
from tests.builders import absent_days, attendance, sheets, weekdays
from tests.registers.builders import names, others, people, person

DAYS = weekdays(date(2025, 9, 1), 10)
DAY = DAYS[-1]


def pupil(pupil: str, name: str, place: str = "C1", **facts: object) -> dict[str, object]:
    return person(pupil=pupil, name=name, place=place, status="在读") | facts


ROLL = people(
    pupil("a", "王甲子"),
    pupil("b", "李乙丑"),
    pupil("c", "张丙寅"),
    pupil("d", "刘丁卯"),
    pupil("e", "陈戊辰", status="休学"),
    pupil("f", "杨己巳", place="C2"),
)
ABSENCES = attendance(
    *absent_days(DAYS[3:], student_id="b"),
    *absent_days(DAYS, student_id="c", kind="sick"),
    *absent_days(DAYS[5:], student_id="d", kind="sick"),
    *absent_days(DAYS, student_id="e", kind="sick"),
)


def test_who_was_met_and_who_was_not_in_the_last_ten_sessions() -> None:
    found = compare_roll_with_attendance(ROLL, ABSENCES, sheets(DAYS, "C1"), day=DAY)
    assert found.counts == {
        "一直请假": 1, "名在人不在": 1, "在校": 1, "学籍状态：休学": 1, "点名次数不足": 1,
        "辍学疑似": 1,
    }  # fmt: skip
    assert names(found, FindingKind.NOT_AT_SCHOOL) == ["李乙丑"]
    assert names(found, FindingKind.NEVER_SEEN) == ["张丙寅"]
    assert found.findings[0].detail == "最近 10 次点名都不在，其中 10 次无故"


def test_a_pupil_who_came_once_lately_is_at_school() -> None:
    found = compare_roll_with_attendance(
        ROLL[:2], attendance(*absent_days(DAYS[:9], student_id="b")), sheets(DAYS, "C1"), day=DAY
    )
    assert found.counts == {"在校": 2}


def test_absence_in_a_session_without_a_sheet_counts_for_nothing() -> None:
    taken = sheets(DAYS[:5], "C1")
    gone = attendance(*absent_days(DAYS[1:], student_id="b"))
    found = compare_roll_with_attendance(ROLL[:2], gone, taken, day=DAY)
    assert found.counts == {"在校": 2}


def test_sheets_after_the_day_are_not_known_yet() -> None:
    found = compare_roll_with_attendance(ROLL[:2], ABSENCES, sheets(DAYS, "C1"), day=DAYS[2])
    assert found.counts == {"点名次数不足": 2}


def test_a_head_count_finds_who_is_only_on_paper_and_who_is_only_in_class() -> None:
    roll = people(pupil("a", "王甲子"), pupil("b", "李乙丑"), *others())
    met = people(person(name="王佳子"), person(name="钱癸亥", birth="2012-02-02"), *others())
    found = compare_roll_with_headcount(roll, met, day=DAY)
    assert found.counts == {"在校": 41, "名在人不在": 1}
    assert names(found, FindingKind.NEVER_SEEN) == ["李乙丑"]
    assert names(found, FindingKind.UNREGISTERED) == ["钱癸亥"]
