"""A duty is a deadline with what became of it; tasks are duties as people see them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from kongchuo_risk.contracts.procedure import DeadlineRule, Procedure
from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.school_days import SchoolDays
from kongchuo_risk.domain.task import Task, TaskState
from kongchuo_risk.procedure.terms import due_after

_ABOVE = {Role.PRINCIPAL: Role.OFFICE, Role.OFFICE: Role.BUREAU, Role.BUREAU: None}


@dataclass(frozen=True)
class Setting:
    """What every deadline is computed with.

    Attributes
    ----------
    moment
        Now, or the moment of the past for which the tasks are asked.
    """

    procedure: Procedure
    calendar: SchoolDays
    moment: datetime
    _known: dict[tuple[str, date, str], datetime] = field(
        default_factory=dict, repr=False, compare=False
    )

    def rule(self, kind: str) -> DeadlineRule:
        """Terms of a deadline."""
        return self.procedure.deadlines[kind]

    def due(self, kind: str, start: date, session: str = "AM") -> datetime:
        """When a deadline that began on ``start`` ends; thousands of cases share few days."""
        asked = (kind, start, session)
        if asked not in self._known:
            rule = self.rule(kind)
            self._known[asked] = due_after(start, rule, self.calendar, session=session)
        return self._known[asked]


@dataclass(frozen=True, slots=True)
class Duty:
    """One deadline: when, done when, and until when it made sense."""

    kind: str
    due: datetime
    done_at: datetime | None = None
    until: datetime | None = None
    """When the reason ended: a duty that was not due by then never was one."""
    detail: str = ""
    part: str = ""
    """Tells duties of one kind apart."""
    title: str = ""
    """Title, owner, form and sources: of the rule where empty."""
    owner: Role | None = None
    form: str = ""
    sources: tuple[str, ...] = ()

    def state(self, moment: datetime) -> TaskState | None:
        """How the duty stands; ``None`` when it never was one."""
        if self.done_at is not None and self.done_at <= moment:
            return TaskState.DONE if self.done_at <= self.due else TaskState.DONE_LATE
        if self.until is not None and self.until <= moment:
            return TaskState.MISSED if self.due < self.until else None
        return TaskState.LATE if self.due < moment else TaskState.DUE


@dataclass(frozen=True, slots=True)
class About:
    """Whom a duty is about."""

    scope: str
    """Beginning of the key, such as ``case:17``."""
    school_code: str
    class_id: str | None = None
    student_id: str | None = None
    case_id: int | None = None
    owner_staff: str | None = None


def task_of(duty: Duty, about: About, setting: Setting) -> Task | None:
    """The task of a duty at the setting's moment; ``None`` when there is nothing to say."""
    state = duty.state(setting.moment)
    if state is None:
        return None
    rule = setting.procedure.deadlines.get(duty.kind)
    owner = duty.owner or (rule.owner if rule else Role.PRINCIPAL)
    done = state in (TaskState.DONE, TaskState.DONE_LATE)
    return Task(
        key=":".join(filter(None, (about.scope, duty.kind, duty.part))),
        kind=duty.kind,
        title=duty.title or (rule.title if rule else duty.kind),
        school_code=about.school_code,
        due=duty.due,
        owner_role=owner,
        owner_staff=about.owner_staff,
        student_id=about.student_id,
        case_id=about.case_id,
        class_id=about.class_id,
        state=state,
        done_at=duty.done_at if done else None,
        form=duty.form or (rule.form if rule else ""),
        sources=duty.sources or (rule.source if rule else ()),
        raised_to=_raised_to(owner, rule) if state is TaskState.LATE else None,
        detail=duty.detail,
    )


def _raised_to(owner: Role, rule: DeadlineRule | None) -> Role | None:
    """Rule 23: to the principal; rule 56: who is above him for what is his own."""
    if rule is not None and rule.raised_to is not None:
        return rule.raised_to
    return _ABOVE.get(owner, Role.PRINCIPAL)
