"""What somebody has to do by a moment: a deadline, computed from facts and never stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kongchuo_risk.domain.actor import Role


class TaskState(StrEnum):
    """How a task stands at a moment."""

    DUE = "待办"
    LATE = "逾期"
    DONE = "已完成"
    DONE_LATE = "逾期完成"
    MISSED = "未做"
    """Late, and too late now: the child came back without it."""


@dataclass(frozen=True, slots=True)
class Task:
    """One duty with its deadline.

    The same facts always give the same tasks with the same ``key``: a run that was missed loses
    nothing, and one made twice repeats nothing.
    """

    key: str
    """Stable name, such as ``first_visit:17``."""
    kind: str
    """Id in the profile's ``deadlines``."""
    title: str
    """What is to be done, in a teacher's words."""
    school_code: str
    due: datetime
    owner_role: Role
    owner_staff: str | None = None
    student_id: str | None = None
    case_id: int | None = None
    class_id: str | None = None
    state: TaskState = TaskState.DUE
    done_at: datetime | None = None
    form: str = ""
    """Name of the form that records it."""
    sources: tuple[str, ...] = ()
    """Rules and articles that ask for it."""
    raised_to: Role | None = None
    """Who else is told because it is late (seed rule 23)."""
    detail: str = ""
    """Progress in words, such as 已走访 3 次，还差 2 次."""

    @property
    def is_open(self) -> bool:
        return self.state in (TaskState.DUE, TaskState.LATE)
