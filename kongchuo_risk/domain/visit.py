"""What was done for a pupil in a case: visits, notices, and the smaller steps between them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from kongchuo_risk.domain.actor import LEADERS, Role
from kongchuo_risk.domain.clock import day_of
from kongchuo_risk.errors import CaseError


class VisitMode(StrEnum):
    """How contact was made; labels of the code list ``visit_mode``."""

    HOME = "上门"
    PHONE = "电话"
    ONLINE = "线上"


class VisitResult(StrEnum):
    """What came of it; labels of the code list ``visit_result``."""

    RETURNED = "已返校"
    PROMISED = "承诺返校"
    NOT_RETURNED = "未返校"
    REFUSED = "拒绝"
    NOT_MET = "未见到"
    ROUTINE = "常规走访"


class Attitude(StrEnum):
    """How the pupil stands to school; labels of the code list ``attitude``."""

    WILLING = "愿意上学"
    HESITANT = "犹豫"
    UNWILLING = "不愿上学"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who went along, and as what."""

    name: str
    role: Role
    staff_no: str | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """One contact with a family (seed rules 79, 94–98; fields of the record in practice).

    ``case_id`` is ``None`` for a routine visit; ``number`` counts the visits of one case.
    Every kind of contact is recorded alike: a telephone call is a visit by telephone.
    """

    student_id: str
    at: datetime
    mode: VisitMode
    visitors: tuple[Visitor, ...]
    result: VisitResult
    case_id: int | None = None
    met_student: bool = False
    met_guardian: bool = False
    guardian: str = ""
    """Who was met: name and relation, as far as they matter for the record."""
    talk: str = ""
    attitude: Attitude | None = None
    guardian_opinion: str = ""
    difficulty: str = ""
    next_step: str = ""
    promise: date | None = None
    """The day by which return was promised."""
    photo_ref: str = ""
    """Where a picture of the signed sheet is kept; never the picture itself."""
    purpose: str = ""
    """Id of a measure in ``interventions.yaml`` that the visit carried out, if one."""
    number: int | None = None
    id: int | None = None
    recorded_by: str = ""
    recorded_at: str = ""
    reviewed_by: str = ""
    """The leader who read the record (rule 95)."""
    reviewed_at: str = ""
    replaces: int | None = None
    """Id of the record that this one corrects; the old one is kept."""

    @property
    def day(self) -> date:
        return day_of(self.at)

    @property
    def at_home(self) -> bool:
        return self.mode is VisitMode.HOME

    @property
    def met_somebody(self) -> bool:
        return self.met_student or self.met_guardian

    def joined_by(self, roles: Iterable[Role]) -> bool:
        """Whether somebody in one of ``roles`` went along."""
        return bool({visitor.role for visitor in self.visitors} & set(roles))

    @property
    def has_leader(self) -> bool:
        """Whether a school leader went along (rule 78)."""
        return self.joined_by(LEADERS)

    def check(self) -> None:
        """Refuse a record that says too little to be followed up.

        Raises
        ------
        CaseError
            Names everything that is missing, not only the first.
        """
        missing = [words for wrong, words in self._faults() if wrong]
        if missing:
            raise CaseError(f"走访记录不完整：{'；'.join(missing)}")

    def _faults(self) -> Iterable[tuple[bool, str]]:
        met = self.result is not VisitResult.NOT_MET
        yield not self.visitors, "请填写走访人及其身份"
        yield met and not self.met_somebody, "请写明见到学生还是监护人；都没见到时结果选“未见到”"
        yield not met and self.met_somebody, "结果为“未见到”时，不能又填见到学生或监护人"
        yield met and not self.talk.strip(), "请写谈话内容"
        yield self.met_student and self.attitude is None, "见到学生时请填学生态度"
        yield self.met_guardian and not self.guardian_opinion.strip(), "见到监护人时请填监护人意见"
        ended = self.result in (VisitResult.RETURNED, VisitResult.ROUTINE)
        yield not ended and not self.next_step.strip(), "请写下一步打算"


class NoticeKind(StrEnum):
    """Papers of the procedure that are issued under a number (rules 84–91, 138, 140)."""

    DROPOUT_REPORT = "辍学报告单"
    CAUSE_REPORT = "流失原因及动员情况书面报告"
    BUREAU_REPORT = "辍学书面报告"
    RETURN_NOTICE = "辍学生返校通知书"
    TIMED_RETURN_NOTICE = "辍学限期返校通知书"
    HANDOVER_LETTER = "移交乡镇函"
    PARENT_NOTICE = "家长通知书"
    ENROLMENT_NOTICE = "入学通知书"


class Delivery(StrEnum):
    """How a paper reached its reader."""

    IN_PERSON = "当面送达"
    LEFT = "留置送达"
    POST = "邮寄送达"
    PUBLIC = "公告送达"
    ENTRUSTED = "委托送达"


@dataclass(frozen=True, slots=True)
class Notice:
    """A paper that was issued, and whether it arrived."""

    student_id: str
    kind: NoticeKind
    doc_no: str
    """文号 (rule 144); unique."""
    issued_on: date
    addressee: str
    signer: str
    """签发人 (rule 144)."""
    case_id: int | None = None
    deadline: date | None = None
    delivery: Delivery | None = None
    delivered_on: date | None = None
    receipt: str = ""
    """Who signed for it, or what else proves that it arrived."""
    reply: str = ""
    """What the reader answered."""
    id: int | None = None
    recorded_by: str = ""
    recorded_at: str = ""

    @property
    def is_delivered(self) -> bool:
        """Delivered, with proof: a notice nobody can prove starts no deadline."""
        return self.delivered_on is not None and bool(self.receipt.strip())


class StepKind(StrEnum):
    """Smaller recorded steps of a case."""

    REPORTED = "当日上报"
    """To school and 学区 the same day (rules 55, 56)."""
    TEACHERS_TOLD = "通知科任教师"
    """Rule 82."""
    GUARDIAN_CONTACTED = "联系监护人"
    """预防未成年人犯罪法 第三十四条."""
    MANDATORY_REPORT = "强制报告"
    """未成年人保护法 第十一条."""
    VERIFIED = "核实去向"
    OBSERVED = "跟踪观察"
    """One observation after return (rule 101)."""
    PAPER = "收到手续"
    """A document that a side exit or the closing needs."""
    LEGAL = "依法处理进展"
    OTHER = "其他"


@dataclass(frozen=True, slots=True)
class Step:
    """One step, with the day on which it was taken."""

    case_id: int
    kind: StepKind
    at: datetime
    by: str
    note: str = ""
    paper: str = ""
    """Name of the document for :attr:`StepKind.PAPER`."""
    at_school: bool | None = None
    """For an observation: whether the pupil attended regularly."""
    attitude: Attitude | None = None
    id: int | None = None
    recorded_at: str = ""

    @property
    def day(self) -> date:
        return day_of(self.at)
