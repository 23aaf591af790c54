"""The database file: migrated from empty, and shared by many writers."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from kongchuo_risk.cases import case_reader, case_store, open_case_database
from kongchuo_risk.cases.engine import create_engine, migrate
from kongchuo_risk.cases.tables import metadata
from kongchuo_risk.domain.run import FeedbackKind
from kongchuo_risk.workspace import create_workspace
from tests.cases.builders import KEY, database, entry, publish
from tests.conftest import ROOT

WRITERS, ROWS_EACH = 4, 25


def _write(path: str) -> None:
    engine = create_engine(f"sqlite:///{path}", key=KEY)
    for number in range(ROWS_EACH):
        with case_store(engine) as store:
            store.feedback.add(1, "a", FeedbackKind.CONTACTED, str(number), by="T1")
    engine.dispose()


def test_migrations_make_exactly_the_declared_tables(tmp_path: Path) -> None:
    with database(tmp_path).connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []


def test_migrating_twice_changes_nothing(tmp_path: Path) -> None:
    engine = database(tmp_path)
    publish(engine, entry("a"))
    migrate(engine)
    with case_reader(engine) as store:
        assert len(store.runs.all()) == 1


def test_sqlite_runs_in_wal_mode_with_foreign_keys(tmp_path: Path) -> None:
    with database(tmp_path).connect() as connection:
        assert connection.scalar(sa.text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(sa.text("PRAGMA foreign_keys")) == 1


def test_a_row_that_points_nowhere_is_refused(tmp_path: Path) -> None:
    engine = database(tmp_path)
    with pytest.raises(sa.exc.IntegrityError), case_store(engine) as store:
        store.feedback.add(9, "a", FeedbackKind.CONTACTED, "", by="T1")


def test_the_database_lies_in_the_workspace_or_where_the_settings_say(tmp_path: Path) -> None:
    workspace = create_workspace(tmp_path / "w")
    open_case_database(workspace).dispose()
    assert workspace.database.is_file()
    elsewhere = tmp_path / "other.db"
    open_case_database(workspace, f"sqlite:///{elsewhere}").dispose()
    assert elsewhere.is_file()


def test_threads_that_write_at_once_lose_no_row(tmp_path: Path) -> None:
    engine = database(tmp_path)
    publish(engine, entry("a"))
    with ThreadPoolExecutor(WRITERS) as pool:
        for written in [pool.submit(_write, str(tmp_path / "kongchuo.db")) for _ in range(WRITERS)]:
            written.result()
    _expect_all(engine, WRITERS)


def test_processes_that_write_at_once_lose_no_row(tmp_path: Path) -> None:
    engine = database(tmp_path)
    publish(engine, entry("a"))
    # Not multiprocessing: it runs this process's main module again, which may be another test's.
    call = "import sys; from tests.cases.test_database import _write; _write(sys.argv[1])"
    command = [sys.executable, "-c", call, str(tmp_path / "kongchuo.db")]
    writers = [subprocess.Popen(command, cwd=ROOT) for _ in range(2)]
    assert [writer.wait() for writer in writers] == [0, 0]
    _expect_all(engine, 2)


def _expect_all(engine: sa.Engine, writers: int) -> None:
    with case_reader(engine) as store:
        assert len(store.feedback.of_pupil("a")) == writers * ROWS_EACH
        report = store.verify_audit()
    assert report.is_whole
    assert report.rows == writers * ROWS_EACH + 1


def test_a_reader_sees_the_last_whole_list_while_a_writer_works(tmp_path: Path) -> None:
    engine = database(tmp_path)
    first = publish(engine, entry("a"))
    with case_store(engine) as writer:
        writer.note("甲", "正在写", "…")
        with case_reader(engine) as reader:
            current = reader.runs.current()
            assert current is not None
            assert current.id == first


def test_the_last_contact_is_the_newest_that_was_noted(tmp_path: Path) -> None:
    engine = database(tmp_path)
    run_id = publish(engine, entry("a"), entry("b", rank=2))
    with case_store(engine) as store:
        store.feedback.add(run_id, "a", FeedbackKind.CONTACTED, "", by="T1")
        store.feedback.add(run_id, "a", FeedbackKind.CONTACTED, "再次", by="T1")
        store.feedback.add(run_id, "b", FeedbackKind.FALSE_ALARM, "已请假", by="T1")
    with case_reader(engine) as store:
        newest = store.feedback.of_pupil("a")[-1]
        assert newest.reason == "再次"
        assert store.feedback.last_contacts(["a", "b"]) == {"a": newest.at}
