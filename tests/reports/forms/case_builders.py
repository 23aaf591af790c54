"""A pupil, a case and what was done, as full as they become; synthetic, and nobody has a name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from kongchuo_risk.contracts.causes import load_causes
from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.case import Case, CaseEvent, CaseStatus, Destination, Trigger
from kongchuo_risk.domain.clock import CHINA
from kongchuo_risk.domain.school_record import ChangeState, RegistrationRequest
from kongchuo_risk.domain.visit import (
    Attitude,
    Delivery,
    Notice,
    NoticeKind,
    Step,
    StepKind,
    Visit,
    VisitMode,
    Visitor,
    VisitResult,
)
from kongchuo_risk.reports.forms.facts import (
    Carer,
    CaseFile,
    ChangeFile,
    Dossier,
    Entry,
    LeftBehindFile,
    PlanFile,
    PupilCard,
    causes_of,
)
from tests.reports.builders import NAMES, full_plan

SINCE = date(2026, 3, 9)
CARD = PupilCard(
    name="学生甲", sex="女", birth_month="2013年5月", school_name="第一中学",
    class_name="七年级2班", teacher_name="教师甲", teacher_phone="0000-0000002",
    mentor_name="教师乙", guardian_name="家长甲", guardian_relation="祖母",
    guardian_phone="0000-0000000", address="某镇某村一组", boarding="走读",
    groups=("留守", "脱贫不稳定户"),
)  # fmt: skip
CASE = Case(
    "s1", "A", "C1", SINCE, CaseStatus.FOLLOW_UP, owner_staff="T2", cause="61",
    destination=Destination.AT_HOME, trigger=Trigger.ABSENCE, causes=("11",), place="外婆家",
    absent_since=SINCE, absent_session="PM", returned_on=date(2026, 3, 30), id=17,
)  # fmt: skip
NOTICE = Notice(
    "s1", NoticeKind.TIMED_RETURN_NOTICE, "第一中学控辍〔2026〕3号", date(2026, 3, 20), "家长甲",
    "校长甲", case_id=17, deadline=date(2026, 3, 27), delivery=Delivery.IN_PERSON,
    delivered_on=date(2026, 3, 21), receipt="家长甲签收",
)  # fmt: skip


def at(day: int, hour: int = 15, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, 30, tzinfo=CHINA)


def visit(number: int, **changes: Any) -> Visit:
    known = Visit(
        "s1", at(8 + number), VisitMode.HOME,
        (Visitor("教师甲", Role.HOMEROOM, "T1"), Visitor("主任甲", Role.DEAN)),
        VisitResult.NOT_RETURNED, case_id=17, met_student=True, met_guardian=True, guardian="祖母",
        talk="孩子说上课听不懂，和同桌有别扭；愿意先和心理老师见一面", attitude=Attitude.HESITANT,
        guardian_opinion="愿意送孩子上学，但是路远", difficulty="早上没有人送",
        next_step="联系校车，三天后再去", promise=date(2026, 3, 30), number=number, id=number,
        recorded_by="教师甲", reviewed_by="主任甲", photo_ref="档案柜 3-17",
    )  # fmt: skip
    return replace(known, **changes)


def steps() -> tuple[Step, ...]:
    seen = [
        Step(17, StepKind.OBSERVED, at(1, month=4) + timedelta(days=60 * n), "教师乙",
             "每天到校，作业交了一半", at_school=True, attitude=Attitude.WILLING)
        for n in range(2)
    ]  # fmt: skip
    return (
        Step(17, StepKind.REPORTED, at(9, 17), "教师甲"),
        Step(17, StepKind.TEACHERS_TOLD, at(9, 16), "教师甲"),
        Step(17, StepKind.GUARDIAN_CONTACTED, at(9, 16), "教师甲", "祖母说孩子在外婆家"),
        Step(17, StepKind.MANDATORY_REPORT, at(10), "校长甲", "只给授权人员看的话"),
        *seen,
    )


def case_file(visits: int = 3, **changes: Any) -> CaseFile:
    """A case that went all the way; five visits and a bullying cause that is restricted."""
    event = CaseEvent(
        17, at(9), CaseStatus.EARLY_SIGN, CaseStatus.SUSPECTED, "教师甲", "案件里的说明", CASE,
        confirmed_by="校长甲",
    )  # fmt: skip
    earlier = replace(
        NOTICE, kind=NoticeKind.RETURN_NOTICE, doc_no="第一中学控辍〔2026〕2号",
        issued_on=date(2026, 3, 17), deadline=None,
    )  # fmt: skip
    known = CaseFile(
        CARD, CASE, tuple(visit(number) for number in range(1, visits + 1)), (NOTICE, earlier),
        steps(), (event,), causes_of(CASE, load_causes()), "教师乙", NOTICE, None, date(2026, 6, 1),
    )  # fmt: skip
    return replace(known, **changes)


def dossier(**changes: Any) -> Dossier:
    known = Dossier(
        case_file(),
        strengths=("画画好", "爱帮助同学"),
        attendance=(Entry("2025—2026学年第一学期", "应到 100 天，病假 3 天，无故缺勤 2 个半天"),),
        marks=(Entry("2026年1月", "数学、英语比上学期退步，语文持平"),),
        moves=(Entry("2025.9.1", "入学"),),
        aid=(Entry("2025—2026学年第二学期", "生活补助 625 元", "2026.4.10"),),
        plans=(Entry("2025—2026学年第二学期", "一生一案：每天到校", "已批准"),),
        is_poor=True,
    )
    return replace(known, **changes)


def left_behind(**changes: Any) -> LeftBehindFile:
    known = LeftBehindFile(
        case_file(), "双亲留守",
        away=(Carer("父", "家长乙", "0000-0000001", "外省某市"),),
        carer=Carer("祖母", "家长甲", "0000-0000000", "某镇某村一组", "身体好"),
        entrusted_in_writing=True,
        contacts=(Entry("2026.3.8", "视频，说学校的事，心情好"),),
        done=("一份档案", "一名帮扶教师"),
    )  # fmt: skip
    return replace(known, **changes)


def plan_file() -> PlanFile:
    return PlanFile(case_file(), full_plan(), ("画画好", "爱帮助同学"), NAMES)


def change_file(**changes: Any) -> ChangeFile:
    asked = RegistrationRequest(
        "s1", "A", "21", date(2026, 4, 7), "随父母到外省居住",
        documents=("监护人转学申请（写明理由）", "租房合同"), from_school="第一中学",
        to_school="第二中学", state=ChangeState.APPROVED, asked_by="家长乙", decided_by="主任乙",
        doc_no="中心校学籍〔2026〕5号", note="材料齐全",
    )  # fmt: skip
    return ChangeFile(case_file(), replace(asked, **changes))
