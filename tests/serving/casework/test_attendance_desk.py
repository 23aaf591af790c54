"""A sheet is entered, and who is missing is looked for at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy.engine import Engine

from kongchuo_risk.cases import case_reader
from kongchuo_risk.domain.attendance import Absence, ClassSheet, Observation
from kongchuo_risk.domain.case import CaseStatus, Trigger
from kongchuo_risk.errors import CaseError, NotFoundError
from kongchuo_risk.serving.casework import Casework, Entered
from kongchuo_risk.workspace import Workspace
from tests.serving.casework.conftest import MONDAY, PRINCIPAL, Desks

DAY = MONDAY.date()


def enter(desk: Casework, session: str, *missing: str, kind: str = "unexcused",
          day: date = DAY) -> Entered:  # fmt: skip
    blank = desk.attendance.blank("C1", day, session)
    absences = tuple(Absence(pupil, kind) for pupil in missing)
    return desk.attendance.enter(replace(blank, absences=absences))


def strict(school: Workspace) -> None:
    text = school.config.read_text(encoding="utf-8")
    school.config.write_text(text.replace("国家2024", "永镇"), encoding="utf-8")


def test_a_blank_sheet_has_everybody_present(desks: Desks) -> None:
    blank = desks().attendance.blank("C1", DAY, "AM")
    assert (blank.enrolled, blank.present, blank.absent, blank.version) == (2, 2, 0, 0)
    with pytest.raises(NotFoundError, match="C9"):
        desks().attendance.blank("C9", DAY, "AM")


def test_the_second_half_day_opens_a_case_with_owner_and_beginning(desks: Desks) -> None:
    assert enter(desks(), "AM", "a").opened == ()
    (case,) = enter(desks(), "PM", "a").opened
    assert (case.student_id, case.status, case.trigger) == ("a", "疑似", Trigger.ABSENCE)
    assert (case.absent_since, case.absent_session, case.owner_staff) == (DAY, "AM", "T1")
    assert enter(desks(), "AM", "a", day=DAY + timedelta(days=1)).opened == ()


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
    assert case.id is not None
    enter(desks(), "PM", "a", kind="sick")
    notes = [event.note for event in desks().cases.file(case.id).events]
    assert notes[-1] == "2025-10-13下午点名：缺勤已有说明，请核实后变更案件"
    assert len(desks().cases.open_cases()) == 1


def test_a_missed_day_is_looked_into_later_and_twice_is_once(desks: Desks) -> None:
    enter(desks(), "AM", "a")
    enter(desks(), "PM", "a")
    again = desks().attendance.detect(DAY)
    assert [entered.opened for entered in again] == [()]
    assert len(desks().cases.open_cases("S1")) == 1


def test_a_class_that_stays_away_together_waits_for_a_person(
    school: Workspace, desks: Desks, monkeypatch: pytest.MonkeyPatch
) -> None:
    strict(school)
    desk = desks()
    rules = desk.room.procedure.detection.model_copy(update={"mass_pupils": 2})
    procedure = desk.room.procedure.model_copy(update={"detection": rules})
    object.__setattr__(desk.room, "procedure", procedure)
    entered = enter(desk, "AM", "a", "b")
    assert entered.opened == ()
    first, second = entered.held
    assert first.id is not None
    assert second.id is not None
    assert desks().attendance.held("S1") == [first, second]
    leader = desks(PRINCIPAL)
    dismissed = leader.attendance.judge(first.id, is_case=False, note="村里赶集")
    assert (dismissed.state, dismissed.judged_by) == ("不是", "校长乙")
    judged = leader.attendance.judge(second.id, is_case=True)
    assert judged.case_id == leader.cases.open_cases()[0].id
    assert desks().attendance.held() == []


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
