"""What a school owes: sheets, reports, meetings, letters, checks, answers to signs."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.attendance import Observation, Suspicion
from kongchuo_risk.domain.clock import CHINA
from kongchuo_risk.domain.school_record import RecordKind, RegistrationRequest, SchoolRecord
from kongchuo_risk.domain.task import Task, TaskState
from kongchuo_risk.procedure import SchoolFacts, school_tasks
from tests.procedure.builders import MONDAY, at, day, setting, sheet, visit


def moment(month: int, day: int, hour: int = 9, year: int = 2025) -> datetime:
    return datetime(year, month, day, hour, tzinfo=CHINA)


def school(**parts: Any) -> SchoolFacts:
    values = {name: tuple(part) if isinstance(part, list) else part for name, part in parts.items()}
    return SchoolFacts("S1", **{"classes": {"C1": "T1"}, "first_day": date(2025, 9, 1)} | values)


def record(kind: RecordKind, day: date, recorded: datetime | None = None, **content: Any):
    plain = {"title": content.pop("title", kind), "class_id": content.pop("class_id", None),
             "student_id": content.pop("student_id", None)}  # fmt: skip
    when = recorded or datetime(day.year, day.month, day.day, 10, tzinfo=CHINA)
    return SchoolRecord(kind, "S1", day, content=content, recorded_at=when.isoformat(), **plain)


def of_kind(kind: str, facts: SchoolFacts, when: datetime) -> list[Task]:
    return [task for task in school_tasks(facts, setting(when)) if task.kind == kind]


def test_each_class_takes_a_sheet_morning_and_afternoon() -> None:
    taken = sheet(0, "AM", taken_at=at(0, 8).isoformat())
    found = of_kind("sheet", school(sheets=[taken]), at(0, 13))
    assert [(task.title, task.due, task.state) for task in found] == [
        ("9月8日上午点名并上报", at(0, 12), TaskState.DONE),
        ("9月8日下午点名并上报", at(0, 18), TaskState.DUE),
    ]
    assert found[0].owner_staff == "T1"
    assert of_kind("sheet", school(), at(-1, 9)) == []


def test_day_week_month_and_term_have_their_reports() -> None:
    found = {task.title: task.due for task in of_kind("report", school(), moment(10, 1))}
    assert found["上报辍学动态及劝返日报（2025-10-01）"] == moment(10, 1, 23).replace(minute=59)
    # The last school day of that week was Friday, 26 September.
    assert found["上报学生变动周报（2025年第39周）"].date() == date(2025, 9, 26)
    assert found["上报控辍保学月报（2025年9月）"].date() == date(2025, 9, 28)
    assert found["上报学期全面报告（2024-2025学年第二学期）"].date() == date(2025, 8, 7)
    assert len(found) == 2 + 2 + 2 + 1


def test_a_report_that_went_up_is_done_and_one_that_did_not_is_late() -> None:
    sent = record(RecordKind.REPORT, date(2025, 9, 27), 报表="月报", 期间="2025年9月")
    titles = {
        task.title: task.state for task in of_kind("report", school(records=[sent]), moment(10, 1))
    }
    assert titles["上报控辍保学月报（2025年9月）"] is TaskState.DONE
    assert titles["上报控辍保学月报（2025年8月）"] is TaskState.LATE


def test_days_without_school_have_neither_sheets_nor_a_daily_report() -> None:
    saturday = at(5)
    assert of_kind("sheet", school(), saturday) == []
    titles = [task.title for task in of_kind("report", school(), saturday)]
    assert [title for title in titles if "日报" in title] == [
        "上报辍学动态及劝返日报（2025-09-11）", "上报辍学动态及劝返日报（2025-09-12）",
    ]  # fmt: skip


def test_a_sheet_that_nobody_took_is_asked_for_on_the_days_after() -> None:
    taken = [sheet(1, session, taken_at=at(1).isoformat()) for session in ("AM", "PM")]
    found = of_kind("sheet", school(sheets=taken, sheets_from=MONDAY), at(1, 19))
    assert [(task.title, task.state) for task in found if task.is_open] == [
        ("9月8日上午点名并上报", TaskState.LATE),
        ("9月8日下午点名并上报", TaskState.LATE),
    ]


def test_reports_are_owed_from_the_day_on_which_records_are_kept_here_and_none_is_forgotten():
    found = of_kind("report", school(kept_since=day(2)), at(9))
    daily = [task.title[-11:-1] for task in found if "日报" in task.title]
    # Wednesday to Friday, Monday to Wednesday.
    assert daily == [str(day(number)) for number in (2, 3, 4, 7, 8, 9)]
    assert not any("月报" in task.title for task in found)


def test_letters_of_responsibility_are_signed_with_every_class_each_school_year() -> None:
    two = {"C1": "T1", "C2": "T2"}
    (open_,) = of_kind("letter", school(classes=two), moment(9, 10))
    assert (open_.due.date(), open_.owner_role) == (date(2025, 9, 30), Role.PRINCIPAL)
    first, second = (record(RecordKind.LETTER, date(2025, 9, 5), class_id=name) for name in two)
    (half,) = of_kind("letter", school(classes=two, records=[first]), moment(9, 10))
    assert (half.state, half.detail) == (TaskState.DUE, "已签 1 个班，共 2 个班")
    signed = school(classes=two, records=[first, second])
    assert of_kind("letter", signed, moment(9, 10))[0].state is TaskState.DONE
    assert of_kind("letter", signed, moment(9, 10, year=2026))[0].state is TaskState.DUE


def test_every_pupil_is_checked_when_a_term_begins() -> None:
    (open_,) = of_kind("term_check", school(), moment(9, 16))
    assert (open_.due.date(), open_.state) == (date(2025, 9, 15), TaskState.LATE)
    checked = record(RecordKind.TERM_CHECK, date(2025, 9, 3), class_id="C1")
    done = of_kind("term_check", school(records=[checked]), moment(9, 16))
    assert done[0].state is TaskState.DONE


def test_march_and_september_are_months_of_publicity() -> None:
    for month in (3, 9):
        found = [task for task in of_kind("publicity", school(), moment(month, 30)) if task.is_open]
        assert [task.title for task in found] == [f"{month}月控辍保学宣传月活动"]
    (over,) = of_kind("publicity", school(), moment(10, 1))
    assert over.state is TaskState.MISSED
    held = record(RecordKind.PUBLICITY, date(2025, 9, 10))
    assert of_kind("publicity", school(records=[held]), moment(9, 30))[-1].state == "已完成"


def test_meetings_are_held_regularly_and_experience_is_exchanged_once_a_term() -> None:
    held = record(RecordKind.MEETING, date(2025, 9, 20))
    (found,) = of_kind("meeting", school(records=[held]), moment(10, 1))
    assert found.due.date() == date(2025, 10, 20)
    (open_,) = of_kind("experience_meeting", school(records=[held]), moment(10, 1))
    assert open_.state is TaskState.DUE
    told = record(RecordKind.MEETING, date(2025, 9, 25), title="控辍经验交流会")
    (done,) = of_kind("experience_meeting", school(records=[told]), moment(10, 1))
    assert done.state is TaskState.DONE


def test_a_transfer_is_decided_within_ten_working_days() -> None:
    asked = RegistrationRequest(
        "a", "S1", "21", MONDAY, "随父母迁居", asked_at=at(0).isoformat(), id=4
    )
    (found,) = of_kind("change_decision", school(requests=[asked]), at(1))
    assert (found.due, found.owner_role) == (at(14, 23, 59), Role.OFFICE)


def test_what_was_held_for_a_person_is_judged_the_same_day() -> None:
    held = Suspicion(
        "a", "S1", "C1", MONDAY, "AM", 1, "无故缺勤", "半班未到", id=2,
        recorded_at=at(0, 8).isoformat(),
    )  # fmt: skip
    (found,) = of_kind("judge_suspicion", school(suspicions=[held]), at(1))
    assert (found.due, found.state, found.detail) == (at(0, 23, 59), TaskState.LATE, "半班未到")


def test_a_sign_is_followed_by_a_visit_at_home() -> None:
    seen = Observation("a", MONDAY, "aversion", "T2")
    facts = school(observations=[seen], class_of={"a": "C1"})
    (found,) = of_kind("sign_visit", facts, at(1))
    assert (found.due, found.owner_staff, found.class_id) == (at(7, 23, 59), "T1", "C1")
    visited = school(observations=[seen], visits=[visit(at(3))])
    assert of_kind("sign_visit", visited, at(4))[0].state is TaskState.DONE


def test_danger_to_a_child_is_judged_and_a_runaway_looked_for_the_same_day() -> None:
    seen = [Observation("a", MONDAY, tag, "T2") for tag in ("runaway", "work_intent")]
    facts = school(observations=seen)
    assert [task.due for task in of_kind("police_report", facts, at(0, 10))] == [at(0, 23, 59)]
    assert len(of_kind("mandatory_report", facts, at(0, 10))) == 2
    judged = record(
        RecordKind.REMARK, MONDAY, at(0, 11), student_id="a", 事项="判断是否强制报告",
        结果="已向公安报告",
    )  # fmt: skip
    answered = school(observations=seen, records=[judged])
    assert {task.state for task in of_kind("mandatory_report", answered, at(0, 12))} == {"已完成"}


def test_a_day_that_nobody_looked_at_loses_nothing() -> None:
    seen = Observation("a", MONDAY, "aversion", "T2")
    first = {t.key for t in school_tasks(school(observations=[seen]), setting(at(1)))}
    later = {t.key for t in school_tasks(school(observations=[seen]), setting(at(9)))}
    assert "pupil:a:sign_visit:2025-09-08-aversion" in first & later
    assert timedelta(days=8) == at(9) - at(1)
