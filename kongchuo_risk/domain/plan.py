"""What named adults do for a pupil, by when: proposals, and the plan that people approve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from kongchuo_risk.errors import PlanError


class ItemState(StrEnum):
    """How far a proposed item is on its way into the plan."""

    DRAFTED = "拟定"
    OPTIONAL = "可选"
    """In the catalogue for this pupil; a person may take it up."""
    WAITING = "候补"
    """Asked for, but a cap left no place."""


class PlanKind(StrEnum):
    """Which plan a pupil needs."""

    GENERAL = "一生一案"
    RETURNER = "复学学生帮扶计划"
    DISABILITY = "残疾学生支持计划"


class PlanState(StrEnum):
    """Life of one version of a plan."""

    DRAFT = "草案"
    APPROVED = "已批准"
    ENDED = "已结束"


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One measure proposed for one pupil; a person confirms it."""

    student_id: str
    measure: str
    """Id in ``interventions.yaml``."""
    label: str
    dimension: str
    """One of the 六控: 责任, 制度, 扶贫, 关爱, 质量, 依法."""
    why: str
    """The reason or fact that called the measure, in Chinese."""
    owner_role: str
    owner_staff: str | None
    due: date
    form: str
    sources: tuple[str, ...]
    dose: str = ""
    """What exactly is done, how often."""
    warning: str = ""
    """What must be thought of first; empty for most measures."""
    state: ItemState = ItemState.DRAFTED
    start: date | None = None
    review: date | None = None
    """Day on which somebody looks whether it helps."""
    rhythm: str = ""
    helpers: tuple[str, ...] = ()
    """Chinese labels of the roles that help the owner."""
    checklist: tuple[str, ...] = ()
    evidence: str = ""
    """Grade of the evidence, such as 无对照研究."""
    entitled: bool = False
    """The law gives the pupil a right to it (应助尽助), whatever the score."""
    restricted: bool = False
    """Only for those who carry it out: in no list, and in nothing that a family reads."""
    priority: str = ""
    """Why the pupil comes first when places are scarce; empty: by expected benefit."""
    hours_per_week: float = 0.0
    """Of the owner's time."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """The responsible adult of one pupil, and why this one."""

    student_id: str
    staff_no: str
    kind: str
    """``包保教师`` for pupils on the list, ``班主任`` for everybody else."""
    why: str
    previous: str = ""
    """Staff number of last term's, when it was somebody else."""
    handover: str = ""
    """What to hand over, and when; empty when nothing changes hands."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a pupil needs help with, in one of the four dimensions of rule 168."""

    dimension: str
    """学习能力, 学习方法, 家庭情况 or 思想心理."""
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PupilPlan:
    """一生一案: one version of one pupil's plan.

    ``version`` counts from 1 and is given when the plan is stored; every change is a new version,
    so that nothing that was once approved is lost.
    """

    student_id: str
    school_code: str
    term: str
    kind: PlanKind
    goal: str
    needs: tuple[Need, ...]
    items: tuple[PlanItem, ...]
    start: date
    end: date
    reviews: tuple[date, ...]
    state: PlanState = PlanState.DRAFT
    run_id: int | None = None
    """The list from which it was drafted."""
    version: int = 0
    by: str = ""
    """Who made this version."""
    at: str = ""
    """When, UTC, ISO 8601; given when the plan is stored."""
    note: str = ""

    def item(self, measure: str) -> PlanItem:
        """The item of a measure.

        Raises
        ------
        PlanError
            When the plan has none.
        """
        found = next((item for item in self.items if item.measure == measure), None)
        if found is None:
            raise PlanError(f"计划中没有措施 {measure}")
        return found

    def edited(self, *, note: str = "", **changes: object) -> PupilPlan:
        """The plan with other fields; whatever was approved is a draft again."""
        return replace(self, state=PlanState.DRAFT, note=note, **changes)  # type: ignore[arg-type]

    def with_item(self, item: PlanItem) -> PupilPlan:
        """The plan with one more item.

        Raises
        ------
        PlanError
            When the measure is in the plan already.
        """
        if any(item.measure == other.measure for other in self.items):
            raise PlanError(f"“{item.label}”已在计划中")
        return self.edited(items=(*self.items, item), note=f"增加：{item.label}")

    def with_change(self, measure: str, **changes: object) -> PupilPlan:
        """The plan with one item changed (owner, date, dose …).

        Raises
        ------
        PlanError
            When the plan has no such measure, or a right would become a matter of choice.
        """
        old = self.item(measure)
        if old.entitled and changes.get("state") is ItemState.OPTIONAL:
            raise PlanError(f"“{old.label}”是依法应当提供的，不能改为可选")
        new = replace(old, **changes)  # type: ignore[arg-type]
        items = tuple(new if item is old else item for item in self.items)
        return self.edited(items=items, note=f"修改：{old.label}")

    def without(self, measure: str, *, why: str) -> PupilPlan:
        """The plan without a measure; the reason is kept.

        Raises
        ------
        PlanError
            When no reason is given, or the law gives the pupil a right to the measure.
        """
        item = self.item(measure)
        if not why.strip():
            raise PlanError(f"删去“{item.label}”请写明理由")
        if item.entitled:
            raise PlanError(f"“{item.label}”是依法应当提供的，不能删去；可以改期限或责任人")
        items = tuple(other for other in self.items if other is not item)
        return self.edited(items=items, note=f"删去：{item.label}（{why.strip()}）")

    def approved(self) -> PupilPlan:
        """The plan as a person approves it.

        Raises
        ------
        PlanError
            Names the items that nobody answers for, or a plan without any item or goal.
        """
        taken = tuple(item for item in self.items if item.state is not ItemState.OPTIONAL)
        open_items = [item.label for item in taken if not item.owner_staff]
        if not taken:
            raise PlanError("计划中没有措施，不能批准")
        if not self.goal.strip():
            raise PlanError("计划没有写明目标，不能批准")
        if open_items:
            raise PlanError(f"以下措施还没有责任人，不能批准：{'、'.join(open_items)}")
        return replace(self, state=PlanState.APPROVED, items=taken, note="批准")


@dataclass(frozen=True, slots=True)
class SchoolTask:
    """One item of a school's own plan (一校一案): a checklist with an owner and a date."""

    item: str
    """Id in ``interventions.yaml``."""
    label: str
    dimension: str
    owner_role: str
    owner_staff: str | None
    due: date
    checklist: tuple[str, ...]
    form: str
    sources: tuple[str, ...]
    done_on: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class SchoolPlan:
    """一校一案 of one term; ``version`` and ``at`` as in :class:`PupilPlan`."""

    school_code: str
    term: str
    tasks: tuple[SchoolTask, ...]
    figures: Mapping[str, int]
    """Pupils on the list, in key groups, with plans …: what the plan is made for."""
    state: PlanState = PlanState.DRAFT
    version: int = 0
    by: str = ""
    at: str = ""
    note: str = ""
