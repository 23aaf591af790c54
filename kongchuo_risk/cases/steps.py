"""Smaller steps of a case: reported, told, asked, observed, papers received."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from kongchuo_risk.cases.audit import write_audit
from kongchuo_risk.cases.sealed import Sealed, stamp
from kongchuo_risk.cases.shelf import Shelf, within
from kongchuo_risk.cases.tables import cases, steps
from kongchuo_risk.domain.clock import now
from kongchuo_risk.domain.visit import Step

_STEPS = Sealed(Step, clear=("case_id", "kind", "at", "by", "recorded_at"))


class StepBook:
    """Steps of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._shelf = Shelf(connection, steps, _STEPS)

    def add(self, step: Step, *, by: str) -> Step:
        """Store a step."""
        recorded = replace(step, by=by, recorded_at=stamp(now()))
        stored = replace(recorded, id=self._shelf.insert(recorded))
        pupil = sa.select(cases.c.student_id).where(cases.c.id == step.case_id)
        write_audit(
            self._connection,
            actor=by,
            action=f"登记：{step.kind}",
            subject=str(self._connection.scalar(pupil)),
            case=step.case_id,
        )
        return stored

    def of_case(self, case_id: int) -> list[Step]:
        """Steps of a case, oldest first."""
        return self._shelf.find(steps.c.case_id == case_id)

    def of_cases(self, case_ids: Iterable[int]) -> dict[int, list[Step]]:
        """Case → its steps."""
        found: dict[int, list[Step]] = {}
        for step in self._shelf.having(steps.c.case_id, case_ids):
            found.setdefault(step.case_id, []).append(step)
        return found

    def every(self) -> list[Step]:
        """Every step ever recorded."""
        return self._shelf.find()

    def between(self, first: date, last: date) -> list[Step]:
        """Steps taken from ``first`` to ``last``."""
        days = within(steps.c.at, first, last)
        return self._shelf.find(days, order=steps.c.at)
