"""Cases and their moves, kept by version so that no change overwrites another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from kongchuo_risk.cases.audit import write_audit
from kongchuo_risk.cases.rows import chunks
from kongchuo_risk.cases.sealed import Sealed, stamp
from kongchuo_risk.cases.tables import case_events, cases
from kongchuo_risk.domain.case import Case, CaseEvent, CaseStatus
from kongchuo_risk.domain.clock import now, start_of
from kongchuo_risk.errors import CaseError

_CASES = Sealed(
    Case,
    clear=("student_id", "school_code", "class_id", "opened_on", "status", "owner_staff"),
    by_store=("id", "version"),
)
_EVENTS = Sealed(CaseEvent, clear=("case_id", "at", "from_status", "to_status", "by"), by_store=())


class CaseBook:
    """Cases of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, case: Case, *, by: str, note: str = "", evidence: Iterable[str] = ()) -> Case:
        """Store a new case.

        Raises
        ------
        CaseError
            When the pupil already has a case that is not closed.
        """
        still_open = [other for other in self.of_pupil(case.student_id) if other.is_open]
        if still_open:
            raise CaseError(f"该生已有未销号的案件（编号 {still_open[0].id}），不能重复立案")
        values = _CASES.row(self._connection, case) | {"version": 1}
        case_id = self._connection.scalar(cases.insert().values(values).returning(cases.c.id))
        stored = replace(case, id=case_id, version=1)
        self._record(stored, None, by=by, note=note, evidence=tuple(evidence), confirmed_by="")
        return stored

    def get(self, case_id: int) -> Case:
        """The case called ``case_id``.

        Raises
        ------
        CaseError
            When there is none.
        """
        found = self._cases(sa.select(cases).where(cases.c.id == case_id))
        if not found:
            raise CaseError(f"没有编号为 {case_id} 的案件")
        return found[0]

    def of_pupil(self, student_id: str) -> list[Case]:
        """Every case of a pupil, oldest first."""
        query = sa.select(cases).where(cases.c.student_id == student_id)
        return self._cases(query.order_by(cases.c.id))

    def open_of(self, student_ids: Iterable[str]) -> dict[str, Case]:
        """Pupil → the case that is not closed, where there is one."""
        found: dict[str, Case] = {}
        for wanted in chunks(student_ids):
            query = sa.select(cases).where(
                cases.c.student_id.in_(wanted), cases.c.status != CaseStatus.CLOSED
            )
            found |= {case.student_id: case for case in self._cases(query)}
        return found

    def open_in(self, school_code: str | None = None) -> list[Case]:
        """Cases that are not closed, of one school or of all, oldest first."""
        query = sa.select(cases).where(cases.c.status != CaseStatus.CLOSED)
        if school_code is not None:
            query = query.where(cases.c.school_code == school_code)
        return self._cases(query.order_by(cases.c.id))

    def save(
        self,
        case: Case,
        *,
        by: str,
        note: str = "",
        evidence: Iterable[str] = (),
        confirmed_by: str = "",
    ) -> Case:
        """Store a changed case.

        Raises
        ------
        CaseError
            When somebody else changed it since it was read.
        """
        before = self.get(stored_id(case))
        changed = self._connection.execute(
            cases.update()
            .where(cases.c.id == case.id, cases.c.version == case.version)
            .values(_CASES.row(self._connection, case) | {"version": case.version + 1})
        )
        if changed.rowcount != 1:
            raise CaseError(f"案件 {case.id} 已被他人修改，请刷新后重试")
        stored = replace(case, version=case.version + 1)
        self._record(
            stored,
            before.status,
            by=by,
            note=note,
            evidence=tuple(evidence),
            confirmed_by=confirmed_by,
        )
        return stored

    def events(self, case_id: int) -> list[CaseEvent]:
        """Stored changes of a case, oldest first."""
        return self.all_events([case_id]).get(case_id, [])

    def all_events(self, case_ids: Iterable[int]) -> dict[int, list[CaseEvent]]:
        """Case → its stored changes, oldest first."""
        found: dict[int, list[CaseEvent]] = {}
        for wanted in chunks(case_ids):
            query = sa.select(case_events).where(case_events.c.case_id.in_(wanted))
            for event in self._events(query.order_by(case_events.c.id)):
                found.setdefault(event.case_id, []).append(event)
        return found

    def every_event(self) -> list[CaseEvent]:
        """Every stored change of every case, oldest first."""
        return self._events(sa.select(case_events).order_by(case_events.c.id))

    def as_of(self, day: date, *, school_code: str | None = None) -> list[Case]:
        """Every case as it was at the end of ``day``, oldest first.

        Whatever was stored later changes nothing: ledgers of the past can be made again.
        """
        newest = (
            sa.select(sa.func.max(case_events.c.id))
            .where(case_events.c.at < stamp(start_of(day + timedelta(days=1))))
            .group_by(case_events.c.case_id)
        )
        query = sa.select(case_events).where(case_events.c.id.in_(newest))
        known = [event.case for event in self._events(query.order_by(case_events.c.case_id))]
        return [case for case in known if school_code in (None, case.school_code)]

    def _cases(self, query: sa.Select[tuple[object, ...]]) -> list[Case]:
        rows = self._connection.execute(query).mappings()
        return [_CASES.value(self._connection, row) for row in rows]

    def _events(self, query: sa.Select[tuple[object, ...]]) -> list[CaseEvent]:
        rows = self._connection.execute(query).mappings()
        return [_EVENTS.value(self._connection, row) for row in rows]

    def _record(
        self,
        case: Case,
        before: CaseStatus | None,
        *,
        by: str,
        note: str,
        evidence: tuple[str, ...],
        confirmed_by: str,
    ) -> None:
        case_id = stored_id(case)
        event = CaseEvent(
            case_id, now(), before, case.status, by, note, case, evidence, confirmed_by
        )
        self._connection.execute(case_events.insert().values(_EVENTS.row(self._connection, event)))
        write_audit(
            self._connection,
            actor=by,
            action="立案" if before is None else "变更案件",
            subject=case.student_id,
            case=case_id,
            status=case.status,
            version=case.version,
        )


def stored_id(case: Case) -> int:
    """The number of a stored case; one that was never opened is a :class:`CaseError`."""
    if case.id is None:
        raise CaseError("案件尚未立案，不能修改")
    return case.id
