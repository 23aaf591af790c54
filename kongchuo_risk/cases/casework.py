"""Cases and their moves, kept by version so that no change overwrites another."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from kongchuo_risk.cases.audit import utc_now, write_audit
from kongchuo_risk.cases.tables import case_events, cases
from kongchuo_risk.domain.case import Case, CaseEvent, CaseStatus
from kongchuo_risk.errors import CaseError


class CaseBook:
    """Cases of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, case: Case, *, by: str, note: str = "") -> Case:
        """Store a new case.

        Raises
        ------
        CaseError
            When the pupil already has a case that is not closed.
        """
        still_open = [other for other in self.of_pupil(case.student_id) if other.is_open]
        if still_open:
            raise CaseError(f"该生已有未销号的案件（编号 {still_open[0].id}），不能重复立案")
        values = _values(case) | {"version": 1}
        case_id = self._connection.scalar(cases.insert().values(values).returning(cases.c.id))
        stored = replace(case, id=case_id, version=1)
        self._record(stored, None, by=by, note=note)
        return stored

    def get(self, case_id: int) -> Case:
        """The case called ``case_id``.

        Raises
        ------
        CaseError
            When there is none.
        """
        query = sa.select(cases).where(cases.c.id == case_id)
        row = self._connection.execute(query).mappings().first()
        if row is None:
            raise CaseError(f"没有编号为 {case_id} 的案件")
        return _case(row)

    def of_pupil(self, student_id: str) -> list[Case]:
        """Every case of a pupil, oldest first."""
        query = sa.select(cases).where(cases.c.student_id == student_id).order_by(cases.c.id)
        return [_case(row) for row in self._connection.execute(query).mappings()]

    def open_in(self, school_code: str) -> list[Case]:
        """Cases of a school that are not closed, oldest first."""
        query = sa.select(cases).where(
            cases.c.school_code == school_code, cases.c.status != CaseStatus.CLOSED
        )
        return [
            _case(row) for row in self._connection.execute(query.order_by(cases.c.id)).mappings()
        ]

    def save(self, case: Case, *, by: str, note: str = "") -> Case:
        """Store a changed case.

        Raises
        ------
        CaseError
            When somebody else changed it since it was read.
        """
        before = self.get(_stored_id(case))
        changed = self._connection.execute(
            cases.update()
            .where(cases.c.id == case.id, cases.c.version == case.version)
            .values(_values(case) | {"version": case.version + 1})
        )
        if changed.rowcount != 1:
            raise CaseError(f"案件 {case.id} 已被他人修改，请刷新后重试")
        stored = replace(case, version=case.version + 1)
        self._record(stored, before.status, by=by, note=note)
        return stored

    def events(self, case_id: int) -> list[CaseEvent]:
        """Moves of a case, oldest first."""
        query = sa.select(case_events).where(case_events.c.case_id == case_id)
        return [
            CaseEvent(
                case_id=row.case_id,
                at=row.at,
                from_status=CaseStatus(row.from_status) if row.from_status else None,
                to_status=CaseStatus(row.to_status),
                by=row.by,
                note=row.note,
            )
            for row in self._connection.execute(query.order_by(case_events.c.id))
        ]

    def _record(self, case: Case, before: CaseStatus | None, *, by: str, note: str) -> None:
        case_id = _stored_id(case)
        if case.status != before:
            self._connection.execute(
                case_events.insert().values(
                    case_id=case_id,
                    at=utc_now(),
                    from_status=before,
                    to_status=case.status,
                    by=by,
                    note=note,
                )
            )
        write_audit(
            self._connection,
            actor=by,
            action="立案" if before is None else "变更案件",
            subject=case.student_id,
            case=case_id,
            status=case.status,
            version=case.version,
        )


def _stored_id(case: Case) -> int:
    if case.id is None:
        raise CaseError("案件尚未立案，不能修改")
    return case.id


def _values(case: Case) -> dict[str, Any]:
    return {name: value for name, value in asdict(case).items() if name not in ("id", "version")}


def _case(row: RowMapping) -> Case:
    return Case(**dict(row) | {"status": CaseStatus(row["status"])})
