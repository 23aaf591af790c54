"""Values as rows whose personal part is sealed with the workspace's key.

What a query needs stands in clear columns: pseudonyms, codes of organisations, days, states.
Everything that tells of a person stands in one sealed column, ``body``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter
from sqlalchemy.engine import Connection, Engine, RowMapping

from kongchuo_risk.domain.clock import CHINA
from kongchuo_risk.errors import WorkspaceError
from kongchuo_risk.tables.sealing import Sealer

BODY = "body"
_OPTION = "kongchuo_sealer"
_MARK = "enc1:"
"""Before every sealed text: a plain one of an older database is told from it."""
Value = TypeVar("Value")


def with_key(engine: Engine, key: bytes) -> Engine:
    """The same engine, able to seal and open what is personal."""
    return engine.execution_options(**{_OPTION: Sealer(key)})


def seal(connection: Connection, text: str) -> str:
    """``text``, sealed; a database that was opened without its key writes nothing personal."""
    return _MARK + _sealer(connection).seal(text)


def unseal(connection: Connection, text: str) -> str:
    """The text again; what was written before there were seals comes back as it is."""
    if not text.startswith(_MARK):
        return text
    return _sealer(connection).open(text.removeprefix(_MARK))


def with_sealed(connection: Connection, row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """``row`` with what people wrote in some columns sealed; an empty text stays empty."""
    return {**row, **{name: seal(connection, row[name]) for name in names if row[name]}}


def with_opened(
    connection: Connection, row: Mapping[str, Any] | RowMapping, *names: str
) -> dict[str, Any]:
    """``row`` with the texts of some columns again."""
    return {**row, **{name: unseal(connection, row[name]) for name in names}}


def stamp(moment: datetime) -> str:
    """A moment as a column keeps it: ISO 8601 in the school's time, in an order that sorts."""
    return moment.astimezone(CHINA).isoformat(timespec="microseconds")


class Sealed(Generic[Value]):
    """How values of one kind become rows.

    Parameters
    ----------
    kind
        A dataclass of ``domain/``.
    clear
        Its fields that have a column of their own.
    by_store
        Fields that the store gives, such as ``id``.
    """

    def __init__(
        self, kind: type[Value], *, clear: tuple[str, ...], by_store: tuple[str, ...] = ("id",)
    ) -> None:
        self._adapter: TypeAdapter[Value] = TypeAdapter(kind)
        self._clear, self._by_store = clear, by_store

    def row(self, connection: Connection, value: Value) -> dict[str, Any]:
        """Columns of ``value``, those that the store gives left out."""
        plain = self._adapter.dump_python(value, mode="json")
        columns = {name: _column(getattr(value, name)) for name in self._clear}
        hidden = {
            name: content
            for name, content in plain.items()
            if name not in self._clear and name not in self._by_store
        }
        # Fields stay in their order: it is the one in which a form asks for them.
        return columns | {BODY: seal(connection, json.dumps(hidden, ensure_ascii=False))}

    def value(self, connection: Connection, row: RowMapping | Mapping[str, Any]) -> Value:
        """The value of a row."""
        hidden = json.loads(unseal(connection, row[BODY]))
        known = {name: row[name] for name in (*self._clear, *self._by_store)}
        return self._adapter.validate_python(hidden | known)


def _sealer(connection: Connection) -> Sealer:
    sealer = connection.get_execution_options().get(_OPTION)
    if not isinstance(sealer, Sealer):
        raise WorkspaceError("案件库没有带密钥打开，不能读写个人信息；请通过工作区打开。")
    return sealer


def _column(value: Any) -> Any:
    if isinstance(value, datetime):
        return stamp(value)
    return str(value) if isinstance(value, str) else value
