"""A county's rules of procedure: detection, deadlines, moves, watch, reports, targets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from kongchuo_risk.contracts.reading import Contract
from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.case import CaseStatus, Destination
from kongchuo_risk.domain.visit import NoticeKind

Source = Annotated[str, StringConstraints(min_length=1)]
Sources = Annotated[tuple[Source, ...], Field(min_length=1)]
"""Numbers of ``rules.csv``, or articles."""


class Detection(Contract):
    """When an absence becomes a case, and when a person must look first."""

    suspect_after_sessions: int = Field(ge=1)
    """Unexplained half-days in a row that open a case."""
    mass_share_of_class: float = Field(gt=0, le=1)
    mass_pupils: int = Field(ge=1)
    """From this share and this number on, absences of a class are held for a person."""
    mass_share_of_school: float = Field(gt=0, le=1)
    """The same for a school; the number holds here too."""
    early_sign_tags: tuple[str, ...]
    """Codes of ``observation_tag`` that put a pupil on the watch list as 苗头."""
    suspicion_tags: tuple[str, ...]
    """Codes that are a suspicion at once."""
    mandatory_report_tags: tuple[str, ...]
    """Codes on which the duty of mandatory report must be judged the same day."""
    mandatory_report_causes: tuple[str, ...]
    """Codes of ``causes.yaml`` that ask the same of a case."""
    mandatory_report_destinations: tuple[Destination, ...]
    """Whereabouts that ask the same of a case."""
    visit_tags: tuple[str, ...]
    """Codes that ask for a home visit."""
    source: Sources


class DeadlineRule(Contract):
    """One deadline: what is due how long after what, and who does it."""

    title: str
    within: int = Field(ge=0)
    unit: Literal["half_day", "day", "school_day", "week", "month"]
    owner: Role
    form: str = ""
    raised_to: Role | None = None
    """Who is told when it is late; empty: the principal, and of his own duties who is above."""
    chosen: bool = False
    """The source asks for it and gives no number: the number is this file's."""
    source: Sources


class VisitRules(Contract):
    """How often families of pupils who stay away are visited."""

    per_term: int = Field(ge=0)
    pace_days: int = Field(ge=1)
    """One visit is due at least every so many days until there are enough."""
    routine_per_year: int = Field(ge=0)
    """Of every pupil, whatever the risk (rule 96)."""
    source: Sources


class WatchRules(Contract):
    """What happens after a pupil came back."""

    observations: int = Field(ge=1)
    every_days: int = Field(ge=1)
    least_days_apart: int = Field(ge=0)
    """Observations closer than that count as one: four in a week say nothing of eight months."""
    source: Sources


class MoveRule(Contract):
    """What must be there before a case moves to a status."""

    roles: frozenset[Role]
    """Who may make or ask for the move."""
    min_visits: int = Field(default=0, ge=0)
    needs: frozenset[Literal["owner", "cause", "destination", "return_day"]] = frozenset()
    issued: frozenset[NoticeKind] = frozenset()
    delivered: frozenset[NoticeKind] = frozenset()
    expired: frozenset[NoticeKind] = frozenset()
    """Notices whose deadline must be over."""
    papers: tuple[str, ...] = ()
    """Documents that must have been received."""
    observations: int = Field(default=0, ge=0)
    """Observations of a pupil who attends, before the move."""
    note: bool = False
    """Whether words must go with the move."""
    evidence: bool = False
    """Whether the move must name the papers on which it rests."""
    second: frozenset[Role] = frozenset()
    """Roles of which a second person must confirm; empty: nobody."""
    source: Sources


class ReportRule(Contract):
    """A periodic report."""

    title: str
    period: Literal["day", "week", "month", "quarter", "term", "year"]
    due_day: int = Field(ge=0)
    """Days after the end of the period; for ``month`` the day of the month when above 0."""
    owner: Role
    level: Literal["class", "school", "office", "bureau"]
    source: Sources


class Target(Contract):
    """A bound for an indicator."""

    at_least: float | None = None
    at_most: float | None = None
    source: Sources

    @model_validator(mode="after")
    def _one_bound(self) -> Target:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("请写 at_least（至少）或 at_most（至多）其中一个")
        return self


class SchoolDuties(Contract):
    """Duties of the school year."""

    publicity_months: tuple[int, ...]
    meeting_every_days: int = Field(ge=1)
    letters_by: str = Field(pattern=r"^\d{2}-\d{2}$")
    """Month and day by which the year's letters of responsibility are signed."""
    term_check_days: int = Field(ge=1)
    """Days after the start of term within which every pupil was checked one by one."""
    source: Sources

    def letters_due(self, school_year: int) -> date:
        """The day in the autumn of a school year by which letters are signed."""
        month, day = map(int, self.letters_by.split("-"))
        return date(school_year, month, day)


class Procedure(Contract):
    """The procedure of one county."""

    detection: Detection
    deadlines: Mapping[str, DeadlineRule]
    visits: VisitRules
    watch: WatchRules
    moves: Mapping[CaseStatus, MoveRule]
    reports: Mapping[str, ReportRule]
    duties: SchoolDuties
    targets: Mapping[str, Mapping[str, Target]]
    """Indicator → stage (小学, 初中 or 全部) → bound."""
    doc_no: str
    """How a document's number is written: ``{school}``, ``{form}``, ``{year}``, ``{number}``."""

    @model_validator(mode="after")
    def _complete(self) -> Procedure:
        missing = [name for name in DEADLINES if name not in self.deadlines]
        unknown = [name for name in self.deadlines if name not in DEADLINES]
        if missing or unknown:
            lacks, strange = "、".join(missing) or "无", "、".join(unknown) or "无"
            raise ValueError(f"deadlines 缺少：{lacks}；不认识：{strange}")
        if self.deadlines["confirm_dropout"].unit != "day":
            raise ValueError("confirm_dropout 的 unit 只能是 day：台账按自然日区分疑似辍学和辍学")
        free = set(CaseStatus) - {CaseStatus.EARLY_SIGN, CaseStatus.SUSPECTED}
        without = [status for status in CaseStatus if status in free - set(self.moves)]
        if without:
            raise ValueError(f"moves 缺少状态：{'、'.join(without)}")
        return self


DEADLINES: Mapping[str, str] = {
    "first_visit": "学校知道学生无故未到（半天的从那个半天起）",
    "leader_visit": "学校知道学生无故未到",
    "same_day_report": "立案，或发现苗头",
    "guardian_contact": "学校知道学生无故未到",
    "teachers_told": "学校知道学生无故未到",
    "case_facts": "学校知道学生无故未到",
    "joint_visit": "学校知道学生无故未到",
    "dropout_report": "学校知道学生无故未到",
    "cause_report": "学校知道学生无故未到",
    "return_notice": "签发辍学报告单",
    "timed_notice": "学校知道学生无故未到",
    "handover": "限期返校通知书写明的期限（须已送达）",
    "bureau_report": "学校知道学生无故未到",
    "confirm_dropout": "缺勤的第一天",
    "promise_check": "承诺返校的日子",
    "weekly_contact": "上一次见到学生或监护人",
    "second_person": "提出申请",
    "visit_review": "填写家访记录",
    "sheet": "每个上课的半天",
    "judge_suspicion": "点名发现大面积缺勤",
    "sign_visit": "记录苗头",
    "mandatory_report": "记录苗头，或案件写明有关的原因或去向",
    "police_report": "记录出走，或案件写明去向不明",
    "change_decision": "提出学籍异动申请",
    "new_archive": "入学的月份",
    "aid_payment": "申请资助",
}
"""Every deadline that the toolkit computes, with what it runs from; a profile gives its term."""
