"""Each check speaks when something is wrong, and only then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.domain.records import Records
from kongchuo_risk.errors import NotReadyError
from kongchuo_risk.validation import (
    CHECKS,
    Finding,
    check_quality,
    render_report,
    require_ready,
    write_report,
)
from kongchuo_risk.validation.findings import load_rules
from tests.builders import absent_days, records, sheets, table, weekdays

AS_OF = date(2025, 10, 17)
"""A Friday, the 35th weekday of the term."""
DAYS = weekdays(date(2025, 9, 1), 35)
PUPILS = [f"p{number:02d}" for number in range(60)]
TERM = "2025-2026-1"


def term_tables(**changed: pd.DataFrame) -> Records:
    """A flawless term: two schools of one class of 30, all sheets, one pupil ill on one day."""
    plain = {
        "schools": table("schools", [_school("S1"), _school("S2")]),
        "classes": table("classes", [_class("C1", "S1"), _class("C2", "S2")]),
        "staff": table("staff", [_staff("T1", 3), _staff("T2", 3)]),
        "students": roster(),
        "guardians": table(
            "guardians",
            [
                {"student_id": pupil, "seat": seat, "relation": "51", "is_guardian": seat == 1}
                for pupil in PUPILS
                for seat in (1, 2)
            ],
        ),
        "calendar": table("calendar", [{"term": TERM, "day": day} for day in DAYS]),
        "attendance": table("attendance", [*_sick("p00"), *_sick("p30")]),
        "class_sheets": taken(),
    }
    return records(**(plain | changed))


def roster(known_on: date = DAYS[0], **facts: Any) -> pd.DataFrame:
    """Sixty pupils of grade 8; ``facts`` replace columns, per pupil when they are mappings."""
    rows = []
    for number, pupil in enumerate(PUPILS):
        row = {
            "student_id": pupil,
            "school_code": "S1" if number < 30 else "S2",
            "class_id": "C1" if number < 30 else "C2",
            "birth_date": date(2012, 5, 1),
            "school_distance_km": float(number),
            "left_behind": "0",
            "poverty_type": "none",
            "disability_type": "0",
            "status": "01",
            "known_on": known_on,
        }
        rows.append(row | {name: _of(value, pupil) for name, value in facts.items()})
    return table("students", [{k: v for k, v in row.items() if v is not None} for row in rows])


def taken(days: list[date] | None = None) -> pd.DataFrame:
    """All sheets of both classes, counting the one sick pupil of each class."""
    frame = sheets(DAYS if days is None else days, "C1", "C2")
    frame["enrolled"] = 30
    frame["present"] = 30 - (frame["day"] == pd.Timestamp(DAYS[10])).astype("Int64")
    return frame


def found(tables: Records, code: str, as_of: date = AS_OF) -> Finding | None:
    """The finding of one check, or nothing."""
    return {item.code: item for item in check_quality(tables, load_schema(), as_of=as_of)}.get(code)


def test_a_flawless_term_has_no_findings() -> None:
    assert check_quality(term_tables(), load_schema(), as_of=AS_OF) == []


def test_without_pupils_or_calendar_only_that_is_said_and_nothing_may_go_on() -> None:
    findings = check_quality(records(), load_schema(), as_of=AS_OF)
    assert [item.code for item in findings] == ["no_students", "no_calendar"]
    with pytest.raises(NotReadyError, match=r"没有学生.*\n.*没有校历"):
        require_ready(findings)


def test_warnings_do_not_stop_the_work() -> None:
    findings = check_quality(term_tables(class_sheets=taken(DAYS[:20])), load_schema(), as_of=AS_OF)
    assert {item.severity for item in findings} == {"warning"}
    require_ready(findings)


def test_what_became_known_later_is_not_looked_at() -> None:
    late = table("staff", [_staff("T1", 3), {**_staff("T2", None), "known_on": date(2025, 12, 1)}])
    assert found(term_tables(staff=late), "without_capacity") is None
    assert found(term_tables(staff=late), "without_capacity", date(2025, 12, 2)) is not None


def test_a_school_that_lost_a_third_of_its_sheets_is_named_with_the_share() -> None:
    some = taken()
    lost = (some["class_id"] == "C2") & some["day"].isin(pd.to_datetime(DAYS[:7]))
    finding = found(term_tables(class_sheets=some[~lost]), "missing_sheets")
    assert finding is not None
    assert finding.count == 1
    assert finding.examples == ("合成S2（缺 20%）",)  # 7 of 35 days


def test_days_on_which_one_school_was_closed_need_no_sheet() -> None:
    closed = [
        {"term": TERM, "day": day, "day_type": "closed", "school_code": "S2"} for day in DAYS[:7]
    ]
    plain = [{"term": TERM, "day": day} for day in DAYS]
    some = taken()
    lost = (some["class_id"] == "C2") & some["day"].isin(pd.to_datetime(DAYS[:7]))
    tables = term_tables(class_sheets=some[~lost], calendar=table("calendar", plain + closed))
    assert found(tables, "missing_sheets") is None


def test_sheets_that_stopped_two_weeks_ago_are_stale() -> None:
    finding = found(term_tables(class_sheets=taken(DAYS[:25])), "stale_records")
    assert finding is not None
    assert finding.count == 10
    assert f"{DAYS[24]:%Y-%m-%d}" in finding.explanation


def test_counts_that_do_not_match_the_names_are_found() -> None:
    wrong = taken()
    wrong.loc[wrong["class_id"] == "C1", "present"] = 29
    finding = found(term_tables(class_sheets=wrong), "counts_disagree")
    assert finding is not None
    # 35 days x 2 sessions of C1, less the one day on which p00 really was ill.
    assert finding.count == 68
    assert finding.share == pytest.approx(68 / 140)
    assert finding.examples == ("合成S1（68 个时段）",)


def test_a_school_of_fifty_without_one_absence_is_asked_about() -> None:
    together = roster(school_code="S1", class_id="C1")
    nobody = term_tables(students=together, attendance=table("attendance"))
    finding = found(nobody, "no_absence_recorded")
    assert finding is not None
    assert finding.examples == ("合成S1",)


def test_small_schools_may_well_have_no_absence() -> None:
    tables = term_tables(attendance=table("attendance", _sick("p00")))
    assert found(tables, "no_absence_recorded") is None


def test_absences_on_a_sunday_are_found() -> None:
    sunday = [{"student_id": "p01", "day": date(2025, 9, 7)}]
    tables = term_tables(attendance=table("attendance", [*_sick("p00"), *_sick("p30"), *sunday]))
    finding = found(tables, "off_calendar")
    assert finding is not None
    assert finding.count == 1
    assert finding.examples == ("2025-09-07（1 条）",)


def test_a_day_on_which_half_a_school_stayed_away_is_noted() -> None:
    rows = [row for pupil in PUPILS[:15] for row in absent_days([DAYS[3]], student_id=pupil)]
    finding = found(term_tables(attendance=table("attendance", rows)), "mass_absence")
    assert finding is not None
    assert finding.severity == "info"
    assert finding.examples == (f"合成S1 {DAYS[3]:%Y-%m-%d}（50%）",)


def test_a_roster_of_last_term_is_told() -> None:
    finding = found(term_tables(students=roster(known_on=date(2025, 3, 3))), "no_roster_this_term")
    assert finding is not None
    assert "2025-03-03" in finding.explanation


def test_pupils_of_an_unknown_class_and_classes_without_a_teacher_are_found() -> None:
    students = roster(class_id={"p05": "C9", None: "C1"})
    classes = table("classes", [{**_class("C1", "S1"), "homeroom_staff": None}])
    tables = term_tables(students=students, classes=classes)
    lost, without = found(tables, "without_class"), found(tables, "without_homeroom")
    assert lost is not None
    assert lost.examples == ("p05",)
    assert without is not None
    assert without.examples == ("C1",)


@pytest.mark.parametrize(("size", "large"), [(55, False), (56, True)])
def test_a_class_of_fifty_six_is_too_large(size: int, large: bool) -> None:
    students = roster(
        class_id={pupil: "C1" if n < size else "C2" for n, pupil in enumerate(PUPILS)}
    )
    assert (found(term_tables(students=students), "large_class") is not None) == large


@pytest.mark.parametrize(
    ("year", "wrong"), [(2008, False), (2006, True), (2014, False), (2016, True)]
)
def test_grade_eight_is_for_eleven_to_seventeen_year_olds(year: int, wrong: bool) -> None:
    students = roster(birth_date={"p07": date(year, 5, 1), None: date(2012, 5, 1)})
    finding = found(term_tables(students=students), "impossible_age")
    assert (finding is not None and finding.examples == ("p07",)) == wrong


def test_exams_with_too_few_marks_are_found() -> None:
    exams = table(
        "exams", [{"exam_id": "E1", "term": TERM, "exam_type": "midterm", "day": DAYS[20]}]
    )
    few = table("scores", [{"student_id": p, "known_on": DAYS[21]} for p in PUPILS[:23]])
    most = table("scores", [{"student_id": p, "known_on": DAYS[21]} for p in PUPILS[:24]])
    finding = found(term_tables(exams=exams, scores=few), "scores_missing")
    assert finding is not None
    assert finding.examples == ("E1",)
    assert found(term_tables(exams=exams, scores=most), "scores_missing") is None


def test_who_is_on_no_list_any_more_must_have_left_by_the_book() -> None:
    before, after = roster(known_on=date(2025, 3, 3), grade=7), roster()
    both = pd.concat([before, after[~after["student_id"].isin(["p10", "p11"])]], ignore_index=True)
    moved = table(
        "registration_changes",
        [{"student_id": "p11", "change_type": "21", "day": date(2025, 8, 30)}],
    )
    finding = found(term_tables(students=both, registration_changes=moved), "vanished")
    assert finding is not None
    assert finding.examples == ("p10",)
    assert finding.share == pytest.approx(1 / 60)


def test_graduates_have_not_vanished() -> None:
    before = roster(known_on=date(2025, 3, 3), grade=9)
    now = roster(student_id={pupil: f"new-{pupil}" for pupil in PUPILS})
    both = pd.concat([before, now], ignore_index=True)
    assert found(term_tables(students=both), "vanished") is None


def test_empty_key_fields_are_named() -> None:
    students = roster(left_behind=dict.fromkeys(PUPILS[:30], "0") | {None: None})
    finding = found(term_tables(students=students), "missing_fields")
    assert finding is not None
    assert finding.examples == ("是否留守儿童（空缺 50%）",)


def test_twins_in_all_but_number_are_noted() -> None:
    facts: dict[str, Any] = {
        "sex": "1", "village": "V", "siblings": 1, "mother_education": "junior",
        "caregiver": "parents",
    }  # fmt: skip
    same = roster(school_distance_km={"p01": 2.0, "p02": 2.0}, **facts)
    finding = found(term_tables(students=same), "duplicate_pupils")
    assert finding is not None
    assert finding.examples == ("p01", "p02")


def test_pupils_without_a_guardian_and_with_one_member_are_counted() -> None:
    rows = [
        {"student_id": pupil, "relation": "51", "is_guardian": number >= 6}
        for number, pupil in enumerate(PUPILS)
    ]
    tables = term_tables(guardians=table("guardians", rows))
    without, single = found(tables, "without_guardian"), found(tables, "one_member")
    assert without is not None
    assert without.count == 6
    assert single is not None
    assert single.count == 60


def test_a_school_that_has_only_a_roster_and_a_calendar_gets_advice_not_a_crash() -> None:
    tables = records(students=roster(), calendar=term_tables()["calendar"])
    codes = {item.code for item in check_quality(tables, load_schema(), as_of=AS_OF)}
    assert {"stale_records", "without_class", "without_guardian"} <= codes


def test_every_check_has_its_rule_and_every_rule_its_check() -> None:
    assert set(CHECKS) == set(load_rules())
    assert all(rule.source for rule in load_rules().values())


def test_a_missing_table_is_a_mistake_of_the_caller() -> None:
    tables = {name: frame for name, frame in term_tables().items() if name != "visits"}
    with pytest.raises(ValueError, match="visits"):
        check_quality(Records(tables), load_schema(), as_of=AS_OF)


def test_the_report_says_what_to_do(tmp_path: Path) -> None:
    findings = check_quality(term_tables(class_sheets=taken(DAYS[:25])), load_schema(), as_of=AS_OF)
    text = render_report(findings)
    assert text.startswith("数据检查：警告 2 项。")
    assert "建议：补报这些天的点名表" in text
    write_report(findings, tmp_path / "out" / "检查.xlsx")
    rows = (
        CalamineWorkbook.from_path(tmp_path / "out" / "检查.xlsx").get_sheet_by_index(0).to_python()
    )
    assert [row[1] for row in rows] == ["检查", *(item.title for item in findings)]


def test_the_window_is_counted_in_school_days() -> None:
    """Forty school days reach back over the whole term of 35, not over forty calendar days."""
    early = taken()
    lost = early["day"] < pd.Timestamp(DAYS[0] + timedelta(days=7))
    finding = found(term_tables(class_sheets=early[~lost]), "missing_sheets")
    assert finding is not None
    assert finding.count == 2
    assert "近 35 个上课日" in finding.explanation


def _of(value: Any, pupil: str) -> Any:
    return value.get(pupil, value.get(None)) if isinstance(value, Mapping) else value


def _school(code: str) -> dict[str, Any]:
    return {"school_code": code, "school_name": f"合成{code}", "school_type": "junior"}


def _class(class_id: str, school: str) -> dict[str, Any]:
    return {
        "term": TERM, "class_id": class_id, "school_code": school, "grade": 8,
        "class_name": class_id, "homeroom_staff": "T1",
    }  # fmt: skip


def _staff(number: str, capacity: int | None) -> dict[str, Any]:
    return {
        "staff_no": number, "school_code": "S1", "roles": "homeroom", "mentor_capacity": capacity,
    }  # fmt: skip


def _sick(pupil: str) -> list[dict[str, Any]]:
    return absent_days([DAYS[10]], student_id=pupil, kind="sick")
