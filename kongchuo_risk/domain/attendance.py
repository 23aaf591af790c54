"""What a class teacher enters: the sheet of a session, and what was noticed of a pupil."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kongchuo_risk.errors import CaseError

UNEXPLAINED = frozenset({"unexcused", "not_reported"})
"""Kinds of the code list ``attendance_kind`` that nobody has explained."""
ABSENT = UNEXPLAINED | {"sick", "personal"}
"""Kinds that leave a seat empty."""


@dataclass(frozen=True, slots=True)
class Absence:
    """One pupil who was not there as expected."""

    student_id: str
    kind: str
    """Code of ``attendance_kind``."""
    reason: str | None = None
    """Code of ``absence_reason``."""
    note: str = ""

    @property
    def is_unexplained(self) -> bool:
        return self.kind in UNEXPLAINED


@dataclass(frozen=True, slots=True)
class ClassSheet:
    """Head count of a class in one session (seed rules 49–52).

    ``version`` counts corrections; all of them are kept.
    """

    school_code: str
    class_id: str
    day: date
    session: str
    """``AM`` or ``PM``."""
    enrolled: int
    """应到."""
    absences: tuple[Absence, ...] = ()
    taken_by: str = ""
    taken_at: str = ""
    """Moment of entry, ISO 8601; set by the store."""
    version: int = 0

    @property
    def absent(self) -> int:
        """缺席."""
        return sum(absence.kind in ABSENT for absence in self.absences)

    @property
    def present(self) -> int:
        """实到: expected less absent; late pupils are present."""
        return self.enrolled - self.absent

    def check(self, roll: Iterable[str]) -> None:
        """Refuse a sheet that cannot be right.

        Parameters
        ----------
        roll
            Pupils of the class on that day.

        Raises
        ------
        CaseError
            Says which figure or pupil does not fit.
        """
        pupils = [absence.student_id for absence in self.absences]
        if self.enrolled < 1 or self.present < 0:
            raise CaseError(f"应到 {self.enrolled} 人、缺席 {self.absent} 人，人数不符，请核对")
        if len(set(pupils)) != len(pupils):
            raise CaseError("同一名学生在一张点名表里填了两次，请保留一行")
        strangers = set(pupils) - set(roll)
        if strangers:
            raise CaseError(f"不是本班学生：{'、'.join(sorted(strangers))}")


@dataclass(frozen=True, slots=True)
class Observation:
    """What somebody noticed of a pupil: a 苗头, or that things are better."""

    student_id: str
    day: date
    tag: str
    """Code of ``observation_tag``."""
    by: str
    level: int | None = None
    """1 to 3."""
    note: str = ""
    id: int | None = None
    recorded_at: str = ""


class SuspicionState(StrEnum):
    """What became of an absence that was held back for a person to judge."""

    HELD = "待判断"
    CASE = "已立案"
    DISMISSED = "不是"


@dataclass(frozen=True, slots=True)
class Suspicion:
    """An absence (or sign) of which the school must find out more at once.

    Attributes
    ----------
    since, session
        First unexplained session of the present run.
    sessions
        Unexplained sessions in a row, up to now.
    held
        Why no case was opened by itself; empty when one was. Half a class that is missing is a
        market day or a flood until somebody says otherwise.
    """

    student_id: str
    school_code: str
    class_id: str
    since: date
    session: str
    sessions: int
    trigger: str
    held: str = ""
    state: SuspicionState = SuspicionState.HELD
    case_id: int | None = None
    judged_by: str = ""
    note: str = ""
    id: int | None = None
    recorded_at: str = ""


class WatchTag(StrEnum):
    """Pupils to keep an eye on (seed rule 66), in words that do not hurt."""

    STRUGGLING = "学习困难生"
    RETURNER = "辍返生"
    LEAVES_EASILY = "易辍生"
