"""What the case database promises, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from kongchuo_risk.cases import case_reader, case_store
from kongchuo_risk.domain.attendance import Absence, Observation, Suspicion, SuspicionState
from kongchuo_risk.domain.case import Case, CaseStatus, Destination, Proposal, ProposalState
from kongchuo_risk.domain.clock import now
from kongchuo_risk.domain.school_record import (
    ChangeState,
    RecordKind,
    RegistrationRequest,
    SchoolRecord,
)
from kongchuo_risk.domain.visit import NoticeKind, StepKind, VisitResult
from kongchuo_risk.errors import CaseError
from tests.procedure.builders import MONDAY, at, notice, observed, sheet, step, visit

SECRET = "张某某家住东村三组"  # a text that must never stand in the database as it is
TODAY = date(2025, 9, 20)


def opened(engine: Engine, pupil: str = "a", **changes: object) -> Case:
    with case_store(engine) as store:
        plain = Case(pupil, "S1", "C1", MONDAY, CaseStatus.SUSPECTED, owner_staff="T1")
        return store.cases.add(replace(plain, **changes), by="T1", note="上午未到校")


def numbered(case: Case) -> int:
    assert case.id is not None
    return case.id


def test_a_case_comes_back_as_it_was_stored(engine: Engine) -> None:
    stored = opened(
        engine, cause="11", causes=("20", "40"), destination=Destination.WORKING, place=SECRET,
        absent_since=MONDAY, absent_session="PM",
    )  # fmt: skip
    with case_reader(engine) as store:
        assert store.cases.get(numbered(stored)) == stored
        assert store.cases.open_of(["a", "b"]) == {"a": stored}


def test_every_change_is_kept_with_the_case_as_it_was(engine: Engine) -> None:
    first = opened(engine)
    with case_store(engine) as store:
        second = store.cases.save(
            replace(first.move_to(CaseStatus.PERSUADING), cause="20"), by="T2", evidence=("照片",)
        )
    with case_reader(engine) as store:
        events = store.cases.events(numbered(first))
    assert [(e.from_status, e.to_status, e.by, e.note) for e in events] == [
        (None, "疑似", "T1", "上午未到校"), ("疑似", "劝返中", "T2", ""),
    ]  # fmt: skip
    assert [event.case for event in events] == [first, second]
    assert events[1].evidence == ("照片",)


def test_a_past_day_is_told_as_it_was_whatever_came_later(engine: Engine) -> None:
    stored = opened(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE case_events SET at = :at"), {"at": at(0).isoformat()})
    with case_store(engine) as store:
        before = store.cases.as_of(TODAY)
        store.cases.save(stored.move_to(CaseStatus.PERSUADING), by="T2")
    opened(engine, "b")
    with case_reader(engine) as store:
        assert store.cases.as_of(TODAY) == before == [stored]
        assert store.cases.as_of(MONDAY - timedelta(days=1)) == []
        assert store.cases.as_of(TODAY, school_code="S2") == []


def test_of_two_people_who_change_a_case_at_once_the_second_is_told(engine: Engine) -> None:
    seen_by_both = opened(engine)
    with case_store(engine) as store:
        store.cases.save(replace(seen_by_both, cause="11"), by="T1")
    with pytest.raises(CaseError, match="已被他人修改"), case_store(engine) as store:
        store.cases.save(replace(seen_by_both, cause="20"), by="T2")
    with case_reader(engine) as store:
        assert store.cases.get(numbered(seen_by_both)).cause == "11"


def test_an_error_undoes_the_whole_unit_of_work(engine: Engine) -> None:
    def open_twice() -> None:
        with case_store(engine) as store:
            store.observations.add(Observation("a", MONDAY, "aversion", "T1"), by="T1")
            for _ in range(2):
                store.cases.add(Case("a", "S1", "C1", MONDAY), by="T1")

    with pytest.raises(CaseError, match="已有未销号"):
        open_twice()
    with case_reader(engine) as store:
        assert store.observations.of_pupil("a") == []
        assert store.cases.of_pupil("a") == []
        assert store.verify_audit().rows == 0


def test_a_proposal_is_decided_by_another_person_and_only_once(engine: Engine) -> None:
    case_id = numbered(opened(engine))
    asked = Proposal(case_id, CaseStatus.CLOSED, "T1", now(), "跟踪期满", ("点名记录",))
    with case_store(engine) as store:
        waiting = store.proposals.add(asked, by="T1")
    assert waiting.id is not None
    with case_store(engine) as store:
        with pytest.raises(CaseError, match="不能复核自己的申请"):
            store.proposals.decide(waiting.id, by="T1", confirm=True)
        with pytest.raises(CaseError, match="已有待复核的申请"):
            store.proposals.add(asked, by="T2")
        with pytest.raises(CaseError, match="写明理由"):
            store.proposals.decide(waiting.id, by="校长", confirm=False)
        decided = store.proposals.decide(waiting.id, by="校长", confirm=True)
        assert (decided.state, decided.evidence) == (ProposalState.CONFIRMED, ("点名记录",))
        with pytest.raises(CaseError, match="已经处理"):
            store.proposals.decide(waiting.id, by="校长", confirm=True)
        assert store.proposals.waiting() == []
        assert store.proposals.of_case(case_id) == [decided]


def test_visits_are_numbered_within_their_case_and_corrections_keep_the_old(
    engine: Engine,
) -> None:
    case_id = numbered(opened(engine))
    made = visit(at(0, 15), case_id=case_id, id=None, talk=SECRET)
    with case_store(engine) as store:
        first = store.visits.add(made, by="T1")
        second = store.visits.add(replace(made, at=at(3, 16)), by="T1")
        assert (first.number, second.number) == (1, 2)
        assert first.id is not None
        fixed = store.visits.correct(first.id, replace(made, talk="改正"), by="T1")
        with pytest.raises(CaseError, match="已被更正"):
            store.visits.correct(first.id, made, by="T2")
    with case_reader(engine) as store:
        assert store.visits.of_case(case_id) == [second, fixed]
        assert (fixed.number, fixed.replaces) == (1, first.id)
        assert store.visits.get(first.id).talk == SECRET
        assert store.visits.between(MONDAY, MONDAY) == [fixed]
        assert store.visits.of_pupil("a") == [second, fixed]


def test_a_visit_that_says_too_little_is_refused_with_all_that_is_missing(engine: Engine) -> None:
    empty = replace(
        visit(at(0)), visitors=(), talk="", attitude=None, guardian_opinion="", next_step=""
    )
    with pytest.raises(CaseError) as told, case_store(engine) as store:
        store.visits.add(empty, by="T1")
    for words in ("走访人", "谈话内容", "学生态度", "监护人意见", "下一步"):
        assert words in str(told.value)
    with pytest.raises(CaseError, match="未见到"):
        replace(visit(at(0)), result=VisitResult.NOT_MET).check()


def test_a_record_is_read_by_another_person(engine: Engine) -> None:
    with case_store(engine) as store:
        stored = store.visits.add(visit(at(0), case_id=None, id=None), by="T1")
        assert stored.id is not None
        with pytest.raises(CaseError, match="不能审阅自己的"):
            store.visits.review(stored.id, by="T1")
        read = store.visits.review(stored.id, by="主任")
        assert store.visits.get(stored.id) == read
    assert read.reviewed_by == "主任"


def test_a_paper_has_a_number_of_its_own_and_only_its_delivery_changes(engine: Engine) -> None:
    case_id = numbered(opened(engine))
    issued = replace(notice(NoticeKind.DROPOUT_REPORT, 7), case_id=case_id)
    with case_store(engine) as store:
        stored = store.notices.add(issued, by="T1")
        with pytest.raises(CaseError, match="已经用过"):
            store.notices.add(issued, by="T1")
        arrived = store.notices.save(
            replace(stored, delivered_on=MONDAY, receipt="监护人签字"), by="T1"
        )
        with pytest.raises(CaseError, match="不能修改"):
            store.notices.save(replace(stored, doc_no="别的"), by="T1")
        assert store.notices.of_cases([case_id]) == {case_id: [arrived]}
        assert store.notices.between(MONDAY, TODAY) == [arrived] == store.notices.of_pupil("a")


def test_steps_stay_with_their_case(engine: Engine) -> None:
    case_id = numbered(opened(engine))
    with case_store(engine) as store:
        taken = [
            store.steps.add(replace(each, case_id=case_id), by="T1")
            for each in (step(StepKind.REPORTED, at(0)), observed(60))
        ]
    with case_reader(engine) as store:
        assert store.steps.of_case(case_id) == taken
        assert store.steps.between(MONDAY, MONDAY) == taken[:1]
    assert taken[1].at_school is True


def test_of_two_sheets_of_a_session_the_second_must_have_read_the_first(engine: Engine) -> None:
    with case_store(engine) as store:
        first = store.sheets.add(sheet(0, "AM", "a"), by="T1")
        with pytest.raises(CaseError, match="已被他人填写"):
            store.sheets.add(sheet(0, "AM"), by="T2")
        fixed = store.sheets.add(
            replace(first, absences=(Absence("a", "sick", "illness"),)), by="T1"
        )
    with case_reader(engine) as store:
        assert store.sheets.get("C1", MONDAY, "AM") == fixed
        assert store.sheets.history("C1", MONDAY, "AM") == [first, fixed]
        assert store.sheets.of_day(MONDAY, "S1") == [fixed]
        assert store.sheets.between(MONDAY, TODAY, ["C1", "C2"]) == [fixed]
        assert store.sheets.of_day(MONDAY, "S2") == []


def test_an_absence_found_again_counts_its_sessions_and_keeps_its_judgement(
    engine: Engine,
) -> None:
    found = Suspicion("a", "S1", "C1", MONDAY, "AM", 1, "无故缺勤", "半班未到")
    with case_store(engine) as store:
        first = store.suspicions.add(found, by="系统")
        again = store.suspicions.add(replace(found, sessions=3), by="系统")
        assert (again.id, again.sessions) == (first.id, 3)
        assert store.suspicions.open("S1") == [again]
        assert first.id is not None
        with pytest.raises(CaseError, match="写明查到的情况"):
            store.suspicions.judge(first.id, state=SuspicionState.DISMISSED, by="主任")
        store.suspicions.judge(first.id, state=SuspicionState.DISMISSED, by="主任", note="赶集")
        kept = store.suspicions.add(replace(found, sessions=4), by="系统")
    assert kept.state is SuspicionState.DISMISSED
    with case_reader(engine) as store:
        assert store.suspicions.open() == []
        assert store.suspicions.of_pupils(["a"]) == [kept]


def test_a_change_of_registration_needs_a_reason_and_is_decided_by_version(
    engine: Engine,
) -> None:
    asked = RegistrationRequest("a", "S1", "21", MONDAY, "随父母迁居", ("接收证明",))
    with case_store(engine) as store:
        with pytest.raises(CaseError, match="写明理由"):
            store.registration.add(replace(asked, reason=" "), by="T5")
        stored = store.registration.add(asked, by="T5")
        approved = store.registration.save(
            replace(stored, state=ChangeState.APPROVED, decided_by="学区"), by="学区"
        )
        with pytest.raises(CaseError, match="已被他人修改"):
            store.registration.save(stored, by="别人")
        assert store.registration.waiting("S1") == []
        assert store.registration.of_pupil("a") == [approved]
        assert store.registration.between(MONDAY, MONDAY) == [approved]


def test_school_records_are_found_by_kind_and_time(engine: Engine) -> None:
    held = SchoolRecord(
        RecordKind.MEETING, "S1", MONDAY, "工作会议", {"议题": SECRET}, ("校长", "班主任")
    )
    with case_store(engine) as store:
        first = store.records.add(held, by="T9")
        store.records.add(replace(held, kind=RecordKind.PUBLICITY, student_id="a"), by="T9")
        assert first.id is not None
        fixed = store.records.correct(first.id, replace(held, title="月度会议"), by="T9")
    with case_reader(engine) as store:
        assert store.records.of_school("S1", kind=RecordKind.MEETING) == [fixed]
        assert len(store.records.of_school(first=MONDAY, last=MONDAY)) == 2
        assert store.records.of_school("S1", first=TODAY) == []
        assert [record.kind for record in store.records.of_pupil("a")] == ["宣传"]
        assert store.records.get(first.id).title == "工作会议"


def test_numbers_of_documents_have_no_gaps_and_start_anew_each_year(engine: Engine) -> None:
    def issue(school: str = "S1", day: date = MONDAY, form: str = "辍学报告单") -> str:
        pattern = f"{school}控辍〔{{year}}〕{form}{{number}}号"
        with case_store(engine) as store:
            return store.documents.issue(
                form=form, school_code=school, issued_on=day, signer="校长",
                pattern=pattern, subject="a", by="T1",
            ).doc_no  # fmt: skip

    def give_up() -> None:
        with case_store(engine) as store:
            store.documents.issue(
                form="辍学报告单", school_code="S1", issued_on=MONDAY, signer="校长",
                pattern="作废〔{year}〕{number}号", subject="a", by="T1",
            )  # fmt: skip
            raise RuntimeError

    with pytest.raises(RuntimeError):
        give_up()
    assert [issue(), issue(), issue(day=date(2026, 3, 2)), issue("S2")] == [
        "S1控辍〔2025〕辍学报告单1号", "S1控辍〔2025〕辍学报告单2号",
        "S1控辍〔2026〕辍学报告单1号", "S2控辍〔2025〕辍学报告单1号",
    ]  # fmt: skip
    with case_store(engine) as store:
        assert [document.number for document in store.documents.of_school("S1", 2025)] == [1, 2]
        with pytest.raises(CaseError, match="签发人"):
            store.documents.issue(
                form="x", school_code="S1", issued_on=MONDAY, signer=" ", pattern="{number}",
                subject="", by="T1",
            )  # fmt: skip


def test_the_audit_log_can_be_neither_changed_nor_shortened(engine: Engine) -> None:
    opened(engine)
    for statement in ("UPDATE audit SET actor = 'x'", "DELETE FROM audit"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as connection:
            connection.exec_driver_sql(statement)
    with case_reader(engine) as store:
        assert store.verify_audit().is_whole
