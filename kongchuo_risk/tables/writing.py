"""Writes the files of one batch; nothing counts until the manifest names them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from kongchuo_risk.contracts.tables import Table
from kongchuo_risk.domain.calendar import terms_of
from kongchuo_risk.tables.columns import STANDING, arrow_schema, partition_column
from kongchuo_risk.tables.manifest import (
    ALIASES,
    IDENTITIES,
    Batch,
    Source,
    StoredFile,
    read_manifest,
    replace_manifest,
)
from kongchuo_risk.workspace import Workspace, fsync_folder

_SEALED_SCHEMA = {
    IDENTITIES: pa.schema([("owner", pa.string()), ("owner_id", pa.string()),
                           ("sealed", pa.string())]),
    ALIASES: pa.schema([("kind", pa.string()), ("alias", pa.string()),
                        ("student_id", pa.string())]),
}  # fmt: skip


@dataclass
class _OpenFile:
    table: str
    path: Path
    writer: pq.ParquetWriter
    rows: int = 0

    def write(self, rows: pa.Table) -> None:
        self.writer.write_table(rows)
        self.rows += rows.num_rows


@dataclass
class BatchWriter:
    """Appends rows of one batch to a file per term and table, a row group per chunk.

    Memory holds one chunk. Only the writer of the tables may use it (see ``manifest.writing``).
    """

    workspace: Workspace
    batch_id: str
    corrections: Counter[str] = field(default_factory=Counter)
    """Rows per table that give a key stored before other values."""
    _open: dict[tuple[str, str], _OpenFile] = field(default_factory=dict)

    def append(self, table: Table, rows: pd.DataFrame) -> None:
        """Store rows that have the table's stored columns, each in the folder of its term."""
        if rows.empty:
            return
        terms = row_terms(table, rows)
        schema = arrow_schema(table)
        for term in terms.unique():
            part = rows if len(terms.cat.categories) == 1 else rows[terms == term]
            stored = pa.Table.from_pandas(
                part[schema.names], preserve_index=False, nthreads=1
            ).cast(schema)
            self._file(term, table.name, schema).write(stored)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was written."""
        return not self._open

    def append_sealed(self, name: str, rows: Sequence[tuple[str, str, str]]) -> None:
        """Store sealed rows: identities (owner, owner_id, sealed) or aliases."""
        if rows:
            schema = _SEALED_SCHEMA[name]
            columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
            self._file("", name, schema).write(pa.Table.from_arrays(columns, schema=schema))

    def _file(self, term: str, table: str, schema: pa.Schema) -> _OpenFile:
        found = self._open.get((term, table))
        if found is None:
            path = self.workspace.tables / term / table / f"{self.batch_id}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            writer = pq.ParquetWriter(path, schema, compression="zstd")
            found = self._open[(term, table)] = _OpenFile(table, path, writer)
        return found

    def close(self) -> tuple[StoredFile, ...]:
        """Finish every file and make it durable."""
        for file in self._open.values():
            file.writer.close()
            _fsync(file.path)
        for folder in {
            folder
            for file in self._open.values()
            for folder in (file.path.parent, file.path.parent.parent)
        }:
            fsync_folder(folder)
        return tuple(self._stored(file) for file in self._open.values())

    def _stored(self, file: _OpenFile) -> StoredFile:
        relative = file.path.relative_to(self.workspace.tables).as_posix()
        return StoredFile(table=file.table, path=relative, rows=file.rows)

    def discard(self) -> None:
        """Drop the batch: close and delete what was written."""
        for file in self._open.values():
            file.writer.close()
            file.path.unlink(missing_ok=True)
        self._open.clear()

    def commit(
        self,
        sources: Sequence[Source],
        *,
        imported_at: str,
        adapter: str | None,
        report: str | None,
    ) -> Batch:
        """Make the batch part of the workspace, in one step."""
        batch = Batch(
            id=self.batch_id,
            imported_at=imported_at,
            adapter=adapter,
            sources=tuple(sources),
            files=self.close(),
            corrections=dict(self.corrections),
            report=report,
        )
        fsync_folder(self.workspace.tables)
        manifest = read_manifest(self.workspace)
        batches = (*manifest.batches, batch)
        replace_manifest(self.workspace, manifest.model_copy(update={"batches": batches}))
        return batch


def row_terms(table: Table, rows: pd.DataFrame) -> pd.Series:
    """Folder of every row, as a category: its term, or the folder of the standing tables."""
    column = partition_column(table)
    if column is None:
        return pd.Series(pd.Categorical([STANDING] * len(rows)), index=rows.index)
    if column == "term":
        return rows[column].astype("category")
    days, uniques = pd.factorize(rows[column])
    terms = terms_of(pd.Series(uniques)).astype("category")
    return pd.Series(pd.Categorical.from_codes(
        terms.cat.codes.to_numpy()[days], categories=terms.cat.categories), index=rows.index
    )  # fmt: skip


def _fsync(path: Path) -> None:
    # Windows asks for a descriptor that may write.
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
