"""Where MLflow's files are, after the workspace was moved, copied or restored elsewhere.

MLflow writes the absolute address of its files into each row of its database, and has no command to
change it. A folder that was moved or restored on another computer would show runs without files,
and write new files to the old place. So the addresses are set right, in one transaction, before the
database is used.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing

from kongchuo_risk.workspace import Workspace

_ADDRESSES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)
"""Columns of MLflow's tables that hold an address; a version without one of them is passed over."""


def settle_artifacts(workspace: Workspace, experiment: str) -> bool:
    """Make the addresses of ``experiment`` point into ``workspace``.

    Returns
    -------
    bool
        Whether anything had to be changed.
    """
    if not workspace.mlflow_database.is_file():
        return False
    here = workspace.mlflow_artifacts.as_uri()
    with closing(sqlite3.connect(workspace.mlflow_database)) as connection, connection:
        there = _recorded(connection, experiment)
        if there in (None, here):
            return False
        for table, column in _ADDRESSES:
            if column in _columns(connection, table):
                _move(connection, table, column, str(there), here)
    return True


def _recorded(connection: sqlite3.Connection, experiment: str) -> str | None:
    if "artifact_location" not in _columns(connection, "experiments"):
        return None
    row = connection.execute(
        "SELECT artifact_location FROM experiments WHERE name = ?", (experiment,)
    ).fetchone()
    return None if row is None else str(row[0])


def _columns(connection: sqlite3.Connection, table: str) -> set[str]:
    rows = connection.execute("SELECT name FROM pragma_table_info(?)", (table,))
    return {str(name) for (name,) in rows}


def _move(connection: sqlite3.Connection, table: str, column: str, there: str, here: str) -> None:
    # Table and column are names of this module, never of a user.
    connection.execute(
        f"UPDATE {table} SET {column} = ? || substr({column}, ?) "
        f"WHERE {column} = ? OR substr({column}, 1, ?) = ?",
        (here, len(there) + 1, there, len(there) + 1, f"{there}/"),
    )
