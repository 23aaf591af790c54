"""The case database on both of its engines."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from kongchuo_risk.cases.engine import create_engine, migrate
from kongchuo_risk.cases.tables import metadata
from tests.cases.builders import KEY, database

SERVER = os.environ.get("KONGCHUO_TEST_POSTGRES")
NO_SERVER = "no PostgreSQL server: scripts/test starts one where it can"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated database of each kind that holds nothing yet."""
    if request.param == "sqlite":
        made = database(tmp_path)
        made.dispose()
        return str(made.url)
    return str(request.getfixturevalue("clean_postgresql"))


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """The same, opened."""
    engine = create_engine(url, key=KEY)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of each kind without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        yield from own_database(require_server())


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """One migrated database for all tests: to make and drop one takes seconds."""
    for url in own_database(require_server()):
        engine = create_engine(url, key=KEY)
        migrate(engine)
        engine.dispose()
        yield url


@pytest.fixture
def clean_postgresql(postgresql: str) -> Iterator[str]:
    """The same, emptied after the test."""
    yield postgresql
    engine = sa.create_engine(postgresql)
    with engine.begin() as connection:
        # The audit log's own guard lets nobody empty it. TRUNCATE would make every file anew.
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for table in metadata.sorted_tables:
            connection.execute(table.delete())
        connection.exec_driver_sql(
            "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'"
        )
    engine.dispose()


def require_server() -> str:
    """Address of the server; without one the test is skipped."""
    if SERVER is None:
        pytest.skip(NO_SERVER)
    return SERVER


def own_database(server: str) -> Iterator[str]:
    """An empty database on a server, dropped in the end."""
    name = f"kongchuo_{uuid4().hex}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
    admin.dispose()
