"""Opens the case database: SQLite in WAL mode by default, any SQLAlchemy URL when asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection, Engine

from kongchuo_risk.cases.sealed import with_key
from kongchuo_risk.workspace import Workspace

BUSY_TIMEOUT_S = 30
"""How long a writer waits for another before it gives up."""
_READ_ONLY = "kongchuo_read_only"


def open_case_database(workspace: Workspace, url: str | None = None) -> Engine:
    """Engine on the workspace's case database, migrated to the newest tables.

    Parameters
    ----------
    workspace
        Whose ``kongchuo.db`` is opened (and made when missing).
    url
        Another database in its place; ``Settings.database_url``.
    """
    engine = create_engine(
        url or sa.URL.create("sqlite", database=str(workspace.database)), key=workspace.key
    )
    migrate(engine)
    return engine


def create_engine(url: str | sa.URL, *, key: bytes) -> Engine:
    """Engine on ``url``; SQLite gets WAL, foreign keys and patience.

    Parameters
    ----------
    url
        A database.
    key
        The workspace's key: what is personal is sealed with it.
    """
    if sa.make_url(url).get_backend_name() != "sqlite":
        return with_key(sa.create_engine(url), key)
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S})
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return with_key(engine, key)


def migrate(engine: Engine) -> None:
    """Bring the tables up to date; doing it twice changes nothing."""
    config = Config()
    folder = str(Path(__file__).parent / "migrations")
    config.set_main_option("script_location", folder.replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that only reads, and so never waits for a writer."""
    with engine.connect().execution_options(**{_READ_ONLY: True}) as connection:
        yield connection


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # sqlite3 would begin transactions by itself, too late for the lock that a writer needs.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock before it reads: of two, the second waits and then sees what the
    # first wrote, so that the audit chain never forks and no write is refused half-way.
    reads = connection.get_execution_options().get(_READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
