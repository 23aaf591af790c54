"""Rows of the imported tables about one pupil, in Chinese, with what was sealed opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from kongchuo_risk.contracts.tables import STUDENT_KEY, Field, Schema, Table
from kongchuo_risk.tables import load_identities, load_records
from kongchuo_risk.tables.sealing import Sealer
from kongchuo_risk.workspace import Workspace

IDENTITY_TITLES: Mapping[str, str] = {
    "name": "姓名", "student_key": "学籍号", "id_number": "身份证件号", "home_address": "家庭住址",
    "phone": "联系电话",
}  # fmt: skip
_GUARDIAN = "guardian_"
RESTRICTED = "restricted"
"""Sensitivity of columns that only authorised people see."""


def identity_table(workspace: Workspace, student_id: str) -> pd.DataFrame:
    """Names, numbers and addresses: ``项目``, ``内容``."""
    known = load_identities(workspace, [student_id]).get(student_id, {})
    rows = [(_identity_title(name), value) for name, value in known.items()]
    return pd.DataFrame(rows, columns=["项目", "内容"])


def _identity_title(name: str) -> str:
    """A sealed field's name in Chinese.

    >>> _identity_title("guardian_1_phone")
    '家庭成员1联系电话'
    """
    if not name.startswith(_GUARDIAN):
        return IDENTITY_TITLES.get(name, name)
    seat, field = name.removeprefix(_GUARDIAN).split("_", 1)
    return f"家庭成员{seat}{IDENTITY_TITLES.get(field, field)}"


def own_tables(
    workspace: Workspace, student_id: str, schema: Schema, *, restricted: bool
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Title and rows of every imported table with rows about the pupil, all versions.

    Parameters
    ----------
    workspace, student_id
        Whose rows.
    schema
        Titles and code lists.
    restricted
        Whether columns for authorised people are shown.
    """
    personal = [name for name, table in schema.tables.items() if STUDENT_KEY in table.by_name]
    records, sealer = load_records(workspace, personal, history=True, schema=schema), None
    for name in personal:
        rows = records[name][records[name]["student_id"].astype("str").eq(student_id)]
        if len(rows):
            sealer = sealer or Sealer(workspace.key)
            yield (
                schema.tables[name].title,
                _shown(rows, schema.tables[name], schema, sealer, restricted=restricted),
            )


def _shown(
    rows: pd.DataFrame, table: Table, schema: Schema, sealer: Sealer, *, restricted: bool
) -> pd.DataFrame:
    fields = (field for name, field in table.by_name.items() if name in rows)
    shown = (field for field in fields if restricted or field.sensitivity != RESTRICTED)
    columns = {
        field.title: [_said(value, field, schema, sealer) for value in rows[field.name]]
        for field in shown
        if rows[field.name].notna().any()
    }
    return pd.DataFrame(columns).reset_index(drop=True)


def _said(value: Any, field: Field, schema: Schema, sealer: Sealer) -> str:
    if pd.isna(value):
        return ""
    if field.is_confidential_text:
        return sealer.open(str(value))
    if field.codes is not None:
        return schema.label(field.codes, value)
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if field.type == "boolean":
        return "是" if value else "否"
    return f"{value:g}" if isinstance(value, float) else str(value)
