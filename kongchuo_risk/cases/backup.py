"""Copies of the case database, made while others write, and proven before they are trusted."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from alembic.migration import MigrationContext
from sqlalchemy.engine import Connection, Engine

from kongchuo_risk.cases.audit import GENESIS, verify_audit
from kongchuo_risk.cases.engine import newest_revision
from kongchuo_risk.cases.tables import audit
from kongchuo_risk.errors import WorkspaceError


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """What a copy must have in common with what was copied.

    Attributes
    ----------
    revision
        Of the tables; None for an empty database.
    audit_rows, last_hash
        Length and end of the audit chain: a chain that was cut at its end is shorter and yet
        whole, and only this tells.
    """

    revision: str | None
    audit_rows: int
    last_hash: str


def back_up(engine: Engine, target: Path) -> DatabaseState:
    """Copy the database of ``engine`` as it is at one moment; nobody who writes waits for it.

    SQLite's own online copy; for PostgreSQL ``pg_dump``.

    Returns
    -------
    DatabaseState
        Of the copy.

    Raises
    ------
    WorkspaceError
        When ``pg_dump`` is missing or fails, or the copy is not whole.
    """
    if engine.dialect.name == "postgresql":
        return _dump(engine, target)
    with closing(sqlite3.connect(str(engine.url.database))) as source:
        _copy_sqlite(source, target)
    return inspect_copy(target)


def inspect_copy(copy: Path) -> DatabaseState:
    """Look through a copied SQLite file, every page and the whole audit chain.

    Raises
    ------
    WorkspaceError
        When anything does not fit.
    """
    with _read_only(copy) as connection:
        return inspect(connection)


def inspect(connection: Connection) -> DatabaseState:
    """Look through a database; see :func:`inspect_copy`."""
    try:
        _check_pages(connection)
        found = state_of(connection)
        report = verify_audit(connection) if found.revision else None
    except sa.exc.DatabaseError as error:
        raise WorkspaceError(f"案件库已损坏（{error.orig}）") from error
    if report is not None and not report.is_whole:
        raise WorkspaceError(f"案件库的操作记录从第 {report.broken_at} 条起被改动过")
    return found


def state_of(connection: Connection) -> DatabaseState:
    """Revision and end of the audit chain."""
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None:
        return DatabaseState(None, 0, GENESIS)
    rows = int(connection.scalar(sa.select(sa.func.count()).select_from(audit)) or 0)
    newest = sa.select(audit.c.hash).order_by(audit.c.id.desc()).limit(1)
    return DatabaseState(revision, rows, connection.scalar(newest) or GENESIS)


def restore(copy: Path, engine: Engine, expected: DatabaseState) -> None:
    """Fill the empty database of ``engine`` from a copy, and prove that it is what was copied.

    Raises
    ------
    WorkspaceError
        When the database is not empty (nothing is overwritten), or the copy is not the one that
        is expected; then what was filled in is not to be used.
    """
    with engine.connect() as connection:
        if sa.inspect(connection).get_table_names():
            raise WorkspaceError("目标案件库里已有数据，恢复不会覆盖它；请换一个空库")
    if engine.dialect.name == "postgresql":
        _run("pg_restore", engine, "--no-owner", "--exit-on-error", "--single-transaction",
             "--dbname", _address(engine), str(copy))  # fmt: skip
    else:
        engine.dispose()  # no connection of the pool may still hold the file
        with closing(sqlite3.connect(f"{copy.resolve().as_uri()}?mode=ro", uri=True)) as source:
            _copy_sqlite(source, Path(str(engine.url.database)))
    with engine.connect() as connection:
        require(inspect(connection), expected)


def require(found: DatabaseState, expected: DatabaseState) -> None:
    """Refuse a database that is not the one that was copied, or is newer than this program."""
    if found != expected:
        raise WorkspaceError(
            f"案件库和备份时不一致：备份时操作记录 {expected.audit_rows} 条，现有 "
            f"{found.audit_rows} 条；请换一份备份"
        )
    if found.revision is not None and found.revision > newest_revision():
        raise WorkspaceError("备份由更新版本的软件写成；请先升级软件，再恢复")


def still_holds(connection: Connection, earlier: DatabaseState) -> bool:
    """Whether the audit chain still holds all that it held: its end then is a row of it now."""
    if not earlier.audit_rows:
        return True
    upto = sa.select(sa.func.count()).select_from(audit)
    last = sa.select(audit.c.id).where(audit.c.hash == earlier.last_hash).scalar_subquery()
    return connection.scalar(upto.where(audit.c.id <= last)) == earlier.audit_rows


def _copy_sqlite(source: sqlite3.Connection, target: Path) -> None:
    with closing(sqlite3.connect(target)) as copy:
        # All pages in one step: in steps the copy would begin anew at each write.
        source.backup(copy, pages=-1)
        # One file, without its log beside it.
        copy.execute("PRAGMA journal_mode=DELETE")
    descriptor = os.open(target, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _read_only(file: Path) -> Iterator[Connection]:
    address = f"{file.resolve().as_uri()}?mode=ro"
    engine = sa.create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True))
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _check_pages(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    answer = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
    if answer != "ok":
        raise WorkspaceError(f"案件库已损坏（{answer}）")


def _dump(engine: Engine, target: Path) -> DatabaseState:
    """Dump the very moment of which the state is told: both look through one snapshot."""
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection:
        snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
        found = inspect(connection)
        _run("pg_dump", engine, "--format=custom", "--no-owner", f"--snapshot={snapshot}",
             "--file", str(target), "--dbname", _address(engine))  # fmt: skip
    return found


def _address(engine: Engine) -> str:
    """The database in libpq's words, without its password, which a list of processes would show."""
    from psycopg.conninfo import make_conninfo

    known = engine.url.translate_connect_args(username="user", database="dbname")
    known |= {name: values[-1] for name, values in engine.url.normalized_query.items()}
    known.pop("password", None)
    return make_conninfo(**known)


def _run(program: str, engine: Engine, *arguments: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise WorkspaceError(
            f"找不到 {program}：案件库在 PostgreSQL 上时，备份和恢复要用它；"
            "请安装 postgresql-client，或请管理员在服务器上备份"
        )
    password = engine.url.password
    secret = {"PGPASSWORD": str(password)} if password is not None else {}
    done = subprocess.run(
        [found, *arguments], env=os.environ | secret, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise WorkspaceError(f"{program} 没有成功：{done.stderr.strip()}")
