"""A copy of the case database is whole, is made while others write, and proves itself."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from kongchuo_risk.cases import backup, case_reader, case_store
from kongchuo_risk.cases.engine import create_engine, migrate
from kongchuo_risk.errors import WorkspaceError
from tests.cases.builders import KEY, case, database
from tests.cases.conftest import own_database


def noted(engine: Engine, *subjects: str) -> None:
    for subject in subjects:
        with case_store(engine) as store:
            store.note("甲", "查看", subject)


@pytest.fixture
def elsewhere(engine: Engine, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of the same kind."""
    if engine.dialect.name == "sqlite":
        urls = iter([f"sqlite:///{tmp_path / 'elsewhere.db'}"])
    else:
        urls = own_database(engine.url.render_as_string(hide_password=False))
    other = create_engine(next(urls), key=KEY)
    yield other
    other.dispose()
    next(urls, None)


def test_what_was_backed_up_is_restored_and_nothing_later(
    engine: Engine, tmp_path: Path, elsewhere: Engine
) -> None:
    if engine.dialect.name == "postgresql" and shutil.which("pg_dump") is None:
        pytest.skip("no pg_dump on this machine")
    with case_store(engine) as store:
        stored = store.cases.add(replace(case(), place="东村"), by="T1")
    state = backup.back_up(engine, tmp_path / "copy")
    noted(engine, "later")
    backup.restore(tmp_path / "copy", elsewhere, state)
    with case_reader(elsewhere) as store:
        assert store.cases.of_pupil("a") == [stored]
        assert store.audit_rows("later") == []
    with pytest.raises(WorkspaceError, match="不会覆盖"):
        backup.restore(tmp_path / "copy", elsewhere, state)


def test_a_copy_made_while_others_write_is_whole(tmp_path: Path) -> None:
    engine, stop = database(tmp_path), Event()

    def write() -> None:
        while not stop.is_set():
            noted(engine, "S")

    writer = Thread(target=write)
    writer.start()
    try:
        states = [backup.back_up(engine, tmp_path / f"copy{n}.db") for n in range(5)]
    finally:
        stop.set()
        writer.join()
    lengths = [state.audit_rows for state in states]
    assert lengths == sorted(lengths)
    with case_reader(engine) as store:
        assert all(store.audit_holds(state) for state in states)


def test_a_damaged_or_changed_copy_is_refused(tmp_path: Path) -> None:
    engine, copy = database(tmp_path), tmp_path / "copy.db"
    noted(engine, *"abcdef")
    backup.back_up(engine, copy)
    changed = tmp_path / "changed.db"
    shutil.copy(copy, changed)
    with closing(sqlite3.connect(changed)) as connection:
        connection.execute("DROP TRIGGER audit_no_update")
        connection.execute("UPDATE audit SET actor = '乙' WHERE id = 3")
        connection.commit()
    with pytest.raises(WorkspaceError, match="从第 3 条起被改动过"):
        backup.inspect_copy(changed)
    content = copy.read_bytes()
    copy.write_bytes(content[: len(content) // 2])
    with pytest.raises(WorkspaceError, match="已损坏"):
        backup.inspect_copy(copy)


def test_rows_cut_from_the_end_are_missed_though_the_chain_is_whole(tmp_path: Path) -> None:
    engine = database(tmp_path)
    noted(engine, "a", "b")
    state = backup.back_up(engine, tmp_path / "copy.db")
    noted(engine, "c")
    with case_reader(engine) as store:
        assert store.audit_holds(state)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TRIGGER audit_no_delete"))
        connection.execute(sa.text("DELETE FROM audit WHERE id >= 2"))
    with case_reader(engine) as store:
        assert store.verify_audit().is_whole
        assert not store.audit_holds(state)
    missed = pytest.raises(WorkspaceError, match="备份时操作记录 2 条，现有 1 条")
    with engine.connect() as connection, missed:
        backup.require(backup.inspect(connection), state)


def test_tables_of_a_newer_program_are_not_touched(tmp_path: Path) -> None:
    engine = database(tmp_path)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(WorkspaceError, match="请先升级软件"):
        migrate(engine)


def test_without_pg_dump_the_reader_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(WorkspaceError, match="postgresql-client"):
        backup._run("pg_dump", database(tmp_path))
