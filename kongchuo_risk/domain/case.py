"""A case of 疑似辍学 as a value: what state it is in and where it may go from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from kongchuo_risk.errors import CaseError


class CaseStatus(StrEnum):
    """States of a case, in the order of the procedure (seed rules 54 and 85–92)."""

    EARLY_SIGN = "苗头"
    SUSPECTED = "疑似"
    PERSUADING = "劝返中"
    REPORTED = "报告单已报"
    NOTICE_SERVED = "限期通知已送达"
    HANDED_OVER = "移交乡镇"
    LEGAL_ACTION = "依法处理"
    RETURNED = "已复学"
    FOLLOW_UP = "跟踪期"
    CLOSED = "销号"
    TRANSFERRED = "核实转学"
    SUSPENDED = "休学"
    HOME_TEACHING = "送教上门"
    SPECIAL_SCHOOL = "特教或专门学校"
    ABROAD = "出国（境）"
    DECEASED = "死亡"
    COMPLETED = "满十六周岁或已完成"


SIDE_EXITS = frozenset(
    {
        CaseStatus.TRANSFERRED, CaseStatus.SUSPENDED, CaseStatus.HOME_TEACHING,
        CaseStatus.SPECIAL_SCHOOL, CaseStatus.ABROAD, CaseStatus.DECEASED, CaseStatus.COMPLETED,
    }
)  # fmt: skip
"""Ways out of the procedure; each needs its own paper before the case is closed."""

_OUT = SIDE_EXITS | {CaseStatus.RETURNED}

NEXT_STATUS: Mapping[CaseStatus, frozenset[CaseStatus]] = {
    CaseStatus.EARLY_SIGN: frozenset({CaseStatus.SUSPECTED, CaseStatus.CLOSED}),
    CaseStatus.SUSPECTED: _OUT | {CaseStatus.PERSUADING},
    CaseStatus.PERSUADING: _OUT | {CaseStatus.REPORTED},
    CaseStatus.REPORTED: _OUT | {CaseStatus.NOTICE_SERVED},
    CaseStatus.NOTICE_SERVED: _OUT | {CaseStatus.HANDED_OVER},
    CaseStatus.HANDED_OVER: _OUT | {CaseStatus.LEGAL_ACTION},
    CaseStatus.LEGAL_ACTION: _OUT,
    CaseStatus.RETURNED: frozenset({CaseStatus.FOLLOW_UP, CaseStatus.SUSPECTED}),
    CaseStatus.FOLLOW_UP: frozenset({CaseStatus.CLOSED, CaseStatus.SUSPECTED}),
    CaseStatus.CLOSED: frozenset({CaseStatus.SUSPECTED}),
    CaseStatus.DECEASED: frozenset({CaseStatus.CLOSED}),
    **{
        exit_: frozenset({CaseStatus.CLOSED, CaseStatus.SUSPECTED})
        for exit_ in SIDE_EXITS - {CaseStatus.DECEASED}
    },
}
"""Allowed moves. Relapse goes back to 疑似, also from a closed case; death only closes."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case; changes make a new value.

    ``id`` is ``None`` until the case is stored; ``version`` counts the stored changes, so that of
    two people who change the same case at once the second is told.
    """

    student_id: str
    school_code: str
    class_id: str
    opened_on: date
    status: CaseStatus = CaseStatus.EARLY_SIGN
    owner_staff: str | None = None
    cause: str | None = None
    """A code of ``causes.yaml``."""
    destination: str | None = None
    id: int | None = None
    version: int = 0

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to act."""
        return self.status is not CaseStatus.CLOSED

    def move_to(self, status: CaseStatus) -> Case:
        """The case in its next state.

        Raises
        ------
        CaseError
            Names the moves that are allowed.

        Examples
        --------
        >>> from datetime import date
        >>> case = Case("S1", "A", "C1", date(2025, 9, 1), CaseStatus.SUSPECTED)
        >>> str(case.move_to(CaseStatus.PERSUADING).status)
        '劝返中'
        """
        if status not in NEXT_STATUS[self.status]:
            allowed = "、".join(state for state in CaseStatus if state in NEXT_STATUS[self.status])
            raise CaseError(f"案件不能从“{self.status}”改为“{status}”；可以改为：{allowed}")
        return replace(self, status=status)


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One recorded move of a case."""

    case_id: int
    at: str
    """Moment in UTC, ISO 8601."""
    from_status: CaseStatus | None
    to_status: CaseStatus
    by: str
    note: str
