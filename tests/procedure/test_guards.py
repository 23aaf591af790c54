"""Who may move a case, and what must be there first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from kongchuo_risk.contracts.profiles import load_profile, profile_names
from kongchuo_risk.domain.actor import Actor, Role
from kongchuo_risk.domain.case import NEXT_STATUS, SIDE_EXITS, CaseStatus, Destination, Proposal
from kongchuo_risk.domain.visit import NoticeKind
from kongchuo_risk.procedure import CaseFacts, may_confirm, may_move, moves_for, still_holds
from tests.procedure.builders import (
    CLERK,
    MONDAY,
    NATIONAL,
    OFFICE,
    PRINCIPAL,
    TEACHER,
    at,
    case,
    day,
    facts,
    known,
    notice,
    observed,
    paper,
    visits,
)

REPORT, TIMED = NoticeKind.DROPOUT_REPORT, NoticeKind.TIMED_RETURN_NOTICE


def missing(of: CaseFacts, to: CaseStatus, actor: Actor = PRINCIPAL, *, day: int = 40,
            note: str = "", evidence: Iterable[str] = ()) -> tuple[str, ...]:  # fmt: skip
    return may_move(
        of, to, actor=actor, procedure=NATIONAL, moment=at(day), note=note, evidence=evidence
    ).missing


def test_all_that_is_missing_is_said_at_once() -> None:
    assert missing(facts(case(CaseStatus.PERSUADING, owner_staff=None)), CaseStatus.REPORTED) == (
        "还没有确定包案教师", "还没有填写原因", "还没有填写去向",
        "先劝后诉：上门家访至少 1 次，现有 0 次", "还没有签发《辍学报告单》",
    )  # fmt: skip


def test_persuasion_comes_before_the_notice_and_the_notice_before_the_law() -> None:
    served = case(CaseStatus.NOTICE_SERVED, **known())
    papers = [notice(NoticeKind.HANDOVER_LETTER, 20), notice(NoticeKind.BUREAU_REPORT, 9)]
    arrived = notice(TIMED, 10, deadline=17, delivered=11)
    too_few = facts(served, visits=visits(1, 2), notices=[*papers, arrived])
    assert missing(too_few, CaseStatus.HANDED_OVER) == ("先劝后诉：上门家访至少 3 次，现有 2 次",)
    enough = facts(served, visits=visits(1, 2, 3), notices=[*papers, arrived])
    assert missing(enough, CaseStatus.HANDED_OVER, day=17) == (
        "《辍学限期返校通知书》的期限还没有到",
    )
    assert missing(enough, CaseStatus.HANDED_OVER, day=18) == ()


def test_a_notice_that_nobody_can_prove_serves_nothing() -> None:
    reported = case(CaseStatus.REPORTED, **known())
    of = facts(reported, visits=visits(1, 2, 3), notices=[notice(TIMED, 10, deadline=17)])
    assert missing(of, CaseStatus.NOTICE_SERVED) == (
        "《辍学限期返校通知书》还没有送达（须有送达日期和回执）",
    )


def test_handing_over_needs_a_second_person_who_is_not_the_first() -> None:
    verdict = may_move(
        facts(case(CaseStatus.NOTICE_SERVED)), CaseStatus.HANDED_OVER,
        actor=PRINCIPAL, procedure=NATIONAL, moment=at(20),
    )  # fmt: skip
    assert verdict.second == {Role.PRINCIPAL, Role.OFFICE}
    own = may_confirm(PRINCIPAL, PRINCIPAL.name, CaseStatus.HANDED_OVER, procedure=NATIONAL)
    assert own.missing == ("这是您自己的申请，须由另一人复核",)
    assert may_confirm(
        OFFICE, PRINCIPAL.name, CaseStatus.HANDED_OVER, procedure=NATIONAL
    ).is_allowed
    assert not may_confirm(TEACHER, "别人", CaseStatus.HANDED_OVER, procedure=NATIONAL).is_allowed


def test_the_principal_is_the_first_responsible_and_a_teacher_hands_nobody_over() -> None:
    of = facts(case(CaseStatus.NOTICE_SERVED))
    assert missing(of, CaseStatus.HANDED_OVER, TEACHER)[0] == "这一步由校长、中心校（学区）办理"


def test_the_law_is_what_others_did_and_the_school_only_records_it() -> None:
    of = facts(case(CaseStatus.HANDED_OVER, **known()))
    assert missing(of, CaseStatus.LEGAL_ACTION) == ("请写情况说明",)
    assert missing(of, CaseStatus.LEGAL_ACTION, note="乡镇约谈监护人") == ()


def test_a_returned_pupils_case_is_closed_after_four_observations_at_school() -> None:
    back = case(CaseStatus.FOLLOW_UP, returned_on=MONDAY, **known())
    words = {"note": "跟踪期满", "evidence": ["点名记录"]}
    three = facts(back, steps=[observed(n) for n in (60, 120, 180)])
    assert missing(three, CaseStatus.CLOSED, TEACHER, **words) == (
        "跟踪观察须连续 4 次都在校（两次至少隔 30 天），现有 3 次",
    )
    absent = facts(back, steps=[*three.steps, observed(240, at_school=False)])
    assert missing(absent, CaseStatus.CLOSED, TEACHER, **words) == (
        "跟踪观察须连续 4 次都在校（两次至少隔 30 天），现有 0 次",
    )
    four = facts(back, steps=[*three.steps, observed(240)])
    assert missing(four, CaseStatus.CLOSED, TEACHER, **words) == ()


def test_four_observations_in_a_week_are_one() -> None:
    back = case(CaseStatus.FOLLOW_UP, returned_on=MONDAY, **known())
    hurried = facts(back, steps=[observed(n) for n in (40, 41, 42, 43)])
    (told,) = missing(hurried, CaseStatus.CLOSED, TEACHER, note="好", evidence=["点名记录"])
    assert told.endswith("现有 1 次")


def test_a_return_is_recorded_when_it_has_happened() -> None:
    def back(number: int) -> tuple[str, ...]:
        return missing(facts(case(returned_on=day(number))), CaseStatus.RETURNED, TEACHER, day=3)

    assert back(2) == ()
    assert back(9) == ("返校日期 2025-09-17 还没有到",)
    assert back(-1) == ("返校日期 2025-09-07 早于缺勤的第一天 2025-09-08",)


def test_who_is_away_is_not_at_school() -> None:
    again = facts(case(CaseStatus.PERSUADING, **known(destination=Destination.AT_SCHOOL)))
    assert "去向仍写着“已在校”，请改为现在的去向" in missing(again, CaseStatus.REPORTED)


def test_what_was_asked_is_looked_at_again_when_it_is_confirmed() -> None:
    asked = Proposal(17, CaseStatus.CLOSED, TEACHER.name, at(240), note="满", evidence=("名册",))

    def holds(of: CaseFacts) -> tuple[str, ...]:
        return still_holds(of, asked, procedure=NATIONAL, moment=at(250)).missing

    steps = [observed(n) for n in (60, 120, 180, 240)]
    back = case(CaseStatus.FOLLOW_UP, returned_on=MONDAY, **known())
    assert holds(facts(back, steps=steps)) == ()
    assert holds(facts(back, steps=[*steps, observed(249, at_school=False)]))
    assert holds(facts(case()))[0].startswith("案件不能从“疑似”改为“销号”")


def test_nobody_is_closed_without_words_evidence_cause_and_destination() -> None:
    moved_away = facts(case(CaseStatus.TRANSFERRED))
    assert missing(moved_away, CaseStatus.CLOSED) == (
        "还没有填写原因", "还没有填写去向", "请写情况说明",
        "请写明依据的材料（如返校后点名记录、转入学校证明）",
    )  # fmt: skip
    rule = NATIONAL.moves[CaseStatus.CLOSED]
    assert rule.second
    assert rule.evidence


@pytest.mark.parametrize("exit_", sorted(SIDE_EXITS))
def test_every_way_out_needs_its_own_papers(exit_: CaseStatus) -> None:
    papers = NATIONAL.moves[exit_].papers
    assert papers
    of = facts(case(**known()))
    assert missing(of, exit_, CLERK) == (f"还缺手续：{'、'.join(papers)}",)
    assert missing(replace(of, steps=tuple(map(paper, papers))), exit_, CLERK) == ()


def test_relapse_reopens_and_everybody_at_school_may_say_so() -> None:
    for status in (CaseStatus.RETURNED, CaseStatus.FOLLOW_UP, CaseStatus.CLOSED):
        of = facts(case(status, returned_on=MONDAY + timedelta(days=9)))
        assert missing(of, CaseStatus.SUSPECTED, TEACHER) == ()


def test_a_move_that_does_not_exist_is_refused_with_those_that_do() -> None:
    assert missing(facts(), CaseStatus.HANDED_OVER)[0].startswith("案件不能从“疑似”改为“移交乡镇”")


def test_a_page_is_told_every_next_move_with_what_it_lacks() -> None:
    moves = moves_for(facts(), actor=TEACHER, procedure=NATIONAL, moment=at(1))
    assert set(moves) == NEXT_STATUS[CaseStatus.SUSPECTED]
    assert moves[CaseStatus.PERSUADING].is_allowed
    assert not moves[CaseStatus.DECEASED].is_allowed


@pytest.mark.parametrize("name", profile_names())
def test_a_profile_names_a_rule_for_every_move_and_a_source_for_every_rule(name: str) -> None:
    procedure = load_profile(name).procedure
    assert set(procedure.moves) == set(CaseStatus) - {CaseStatus.EARLY_SIGN, CaseStatus.SUSPECTED}
    assert all(rule.source for rule in procedure.moves.values())
