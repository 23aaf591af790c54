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
from tests.cases.builders import KEY

SERVER = os.environ.get("KONGCHUO_TEST_POSTGRES")
NO_SERVER = "no PostgreSQL server: scripts/test starts one where it can"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'kongchuo.db'}"
    elif SERVER is None:
        pytest.skip(NO_SERVER)
    else:
        yield from _own_database(SERVER)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """A migrated database of each kind."""
    engine = create_engine(url, key=KEY)
    migrate(engine)
    yield engine
    engine.dispose()


def _own_database(server: str) -> Iterator[str]:
    name = f"kongchuo_{uuid4().hex}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
    admin.dispose()
