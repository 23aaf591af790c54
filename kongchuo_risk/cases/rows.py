"""Values as rows and rows as values, where several tables hold the same value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from kongchuo_risk.domain.plan import ItemState, PlanItem

CHUNK_ROWS = 5_000
MOST_PARAMETERS = 900
"""Older SQLite takes no more than 999 values in one statement."""
Key = TypeVar("Key")
_ITEM_FIELDS = tuple(field.name for field in fields(PlanItem))
_TUPLES = ("sources", "helpers", "checklist")


def plain(value: Any) -> dict[str, Any]:
    """Fields of a flat value; ``asdict`` would copy each of them, slowly."""
    return {field.name: getattr(value, field.name) for field in fields(value)}


def plain_item(item: PlanItem) -> dict[str, Any]:
    """A plan item as the columns of a table."""
    return {name: getattr(item, name) for name in _ITEM_FIELDS}


def plan_item(row: RowMapping) -> PlanItem:
    """The plan item of a row; columns that are no fields of it are left out."""
    values = {name: row[name] for name in _ITEM_FIELDS}
    tuples = {name: tuple(row[name]) for name in _TUPLES}
    return PlanItem(**values | tuples | {"state": ItemState(row["state"])})


def insert_all(connection: Connection, table: sa.Table, rows: Iterator[dict[str, Any]]) -> None:
    """Insert many rows, chunk by chunk."""
    while chunk := list(islice(rows, CHUNK_ROWS)):
        connection.execute(table.insert(), chunk)


def chunks(keys: Iterable[Key]) -> Iterator[list[Key]]:
    """``keys`` in parts that one statement can hold.

    >>> [len(part) for part in chunks(range(1000))]
    [900, 100]
    """
    rest = iter(keys)
    while part := list(islice(rest, MOST_PARAMETERS)):
        yield part
