"""What a named adult does for a pupil, by when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


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


@dataclass(frozen=True, slots=True)
class Pairing:
    """The responsible adult of one pupil, and why this one."""

    student_id: str
    staff_no: str
    kind: str
    """``包保教师`` for pupils on the list, ``班主任`` for everybody else."""
    why: str
