"""What a model says of one pupil on one day: how likely, how urgent, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Tier(StrEnum):
    """Band of the list; the only form in which a teacher sees a score."""

    RED = "红"
    ORANGE = "橙"
    YELLOW = "黄"
    NONE = "未列入"


@dataclass(frozen=True, slots=True)
class Reason:
    """One group of contributions in a teacher's words.

    ``contribution`` is the sum of the exact contributions of the group's features to the log-odds;
    ``feature`` is the one that weighs most.
    """

    group: str
    feature: str
    text: str
    contribution: float
    actionable: bool


@dataclass(frozen=True, slots=True)
class RiskEntry:
    """One pupil on the ranked list of one day.

    ``rank`` counts from 1 within the school. ``watch`` names the statutory key groups
    (残疾, 孤儿 …) that keep a pupil under watch whatever the score. ``probability`` is for
    analysts only.
    """

    student_id: str
    school_code: str
    class_id: str
    grade: int
    as_of: date
    rank: int
    tier: Tier
    probability: float
    reasons: tuple[Reason, ...]
    strengths: tuple[Reason, ...]
    watch: tuple[str, ...] = ()
