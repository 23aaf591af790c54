"""The one commit point: which batches, and so which files, the workspace consists of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, ValidationError

from kongchuo_risk.errors import WorkspaceError
from kongchuo_risk.workspace import Workspace, replace_file

IDENTITIES = "identities"
ALIASES = "aliases"
"""Names of the two sealed tables beside the contract's tables."""
STAFF = "staff"
"""Owner of identities that belong to staff; all other owners are pupils."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StoredFile(_Entry):
    """One Parquet file; ``path`` is relative to ``tables/``."""

    table: str
    path: str
    rows: int


class Source(_Entry):
    """One imported file: its name, and what it held."""

    file: str
    sha256: str
    """Of the file's bytes, the adapter and the schema that read them."""
    refused: int = 0
    """Rows that did not land; such a file may be imported again."""
    existing: int = 0
    """Rows that earlier batches held, so that this batch does not."""
    lost_rows: bool = False
    """Whether an earlier batch was undone that may have held rows of this file."""

    @property
    def is_whole(self) -> bool:
        """Whether every row of the file is stored."""
        return not self.refused and not self.lost_rows


class Batch(_Entry):
    """One import, whole."""

    id: str
    imported_at: str
    """ISO 8601, UTC."""
    adapter: str | None = None
    sources: tuple[Source, ...]
    files: tuple[StoredFile, ...]
    corrections: dict[str, int] = {}
    """Rows per table that give a stored key other values; a table without any needs no
    deduplication when it is read."""
    report: str | None = None
    """Path of the Excel report relative to the workspace."""

    @property
    def rows(self) -> dict[str, int]:
        """Stored rows per contract table."""
        counts: dict[str, int] = {}
        for file in self.files:
            if file.table not in (IDENTITIES, ALIASES):
                counts[file.table] = counts.get(file.table, 0) + file.rows
        return counts


class Manifest(_Entry):
    """Committed batches, oldest first, and the ids of those that were undone."""

    version: int = 1
    batches: tuple[Batch, ...] = ()
    undone: tuple[str, ...] = ()

    @property
    def next_number(self) -> int:
        """Number of the next batch; numbers are never used again."""
        return len(self.batches) + len(self.undone) + 1

    def files(self, table: str) -> list[StoredFile]:
        """Files of one table, oldest batch first."""
        return [file for batch in self.batches for file in batch.files if file.table == table]

    def corrected(self, table: str) -> bool:
        """Whether any batch gave a stored key of ``table`` other values."""
        return any(batch.corrections.get(table, 0) for batch in self.batches)


def manifest_path(workspace: Workspace) -> Path:
    """Where the manifest lies."""
    return workspace.tables / "manifest.json"


def read_manifest(workspace: Workspace) -> Manifest:
    """The manifest; an empty one before the first import.

    Raises
    ------
    WorkspaceError
        When the file is damaged.
    """
    path = manifest_path(workspace)
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Manifest()
    except ValidationError as error:
        raise WorkspaceError(f"{path} 已损坏，请从备份恢复。") from error


def replace_manifest(workspace: Workspace, manifest: Manifest) -> None:
    """Commit: after this returns, a crash cannot take the change back."""
    replace_file(manifest_path(workspace), manifest.model_dump_json(indent=1).encode())


@contextmanager
def writing(workspace: Workspace) -> Iterator[None]:
    """Be the only writer of the tables; readers are never held up.

    Raises
    ------
    WorkspaceError
        When another import or undo is running.
    """
    workspace.tables.mkdir(parents=True, exist_ok=True)
    lock = FileLock(workspace.tables / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise WorkspaceError("另一个导入或撤销正在进行，请等它结束后再试。") from None
    try:
        yield
    finally:
        lock.release()


def sweep_orphans(workspace: Workspace) -> list[Path]:
    """Delete what a killed import left: Parquet files that no batch names."""
    known = {file.path for batch in read_manifest(workspace).batches for file in batch.files}
    orphans = [
        path
        for path in sorted(workspace.tables.rglob("*.parquet"))
        if path.relative_to(workspace.tables).as_posix() not in known
    ]
    for path in orphans:
        path.unlink()
    return orphans


def list_batches(workspace: Workspace) -> list[Batch]:
    """Committed batches, oldest first."""
    return list(read_manifest(workspace).batches)
