"""What teachers say of the list: contacted, does not apply, false alarm."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from kongchuo_risk.cases.audit import utc_now, write_audit
from kongchuo_risk.cases.sealed import seal, unseal
from kongchuo_risk.cases.tables import feedback
from kongchuo_risk.domain.run import FeedbackKind


@dataclass(frozen=True, slots=True)
class Feedback:
    """One remark; ``at`` is UTC."""

    student_id: str
    kind: FeedbackKind
    reason: str
    by: str
    at: datetime


class FeedbackStore:
    """Feedback of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self, run_id: int, student_id: str, kind: FeedbackKind, reason: str, *, by: str
    ) -> None:
        """Keep one remark on a line of a list."""
        self._connection.execute(
            feedback.insert().values(
                run_id=run_id,
                student_id=student_id,
                kind=kind,
                reason=seal(self._connection, reason),
                by=by,
                at=utc_now(),
            )
        )
        write_audit(
            self._connection, actor=by, action="反馈", subject=student_id, run=run_id, kind=kind
        )

    def of_pupil(self, student_id: str) -> list[Feedback]:
        """Every remark on a pupil, oldest first."""
        query = sa.select(feedback).where(feedback.c.student_id == student_id)
        return [
            Feedback(
                row.student_id,
                FeedbackKind(row.kind),
                unseal(self._connection, row.reason),
                row.by,
                datetime.fromisoformat(row.at),
            )
            for row in self._connection.execute(query.order_by(feedback.c.id))
        ]

    def last_contacts(self, student_ids: Iterable[str]) -> dict[str, datetime]:
        """Pupil → when a teacher last noted a contact (UTC)."""
        query = (
            sa.select(feedback.c.student_id, sa.func.max(feedback.c.at))
            .where(feedback.c.kind == FeedbackKind.CONTACTED)
            .group_by(feedback.c.student_id)
        )
        wanted = set(student_ids)
        return {
            student_id: datetime.fromisoformat(at)
            for student_id, at in self._connection.execute(query)
            if student_id in wanted
        }
