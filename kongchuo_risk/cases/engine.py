"""Opens the case database: SQLite in WAL mode by default, any SQLAlchemy URL when asked."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError

from kongchuo_risk.cases.sealed import with_key
from kongchuo_risk.cases.turns import Turns, busy, turns_of
from kongchuo_risk.errors import WorkspaceError
from kongchuo_risk.workspace import Workspace

BUSY_TIMEOUT_S = 30
"""How long a writer waits for another before it gives up."""
_ASK_AGAIN_S = 0.002
"""How often a writer asks at most whether another process still holds the file.

SQLite's own waiting sleeps longer the longer it has waited, so that newcomers pass.
"""
_READ_ONLY = "kongchuo_read_only"
_TURNS = "kongchuo_turns"
_WRITER = 0x6B6F6E67
"""Number of PostgreSQL's lock on writing; no other program may use it in this database."""


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
    where = sa.make_url(url)
    if where.get_backend_name() == "sqlite":
        engine = sa.create_engine(where, connect_args={"timeout": BUSY_TIMEOUT_S})
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    else:
        engine = _on_server(where)
    # A database in memory is its engine's own.
    name = str(where) if where.database else uuid4().hex
    return with_key(engine.execution_options(**{_TURNS: turns_of(name)}), key)


def _on_server(where: sa.URL) -> Engine:
    options = f"-c lock_timeout={BUSY_TIMEOUT_S * 1000}"
    try:
        return sa.create_engine(where, connect_args={"options": options})
    except ModuleNotFoundError as error:
        raise WorkspaceError(
            f"连接 {where.get_backend_name()} 还缺 {error.name}；"
            "请运行 py -m pip install 'kongchuo-risk[postgresql]'"
        ) from error


@contextmanager
def closing(engine: Engine) -> Iterator[Engine]:
    """Let go of every connection of ``engine`` in the end, whatever happens."""
    try:
        yield engine
    finally:
        engine.dispose()


def migrate(engine: Engine) -> None:
    """Bring the tables up to date; doing it twice changes nothing.

    Raises
    ------
    WorkspaceError
        When a newer version of the program made the tables.
    """
    with reading(engine) as connection:
        now = MigrationContext.configure(connection).get_current_revision()
    if now == newest_revision():
        return
    if now is not None and now > newest_revision():
        raise WorkspaceError("案件库由更新版本的软件写成；请先升级软件，再打开")
    config = _migrations()
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@cache
def newest_revision() -> str:
    """Revision of the tables that this program writes; later ones sort after it."""
    head = ScriptDirectory.from_config(_migrations()).get_current_head()
    assert head is not None
    return head


def _migrations() -> Config:
    config = Config()
    folder = str(Path(__file__).parent / "migrations")
    config.set_main_option("script_location", folder.replace("%", "%%"))
    return config


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that only reads: it never waits for a writer, and sees one moment throughout."""
    options: dict[str, Any] = {_READ_ONLY: True}
    if engine.dialect.name == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that may write, after all others that came before.

    A writer takes the lock before it reads: of two, the second waits and then sees what the first
    wrote. So the audit chain never forks, no number is given twice, and nobody is refused half-way.

    Raises
    ------
    WorkspaceError
        When the turn does not come within :data:`BUSY_TIMEOUT_S`.
    """
    turns = engine.get_execution_options()[_TURNS]
    assert isinstance(turns, Turns)
    with turns.taken(timeout_s=BUSY_TIMEOUT_S), engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            _wait_on_postgresql(connection)
        yield connection


def _wait_on_postgresql(connection: Connection) -> None:
    """Take the lock that PostgreSQL lends until the transaction ends, first come, first served."""
    try:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER})")
    except OperationalError as error:
        raise busy() from error


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # sqlite3 would begin transactions by itself, too late for the lock that a writer needs.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get(_READ_ONLY, False):
        connection.exec_driver_sql("BEGIN")
        return
    plain, ends = connection.connection.driver_connection, time.monotonic() + BUSY_TIMEOUT_S
    assert isinstance(plain, sqlite3.Connection)
    plain.execute("PRAGMA busy_timeout=0")
    try:
        while not _has_begun(plain):
            if time.monotonic() > ends:
                raise busy()
            time.sleep(random.uniform(0, _ASK_AGAIN_S))
    finally:
        plain.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000}")


def _has_begun(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        # The lower byte tells the kind of error, the rest which of the kind.
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True
