"""What a comparison of registers says: pairs with their evidence, findings, counts (四查三比对).

Everything here is text, numbers and days, so that it can be stored, sealed and shown as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

PERSON_COLUMNS = (
    "person", "name", "sex", "birth", "village", "guardian", "id_hash", "old_id_hash", "id_last4",
    "student_id", "status", "category", "place",
)  # fmt: skip
"""Columns of a *person frame*, all text, missing where not known.

``person`` is a keyed hash that stays the same from one delivery of a register to the next; ``sex``
is 男 or 女; ``birth`` is ``2012-05-01``, or ``2012-05`` where only the month is known; ``id_hash``
is the keyed hash of the citizen number, ``old_id_hash`` that of the number inside a 学籍号, which
may be an earlier one; ``student_id`` is set for pupils on the roll; ``status`` is what the register
says has become of the person, ``category`` why he or she is in it (孤儿、脱贫户 …), joined by 、;
``place`` is the class, or where the row stands in a file.
"""


class RosterKind(StrEnum):
    """Registers that are compared with the roll (seed rules 59, 60, 140; 教基厅函〔2024〕15号)."""

    HOUSEHOLD = "户籍"
    POVERTY = "脱贫户"
    CIVIL = "民政"
    DISABLED = "残联"
    WOMEN = "妇联"
    STATISTICS = "统计"
    NOTICES = "入学通知书"
    HEADCOUNT = "在校清点"


class PairState(StrEnum):
    """What is held of two rows."""

    WAITING = "待复核"
    SAME = "同一人"
    DIFFERENT = "不是同一人"


class FindingKind(StrEnum):
    """What a comparison can find of one person: always something to go and see, never a verdict."""

    NOT_ON_ROLL = "失学疑似"
    """Of school age in another register, not on the roll (户籍 × 学籍)."""
    NOT_ENROLLED = "应入学未入学"
    """The same, due to enter school this autumn, or sent a 入学通知书 (rule 140)."""
    NOT_AT_SCHOOL = "辍学疑似"
    """On the roll and not at school of late (学籍 × 在校)."""
    NEVER_SEEN = "名在人不在"
    """On the roll, and no sheet or head count has ever met the person."""
    UNREGISTERED = "人在名不在"
    """At school, not on the roll."""
    POOR_AND_OUT = "脱贫户辍学"
    """Found by one of the first two comparisons and living in a 脱贫户 (辍学 × 脱贫户)."""
    TWICE_ON_ROLL = "重复学籍"
    UNTAGGED = "类别漏登"
    """A department names a category that the school does not know of."""
    CONTRADICTION = "状况不一致"
    """A register says out of school, the roll says at school."""


@dataclass(frozen=True, slots=True)
class Person:
    """One row of a register as a reviewer sees it; see :data:`PERSON_COLUMNS`."""

    source: str
    person: str
    name: str
    sex: str = ""
    birth: str = ""
    village: str = ""
    guardian: str = ""
    id_last4: str = ""
    student_id: str | None = None
    status: str = ""
    category: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How one field speaks for or against a pair."""

    field: str
    """Title, such as 姓名."""
    left: str
    right: str
    agreement: str
    """In words, such as 同音不同字."""
    weight: float
    """Base-2 logarithm of the Bayes factor: 1 doubles the odds that both are one person."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rows that may be one person, for a human to decide.

    ``probability`` is missing when the rows were joined by number and the rest contradicts.
    """

    left: Person
    right: Person
    probability: float | None
    evidence: tuple[Evidence, ...]
    reason: str
    """Why a person must look: the probability, a rival, a contradiction."""
    state: PairState = PairState.WAITING
    decided_by: str = ""
    decided_at: str = ""
    note: str = ""
    id: int | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What a decision is remembered by, over later deliveries of the same registers."""
        return self.left.person, self.right.person


@dataclass(frozen=True, slots=True)
class RegisterFinding:
    """One person whom the school (or the township) has to find.

    ``other`` is the person's row in the second register, where there is one.
    """

    kind: FindingKind
    person: Person
    detail: str
    other: Person | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Result of comparing one register with another on a day.

    ``counts`` says what became of every row of the left register: its numbers add up to
    ``left_rows``. ``queue`` holds the pairs for review, the most consequential first.
    """

    title: str
    left: str
    right: str
    day: date
    left_rows: int
    right_rows: int
    counts: Mapping[str, int]
    findings: tuple[RegisterFinding, ...]
    queue: tuple[Pair, ...] = ()
    threshold: float | None = None
    review: float | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def headline(self) -> str:
        """The counts in one line.

        >>> Comparison("户籍比对学籍", "户籍", "学籍", date(2025, 9, 8), 3, 2,
        ...            {"在学籍": 2, "失学疑似": 1}, ()).headline
        '户籍比对学籍（2025-09-08）：户籍 3 人 = 在学籍 2 + 失学疑似 1'
        """
        parts = " + ".join(f"{label} {number}" for label, number in self.counts.items() if number)
        return f"{self.title}（{self.day}）：{self.left} {self.left_rows} 人 = {parts or 0}"
