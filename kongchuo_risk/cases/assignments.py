"""Assignments that a headteacher approved: who answered for whom, term after term."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from kongchuo_risk.cases.audit import utc_now, write_audit
from kongchuo_risk.cases.rows import insert_all, plain
from kongchuo_risk.cases.sealed import with_sealed
from kongchuo_risk.cases.tables import assigned_pupils, assignments
from kongchuo_risk.domain.plan import Pairing
from kongchuo_risk.errors import PlanError


class AssignmentBook:
    """Approved assignments of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def approve(
        self,
        school_code: str,
        term: str,
        run_id: int,
        paired: Iterable[Pairing],
        *,
        by: str,
        note: str = "",
    ) -> int:
        """Keep a school's pairings as its assignment from now on.

        Raises
        ------
        PlanError
            When there is nothing to approve.
        """
        rows = list(paired)
        if not rows:
            raise PlanError("没有可批准的包保安排")
        values = {
            "school_code": school_code, "term": term, "run_id": run_id, "by": by, "at": utc_now(),
            "note": note,
        }  # fmt: skip
        key = self._connection.scalar(
            assignments.insert().returning(assignments.c.id),
            with_sealed(self._connection, values, "note"),
        )
        assert key is not None
        insert_all(
            self._connection,
            assigned_pupils,
            ({"assignment_id": key, **plain(pairing)} for pairing in rows),
        )
        write_audit(
            self._connection, actor=by, action="批准包保安排", subject=f"学校{school_code}",
            term=term, pupils=len(rows), assignment=key,
        )  # fmt: skip
        return int(key)

    def current(self) -> dict[str, Pairing]:
        """Pupil → responsible adult in the newest assignment of every school."""
        newest = sa.select(sa.func.max(assignments.c.id)).group_by(assignments.c.school_code)
        query = (
            sa.select(assigned_pupils)
            .where(assigned_pupils.c.assignment_id.in_(newest))
            .order_by(assigned_pupils.c.assignment_id)
        )
        found = {}
        for row in self._connection.execute(query).mappings():
            values = {name: row[name] for name in Pairing.__dataclass_fields__}
            found[row["student_id"]] = Pairing(**values)
        return found

    def of_pupil(self, student_id: str) -> Pairing | None:
        """The responsible adult of one pupil in the newest assignment of the school."""
        query = (
            sa.select(assigned_pupils)
            .where(assigned_pupils.c.student_id == student_id)
            .order_by(assigned_pupils.c.assignment_id.desc())
            .limit(1)
        )
        row = self._connection.execute(query).mappings().first()
        if row is None:
            return None
        return Pairing(**{name: row[name] for name in Pairing.__dataclass_fields__})
