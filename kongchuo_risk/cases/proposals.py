"""Moves that wait for a second person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from kongchuo_risk.cases.audit import write_audit
from kongchuo_risk.cases.rows import chunks
from kongchuo_risk.cases.sealed import Sealed
from kongchuo_risk.cases.tables import case_proposals, cases
from kongchuo_risk.domain.case import Proposal, ProposalState
from kongchuo_risk.domain.clock import now
from kongchuo_risk.errors import CaseError

_PROPOSALS = Sealed(Proposal, clear=("case_id", "to_status", "state", "by", "at"))


class ProposalBook:
    """Proposals of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, proposal: Proposal, *, by: str) -> Proposal:
        """Keep a proposed move.

        Raises
        ------
        CaseError
            When another proposal for the case still waits.
        """
        waiting = self.waiting([proposal.case_id])
        if waiting:
            raise CaseError(f"案件 {proposal.case_id} 已有待复核的申请（{waiting[0].to_status}）")
        asked = replace(proposal, by=by, at=now(), state=ProposalState.WAITING)
        row = _PROPOSALS.row(self._connection, asked)
        number = self._connection.scalar(
            case_proposals.insert().values(row).returning(case_proposals.c.id)
        )
        self._audit("申请变更案件", by, asked)
        return replace(asked, id=number)

    def get(self, proposal_id: int) -> Proposal:
        """The proposal called ``proposal_id``; none is a :class:`CaseError`."""
        found = self._find(case_proposals.c.id == proposal_id)
        if not found:
            raise CaseError(f"没有编号为 {proposal_id} 的复核申请")
        return found[0]

    def waiting(self, case_ids: Iterable[int] | None = None) -> list[Proposal]:
        """Proposals that wait, of some cases or of all, oldest first."""
        waits = case_proposals.c.state == ProposalState.WAITING
        if case_ids is None:
            return self._find(waits)
        return [
            proposal
            for wanted in chunks(case_ids)
            for proposal in self._find(waits & case_proposals.c.case_id.in_(wanted))
        ]

    def of_case(self, case_id: int) -> list[Proposal]:
        """Every proposal for a case, oldest first."""
        return self._find(case_proposals.c.case_id == case_id)

    def of_cases(self, case_ids: Iterable[int]) -> dict[int, list[Proposal]]:
        """Case → its proposals, oldest first."""
        found: dict[int, list[Proposal]] = {}
        for wanted in chunks(case_ids):
            for proposal in self._find(case_proposals.c.case_id.in_(wanted)):
                found.setdefault(proposal.case_id, []).append(proposal)
        return found

    def decide(self, proposal_id: int, *, by: str, confirm: bool, answer: str = "") -> Proposal:
        """Confirm or refuse; the move itself is made by who calls, in the same unit of work.

        Raises
        ------
        CaseError
            When it was decided already, by whom it was asked, or refused without a word.
        """
        asked = self.get(proposal_id)
        if asked.state is not ProposalState.WAITING:
            raise CaseError(f"这份申请已经处理（{asked.state}）")
        if asked.by == by:
            raise CaseError("申请人不能复核自己的申请，请由另一人复核")
        if not confirm and not answer.strip():
            raise CaseError("退回申请请写明理由")
        state = ProposalState.CONFIRMED if confirm else ProposalState.REFUSED
        decided = replace(
            asked, state=state, decided_by=by, decided_at=now(), answer=answer.strip()
        )
        self._connection.execute(
            case_proposals.update()
            .where(case_proposals.c.id == proposal_id)
            .values(_PROPOSALS.row(self._connection, decided))
        )
        self._audit(f"复核：{state}", by, decided)
        return decided

    def _find(self, condition: sa.ColumnElement[bool]) -> list[Proposal]:
        query = sa.select(case_proposals).where(condition).order_by(case_proposals.c.id)
        rows = self._connection.execute(query).mappings()
        return [_PROPOSALS.value(self._connection, row) for row in rows]

    def _audit(self, action: str, by: str, proposal: Proposal) -> None:
        query = sa.select(cases.c.student_id).where(cases.c.id == proposal.case_id)
        write_audit(
            self._connection,
            actor=by,
            action=action,
            subject=str(self._connection.scalar(query)),
            case=proposal.case_id,
            status=proposal.to_status,
        )
