"""The audit log: append-only, each row sealed by the hash of the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from kongchuo_risk.cases.tables import audit

GENESIS = "0" * 64
"""What stands before the first row."""
_NEWEST = sa.select(audit.c.hash).order_by(audit.c.id.desc()).limit(1)


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Who did what to whom, and when (UTC, ISO 8601)."""

    at: str
    actor: str
    action: str
    subject: str
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class AuditReport:
    """Whether the log is whole: ``broken_at`` is the id of the first row that does not fit."""

    rows: int
    broken_at: int | None

    @property
    def is_whole(self) -> bool:
        return self.broken_at is None


def utc_now() -> str:
    """Now, in UTC, ISO 8601 to the microsecond."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def canonical_json(content: object) -> str:
    """The one spelling of ``content``: sorted keys, no spaces, no escapes.

    >>> canonical_json({"b": 1, "a": "红"})
    '{"a":"红","b":1}'
    """
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def write_audit(
    connection: Connection, *, actor: str, action: str, subject: str, **detail: object
) -> None:
    """Append one row, in the caller's transaction: what is recorded and what is done stay one.

    The transaction is a writer's (:func:`kongchuo_risk.cases.engine.writing`), which no other
    runs beside, so that the chain never forks; were one to, ``prev_hash`` is unique.
    """
    previous = connection.scalar(_NEWEST)
    row = {
        "at": utc_now(),
        "actor": actor,
        "action": action,
        "subject": subject,
        "detail": canonical_json(detail),
        "prev_hash": previous or GENESIS,
    }
    # Values given apart from the statement: SQLAlchemy then builds it once, not at each write.
    connection.execute(audit.insert(), row | {"hash": _seal(row)})


def verify_audit(connection: Connection) -> AuditReport:
    """Check every row against its own hash and against the row before.

    A changed, removed or reordered row is found; rows cut from the end are not, so keep the last
    hash elsewhere too.
    """
    expected, rows = GENESIS, 0
    for row in connection.execute(sa.select(audit).order_by(audit.c.id)).mappings():
        rows += 1
        content = {name: row[name] for name in row if name not in ("id", "hash")}
        if row["prev_hash"] != expected or row["hash"] != _seal(content):
            return AuditReport(rows, int(row["id"]))
        expected = str(row["hash"])
    return AuditReport(rows, None)


def read_audit(connection: Connection, *, subject: str | None = None) -> list[AuditRow]:
    """Rows of the log, oldest first; of one subject when it is given."""
    query = sa.select(audit).order_by(audit.c.id)
    if subject is not None:
        query = query.where(audit.c.subject == subject)
    return [
        AuditRow(row.at, row.actor, row.action, row.subject, json.loads(row.detail))
        for row in connection.execute(query)
    ]


def _seal(row: Mapping[str, object]) -> str:
    return hashlib.sha256(canonical_json(dict(row)).encode()).hexdigest()
