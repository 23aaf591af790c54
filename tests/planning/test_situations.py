"""Facts, key groups and whole plans, as known on a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from kongchuo_risk.contracts.policy_file import load_policy
from kongchuo_risk.domain.plan import Pairing
from kongchuo_risk.domain.records import latest_by_student
from kongchuo_risk.domain.risk import Reason, RiskEntry, Tier
from kongchuo_risk.domain.school_days import SchoolDays
from kongchuo_risk.planning import (
    Situation,
    cohort_facts,
    draft_plans,
    match_measures,
    watch_groups,
)
from tests.builders import records, students, table

DAY = date(2025, 10, 15)
REASON = Reason("出勤", "unexcused_20d", "近四周无故缺勤 6 个半天（本班平均 0.2）", 1.2, True)
ENTRY = RiskEntry("a", "S1", "C1", 8, DAY, 1, Tier.RED, 0.2, (REASON,), ())


def _situation(**tables):
    known = cohort_facts(records(students=students(), **tables), DAY, policy=load_policy())
    return known.situation("a")


def _watched(*, restricted: bool = False, **facts) -> tuple[str, ...]:
    latest = latest_by_student(students(facts), DAY)
    return watch_groups(latest, restricted=restricted).get("a", ())


def test_key_groups_are_named_in_the_order_of_the_notice() -> None:
    facts = {"left_behind": "2", "orphan": True, "disability_type": "5", "migrant_child": True}
    assert _watched(**facts) == ("孤儿", "残疾", "留守", "随迁")


def test_hardship_is_poverty_or_nobody_who_cares() -> None:
    assert _watched(poverty_type="dibao") == ("困境",)
    assert _watched(caregiver="self", unsupported=True) == ("事实无人抚养", "困境")


def test_a_household_lifted_out_of_poverty_is_no_key_group_by_itself() -> None:
    assert _watched(poverty_type="lifted", left_behind="0", disability_type="0") == ()


def test_juvenile_cases_are_named_only_to_those_who_may_know() -> None:
    assert _watched(judicial=True) == ()
    assert _watched(judicial=True, restricted=True) == ("涉案",)


def test_unknown_facts_put_nobody_in_a_group() -> None:
    assert _watched() == ()


def test_aid_counts_only_in_the_term_of_the_day() -> None:
    before = table("aid", [{"term": "2024-2025-2", "applied_on": date(2025, 3, 1)}])
    now = table("aid", [{"term": "2025-2026-1", "applied_on": date(2025, 9, 5)}])
    assert _situation(aid=before).facts["aided"] is False
    assert _situation(aid=now).facts["aided"] is True


def test_aid_that_was_entered_later_is_not_known_yet() -> None:
    late = table("aid", [{"term": "2025-2026-1", "known_on": date(2025, 11, 1)}])
    assert _situation(aid=late).facts["aided"] is False


def test_only_unexcused_sessions_of_the_last_two_weeks_count() -> None:
    kinds = [(DAY, "unexcused"), (DAY, "sick"), (date(2025, 10, 2), "not_reported"),
             (date(2025, 10, 1), "unexcused")]  # fmt: skip
    rows = [{"day": day, "kind": kind} for day, kind in kinds]
    situation = _situation(attendance=table("attendance", rows))
    assert situation.facts["unexcused_sessions_14d"] == 2


def _away(*kinds: str) -> float:
    """Half-days in a row up to today, oldest first; the class took a sheet of each."""
    sessions = [(DAY - timedelta(days=ago), part) for ago in (2, 1, 0) for part in ("AM", "PM")]
    sessions = sessions[-len(kinds) :]
    taken = [{"class_id": "C1", "day": day, "session": part} for day, part in sessions]
    rows = [
        {"day": day, "session": part, "kind": kind}
        for (day, part), kind in zip(sessions, kinds, strict=True)
        if kind != "present"
    ]
    situation = _situation(
        attendance=table("attendance", rows), class_sheets=table("class_sheets", taken)
    )
    return float(situation.facts["absent_run_days"])


def test_a_run_of_absence_is_counted_back_from_the_last_sheet_in_half_days() -> None:
    assert _away("unexcused", "unexcused", "unexcused") == 1.5
    assert _away("unexcused", "present", "unexcused") == 0.5
    assert _away("unexcused", "unexcused", "present") == 0


def test_an_excused_half_day_ends_a_run() -> None:
    assert _away("unexcused", "sick", "unexcused", "unexcused") == 1


def test_a_half_day_without_a_sheet_neither_ends_nor_lengthens_a_run() -> None:
    taken = [{"class_id": "C1", "day": DAY, "session": part} for part in ("AM", "PM")]
    rows = [{"day": DAY, "session": "PM"}, {"day": DAY, "session": "AM"},
            {"day": DAY - timedelta(days=5), "session": "PM"}]  # fmt: skip
    situation = _situation(
        attendance=table("attendance", rows), class_sheets=table("class_sheets", taken)
    )
    assert situation.facts["absent_run_days"] == 1


def test_aid_that_nobody_paid_is_counted_from_its_oldest_application() -> None:
    rows = [
        {"term": "2025-2026-1", "item": "meals", "applied_on": date(2025, 9, 15)},
        {"term": "2025-2026-1", "item": "other", "applied_on": date(2025, 9, 5),
         "paid_on": date(2025, 10, 1)},
    ]  # fmt: skip
    assert _situation(aid=table("aid", rows)).facts["aid_unpaid_days"] == 30


def test_a_return_is_remembered_for_a_year() -> None:
    def returned(day: date) -> object:
        changes = table("registration_changes", [{"day": day, "change_type": "12"}])
        return _situation(registration_changes=changes).facts["returned"]

    assert returned(date(2025, 3, 1)) is True
    assert returned(date(2024, 10, 1)) is False


def test_only_tags_of_the_last_term_count() -> None:
    seen = [(date(2025, 10, 1), "aversion"), (date(2025, 4, 1), "gaming")]
    tags = table("observations", [{"day": day, "tag": tag} for day, tag in seen])
    assert _situation(observations=tags).tags == {"aversion"}


def test_a_plan_never_tells_the_result_of_a_psychological_screening() -> None:
    flagged = {"student_id": "a", "day": date(2025, 9, 20), "screen_level": "priority"}
    assert _drafts(ENTRY, psych_screen=table("psych_screen", [flagged])) == _drafts(ENTRY)


def test_facts_nobody_knows_are_left_out() -> None:
    assert "orphan" not in _situation().facts


def _drafts(entry: RiskEntry, **tables):
    known = records(
        students=students(),
        staff=table(
            "staff",
            [
                {"staff_no": "T1", "school_code": "S1", "roles": "homeroom、subject"},
                {"staff_no": "T5", "school_code": "S1", "roles": "counsellor"},
                {"staff_no": "T7", "school_code": "S1", "roles": "counsellor"},
            ],
        ),
        classes=table(
            "classes",
            [
                {
                    "term": "2025-2026-1",
                    "class_id": "C1",
                    "school_code": "S1",
                    "homeroom_staff": "T1",
                }
            ],
        ),
        **tables,
    )
    pairings = [Pairing("a", "T9", "包保教师", "…")]
    drafts = draft_plans([entry], pairings, known, policy=load_policy())
    return {item.measure: item for item in drafts.items}


def test_every_item_says_why_who_and_by_when() -> None:
    visit = _drafts(ENTRY)["home_visit"]
    assert visit.why == REASON.text
    assert (visit.owner_role, visit.owner_staff) == ("班主任", "T1")
    assert visit.due == date(2025, 10, 22)
    assert visit.form == "家访记录"
    assert visit.dose.startswith("上门一次")
    assert "规则64「发现学生厌学情绪，班主任教师要及时家访」" in visit.sources


def test_the_mentor_and_the_first_counsellor_own_their_items() -> None:
    tags = table("observations", [{"day": DAY, "tag": "low_mood"}])
    items = _drafts(ENTRY, observations=tags)
    assert items["mentor_pairing"].owner_staff == "T9"
    assert items["counselling"].owner_staff == "T5"
    assert items["counselling"].why == "苗头记录：情绪异常"


def test_a_referral_carries_the_duty_to_report() -> None:
    tags = table("observations", [{"day": DAY, "tag": "early_marriage"}])
    assert "必须立即报告" in _drafts(ENTRY, observations=tags)["referral"].warning


CHANGE = replace(REASON, group="变动", text="一年内转学 2 次")


def test_a_role_that_nobody_holds_leaves_the_person_open() -> None:
    item = _drafts(replace(ENTRY, reasons=(CHANGE,)))["registration_check"]
    assert (item.owner_role, item.owner_staff) == ("学籍管理员", None)


def test_who_leads_the_school_stands_in_for_a_role_that_nobody_holds() -> None:
    items = match_measures(
        "a", [CHANGE], Situation(), Tier.RED,
        policy=load_policy(), day=DAY, owners={"dean": "T3", "principal": "T2"},
    )  # fmt: skip
    owners = {item.measure: (item.owner_role, item.owner_staff) for item in items}
    assert owners["registration_check"] == ("校长代学籍管理员", "T2")


def test_what_is_due_first_stands_first() -> None:
    tags = table("observations", [{"day": DAY, "tag": "runaway"}])
    due = [item.due for item in _drafts(ENTRY, observations=tags).values()]
    assert due == sorted(due)
    assert due[0] == DAY


def test_a_deadline_on_a_holiday_of_the_calendar_waits_for_the_next_school_day() -> None:
    closed = [date(2025, 10, 22), date(2025, 10, 23)]
    calendar = table("calendar", [{"day": day, "day_type": "holiday"} for day in closed])
    assert _drafts(ENTRY, calendar=calendar)["home_visit"].due == date(2025, 10, 24)


def test_a_single_school_that_is_closed_does_not_move_the_deadlines_of_all() -> None:
    closed = {"day": date(2025, 10, 22), "day_type": "holiday", "school_code": "S1"}
    calendar = table("calendar", [closed])
    assert _drafts(ENTRY, calendar=calendar)["home_visit"].due == date(2025, 10, 22)


def test_in_a_vacation_the_next_weekday_counts() -> None:
    summer = [date(2026, 7, 11) + timedelta(days=number) for number in range(50)]
    days = SchoolDays(dict.fromkeys(summer, False))
    assert days.due(date(2026, 7, 8), 3) == date(2026, 7, 13)


def test_what_must_be_done_at_once_is_not_put_off_to_monday() -> None:
    sunday = date(2026, 5, 3)
    assert SchoolDays().due(sunday, 0) == sunday


def test_a_measure_that_two_conditions_call_appears_once_with_both_reasons() -> None:
    tags = table("observations", [{"day": DAY, "tag": "aversion"}])
    visit = _drafts(ENTRY, observations=tags)["home_visit"]
    assert visit.why == f"{REASON.text}；苗头记录：厌学"


def test_an_empty_list_has_no_plan() -> None:
    drafts = draft_plans([], [], records(), policy=load_policy())
    assert drafts.items == ()
    assert drafts.allotment.chosen == frozenset()
