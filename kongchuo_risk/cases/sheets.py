"""Attendance sheets, every correction kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from kongchuo_risk.cases.audit import write_audit
from kongchuo_risk.cases.sealed import Sealed, stamp
from kongchuo_risk.cases.shelf import Shelf
from kongchuo_risk.cases.tables import sheets
from kongchuo_risk.domain.attendance import ClassSheet
from kongchuo_risk.domain.clock import now
from kongchuo_risk.errors import CaseError

_SHEETS = Sealed(
    ClassSheet,
    clear=("school_code", "class_id", "day", "session", "enrolled", "taken_by", "taken_at"),
    by_store=("version",),
)
_NEWEST = sheets.c.is_newest.is_(True)


class SheetBook:
    """Sheets of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._shelf = Shelf(connection, sheets, _SHEETS)

    def add(self, sheet: ClassSheet, *, by: str) -> ClassSheet:
        """Store a sheet, or a correction of the one that was read.

        Raises
        ------
        CaseError
            When somebody else stored a sheet of the session since.
        """
        before = self.get(sheet.class_id, sheet.day, sheet.session)
        if sheet.version != (before.version if before else 0):
            raise CaseError("这张点名表已被他人填写或更正，请刷新后重试")
        if before:
            statement = sheets.update().where(*self._of(sheet.class_id, sheet.day, sheet.session))
            self._connection.execute(statement.values(is_newest=False))
        stored = replace(sheet, taken_by=by, taken_at=stamp(now()), version=sheet.version + 1)
        self._shelf.insert(stored, version=stored.version, is_newest=True)
        write_audit(
            self._connection,
            actor=by,
            action="点名" if before is None else "更正点名",
            subject=f"班级{sheet.class_id}",
            day=str(sheet.day),
            session=sheet.session,
            absent=sheet.absent,
        )
        return stored

    def get(self, class_id: str, day: date, session: str) -> ClassSheet | None:
        """The sheet of a session as it stands."""
        return next(iter(self._shelf.find(*self._of(class_id, day, session))), None)

    def of_day(self, day: date, school_code: str | None = None) -> list[ClassSheet]:
        """Sheets of a day as they stand, of one school or of all."""
        own = () if school_code is None else (sheets.c.school_code == school_code,)
        return self._shelf.find(sheets.c.day == day, *own, _NEWEST)

    def between(
        self, first: date, last: date, class_ids: Iterable[str] | None = None
    ) -> list[ClassSheet]:
        """Sheets from ``first`` to ``last`` as they stand, of some classes or of all."""
        days = sheets.c.day.between(first, last)
        if class_ids is None:
            return self._shelf.find(days, _NEWEST, order=sheets.c.day)
        return self._shelf.having(sheets.c.class_id, class_ids, days, _NEWEST)

    def history(self, class_id: str, day: date, session: str) -> list[ClassSheet]:
        """Every version of a sheet, oldest first."""
        return self._shelf.find(
            sheets.c.class_id == class_id, sheets.c.day == day, sheets.c.session == session
        )

    @staticmethod
    def _of(class_id: str, day: date, session: str) -> tuple[sa.ColumnElement[bool], ...]:
        return (
            sheets.c.class_id == class_id,
            sheets.c.day == day,
            sheets.c.session == session,
            _NEWEST,
        )
