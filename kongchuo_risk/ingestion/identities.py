"""Names, addresses and telephones of a sheet, sealed per person beside the tables."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.tables import Table
from kongchuo_risk.tables.manifest import IDENTITIES, STAFF
from kongchuo_risk.tables.reading import read_sealed
from kongchuo_risk.tables.sealing import Sealer
from kongchuo_risk.workspace import Workspace

_STUDENT_FIELDS = {
    "student_name": "name",
    "student_key": "student_key",
    "id_number": "id_number",
    "home_address": "home_address",
    "phone": "phone",
}
_STAFF_FIELDS = {"staff_name": "name", "phone": "phone"}
_GUARDIAN_FIELDS = {"guardian_name": "name", "guardian_phone": "phone"}
TABLES = frozenset({"students", "guardians", "staff"})
"""Tables that hold identities besides the pupil's key."""


class IdentityStore:
    """What is sealed so far, and what a batch adds.

    Parameters
    ----------
    workspace
        Whose identities.
    """

    def __init__(self, workspace: Workspace, sealer: Sealer) -> None:
        self._sealer = sealer
        self._last = {
            (owner, owner_id): sealed
            for owner, owner_id, sealed in read_sealed(workspace, IDENTITIES)
        }
        self.new: list[tuple[str, str, str]] = []

    def take_in(self, table: Table, rows: pd.DataFrame) -> np.ndarray:
        """Seal the identities of rows; the mask says which of them were new or changed."""
        changed = np.zeros(len(rows), dtype=bool)
        for position, (owner, owner_id, facts) in enumerate(_facts(table, rows)):
            text = json.dumps(facts, ensure_ascii=False, sort_keys=True)
            sealed = self._sealer.seal(text)
            if facts and self._last.get((owner, owner_id)) != sealed:
                self._last[owner, owner_id] = sealed
                self.new.append((owner, owner_id, sealed))
                changed[position] = True
        return changed


def _facts(table: Table, rows: pd.DataFrame) -> Iterator[tuple[str, str, dict[str, str]]]:
    if table.name == "staff":
        yield from _named(STAFF, rows, "staff_no", _STAFF_FIELDS)
    elif table.name == "students":
        yield from _named("student", rows, "student_id", _STUDENT_FIELDS)
    else:
        named = _named("guardian", rows, "student_id", _GUARDIAN_FIELDS)
        for seat, (owner, owner_id, facts) in zip(rows["seat"], named, strict=True):
            own = {f"guardian_{seat}_{name}": value for name, value in facts.items()}
            yield f"{owner}{seat}", owner_id, own


def _named(
    owner: str, rows: pd.DataFrame, id_column: str, fields: dict[str, str]
) -> Iterator[tuple[str, str, dict[str, str]]]:
    columns = [rows[name].astype(object) for name in fields]
    for owner_id, *cells in zip(rows[id_column].astype(object), *columns, strict=True):
        facts = zip(fields.values(), cells, strict=True)
        yield owner, owner_id, {name: cell for name, cell in facts if isinstance(cell, str)}
