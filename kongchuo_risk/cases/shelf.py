"""One table of sealed values: what the books of the procedure have in common."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Generic

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from kongchuo_risk.cases.rows import chunks
from kongchuo_risk.cases.sealed import Sealed, Value, stamp
from kongchuo_risk.domain.clock import start_of


class Shelf(Generic[Value]):
    """Values of one kind in one table, oldest first.

    Parameters
    ----------
    connection
        Of the unit of work.
    table
        Has a column ``id`` that counts.
    sealed
        How a value becomes a row.
    """

    def __init__(self, connection: Connection, table: sa.Table, sealed: Sealed[Value]) -> None:
        self._connection, self._table, self._sealed = connection, table, sealed

    def insert(self, value: Value, **given: Any) -> int:
        """Store a value; ``given`` are columns that the store gives."""
        row = self._sealed.row(self._connection, value) | given
        statement = self._table.insert().returning(self._table.c.id)
        return int(self._connection.execute(statement, row).scalar_one())

    def update(self, row_id: int, value: Value, *conditions: Any, **given: Any) -> bool:
        """Store a changed value; false when ``conditions`` no longer hold."""
        row = self._sealed.row(self._connection, value) | given
        statement = self._table.update().where(self._table.c.id == row_id, *conditions).values(row)
        return self._connection.execute(statement).rowcount == 1

    def mark(self, row_id: int, **columns: Any) -> None:
        """Set columns of a row that no value holds."""
        statement = self._table.update().where(self._table.c.id == row_id).values(columns)
        self._connection.execute(statement)

    def find(self, *conditions: Any, order: Any = None) -> list[Value]:
        """Values for which all ``conditions`` hold."""
        query = sa.select(self._table).where(*conditions)
        query = query.order_by(self._table.c.id if order is None else order)
        rows = self._connection.execute(query).mappings()
        return [self._sealed.value(self._connection, row) for row in rows]

    def get(self, row_id: int) -> Value | None:
        """The value of one row."""
        return next(iter(self.find(self._table.c.id == row_id)), None)

    def having(self, column: Any, keys: Iterable[Any], *conditions: Any) -> list[Value]:
        """Values whose ``column`` is one of many ``keys``."""
        return [
            value for wanted in chunks(keys) for value in self.find(column.in_(wanted), *conditions)
        ]


def within(moments: Any, first: date, last: date) -> sa.ColumnElement[bool]:
    """Whether a column of moments lies from the start of ``first`` to the end of ``last``."""
    after = start_of(last + timedelta(days=1))
    return sa.and_(moments >= stamp(start_of(first)), moments < stamp(after))
