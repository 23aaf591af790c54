"""Types of stored columns: Arrow on disk, pandas in memory, the same for empty tables."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from kongchuo_risk.contracts.tables import Table

FIRST_DAY = pd.Timestamp(2000, 1, 1)
"""``known_on`` of tables that are known from the first day on (schools, staff)."""
STANDING = "常设"
"""Folder of those tables; all others lie in a folder per term."""
DICTIONARY_TABLES = frozenset({"attendance", "class_sheets", "scores"})
"""Tables with millions of rows: their texts are read as pandas categories."""
VERSIONED_TABLES = frozenset({"students", "guardians"})
"""Tables that keep every version of a row, by ``known_on``."""
_ARROW = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.timestamp("us"),
    "datetime": pa.timestamp("us"),
}
_PANDAS = {
    "string": "str",
    "integer": "Int64",
    "number": "float64",
    "boolean": "boolean",
    "date": "datetime64[us]",
    "datetime": "datetime64[us]",
}


def column_types(table: Table) -> dict[str, str]:
    """Frictionless type of every stored column, in order."""
    given = {name: field.type for name, field in table.by_name.items()}
    fixed = {"student_id": "string", "known_on": "date"}
    return {name: fixed.get(name) or given[name] for name in table.stored_columns}


def arrow_schema(table: Table) -> pa.Schema:
    """Columns of the table's Parquet files."""
    return pa.schema([(name, _ARROW[kind]) for name, kind in column_types(table).items()])


def pandas_dtypes(table: Table) -> dict[str, str]:
    """Columns of the table in memory; texts of the big tables are categories."""
    text = "category" if table.name in DICTIONARY_TABLES else "str"
    return {
        name: text if kind == "string" else _PANDAS[kind]
        for name, kind in column_types(table).items()
    }


def empty_table(table: Table) -> pd.DataFrame:
    """The table without rows, with its columns and types.

    >>> from kongchuo_risk.contracts.tables import load_schema
    >>> empty_table(load_schema().tables["visits"]).dtypes["met_student"]
    BooleanDtype
    """
    return pd.DataFrame(
        {name: pd.Series(dtype=dtype) for name, dtype in pandas_dtypes(table).items()}
    )


def partition_column(table: Table) -> str | None:
    """Column that says in which term's folder a row lies; ``None`` for the standing tables."""
    if table.known_from == "first_day":
        return None
    return next((name for name in ("term", "day") if name in table.by_name), "known_on")
