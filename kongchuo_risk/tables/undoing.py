"""Takes a batch out again, unless what came later stands on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from kongchuo_risk.contracts.tables import STUDENT_KEY, Schema, Table, load_schema
from kongchuo_risk.errors import WorkspaceError
from kongchuo_risk.tables.manifest import (
    Batch,
    Manifest,
    StoredFile,
    read_manifest,
    replace_manifest,
    sweep_orphans,
    writing,
)
from kongchuo_risk.workspace import Workspace


@dataclass(frozen=True)
class Undone:
    """A batch that was taken out.

    Attributes
    ----------
    batch : Batch
        What it was.
    incomplete : tuple of str
        Later files whose rows were partly in the batch; importing them again brings these back.
    """

    batch: Batch
    incomplete: tuple[str, ...]

    @property
    def message(self) -> str:
        """What happened and what is to do, for the user."""
        said = f"批次 {self.batch.id} 已撤销。"
        if not self.incomplete:
            return said
        names = "、".join(self.incomplete[:5]) + (" 等" if len(self.incomplete) > 5 else "")
        return (
            f"{said}后来的文件里有些行当时已在这个批次中，没有重复入库；请把它们再导入一次：{names}"
        )


def undo_batch(workspace: Workspace, batch_id: str, *, schema: Schema | None = None) -> Undone:
    """Take one batch out; later batches stay.

    Raises
    ------
    WorkspaceError
        When there is no such batch (lists the last ones that exist), or when rows of other
        batches point to schools, classes, pupils or exams that only this batch holds.
    """
    with writing(workspace):
        manifest = read_manifest(workspace)
        found = next((batch for batch in manifest.batches if batch.id == batch_id), None)
        if found is None:
            known = "、".join(batch.id for batch in manifest.batches[-5:]) or "（无）"
            raise WorkspaceError(f"没有批次 {batch_id}；最近的批次：{known}")
        _require_unused(workspace, manifest, found, schema or load_schema())
        at = manifest.batches.index(found)
        later = tuple(map(_without_support, manifest.batches[at + 1 :]))
        changed = {
            "batches": (*manifest.batches[:at], *later),
            "undone": (*manifest.undone, batch_id),
        }
        replace_manifest(workspace, manifest.model_copy(update=changed))
        sweep_orphans(workspace)
    incomplete = (source.file for batch in later for source in batch.sources if source.lost_rows)
    return Undone(found, tuple(dict.fromkeys(incomplete)))


def _without_support(batch: Batch) -> Batch:
    """The batch after an earlier one is gone that may have held rows of its files."""
    sources = tuple(
        source.model_copy(update={"lost_rows": True}) if source.existing else source
        for source in batch.sources
    )
    return batch.model_copy(update={"sources": sources})


def _require_unused(workspace: Workspace, manifest: Manifest, found: Batch, schema: Schema) -> None:
    others = [batch for batch in manifest.batches if batch is not found]
    users: dict[str, None] = {}
    needed: dict[str, None] = {}
    for table, column, target in _references(schema):
        gone = _only_in(workspace, found, others, target)
        for batch in others if len(gone) else ():
            if _points_to(workspace, _files(batch, table.name), column, gone):
                users[batch.id] = needed[target.title] = None
    if users:
        raise WorkspaceError(
            f"批次 {found.id} 不能单独撤销：后来的批次 {'、'.join(users)} 还要用它登记的"
            f"{'、'.join(needed)}。请先撤销这些批次（从最后一个起），再撤销它；改好的文件可以重新导入。"
        )


def _references(schema: Schema) -> Iterator[tuple[Table, str, Table]]:
    """(table, its stored column, table to which the column points) of every foreign key."""
    for table in schema.tables.values():
        for key in table.foreign_keys:
            yield table, _stored(key.fields[0]), schema.tables[key.reference.resource]


def _stored(name: str) -> str:
    return "student_id" if name == STUDENT_KEY else name


def _only_in(
    workspace: Workspace, found: Batch, others: Iterable[Batch], target: Table
) -> pa.Array:
    """Keys of ``target`` that no other batch holds."""
    key = next(name for name in target.stored_key if name not in ("term", "known_on"))
    own = _values(workspace, _files(found, target.name), key)
    elsewhere = [file for batch in others for file in _files(batch, target.name)]
    kept = _values(workspace, elsewhere if len(own) else (), key)
    return own.filter(pc.invert(pc.is_in(own, value_set=kept)))


def _files(batch: Batch, table: str) -> list[StoredFile]:
    return [file for file in batch.files if file.table == table]


def _values(workspace: Workspace, files: Iterable[StoredFile], column: str) -> pa.Array:
    parts = [pq.read_table(workspace.tables / file.path, columns=[column])[column]
             for file in files]  # fmt: skip
    chunks = [chunk.cast(pa.string()) for part in parts for chunk in part.chunks]
    return pc.unique(pa.chunked_array(chunks, type=pa.string()))


def _points_to(
    workspace: Workspace, files: Iterable[StoredFile], column: str, keys: pa.Array
) -> bool:
    return any(
        bool(pc.any(pc.is_in(_values(workspace, [file], column), value_set=keys)).as_py())
        for file in files
    )
