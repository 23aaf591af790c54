"""A case from the first day to its closing, by the people who handle it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.engine import Engine

from kongchuo_risk.cases import case_reader
from kongchuo_risk.domain.actor import Actor, Role
from kongchuo_risk.domain.case import Case, CaseStatus, Destination, Proposal
from kongchuo_risk.domain.school_record import RecordKind, RegistrationRequest, SchoolRecord
from kongchuo_risk.domain.visit import Attitude, Delivery, NoticeKind, Step, StepKind
from kongchuo_risk.errors import CaseError, NotFoundError
from tests.procedure.builders import visit
from tests.serving.casework.conftest import CLERK, MONDAY, OFFICE, PRINCIPAL, TEACHER, Desks

DAY = MONDAY.date()


def number(case: Case | Proposal) -> int:
    assert case.id is not None
    return case.id


def opened(desks: Desks) -> int:
    return number(desks().cases.open("a", note="上午未到校"))


def visited(desks: Desks, *days: int) -> None:
    for day in days:
        made = visit(MONDAY + timedelta(days=day), Role.HOMEROOM, Role.DEAN, case_id=None, id=None)
        desks().contacts.record_visit(made)


def test_the_whole_procedure_from_suspicion_to_closing(desks: Desks, engine: Engine) -> None:
    case_id = opened(desks)
    teacher, principal = desks().cases, desks(PRINCIPAL).cases
    teacher.move(case_id, CaseStatus.PERSUADING)
    with pytest.raises(CaseError, match="还没有填写原因；还没有填写去向；先劝后诉"):
        teacher.move(case_id, CaseStatus.REPORTED)
    visited(desks, 0, 2, 4)
    teacher.set_facts(case_id, cause="11", destination=Destination.AT_HOME, note="家访得知")
    report = desks().contacts.issue(
        case_id, NoticeKind.DROPOUT_REPORT, addressee="教导处", signer="校长乙"
    )
    assert report.doc_no == "示例中学控辍〔2025〕辍学报告单1号"
    teacher.move(case_id, CaseStatus.REPORTED)
    notice = desks(PRINCIPAL).contacts.issue(
        case_id, NoticeKind.TIMED_RETURN_NOTICE, addressee="监护人", signer="校长乙",
        deadline=DAY + timedelta(days=14),
    )  # fmt: skip
    with pytest.raises(CaseError, match="还没有送达"):
        principal.move(case_id, CaseStatus.NOTICE_SERVED)
    assert notice.id is not None
    desks(PRINCIPAL).contacts.deliver(
        notice.id, delivery=Delivery.IN_PERSON, delivered_on=DAY, receipt="监护人签字"
    )
    principal.move(case_id, CaseStatus.NOTICE_SERVED)
    back = DAY + timedelta(days=10)
    desks(at=MONDAY + timedelta(days=10))
    teacher.move(case_id, CaseStatus.RETURNED, returned_on=back)
    teacher.move(case_id, CaseStatus.FOLLOW_UP)
    for each in range(1, 5):
        when = MONDAY + timedelta(days=10 + 60 * each)
        desks(at=when).cases.step(
            Step(case_id, StepKind.OBSERVED, when, "", at_school=True, attitude=Attitude.WILLING)
        )
    asked = teacher.move(case_id, CaseStatus.CLOSED, note="跟踪期满", evidence=["点名记录"])
    assert isinstance(asked, Proposal)
    with pytest.raises(CaseError, match="自己的申请"):
        teacher.decide(number(asked), confirm=True)
    assert principal.waiting() == [asked]
    closed = principal.decide(number(asked), confirm=True)
    assert (closed.status, str(closed.closed_on)) == ("销号", "2026-06-20")
    events = teacher.file(case_id).events
    assert (events[-1].by, events[-1].confirmed_by) == ("班主任甲", "校长乙")
    with case_reader(engine) as store:
        assert store.verify_audit().is_whole
        assert "拒绝：变更案件" in {row.action for row in store.audit_rows("a")}


def test_relapse_opens_a_closed_case_again_with_a_new_absence(desks: Desks) -> None:
    case_id = opened(desks)
    teacher = desks().cases
    teacher.move(case_id, CaseStatus.RETURNED, returned_on=DAY)
    teacher.move(case_id, CaseStatus.FOLLOW_UP)
    again = teacher.move(case_id, CaseStatus.SUSPECTED, absent_since=DAY + timedelta(days=20))
    assert isinstance(again, Case)
    assert (again.absent_since, again.returned_on) == (DAY + timedelta(days=20), None)


def test_a_proposal_that_is_sent_back_leaves_the_case_where_it_is(desks: Desks) -> None:
    case_id = number(desks().cases.open("b", status=CaseStatus.EARLY_SIGN))
    desks().cases.set_facts(case_id, cause="11", destination=Destination.AT_SCHOOL)
    asked = desks().cases.move(case_id, CaseStatus.CLOSED, note="好转", evidence=["谈话记录"])
    sent_back = desks(PRINCIPAL).cases.decide(number(asked), confirm=False, answer="再观察一月")
    assert isinstance(sent_back, Proposal)
    assert sent_back.answer == "再观察一月"
    assert desks().cases.file(case_id).case.status is CaseStatus.EARLY_SIGN


def test_a_transfer_leaves_by_its_papers(desks: Desks) -> None:
    case_id = opened(desks)
    clerk = desks(CLERK).cases
    clerk.set_facts(case_id, cause="71", destination=Destination.OTHER_SCHOOL)
    with pytest.raises(CaseError, match="还缺手续：转入学校接收证明、学籍异动手续清单"):
        clerk.move(case_id, CaseStatus.TRANSFERRED)
    for paper in ("转入学校接收证明", "学籍异动手续清单"):
        clerk.receive_paper(case_id, paper)
    moved = clerk.move(case_id, CaseStatus.TRANSFERRED)
    assert moved == replace(moved, status=CaseStatus.TRANSFERRED)
    assert CaseStatus.CLOSED in clerk.moves(case_id)


def test_an_unknown_pupil_and_an_unknown_cause_are_named(desks: Desks) -> None:
    with pytest.raises(NotFoundError, match="zz"):
        desks().cases.open("zz")
    with pytest.raises(NotFoundError, match="zz"):
        desks().contacts.record_visit(visit(MONDAY, student_id="zz", case_id=None, id=None))
    case_id = opened(desks)
    with pytest.raises(CaseError, match="没有编码为 98 的原因"):
        desks().cases.set_facts(case_id, cause="98")


def test_looking_at_a_case_is_in_the_audit_log(desks: Desks, engine: Engine) -> None:
    desks().cases.file(opened(desks))
    with case_reader(engine) as store:
        assert [row.action for row in store.audit_rows("a")] == ["立案", "查看案件"]


def test_a_visit_belongs_to_the_open_case_and_is_read_by_a_leader(desks: Desks) -> None:
    case_id = opened(desks)
    visited(desks, 0)
    (made,) = desks().cases.file(case_id).visits
    assert (made.case_id, made.number) == (case_id, 1)
    assert made.id is not None
    assert desks(PRINCIPAL).contacts.review_visit(made.id).reviewed_by == "校长乙"
    fixed = desks().contacts.correct_visit(made.id, replace(made, talk="更正的谈话"))
    assert desks().cases.file(case_id).visits == (fixed,)


def test_a_transfer_is_approved_above_the_school_and_only_with_papers(desks: Desks) -> None:
    asked = RegistrationRequest("a", "S1", "21", DAY, "随父母迁居")
    bare = desks(CLERK).books.ask_change(asked)
    whole = desks(CLERK).books.ask_change(replace(asked, documents=("转入学校接收证明",)))
    assert bare.id is not None
    assert whole.id is not None
    with pytest.raises(CaseError, match="“审批学籍异动”由中心校（学区）、县教体局办理"):
        desks(TEACHER).books.decide_change(whole.id, approve=True)
    office = desks(OFFICE).books
    with pytest.raises(CaseError, match="手续不全"):
        office.decide_change(bare.id, approve=True)
    with pytest.raises(CaseError, match="写明理由"):
        office.decide_change(bare.id, approve=False)
    approved = office.decide_change(whole.id, approve=True, doc_no="甲〔2025〕1号")
    assert (approved.state, approved.decided_by) == ("已批准", "学区丁")
    with pytest.raises(CaseError, match="已经处理"):
        office.decide_change(whole.id, approve=True)


def test_a_school_keeps_its_records(desks: Desks) -> None:
    books = desks(PRINCIPAL).books
    kept = books.record(SchoolRecord(RecordKind.MEETING, "S1", DAY, "工作会议", {"议题": "控辍"}))
    assert books.records("S1", kind=RecordKind.MEETING) == [kept]
    with pytest.raises(CaseError, match="请写标题"):
        books.record(SchoolRecord(RecordKind.MEETING, "S1", DAY, " "))


def test_what_somebody_may_not_do_is_refused_and_noted(desks: Desks, engine: Engine) -> None:
    case_id = opened(desks)
    visited(desks, 0)
    (made,) = desks().cases.file(case_id).visits
    assert made.id is not None
    with pytest.raises(CaseError, match="“审阅走访记录”由教导主任、副校长、校长"):
        desks().contacts.review_visit(made.id)
    nobody = Actor("路人")
    with pytest.raises(CaseError, match="没有岗位的人不能登记走访"):
        desks(nobody).contacts.record_visit(made)
    with case_reader(engine) as store:
        refused = [row for row in store.audit_rows() if row.action.startswith("拒绝：")]
    assert [row.actor for row in refused] == ["班主任甲", "路人"]


def test_a_confirmation_looks_at_the_case_again(desks: Desks) -> None:
    case_id = number(desks().cases.open("b", status=CaseStatus.EARLY_SIGN))
    desks().cases.set_facts(case_id, cause="11", destination=Destination.AT_HOME)
    asked = desks().cases.move(case_id, CaseStatus.CLOSED, note="好转", evidence=["谈话记录"])
    # Before the principal looks at it the pupil is missing.
    desks().cases.move(case_id, CaseStatus.SUSPECTED, absent_since=DAY)
    with pytest.raises(CaseError, match="不能从“疑似”改为“销号”"):
        desks(PRINCIPAL).cases.decide(number(asked), confirm=True)
    sent_back = desks(PRINCIPAL).cases.decide(number(asked), confirm=False, answer="又缺勤了")
    assert isinstance(sent_back, Proposal)
