"""Deadlines of a case, worked by hand: what is due when, and what counts as done."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.case import CaseEvent, CaseStatus, Destination, Proposal
from kongchuo_risk.domain.task import TaskState
from kongchuo_risk.domain.visit import NoticeKind, StepKind, VisitMode, Visitor, VisitResult
from kongchuo_risk.procedure import CaseFacts, case_tasks, level_of
from tests.procedure.builders import (
    MONDAY,
    NATIONAL,
    YONGZHEN,
    at,
    case,
    day,
    facts,
    known,
    moved,
    notice,
    observed,
    setting,
    step,
    tasks,
    visit,
    visits,
)


@pytest.mark.parametrize(("session", "due"), [("AM", at(0, 18)), ("PM", at(0, 23, 59))])
def test_missing_in_the_morning_is_visited_in_the_afternoon_and_then_in_the_evening(
    session: str, due
) -> None:
    found = tasks(facts(case(absent_session=session)), at(0, 10), YONGZHEN)
    assert found["first_visit"].due == due
    assert found["first_visit"].owner_role is Role.HOMEROOM


def test_nothing_of_the_day_is_left_overnight() -> None:
    found = tasks(facts(), at(1, 0, 1), YONGZHEN)
    assert found["first_visit"].state is TaskState.LATE
    assert found["same_day_report"].state is TaskState.LATE


def test_a_telephone_call_is_a_contact_but_no_visit_at_home() -> None:
    called = visit(at(0, 11), mode=VisitMode.PHONE)
    found = tasks(facts(visits=[called]), at(0, 12), YONGZHEN)
    assert found["first_visit"].state is TaskState.DUE
    assert found["guardian_contact"].state is TaskState.DONE


def test_a_leader_goes_along_on_the_first_visit() -> None:
    alone = tasks(facts(visits=[visit(at(0, 15))]), at(0, 16), YONGZHEN)
    assert alone["leader_visit"].state is TaskState.DUE
    together = visit(at(0, 15), Role.HOMEROOM, Role.DEAN)
    assert tasks(facts(visits=[together]), at(0, 16), YONGZHEN)["leader_visit"].state == "已完成"


def test_a_case_and_an_early_sign_are_reported_the_same_day() -> None:
    reported = step(StepKind.REPORTED, at(0, 17))
    assert tasks(facts(steps=[reported]), at(0, 18))["same_day_report"].state is TaskState.DONE
    sign = case(CaseStatus.EARLY_SIGN)
    found = case_tasks(facts(sign).__class__(sign), setting(at(1)))
    assert [(task.kind, task.state) for task in found] == [("same_day_report", TaskState.LATE)]


def test_what_is_late_is_raised_to_the_principal() -> None:
    late = tasks(facts(), at(2))["guardian_contact"]
    assert (late.state, late.raised_to) == (TaskState.LATE, Role.PRINCIPAL)
    assert tasks(facts(), at(0, 10))["guardian_contact"].raised_to is None


def test_subject_teachers_are_told_and_join_a_visit() -> None:
    found = tasks(facts(), at(0, 10))
    assert found["teachers_told"].due == at(1, 23, 59)
    assert found["joint_visit"].owner_role is Role.SUBJECT
    joined = visit(at(3, 17), Role.HOMEROOM, Role.SUBJECT)
    assert tasks(facts(visits=[joined]), at(4))["joint_visit"].state is TaskState.DONE


def test_cause_destination_and_owner_must_be_found_out() -> None:
    found = tasks(facts(case(owner_staff=None)), at(1))["case_facts"]
    assert found.detail == "还缺：原因、去向、包案教师"
    told = moved(CaseStatus.PERSUADING, at(2), before=CaseStatus.SUSPECTED, **known())
    whole = facts(case(CaseStatus.PERSUADING, **known()), events=(told,))
    assert tasks(whole, at(3))["case_facts"].state is TaskState.DONE


def test_a_week_without_return_asks_for_the_report_and_the_report_for_the_notice() -> None:
    found = tasks(facts(), at(1))
    assert found["dropout_report"].due == at(7, 23, 59)
    assert found["cause_report"].due == at(7, 23, 59)
    assert "return_notice" not in found
    reported = facts(notices=[notice(NoticeKind.DROPOUT_REPORT, 7)])
    # The report came on a Monday: two school days later is Wednesday.
    assert tasks(reported, at(8))["return_notice"].due == at(9, 23, 59)


def test_a_timed_notice_counts_when_it_is_proved_to_have_arrived() -> None:
    issued = notice(NoticeKind.TIMED_RETURN_NOTICE, 10, deadline=17)
    found = tasks(facts(notices=[issued]), at(11))["timed_notice"]
    assert (found.state, found.detail) == (TaskState.DUE, "已签发，还没有送达回执")
    arrived = notice(NoticeKind.TIMED_RETURN_NOTICE, 10, deadline=17, delivered=11)
    assert tasks(facts(notices=[arrived]), at(12))["timed_notice"].state is TaskState.DONE


def test_handing_over_is_due_only_after_the_deadline_of_the_notice() -> None:
    arrived = notice(NoticeKind.TIMED_RETURN_NOTICE, 10, deadline=17, delivered=11)
    assert "handover" not in tasks(facts(notices=[arrived]), at(17))
    # The deadline is a Thursday: three school days later is Tuesday.
    assert tasks(facts(notices=[arrived]), at(18))["handover"].due == at(22, 23, 59)


def test_the_bureau_is_told_in_writing_when_persuasion_fails() -> None:
    assert tasks(facts(), at(1))["bureau_report"].due == at(10, 23, 59)
    told = facts(notices=[notice(NoticeKind.BUREAU_REPORT, 9)])
    assert tasks(told, at(11))["bureau_report"].state is TaskState.DONE


def test_five_visits_a_term_are_paced() -> None:
    found = tasks(facts(visits=visits(1, 10)), at(12))["visit_series"]
    assert found.detail == "已家访 2 次，还差 3 次"
    assert found.due == at(42, 23, 59)
    whole = case_tasks(facts(visits=visits(1, 2, 3, 4, 5)), setting(at(12)))
    assert [t.state for t in whole if t.kind == "visit_series"] == [TaskState.DONE] * 5


def test_visits_that_a_term_lacked_are_told_when_it_is_over_and_the_next_counts_anew() -> None:
    # Term ends on 31 January, 145 days after the Monday; one visit was made in autumn.
    found = [
        task
        for task in case_tasks(facts(visits=visits(3)), setting(at(150)))
        if task.kind == "visit_series"
    ]
    assert [(task.key, task.state) for task in found] == [
        ("case:17:visit_series:2025-2026-1-1", TaskState.DONE),
        ("case:17:visit_series:2025-2026-1-2", TaskState.MISSED),
        ("case:17:visit_series:2025-2026-2-1", TaskState.DUE),
    ]


def test_a_promised_return_is_looked_at_on_its_day() -> None:
    promised = visit(at(1), result=VisitResult.PROMISED, promise=MONDAY + timedelta(days=4), id=1)
    assert tasks(facts(visits=[promised]), at(2))["promise_check"].due == at(4, 23, 59)
    back = facts(case(CaseStatus.RETURNED, returned_on=MONDAY + timedelta(days=4)),
                 visits=[promised])  # fmt: skip
    assert tasks(back, at(5))["promise_check"].state is TaskState.DONE


def test_four_weeks_away_is_a_dropout() -> None:
    within = NATIONAL.deadlines["confirm_dropout"].within
    assert level_of(facts(), MONDAY + timedelta(days=27), within) == "疑似辍学"
    assert level_of(facts(), MONDAY + timedelta(days=28), within) == "辍学"
    assert level_of(facts(case(CaseStatus.RETURNED)), MONDAY, within) == ""


def test_somebody_is_in_touch_every_week() -> None:
    last = visit(at(5, 15))
    assert tasks(facts(visits=[last]), at(6))["weekly_contact"].due == at(12, 23, 59)
    not_met = visit(at(5), met_student=False, met_guardian=False, result=VisitResult.NOT_MET)
    assert tasks(facts(visits=[not_met]), at(6))["weekly_contact"].due == at(7, 23, 59)


def test_a_returned_pupil_is_observed_four_times_two_months_apart() -> None:
    back = case(CaseStatus.FOLLOW_UP, returned_on=MONDAY)
    found = [
        task for task in case_tasks(facts(back, steps=[observed(60)]), setting(at(61)))
        if task.kind == "observation"
    ]  # fmt: skip
    assert [task.due for task in found] == [at(n, 23, 59) for n in (60, 120, 180, 240)]
    assert [task.state for task in found] == ["已完成", "待办", "待办", "待办"]


def test_a_proposal_and_a_record_do_not_wait_for_long() -> None:
    asked = Proposal(17, CaseStatus.CLOSED, "班主任甲", at(0), id=3)
    read_late = visit(at(0), recorded_at=at(0).isoformat(), reviewed_at=at(9).isoformat())
    found = tasks(facts(proposals=[asked], visits=[read_late]), at(10))
    assert (found["second_person"].due, found["second_person"].state) == (at(2, 23, 59), "逾期")
    assert found["visit_review"].state is TaskState.DONE_LATE


def test_a_child_who_came_back_in_time_is_asked_for_nothing_more() -> None:
    back = case(CaseStatus.RETURNED, returned_on=MONDAY + timedelta(days=2))
    found = tasks(facts(back), at(3))
    assert "dropout_report" not in found
    assert found["first_visit"].state is TaskState.MISSED


def test_after_a_relapse_the_visits_of_the_first_time_do_not_count() -> None:
    again = case(absent_since=MONDAY + timedelta(days=100))
    relapse = moved(CaseStatus.SUSPECTED, at(100), before=CaseStatus.FOLLOW_UP)
    found = tasks(facts(again, visits=visits(1, 2, 3), events=(relapse,)), at(100, 12))
    assert found["first_visit"].state is TaskState.DUE
    assert found["visit_series"].detail == "已家访 0 次，还差 5 次"


def test_after_a_relapse_what_was_late_the_first_time_stays_late_under_its_own_name() -> None:
    back = moved(CaseStatus.RETURNED, at(5), returned_on=MONDAY + timedelta(days=5))
    relapse = moved(
        CaseStatus.SUSPECTED, at(100), before=CaseStatus.RETURNED,
        absent_since=MONDAY + timedelta(days=100),
    )  # fmt: skip
    of = facts(relapse.case, visits=visits(4), events=(back, relapse))
    found = {task.key: task.state for task in case_tasks(of, setting(at(100, 12)))}
    assert found["case:17:first_visit"] is TaskState.DONE_LATE
    assert found["case:17:teachers_told"] is TaskState.MISSED
    assert found["case:17-2:first_visit"] is TaskState.DUE
    assert "case:17:dropout_report" not in found
    assert found["case:17:visit_review:1"] is TaskState.LATE, "a leader still reads the record"


def test_a_sign_and_the_absence_that_follows_are_each_reported_the_same_day() -> None:
    sign = CaseEvent(17, at(-9), None, CaseStatus.EARLY_SIGN, "T1", "",
                     case(CaseStatus.EARLY_SIGN, absent_since=None, opened_on=day(-9)))  # fmt: skip
    away = moved(CaseStatus.SUSPECTED, at(0), before=CaseStatus.EARLY_SIGN)
    of = CaseFacts(case(), events=(sign, away), steps=(step(StepKind.REPORTED, at(-9, 16)),))
    found = {task.key: task.state for task in case_tasks(of, setting(at(0, 12)))}
    assert found["case:17:same_day_report"] is TaskState.DONE
    assert found["case:17-2:same_day_report"] is TaskState.DUE
    assert "case:17:first_visit" not in found


def test_news_of_the_afternoon_is_answered_by_the_evening() -> None:
    heard = facts(known_at=at(2, 16))
    assert tasks(heard, at(2, 17), YONGZHEN)["first_visit"].due == at(2, 23, 59)
    assert tasks(facts(known_at=at(2, 8)), at(2, 9), YONGZHEN)["first_visit"].due == at(2, 18)


def test_every_subject_teacher_goes_along_once_where_they_are_known() -> None:
    first_one = visit(at(3, 17), visitors=(Visitor("科任甲", Role.SUBJECT, "T2"),))
    of = facts(visits=[first_one], subject_teachers=("T2", "T3"))
    found = tasks(of, at(4))["joint_visit"]
    assert (found.state, found.detail) == (TaskState.DUE, "还有 1 位科任教师没有参加")
    other = visit(at(5, 17), visitors=(Visitor("科任乙", Role.HOMEROOM, "T3"),), id=2)
    whole = replace(of, visits=(first_one, other))
    assert tasks(whole, at(6))["joint_visit"].done_at == at(5, 17)


def test_work_and_marriage_and_violence_are_judged_the_same_day_without_naming_them() -> None:
    told = moved(CaseStatus.PERSUADING, at(2), **known(cause="31"))
    of = replace(facts(events=(told,)), case=told.case)
    found = tasks(of, at(2, 12))["mandatory_report"]
    assert (found.due, found.owner_role) == (at(2, 23, 59), Role.PRINCIPAL)
    assert found.detail == "案件中的原因或去向要求判断"
    at_work = moved(CaseStatus.PERSUADING, at(2), **known(destination=Destination.WORKING))
    reported = [step(StepKind.MANDATORY_REPORT, at(2))]
    judged = replace(facts(events=(at_work,), steps=reported), case=at_work.case)
    assert tasks(judged, at(3))["mandatory_report"].state is TaskState.DONE
    assert "mandatory_report" not in tasks(facts(case(**known())), at(2))


def test_who_cannot_be_found_is_looked_for_at_once() -> None:
    lost = moved(CaseStatus.PERSUADING, at(2), destination=Destination.UNKNOWN)
    of = facts(lost.case, events=(lost,))
    assert tasks(of, at(3))["police_report"].state is TaskState.LATE
    found = moved(CaseStatus.PERSUADING, at(2, 20), destination=Destination.AT_HOME)
    again = facts(found.case, events=(lost, found))
    assert tasks(again, at(3))["police_report"].state is TaskState.DONE


def test_after_a_relapse_at_school_is_no_destination() -> None:
    again = case(**known(destination=Destination.AT_SCHOOL))
    assert tasks(facts(again), at(1))["case_facts"].detail == "还缺：去向"


def test_a_promise_that_was_kept_early_is_not_asked_for() -> None:
    promised = visit(at(1), result=VisitResult.PROMISED, promise=day(4))
    back = facts(case(CaseStatus.RETURNED, returned_on=day(2)), visits=[promised])
    assert "promise_check" not in tasks(back, at(9))


def test_every_deadline_says_where_it_comes_from() -> None:
    assert all(rule.source for rule in NATIONAL.deadlines.values())
    found = tasks(facts(case(destination=Destination.UNKNOWN)), at(1))["first_visit"]
    assert found.sources == NATIONAL.deadlines["first_visit"].source
    assert found.due.date() == date(2025, 9, 9)
