"""Visits, telephone calls and messages: every contact with a family, and its corrections."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from kongchuo_risk.cases.audit import write_audit
from kongchuo_risk.cases.sealed import Sealed, stamp
from kongchuo_risk.cases.shelf import Shelf, within
from kongchuo_risk.cases.tables import visits
from kongchuo_risk.domain.clock import now
from kongchuo_risk.domain.visit import Visit
from kongchuo_risk.errors import CaseError

_VISITS = Sealed(
    Visit,
    clear=(
        "student_id", "case_id", "at", "mode", "result", "recorded_by", "recorded_at",
        "reviewed_by", "reviewed_at",
    ),
    by_store=("id", "number"),
)  # fmt: skip
_STANDS = visits.c.replaced_by.is_(None)
"""A record that was corrected is kept and no longer counts."""


class VisitBook:
    """Visits of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._shelf = Shelf(connection, visits, _VISITS)

    def add(self, visit: Visit, *, by: str) -> Visit:
        """Store a visit; those of one case are numbered from 1.

        Raises
        ------
        CaseError
            When the record says too little; see :meth:`Visit.check`.
        """
        visit.check()
        recorded = replace(visit, recorded_by=by, recorded_at=stamp(now()))
        number = self._next_number(visit.case_id)
        stored = replace(recorded, id=self._shelf.insert(recorded, number=number), number=number)
        self._audit("登记走访", by, stored)
        return stored

    def get(self, visit_id: int) -> Visit:
        """The visit called ``visit_id``; none is a :class:`CaseError`."""
        found = self._shelf.get(visit_id)
        if found is None:
            raise CaseError(f"没有编号为 {visit_id} 的走访记录")
        return found

    def of_case(self, case_id: int) -> list[Visit]:
        """Visits of a case that stand, oldest record first."""
        return self.of_cases([case_id]).get(case_id, [])

    def of_cases(self, case_ids: Iterable[int]) -> dict[int, list[Visit]]:
        """Case → its visits that stand."""
        found: dict[int, list[Visit]] = {}
        for visit in self._shelf.having(visits.c.case_id, case_ids, _STANDS):
            assert visit.case_id is not None
            found.setdefault(visit.case_id, []).append(visit)
        return found

    def of_pupil(self, student_id: str) -> list[Visit]:
        """Visits to a pupil's family that stand."""
        return self._shelf.find(visits.c.student_id == student_id, _STANDS)

    def between(self, first: date, last: date) -> list[Visit]:
        """Visits that were made from ``first`` to ``last`` and stand, in their order in time."""
        days = within(visits.c.at, first, last)
        return self._shelf.find(days, _STANDS, order=visits.c.at)

    def every(self) -> list[Visit]:
        """Every record ever stored, corrected ones too: the past was told by them."""
        return self._shelf.find()

    def all_standing(self) -> list[Visit]:
        """Every visit that stands; for the tables from which features are made."""
        return self._shelf.find(_STANDS)

    def review(self, visit_id: int, *, by: str) -> Visit:
        """A leader has read the record (rule 95).

        Raises
        ------
        CaseError
            When the reader wrote it.
        """
        visit = self.get(visit_id)
        if visit.recorded_by == by:
            raise CaseError("走访记录由他人审阅，记录人不能审阅自己的记录")
        read = replace(visit, reviewed_by=by, reviewed_at=stamp(now()))
        self._shelf.update(visit_id, read)
        self._audit("审阅走访", by, read)
        return read

    def correct(self, visit_id: int, visit: Visit, *, by: str) -> Visit:
        """Put a corrected record in the place of one that is kept.

        Raises
        ------
        CaseError
            When the old record was corrected already, or the new one says too little.
        """
        visit.check()
        standing = self._shelf.find(visits.c.id == visit_id, _STANDS)
        if not standing:
            raise CaseError(f"走访记录 {visit_id} 已被更正，请刷新后重试")
        old = standing[0]
        recorded = replace(
            visit, student_id=old.student_id, case_id=old.case_id, replaces=visit_id,
            recorded_by=by, recorded_at=stamp(now()), reviewed_by="", reviewed_at="",
        )  # fmt: skip
        new_id = self._shelf.insert(recorded, number=old.number)
        self._shelf.mark(visit_id, replaced_by=new_id)
        stored = replace(recorded, id=new_id, number=old.number)
        self._audit("更正走访", by, stored)
        return stored

    def _next_number(self, case_id: int | None) -> int | None:
        if case_id is None:
            return None
        query = sa.select(sa.func.max(visits.c.number)).where(visits.c.case_id == case_id)
        return int(self._connection.scalar(query) or 0) + 1

    def _audit(self, action: str, by: str, visit: Visit, **detail: Any) -> None:
        write_audit(
            self._connection,
            actor=by,
            action=action,
            subject=visit.student_id,
            visit=visit.id,
            case=visit.case_id,
            **detail,
        )
