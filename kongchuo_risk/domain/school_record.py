"""What a school records beside its cases: letters, meetings, publicity, inspections, papers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class RecordKind(StrEnum):
    """Kinds of school records (seed rules 25–46, 109–114, 135–138, 207–212)."""

    LETTER = "责任书"
    MEETING = "会议"
    PUBLICITY = "宣传"
    MOBILISATION = "动员"
    INSPECTION = "督查"
    PUBLIC_CONTACT = "外部联系人"
    """A village cadre, a police station: place, name, telephone (rule 41)."""
    AID_PROOF = "困难证明"
    """Rule 200."""
    CERTIFICATE = "义务教育证书"
    """Rule 142."""
    TERM_CHECK = "开学逐一核查"
    """教基厅函〔2024〕15号: every pupil, each spring and autumn."""
    SCREENING = "摸排"
    """Rules 58, 61, 62."""
    REPORT = "报表上报"
    """A periodic report went up: its content names 报表 and 期间."""
    REMARK = "情况说明"


@dataclass(frozen=True, slots=True)
class SchoolRecord:
    """One such record.

    ``content`` holds what the kind's form asks for, by the Chinese name of the field; it is
    sealed in the database.
    """

    kind: RecordKind
    school_code: str
    day: date
    title: str
    content: Mapping[str, str] = field(default_factory=dict)
    people: tuple[str, ...] = ()
    """Parties or those present, by name and role."""
    class_id: str | None = None
    student_id: str | None = None
    village: str = ""
    id: int | None = None
    recorded_by: str = ""
    recorded_at: str = ""
    replaces: int | None = None


class ChangeState(StrEnum):
    """How far an application for a change of registration is."""

    ASKED = "待审批"
    APPROVED = "已批准"
    REFUSED = "不同意"
    WITHDRAWN = "撤回"


@dataclass(frozen=True, slots=True)
class RegistrationRequest:
    """An application to transfer, suspend, resume … (seed rules 119–126).

    The tool never writes to the national registration system: this is the school's own workflow.
    """

    student_id: str
    school_code: str
    change_type: str
    """Code of ``change_type``."""
    day: date
    """When the change is to take effect."""
    reason: str
    documents: tuple[str, ...] = ()
    """Names of the papers that were handed in."""
    from_school: str = ""
    to_school: str = ""
    state: ChangeState = ChangeState.ASKED
    asked_by: str = ""
    asked_at: str = ""
    decided_by: str = ""
    decided_at: str = ""
    doc_no: str = ""
    note: str = ""
    id: int | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class IssuedDocument:
    """One numbered document (seed rule 144: 文号 and 签发人)."""

    doc_no: str
    form: str
    school_code: str
    year: int
    number: int
    issued_on: date
    signer: str
    subject: str = ""
    """Whom or what it is about: a pseudonym, a class, a school."""
    by: str = ""
    at: str = ""
