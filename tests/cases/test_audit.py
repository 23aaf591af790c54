"""The audit log: written with what it records, and whole or found out."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from kongchuo_risk.cases import case_reader, case_store
from tests.cases.builders import database


def _noted(folder: Path, number: int = 3):
    engine = database(folder)
    for count in range(number):
        with case_store(engine) as store:
            store.note("甲", "查看学生档案", f"S{count}", run=1)
    return engine


def _tamper(folder: Path, statement: str) -> None:
    """Change the file as somebody would who holds it: the guarding triggers are no obstacle."""
    with sqlite3.connect(folder / "kongchuo.db") as connection:
        for verb in ("update", "delete"):
            connection.execute(f"DROP TRIGGER audit_no_{verb}")
        connection.execute(statement)
    connection.close()


def _broken_at(engine: sa.Engine) -> int | None:
    with case_reader(engine) as store:
        return store.verify_audit().broken_at


def test_an_untouched_log_is_whole(tmp_path: Path) -> None:
    with case_reader(_noted(tmp_path)) as store:
        report = store.verify_audit()
    assert (report.rows, report.is_whole) == (3, True)


def test_a_changed_row_is_found(tmp_path: Path) -> None:
    engine = _noted(tmp_path)
    _tamper(tmp_path, "UPDATE audit SET actor = '乙' WHERE id = 2")
    assert _broken_at(engine) == 2


def test_a_removed_row_is_found(tmp_path: Path) -> None:
    engine = _noted(tmp_path)
    _tamper(tmp_path, "DELETE FROM audit WHERE id = 2")
    assert _broken_at(engine) == 3


def test_a_removed_first_row_is_found(tmp_path: Path) -> None:
    engine = _noted(tmp_path)
    _tamper(tmp_path, "DELETE FROM audit WHERE id = 1")
    assert _broken_at(engine) == 2


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = '乙'", "DELETE FROM audit"])
def test_the_database_refuses_to_change_the_log(tmp_path: Path, statement: str) -> None:
    engine = _noted(tmp_path)
    with pytest.raises(sa.exc.IntegrityError, match="append-only"), engine.begin() as connection:
        connection.execute(sa.text(statement))
    assert _broken_at(engine) is None


def test_what_is_undone_leaves_no_row(tmp_path: Path) -> None:
    engine = _noted(tmp_path, 1)

    def note_and_fail() -> None:
        with case_store(engine) as store:
            store.note("甲", "查看学生档案", "S9")
            raise InterruptedError

    with pytest.raises(InterruptedError):
        note_and_fail()
    with case_reader(engine) as store:
        assert [row.subject for row in store.audit_rows()] == ["S0"]


def test_a_row_says_who_did_what_to_whom(tmp_path: Path) -> None:
    with case_reader(_noted(tmp_path)) as store:
        (row,) = store.audit_rows("S1")
    assert (row.actor, row.action, row.detail) == ("甲", "查看学生档案", {"run": 1})
