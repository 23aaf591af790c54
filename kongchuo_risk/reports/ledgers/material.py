"""What a ledger or report is made from: records, case history, the county's terms, the scope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import pandas as pd

from kongchuo_risk.contracts.procedure import Procedure
from kongchuo_risk.domain.task import Task
from kongchuo_risk.reports.ledgers.history import CaseHistory
from kongchuo_risk.reports.ledgers.roll import Rolls

STAGES = ("小学", "初中", "未注明")


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of the county on which ledgers rest.

    Attributes
    ----------
    confirm_days
        An absence of so many days is 辍学 (of fewer: 疑似辍学).
    visits_per_term
        Visits that a pupil who stays away is owed in a term (seed rule 80).
    """

    confirm_days: int = 28
    visits_per_term: int = 5

    @classmethod
    def of(cls, procedure: Procedure) -> Terms:
        """Terms as a profile states them; school days count five to the week."""
        rule = procedure.deadlines["confirm_dropout"]
        days = rule.within if rule.unit == "day" else -(-rule.within * 7 // 5)
        return cls(days, procedure.visits.per_term)


@dataclass(frozen=True, slots=True)
class Unenrolled:
    """A child of school age who is on no school's roll, as a comparison of registers found.

    ``school_code`` is the school whose catchment it is; empty when nobody has said so.
    """

    child_id: str
    school_code: str
    stage: str
    finding: str
    """What the comparison found, such as 户籍有、学籍无."""
    found_on: date
    village: str = ""
    disabled: bool = False
    settled_on: date | None = None
    """Day on which it was cleared up: enrolled, moved away, an error."""
    result: str = ""

    def holds(self, day: date) -> bool:
        """Whether it was found, and not cleared up, by the end of ``day``."""
        return self.found_on <= day and (self.settled_on is None or self.settled_on > day)


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom a ledger or report is about.

    Examples
    --------
    >>> Scope("甲县", "县").covers("S1", "C1"), Scope("一校", "校", ("S2",)).covers("S1", "C1")
    (True, False)
    """

    name: str
    level: str = "校"
    """班, 校, 学区, 县, 市 or 省."""
    schools: tuple[str, ...] | None = None
    """School codes; ``None`` for all."""
    class_id: str | None = None

    @property
    def code(self) -> str:
        """Its place in a report of the level above: a class's or school's code, else the name."""
        if self.class_id is not None:
            return self.class_id
        return self.schools[0] if self.level == "校" and self.schools else self.name

    def covers(self, school_code: str, class_id: str | None = None) -> bool:
        """Whether a pupil of a school and class belongs to it."""
        of_school = self.schools is None or school_code in self.schools
        return of_school and (self.class_id is None or class_id == self.class_id)

    def of(self, table: pd.DataFrame) -> pd.DataFrame:
        """Rows of a table with ``school_code`` (and ``class_id``) that belong to it."""
        keep = pd.Series(True, index=table.index)
        if self.schools is not None:
            keep &= table["school_code"].isin(self.schools)
        if self.class_id is not None:
            keep &= table["class_id"] == self.class_id
        return table[keep]


@dataclass(frozen=True)
class Material:
    """Everything known; each reader asks for a day and never sees what came later.

    Attributes
    ----------
    rolls
        Records of the workspace; keep them while several reports are made.
    history
        Of the case database.
    mentors
        Pupil → staff number of the responsible adult, as approved for the day; ``None`` when there
        is no assignment.
    unenrolled
        From comparisons of registers.
    tasks
        Deadlines with their states at the end of the day (from ``procedure``); they carry the
        timeliness of visits and reports.
    transfer_reach
        School outside the county → 跨县, 跨地市 or 跨省, where somebody knows it.
    """

    rolls: Rolls
    history: CaseHistory = field(default_factory=CaseHistory)
    terms: Terms = Terms()
    mentors: Mapping[str, str] | None = None
    unenrolled: tuple[Unenrolled, ...] = ()
    tasks: tuple[Task, ...] = ()
    transfer_reach: Mapping[str, str] = field(default_factory=dict)

    def as_of(self, day: date) -> Snapshot:
        """What all of this said at the end of ``day``; asked again, the same snapshot."""
        return self._snapshots.setdefault(day, Snapshot(self, day))

    @cached_property
    def _snapshots(self) -> dict[date, Snapshot]:
        return {}


@dataclass(frozen=True)
class Snapshot:
    """The material at the end of one day; parts are made when they are first asked for."""

    material: Material
    day: date

    @cached_property
    def history(self) -> CaseHistory:
        """Of the case database."""
        return self.material.history.as_of(self.day)

    @cached_property
    def roll(self) -> pd.DataFrame:
        """Every pupil known, by ``student_id``; see :meth:`Rolls.on`."""
        return self.material.rolls.on(self.day)

    @cached_property
    def unenrolled(self) -> tuple[Unenrolled, ...]:
        """Children who were on no roll."""
        return tuple(child for child in self.material.unenrolled if child.holds(self.day))

    def stage_of(self, student_id: str) -> str:
        """小学 or 初中 from the roll; 未注明 for a pupil who is on none."""
        return str(self.roll["stage"].get(student_id, STAGES[-1]))

    def rows(self, table: str) -> pd.DataFrame:
        """Rows of a table that were known, corrected rows by their last word."""
        return self.material.rolls.rows(table, self.day)
