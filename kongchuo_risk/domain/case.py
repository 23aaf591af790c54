"""A case of 疑似辍学 as a value: what state it is in and where it may go from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
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


class Trigger(StrEnum):
    """What opened a case (seed rules 53, 55, 63)."""

    ABSENCE = "无故缺勤"
    NOT_REPORTED = "未报到"
    EARLY_SIGN = "苗头"
    COMPARISON = "数据比对"
    REPORTED = "他人报告"


class Destination(StrEnum):
    """Where a pupil who is not at school is (seed rules 99, 139)."""

    AT_HOME = "在家"
    WORKING = "外出务工"
    WITH_PARENTS = "随父母外出"
    OTHER_SCHOOL = "在其他学校就读"
    UNOFFICIAL = "在非正规机构"
    HOSPITAL = "住院或养病"
    MARRIED = "早婚"
    ABROAD = "出国（境）"
    IN_CUSTODY = "被羁押或矫治"
    AT_SCHOOL = "已在校"
    DECEASED = "死亡"
    UNKNOWN = "去向不明"


AWAY = frozenset(
    {
        CaseStatus.SUSPECTED, CaseStatus.PERSUADING, CaseStatus.REPORTED,
        CaseStatus.NOTICE_SERVED, CaseStatus.HANDED_OVER, CaseStatus.LEGAL_ACTION,
    }
)  # fmt: skip
"""States in which the pupil is not at school and ought to be."""


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
    """Who answers for the case (seed rule 47)."""
    cause: str | None = None
    """A code of ``causes.yaml``."""
    destination: Destination | None = None
    trigger: Trigger = Trigger.REPORTED
    causes: tuple[str, ...] = ()
    """Further causes."""
    place: str = ""
    """Where exactly, as far as is known; sealed in the database."""
    absent_since: date | None = None
    """First day of the present absence."""
    absent_session: str = "AM"
    """Session in which it began: the first visit is due the same half-day after (rules 75, 76)."""
    returned_on: date | None = None
    closed_on: date | None = None
    id: int | None = None
    version: int = 0

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to act."""
        return self.status is not CaseStatus.CLOSED

    @property
    def is_away(self) -> bool:
        """Whether the pupil is not at school and ought to be."""
        return self.status in AWAY

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
            raise CaseError(self.no_such_move(status))
        return replace(self, status=status)

    def no_such_move(self, status: CaseStatus) -> str:
        """Why a case cannot go to ``status``, with the moves that it can make."""
        allowed = "、".join(state for state in CaseStatus if state in NEXT_STATUS[self.status])
        return f"案件不能从“{self.status}”改为“{status}”；可以改为：{allowed}"


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One stored change of a case, with the case as it was from then on.

    The newest event of each case by the end of a day gives every case as of that day: ledgers of
    the past are made again from these, not from what the cases have become.
    """

    case_id: int
    at: datetime
    from_status: CaseStatus | None
    to_status: CaseStatus
    by: str
    note: str
    case: Case
    evidence: tuple[str, ...] = ()
    """Names of the papers on which the change rests."""
    confirmed_by: str = ""
    """The second person, where one is needed."""


class ProposalState(StrEnum):
    """How a proposed move stands."""

    WAITING = "待复核"
    CONFIRMED = "已同意"
    REFUSED = "退回"
    WITHDRAWN = "撤回"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A move that a second person must confirm before it is made."""

    case_id: int
    to_status: CaseStatus
    by: str
    at: datetime
    note: str = ""
    evidence: tuple[str, ...] = ()
    state: ProposalState = ProposalState.WAITING
    decided_by: str = ""
    decided_at: datetime | None = None
    answer: str = ""
    id: int | None = None
