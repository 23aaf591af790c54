"""Who answers for whom (包保): what people decided beforehand, and the assignment that came out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

import pandas as pd

from kongchuo_risk.domain.plan import Pairing


class RuleKind(StrEnum):
    """What a rule says about pupils and staff."""

    FIX = "指定"
    """This pupil goes to this teacher."""
    VETO = "回避"
    """This pupil never goes to this teacher."""
    ABSENCE = "请假"
    """The teacher is away."""
    ASK_SEX = "要求性别"
    """The family asks for a man or a woman."""
    ASK_LANGUAGE = "要求语言"
    """The family asks for somebody who speaks a language."""
    CONSENT = "自愿帮助"
    """A pupil, with the parents, agreed to help a classmate."""
    RIVAL = "不宜结对"
    """Two pupils who should not be paired."""


@dataclass(frozen=True, slots=True)
class AssignmentRule:
    """One decision of the school or wish of a family; fields that a kind does not use are empty.

    ``first`` and ``last`` bound the days on which it holds (both included; of an absence, its
    days); ``None`` is open.

    Examples
    --------
    >>> away = AssignmentRule(RuleKind.ABSENCE, staff_no="T1", first=date(2026, 3, 2), why="产假")
    >>> away.holds_on(date(2026, 3, 1)), away.holds_on(date(2026, 9, 1))
    (False, True)
    >>> str(away)
    '请假（T1；产假）'
    """

    kind: RuleKind
    student_id: str = ""
    staff_no: str = ""
    other_student: str = ""
    value: str = ""
    """The sex or language asked for."""
    first: date | None = None
    last: date | None = None
    why: str = ""
    by: str = ""
    id: int | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the rule is in force on ``day``."""
        return (self.first or day) <= day <= (self.last or day)

    def __str__(self) -> str:
        about = (self.student_id, self.staff_no, self.other_student, self.value)
        parts = [" ".join(part for part in about if part), self.why]
        return f"{self.kind}（{'；'.join(part for part in parts if part)}）"


@dataclass(frozen=True, slots=True)
class Guarantee:
    """Who answers for what: 包校, 包班 or 包人."""

    level: str
    staff_no: str
    school_code: str
    class_id: str
    """Of 包班; empty otherwise."""
    pupils: int
    source: str


class ChangeKind(StrEnum):
    """What became of a pupil's responsible adult since the last approved assignment."""

    NEW = "新增"
    KEPT = "不变"
    CHANGED = "更换"
    ENDED = "结束"


@dataclass(frozen=True, slots=True)
class Change:
    """Last term's responsible adult beside this term's."""

    student_id: str
    was: str
    """Staff number; empty when there was none."""
    now: str
    kind: ChangeKind
    why: str


@dataclass(frozen=True, slots=True)
class Handover:
    """A pupil who passes from one adult to another, for good or while somebody is away."""

    student_id: str
    giver: str
    taker: str
    first: date | None
    last: date | None
    """Days of the absence; ``None`` when open or when there is no absence."""
    text: str


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One part of the smallest change that gives everybody a mentor."""

    staff_no: str
    places: int
    """More places for the teacher."""
    hours: float
    """More hours a week for the teacher."""
    students: tuple[str, ...]
    """Pupils who find a mentor by it."""
    lifted: tuple[str, ...]
    """Rules that would have to be given up, each in words; empty for places and hours."""
    units: int
    """Admissions beyond a cap and rules given up: what is made smallest over all parts."""
    text: str


@dataclass(frozen=True, slots=True)
class PeerPair:
    """一帮一: a pupil and the classmate who helps; or why there is none."""

    student_id: str
    helper: str
    """Empty when nobody could be found."""
    subjects: tuple[str, ...]
    """Subjects in which the helper is clearly ahead."""
    why: str


@dataclass(frozen=True)
class Assignment:
    """The responsible adults of one term.

    Attributes
    ----------
    pairings
        One per pupil, in the order given; left out are only pupils of whom no adult of the school
        may take charge (named in ``problems``).
    guarantees
        包校, 包班, 包人, with the rules behind them (26, 33, 34).
    loads : DataFrame
        ``staff_no, school_code, places, pupils, hours_available, hours_needed``; hours are per
        week, and ``hours_available`` is missing when the staff table does not tell it.
    changes
        Against the last approved assignment; empty when there was none.
    handovers
        Whose pupils pass to whom.
    relaxations
        The smallest change that gives every pupil on the list a mentor; empty when all have one.
    problems
        Rules that could not be carried out and why, in Chinese.
    cost, bound : float
        What the assignment costs, and what no assignment of as many pupils can go below.
    pupils : int
        Everybody who should have an adult.
    unplaced
        Pupils on the list without a mentor, who stay with the class teacher.
    """

    pairings: tuple[Pairing, ...] = ()
    guarantees: tuple[Guarantee, ...] = ()
    loads: pd.DataFrame = field(default_factory=pd.DataFrame)
    changes: tuple[Change, ...] = ()
    handovers: tuple[Handover, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()
    problems: tuple[str, ...] = ()
    cost: float = 0.0
    bound: float = 0.0
    pupils: int = 0
    unplaced: tuple[str, ...] = ()

    @property
    def coverage(self) -> tuple[int, int]:
        """Pupils with a responsible adult, and all pupils."""
        return len(self.pairings), self.pupils

    @property
    def gap(self) -> float:
        """How far the cost may be from the best; 0 when it is proven best."""
        return self.cost - self.bound

    @cached_property
    def change_counts(self) -> Mapping[ChangeKind, int]:
        """How many pupils are new, kept, changed, ended."""
        counts = Counter(change.kind for change in self.changes)
        return {kind: counts[kind] for kind in ChangeKind}
