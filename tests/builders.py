"""Tiny records from the contracts: a test names only the columns that it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from kongchuo_risk.contracts.tables import Field, Table, load_schema
from kongchuo_risk.domain.records import Records

_DTYPES = {
    "string": "str", "integer": "Int64", "number": "float64", "boolean": "boolean",
    "date": "datetime64[us]", "datetime": "datetime64[us]",
}  # fmt: skip
_DEFAULTS: dict[str, dict[str, Any]] = {
    "students": {
        "student_id": "a", "school_code": "S1", "class_id": "C1", "grade": 8,
        "known_on": date(2024, 9, 1),
    },
    "attendance": {"student_id": "a", "session": "AM", "kind": "unexcused"},
    "class_sheets": {"class_id": "C1", "session": "AM"},
    "calendar": {"day_type": "school"},
    "exams": {"exam_id": "E1", "exam_name": "期中", "school_code": "S1", "grade": 8},
    "scores": {"student_id": "a", "exam_id": "E1", "subject": "maths"},
    "registration_changes": {"student_id": "a"},
    "aid": {"student_id": "a", "item": "meals"},
    "observations": {"student_id": "a", "tag": "aversion"},
    "behaviour": {"student_id": "a", "behaviour": "order"},
    "visits": {"student_id": "a", "visit_mode": "home"},
    "guardians": {"student_id": "a", "seat": 1, "known_on": date(2024, 9, 1)},
    "measures_delivered": {"student_id": "a", "measure": "home_visit"},
}  # fmt: skip
_HAPPENED = ("day", "applied_on", "started_on")


def table(name: str, rows: Sequence[Mapping[str, Any]] = ()) -> pd.DataFrame:
    """Rows of one contract table, typed as stored; ``known_on`` defaults to the day of the fact."""
    contract = load_schema().tables[name]
    filled = [_filled(name, row) for row in rows]
    unknown = {column for row in filled for column in row} - set(contract.stored_columns)
    if unknown:
        raise KeyError(f"{name} has no column {sorted(unknown)}")
    return pd.DataFrame(
        {
            column: pd.Series([row.get(column) for row in filled], dtype=_dtype(contract, column))
            for column in contract.stored_columns
        }
    )


def _filled(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    full = {**_DEFAULTS.get(name, {}), **row}
    happened = next((full[column] for column in _HAPPENED if column in full), date(2024, 9, 1))
    return {"known_on": happened, **full}


def _dtype(contract: Table, column: str) -> str:
    if column == "known_on":
        return "datetime64[us]"
    field: Field | None = contract.by_name.get(column)
    return _DTYPES[field.type] if field else "str"


def records(**tables: pd.DataFrame) -> Records:
    """All contract tables; those not given are empty."""
    return Records({name: tables.get(name, table(name)) for name in load_schema().tables})


def students(*rows: Mapping[str, Any]) -> pd.DataFrame:
    """Roster rows; without arguments one pupil ``a`` in class ``C1``."""
    return table("students", rows or [{}])


def attendance(*rows: Mapping[str, Any]) -> pd.DataFrame:
    return table("attendance", rows)


def absent_days(days: Sequence[date], **row: Any) -> list[dict[str, Any]]:
    """Both sessions of each day as exceptions."""
    return [{"day": day, "session": part, **row} for day in days for part in ("AM", "PM")]


def sheets(days: Sequence[date], *class_ids: str) -> pd.DataFrame:
    """Class sheets of both sessions of each day."""
    rows = [
        {"class_id": class_id, "day": day, "session": part}
        for class_id in (class_ids or ("C1",))
        for day in days
        for part in ("AM", "PM")
    ]
    return table("class_sheets", rows)


def weekdays(first: date, number: int) -> list[date]:
    """The first ``number`` weekdays from ``first`` on."""
    return [day.date() for day in pd.bdate_range(first, periods=number)]
