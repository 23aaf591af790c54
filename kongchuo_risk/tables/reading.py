"""Reads what is committed: the records, the sealed identities, nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import TypeVar

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from kongchuo_risk.contracts.tables import Schema, Table, load_schema
from kongchuo_risk.domain.records import Records
from kongchuo_risk.tables.columns import (
    DICTIONARY_TABLES,
    arrow_schema,
    empty_table,
    pandas_dtypes,
)
from kongchuo_risk.tables.manifest import IDENTITIES, STAFF, Manifest, StoredFile, read_manifest
from kongchuo_risk.tables.sealing import Sealer
from kongchuo_risk.workspace import Workspace

Result = TypeVar("Result")
_ATTEMPTS = 3


def load_records(
    workspace: Workspace,
    tables: Sequence[str] | None = None,
    *,
    as_of: date | None = None,
    history: bool = False,
    schema: Schema | None = None,
) -> Records:
    """Tables of the workspace.

    Parameters
    ----------
    workspace
        Whose tables.
    tables
        Names; all tables of the contract when empty.
    as_of
        Look from this day: rows that became known later do not exist, and of a corrected row
        the version known on that day counts. Without it the last version counts, and it is known
        only from the day of the correction.
    history
        Keep every version of a corrected row instead, for readers that look from many days and
        choose the version in force themselves.
    schema
        Contracts, when not the packaged ones.

    Returns
    -------
    Records
        A row per stored key (more with ``history``); ``students`` and ``guardians`` keep all their
        versions.
    """
    contracts = (schema or load_schema()).tables
    names = list(tables) if tables is not None else list(contracts)

    def read(manifest: Manifest) -> Records:
        return Records(
            {
                name: _load_table(workspace, manifest, contracts[name], as_of, history=history)
                for name in names
            }
        )

    return _while_batches_change(workspace, read)


def _while_batches_change(workspace: Workspace, read: Callable[[Manifest], Result]) -> Result:
    """Read again when a batch was undone between the manifest and its files."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return read(read_manifest(workspace))
        except FileNotFoundError:
            continue
    return read(read_manifest(workspace))


def _load_table(
    workspace: Workspace, manifest: Manifest, table: Table, as_of: date | None, *, history: bool
) -> pd.DataFrame:
    files = manifest.files(table.name)
    if not files:
        return empty_table(table)
    frame = read_files(workspace, files, table)
    if as_of is not None:
        frame = frame[frame["known_on"] <= pd.Timestamp(as_of)]
    if manifest.corrected(table.name) and not history:
        frame = _last_versions(frame, table)
    return frame.reset_index(drop=True)


def _last_versions(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Of the rows with one key the one that became known last, the later batch on a tie."""
    key = list(table.stored_key)
    order = frame.sort_values("known_on", kind="stable")
    return order.drop_duplicates(key, keep="last").sort_index()


def read_files(workspace: Workspace, files: Iterable[StoredFile], table: Table) -> pd.DataFrame:
    """Rows of the given files, oldest first, in the table's dtypes."""
    stored = arrow_schema(table)
    texts = [field.name for field in stored if field.type == pa.string()]
    dictionary = texts if table.name in DICTIONARY_TABLES else None
    parts = [
        pq.read_table(workspace.tables / file.path, read_dictionary=dictionary) for file in files
    ]
    whole = pa.concat_tables(parts, promote_options="default").unify_dictionaries()
    frame: pd.DataFrame = whole.to_pandas(
        types_mapper=_nullable, split_blocks=True, self_destruct=True
    )
    # A column that a batch did not have yet is missing in its rows.
    return frame.reindex(columns=stored.names).astype(pandas_dtypes(table))


def _nullable(kind: pa.DataType) -> object:
    return {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}.get(kind)


def load_identities(
    workspace: Workspace, student_ids: Iterable[str] | None = None
) -> dict[str, dict[str, str]]:
    """Names, addresses and telephones, opened for those who may see them.

    Parameters
    ----------
    workspace
        Whose pupils.
    student_ids
        Only these pupils; all when ``None``.

    Returns
    -------
    dict
        Pupil → what is known: ``name``, ``student_key``, ``id_number``, ``home_address``,
        ``phone``, ``guardian_1_name``, ``guardian_1_phone`` …; a later batch wins.
    """
    wanted = None if student_ids is None else set(student_ids)
    return _while_batches_change(
        workspace, lambda manifest: _open_identities(workspace, manifest, "!=", wanted)
    )


def load_staff_names(workspace: Workspace) -> dict[str, str]:
    """Staff number → name."""
    opened = _while_batches_change(
        workspace, lambda manifest: _open_identities(workspace, manifest, "==", None)
    )
    return {number: facts["name"] for number, facts in opened.items() if "name" in facts}


def _open_identities(
    workspace: Workspace, manifest: Manifest, staff: str, wanted: set[str] | None
) -> dict[str, dict[str, str]]:
    sealer = Sealer(workspace.key)
    chosen = _identity_filter(staff, wanted)
    opened: dict[str, dict[str, str]] = {}
    for file in manifest.files(IDENTITIES):
        sealed = pq.read_table(workspace.tables / file.path, filters=chosen)
        pairs = zip(sealed["owner_id"].to_pylist(), sealed["sealed"].to_pylist(), strict=True)
        for owner_id, text in pairs:
            opened.setdefault(owner_id, {}).update(json.loads(sealer.open(text)))
    return opened


def _identity_filter(staff: str, wanted: set[str] | None) -> list[tuple[str, str, object]]:
    """Arrow filter: ``staff`` compares the owner with the staff, all others are pupils."""
    chosen: list[tuple[str, str, object]] = [("owner", staff, STAFF)]
    return chosen if wanted is None else [*chosen, ("owner_id", "in", wanted)]


def read_columns(workspace: Workspace, table: Table, columns: Sequence[str]) -> pd.DataFrame:
    """Some columns of every stored row, all versions, oldest batch first."""
    parts = [
        pq.read_table(workspace.tables / file.path, columns=list(columns)).to_pandas()
        for file in read_manifest(workspace).files(table.name)
    ]
    return pd.concat(parts, ignore_index=True) if parts else empty_table(table)[list(columns)]


def read_sealed(workspace: Workspace, name: str) -> Iterator[tuple[str, str, str]]:
    """Rows of the identities or the aliases as they are stored, oldest batch first."""
    for file in read_manifest(workspace).files(name):
        columns = pq.read_table(workspace.tables / file.path).to_pydict().values()
        yield from zip(*columns, strict=True)
