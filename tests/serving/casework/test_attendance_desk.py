"""A sheet is entered, and who is missing is looked for at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy.engine import Engine

from kongchuo_risk.cases import case_reader
from kongchuo_risk.domain.attendance import Absence, ClassSheet, Observation
from kongchuo_risk.domain.case import Case, CaseStatus, Trigger
from kongchuo_risk.errors import CaseError, NotFoundError
from kongchuo_risk.serving.casework import Casework
from kongchuo_risk.serving.casework.lookout import Found
from kongchuo_risk.workspace import Workspace
from tests.builders import attendance, sheets
from tests.serving.casework.conftest import MONDAY, PRINCIPAL, Desks, imported

DAY = MONDAY.date()


def enter(desk: Casework, session: str, *missing: str, kind: str = "unexcused",
          day: date = DAY) -> Found:  # fmt: skip
    blank = desk.attendance.blank("C1", day, session)
    absences = tuple(Absence(pupil, kind) for pupil in missing)
    return desk.attendance.enter(replace(blank, absences=absences)).found


def notes(desk: Casework, case: Case) -> list[str]:
    assert case.id is not None
    return [event.note for event in desk.cases.file(case.id).events]


def strict(school: Workspace) -> None:
    text = school.config.read_text(encoding="utf-8")
    school.config.write_text(text.replace("国家2024", "永镇"), encoding="utf-8")


def test_a_blank_sheet_has_everybody_present(desks: Desks) -> None:
    blank = desks().attendance.blank("C1", DAY, "AM")
    assert (blank.enrolled, blank.present, blank.absent, blank.version) == (2, 2, 0, 0)
    with pytest.raises(NotFoundError, match="C9"):
        desks().attendance.blank("C9", DAY, "AM")


def test_the_second_half_day_opens_a_case_with_owner_and_beginning(desks: Desks) -> None:
    assert enter(desks(), "AM", "a").opened == []
    (case,) = enter(desks(), "PM", "a").opened
    assert (case.student_id, case.status, case.trigger) == ("a", "疑似", Trigger.ABSENCE)
    assert (case.absent_since, case.absent_session, case.owner_staff) == (DAY, "AM", "T1")
    tomorrow = desks(at=MONDAY + timedelta(days=1))
    assert enter(tomorrow, "AM", "a", day=DAY + timedelta(days=1)).opened == []


def test_the_strictest_rules_open_it_with_the_first(school: Workspace, desks: Desks) -> None:
    strict(school)
    assert len(enter(desks(), "PM", "a").opened) == 1


def test_entering_and_opening_are_one_unit_of_work(desks: Desks, engine: Engine) -> None:
    enter(desks(), "AM", "a")
    enter(desks(), "PM", "a")
    with case_reader(engine) as store:
        assert [row.action for row in store.audit_rows()] == ["点名", "点名", "立案"]
        assert store.verify_audit().is_whole


def test_a_pupil_of_another_class_is_refused_and_nothing_is_stored(desks: Desks) -> None:
    with pytest.raises(CaseError, match="不是本班学生：c"):
        enter(desks(), "AM", "c")
    assert desks().attendance.blank("C1", DAY, "AM").version == 0


def test_an_absence_explained_afterwards_is_noted_in_the_case(desks: Desks) -> None:
    enter(desks(), "AM", "a")
    (case,) = enter(desks(), "PM", "a").opened
    for _ in range(2):
        enter(desks(), "PM", "a", kind="sick")
    told = notes(desks(), case)
    assert told[1:] == ["2025-10-13下午点名：缺勤已有说明，请核实后变更案件"]
    assert len(desks().cases.open_cases()) == 1
    enter(desks(), "PM", "a")
    assert notes(desks(), case)[-1] == "2025-10-13下午点名：又无故未到"


def test_a_run_that_was_missed_is_made_up_for_and_twice_is_once(
    school: Workspace, desks: Desks
) -> None:
    days = [DAY + timedelta(days=number) for number in range(4)]
    assert desks().attendance.catch_up(days[0] - timedelta(days=3)).found.opened == []
    # Of Tuesday, a's absence was imported; nothing runs until Thursday, when she is back.
    imported(school, class_sheets=sheets([*days[:2], days[3]]))
    late = desks(at=MONDAY + timedelta(days=3)).attendance
    caught = late.catch_up(days[3])
    (case,) = caught.found.opened
    assert (case.student_id, case.absent_since) == ("a", days[1])
    assert [each.id for each in caught.found.noted] == [case.id]
    assert notes(desks(), case)[-1] == "2025-10-16下午点名：到校，请核实后变更案件"
    again = late.catch_up(days[3]).found
    assert (again.opened, again.noted, again.held) == ([], [], [])
    assert len(desks().cases.open_cases("S1")) == 1


def test_the_past_of_a_new_workspace_is_not_turned_into_cases(
    school: Workspace, desks: Desks
) -> None:
    monday = DAY - timedelta(days=7)
    absent = [{"student_id": "b", "day": monday, "session": part} for part in ("AM", "PM")]
    imported(school, attendance=attendance(*absent), class_sheets=sheets([monday, DAY]))
    assert desks().attendance.catch_up(DAY).found.opened == []


def test_what_the_desk_entered_goes_before_what_was_imported(
    school: Workspace, desks: Desks
) -> None:
    enter(desks(), "AM")
    enter(desks(), "PM", "b", kind="sick")
    absent = [{"student_id": "b", "day": DAY, "session": part} for part in ("AM", "PM")]
    imported(school, attendance=attendance(*absent), class_sheets=sheets([DAY]))
    assert desks().attendance.catch_up(DAY).found.opened == []


def test_a_sheet_that_comes_late_makes_the_absence_longer(desks: Desks) -> None:
    tuesday = DAY + timedelta(days=1)
    late = desks(at=MONDAY + timedelta(days=1, hours=6))
    enter(late, "AM", "b", day=tuesday)
    (case,) = enter(late, "PM", "b", day=tuesday).opened
    assert case.absent_since == tuesday
    (earlier,) = enter(late, "PM", "b").opened
    assert (earlier.id, earlier.absent_since, earlier.absent_session) == (case.id, DAY, "PM")


def test_a_day_that_has_not_come_cannot_be_entered(desks: Desks) -> None:
    with pytest.raises(CaseError, match="还没有到"):
        enter(desks(), "AM", day=DAY + timedelta(days=1))


def test_a_new_absence_after_the_return_opens_the_case_again(desks: Desks) -> None:
    enter(desks(), "AM", "b")
    (case,) = enter(desks(), "PM", "b").opened
    assert case.id is not None
    tuesday = MONDAY + timedelta(days=1)
    desk = desks(at=tuesday)
    desk.cases.move(case.id, CaseStatus.RETURNED, returned_on=tuesday.date())
    assert enter(desk, "AM", day=tuesday.date()).opened == []
    desk = desks(at=MONDAY + timedelta(days=2))
    enter(desk, "AM", "b", day=DAY + timedelta(days=2))
    (again,) = enter(desk, "PM", "b", day=DAY + timedelta(days=2)).opened
    assert (again.id, again.status, again.returned_on) == (case.id, CaseStatus.SUSPECTED, None)
    assert again.absent_since == DAY + timedelta(days=2)


def test_a_class_s_day_says_what_is_still_to_be_entered(desks: Desks) -> None:
    day = desks().attendance.attendance_of("C1", DAY)
    assert (day.is_school_day, day.missing) == (True, ("AM", "PM"))
    assert day.pupils == {"a": "甲一", "b": "=甲二"}
    enter(desks(), "AM", "a")
    later = desks().attendance.attendance_of("C1", DAY)
    assert later.missing == ("PM",)
    assert (later.sheets[0].enrolled, later.sheets[0].present) == (2, 1)
    sunday = desks().attendance.attendance_of("C1", DAY - timedelta(days=1))
    assert (sunday.is_school_day, sunday.missing) == (False, ())


@pytest.fixture
def two_are_many(school: Workspace, desks: Desks) -> Casework:
    """The strictest rules, under which two absences of one class wait for a person."""
    strict(school)
    desk = desks()
    rules = desk.room.procedure.detection.model_copy(update={"mass_pupils": 2})
    procedure = desk.room.procedure.model_copy(update={"detection": rules})
    object.__setattr__(desk.room, "procedure", procedure)
    return desk


def test_a_class_that_stays_away_together_waits_for_a_person(
    two_are_many: Casework, desks: Desks
) -> None:
    found = enter(two_are_many, "AM", "a", "b")
    assert found.opened == []
    first, second = found.held
    assert first.id is not None
    assert second.id is not None
    assert desks().attendance.held("S1") == [first, second]
    leader = desks(PRINCIPAL)
    dismissed = leader.attendance.judge(first.id, is_case=False, note="村里赶集")
    assert (dismissed.state, dismissed.judged_by) == ("不是", "校长乙")
    judged = leader.attendance.judge(second.id, is_case=True)
    assert judged.case_id == leader.cases.open_cases()[0].id
    assert desks().attendance.held() == []
    # What a person judged stays judged when the sheets are looked into again.
    assert leader.attendance.catch_up(DAY).found.opened == []


def test_a_held_absence_that_a_correction_explains_is_withdrawn_and_kept(
    two_are_many: Casework, desks: Desks
) -> None:
    enter(two_are_many, "AM", "a", "b")
    (withdrawn,) = enter(two_are_many, "AM", "b").withdrawn
    assert (withdrawn.student_id, withdrawn.state) == ("a", "不是")
    assert withdrawn.note == "更正点名后，2025-10-13的缺勤已有说明或学生在校"


def test_a_sign_puts_a_pupil_on_the_watch_list_and_a_runaway_is_a_case(desks: Desks) -> None:
    desk = desks()
    _, sign = desk.attendance.observe(Observation("b", DAY, "intends_to_leave", "T1"))
    assert sign is not None
    assert (sign.status, sign.absent_since) == (CaseStatus.EARLY_SIGN, None)
    stored, case = desk.attendance.observe(Observation("b", DAY, "runaway", "T1"))
    assert case is not None
    assert (case.id, case.status) == (sign.id, CaseStatus.SUSPECTED)
    assert stored.id is not None
    assert desk.attendance.observe(Observation("c", DAY, "improved", "T1"))[1] is None


def test_a_sheet_of_a_session_belongs_to_one_class() -> None:
    sheet = ClassSheet("S1", "C1", DAY, "AM", 2, (Absence("a", "late"),))
    assert (sheet.present, sheet.absent) == (2, 0)
