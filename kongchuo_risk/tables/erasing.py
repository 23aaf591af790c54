"""Takes pupils' rows out of the tables for good; what is left is committed in one step."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from kongchuo_risk.contracts.tables import STUDENT_KEY, Schema, Table, load_schema
from kongchuo_risk.tables.manifest import (
    ALIASES,
    IDENTITIES,
    STAFF,
    Batch,
    StoredFile,
    read_manifest,
    replace_manifest,
    sweep_orphans,
    writing,
)
from kongchuo_risk.workspace import Workspace, fsync_folder


@dataclass(frozen=True)
class Erasure:
    """Which rows go.

    Attributes
    ----------
    whole
        Pupils of whom nothing stays: rows of every table, names, and ways to find them.
    pupils
        Table → pupils whose rows of it go.
    before
        Table → last day whose rows go, whoever they are about.
    spared
        Pupils of whom nothing goes, whatever the others say.
    """

    whole: frozenset[str] = frozenset()
    pupils: Mapping[str, frozenset[str]] = field(default_factory=dict)
    before: Mapping[str, date] = field(default_factory=dict)
    spared: frozenset[str] = frozenset()

    def of_table(self, name: str) -> frozenset[str]:
        """Pupils whose rows of one table go."""
        return (self.whole | self.pupils.get(name, frozenset())) - self.spared


def erase_rows(
    workspace: Workspace, erasure: Erasure, *, schema: Schema | None = None
) -> Counter[str]:
    """Delete rows for good, and say how many of each table.

    Files that lose rows are written anew and the manifest is replaced once: a crash leaves all
    of the old tables or all of the new. What a killed run left is swept, so running it again
    finishes. The files that were imported count as imported still: importing one of them again
    brings nothing back.

    Raises
    ------
    WorkspaceError
        When an import, undo or other erasure is running.
    """
    known = (schema or load_schema()).tables
    gone: Counter[str] = Counter()
    with writing(workspace):
        manifest = read_manifest(workspace)
        batches = tuple(
            _without(workspace, batch, known, erasure, gone) for batch in manifest.batches
        )
        if gone:
            replace_manifest(workspace, manifest.model_copy(update={"batches": batches}))
        sweep_orphans(workspace)
    return gone


def happened_column(table: Table) -> str:
    """The day from which the age of a row counts: when it happened, else when it was known."""
    return next((name for name in ("day", "started_on") if name in table.by_name), "known_on")


def _without(
    workspace: Workspace,
    batch: Batch,
    tables: Mapping[str, Table],
    erasure: Erasure,
    gone: Counter[str],
) -> Batch:
    files = []
    for file in batch.files:
        doomed = _doomed(file.table, tables, erasure)
        lost = _count(workspace.tables / file.path, doomed) if doomed is not None else 0
        if doomed is None or not lost:
            files.append(file)
            continue
        gone[file.table] += lost
        if lost < file.rows:
            files.append(_rewritten(workspace, file, doomed, file.rows - lost))
    return batch.model_copy(update={"files": tuple(files)})


_Mask = Callable[[pa.Table], pa.ChunkedArray]
_TELLING = frozenset({"student_id", "owner", "owner_id", "day", "started_on", "known_on"})
"""Columns that say whether a row goes."""


def _doomed(name: str, tables: Mapping[str, Table], erasure: Erasure) -> _Mask | None:
    """Which rows of a table go; ``None`` when none can."""
    if name in (IDENTITIES, ALIASES):
        return _sealed_of(name, erasure.whole - erasure.spared)
    table = tables.get(name)
    if table is None or STUDENT_KEY not in table.by_name:
        return None
    masks = [_rows_of(pupils) for pupils in (erasure.of_table(name),) if pupils]
    if name in erasure.before:
        masks.append(_old_rows(table, erasure.before[name], erasure.spared))
    return (lambda rows: reduce(pc.or_, (mask(rows) for mask in masks))) if masks else None


def _rows_of(pupils: Collection[str], column: str = "student_id") -> _Mask:
    wanted = pa.array(sorted(pupils), pa.string())
    return lambda rows: pc.is_in(rows[column], value_set=wanted)


def _old_rows(table: Table, last: date, spared: Collection[str]) -> _Mask:
    held = _rows_of(spared)
    end = pa.scalar(pd.Timestamp(last), pa.timestamp("us"))
    return lambda rows: pc.and_(
        pc.fill_null(pc.less_equal(rows[happened_column(table)], end), fill_value=False),
        pc.invert(held(rows)),
    )


def _sealed_of(name: str, pupils: Collection[str]) -> _Mask | None:
    if not pupils:
        return None
    if name == ALIASES:
        return _rows_of(pupils)
    theirs = _rows_of(pupils, "owner_id")
    # A staff number might read like a pupil's.
    return lambda rows: pc.and_(theirs(rows), pc.not_equal(rows["owner"], STAFF))


def _count(path: Path, doomed: _Mask) -> int:
    """How many rows of a file go; only the columns that tell are read."""
    reader = pq.ParquetFile(path)
    columns = [name for name in reader.schema_arrow.names if name in _TELLING]
    parts = (
        reader.read_row_group(group, columns=columns) for group in range(reader.num_row_groups)
    )
    return sum(pc.sum(pc.fill_null(doomed(part), fill_value=False)).as_py() or 0 for part in parts)


def _rewritten(workspace: Workspace, file: StoredFile, doomed: _Mask, rows: int) -> StoredFile:
    """The file without its doomed rows, under another name; memory holds one row group."""
    source = workspace.tables / file.path
    target, reader = _free_name(source), pq.ParquetFile(source)
    with pq.ParquetWriter(target, reader.schema_arrow, compression="zstd") as writer:
        for group in range(reader.num_row_groups):
            part = reader.read_row_group(group)
            writer.write_table(part.filter(pc.invert(pc.fill_null(doomed(part), fill_value=False))))
    _make_durable(target)
    path = target.relative_to(workspace.tables).as_posix()
    return StoredFile(table=file.table, path=path, rows=rows)


def _free_name(source: Path) -> Path:
    """``B1.parquet`` → ``B1~1.parquet``; the old file stays until the new one counts."""
    stem = source.stem.split("~")[0]
    number = 1
    while (target := source.with_name(f"{stem}~{number}.parquet")).exists():
        number += 1
    return target


def _make_durable(path: Path) -> None:
    # Windows asks for a descriptor that may write.
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    fsync_folder(path.parent)
