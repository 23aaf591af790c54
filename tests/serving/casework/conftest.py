"""The tiny school's desks, on a Monday of the autumn term."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy.engine import Engine

from kongchuo_risk.cases import open_case_database
from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.domain.actor import Actor, Role
from kongchuo_risk.domain.clock import CHINA, at_moment
from kongchuo_risk.serving.casework import Casework
from kongchuo_risk.tables.manifest import writing
from kongchuo_risk.tables.writing import BatchWriter
from kongchuo_risk.workspace import Workspace, open_workspace
from tests.serving.school import make_workspace

MONDAY = datetime(2025, 10, 13, 8, 30, tzinfo=CHINA)
TEACHER = Actor("班主任甲", frozenset({Role.HOMEROOM}), "T1")
PRINCIPAL = Actor("校长乙", frozenset({Role.PRINCIPAL}), "T9")
CLERK = Actor("学籍员丙", frozenset({Role.REGISTRAR}))
OFFICE = Actor("学区丁", frozenset({Role.OFFICE}))
Desks = Callable[..., Casework]


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny school with its case database; every test gets a copy."""
    workspace = make_workspace(tmp_path_factory.mktemp("school") / "w")
    open_case_database(workspace).dispose()
    return workspace.root


@pytest.fixture
def school(made_once: Path, tmp_path: Path) -> Workspace:
    return open_workspace(shutil.copytree(made_once, tmp_path / "w"))


@pytest.fixture
def engine(school: Workspace) -> Iterator[Engine]:
    engine = open_case_database(school)
    yield engine
    engine.dispose()


@pytest.fixture
def desks(school: Workspace, engine: Engine) -> Iterator[Desks]:
    """Desks of a person at a moment: the class teacher on Monday morning by default.

    The moment holds until desks are asked for again.
    """
    with ExitStack() as stack:

        def make(actor: Actor = TEACHER, at: datetime = MONDAY) -> Casework:
            stack.enter_context(at_moment(at))
            return Casework(school, engine, actor)

        yield make


def imported(school: Workspace, **tables: pd.DataFrame) -> None:
    """A further batch of the workspace's tables."""
    contracts = load_schema().tables
    with writing(school):
        writer = BatchWriter(school, "B2")
        for name, rows in tables.items():
            writer.append(contracts[name], rows)
        writer.commit([], imported_at="2025-10-16T08:00:00", adapter=None, report=None)
