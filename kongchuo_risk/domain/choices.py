"""What people decided beforehand: caps, assumed effects, wishes and vetoes, deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from kongchuo_risk.domain.assignment import AssignmentRule

COUNTY = ""
"""In place of a school code: a limit over all schools."""


@dataclass(frozen=True, slots=True)
class AssumedEffect:
    """Assumed share of the risk of leaving that a measure takes away, as people set it."""

    measure: str
    low: float
    expected: float
    high: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class CapLimit:
    """How much of something scarce a school (or the county) has this term."""

    school_code: str
    cap: str
    """Id in ``interventions.yaml``."""
    amount: float
    why: str = ""


@dataclass(frozen=True)
class PlanningChoices:
    """Everything that people decided and the optimiser must keep to.

    Attributes
    ----------
    limits
        (school code, cap id) → amount; :data:`COUNTY` for a limit over all schools.
    effects
        Measure id → assumption in place of the policy's.
    rules
        Fixed points, vetoes, absences, wishes, consents.
    previous
        Pupil → staff number of the last assignment that a headteacher approved.
    """

    limits: Mapping[tuple[str, str], float] = field(default_factory=dict)
    effects: Mapping[str, AssumedEffect] = field(default_factory=dict)
    rules: tuple[AssignmentRule, ...] = ()
    previous: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A measure that was carried out, with its dose."""

    student_id: str
    measure: str
    """Id in ``interventions.yaml``."""
    started_on: date
    ended_on: date | None = None
    sessions: int | None = None
    staff_no: str | None = None
    note: str = ""
