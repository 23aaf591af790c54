"""Import, undo an import, list imports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from kongchuo_risk.domain.progress import Progress, silent
from kongchuo_risk.ingestion.batch import import_batch
from kongchuo_risk.ingestion.problems import ImportReport
from kongchuo_risk.tables.manifest import Batch, list_batches
from kongchuo_risk.tables.undoing import Undone, undo_batch
from kongchuo_risk.workspace import Workspace


def import_files(
    workspace: Workspace,
    paths: Sequence[Path],
    *,
    adapter: str | None = None,
    today: date | None = None,
    progress: Progress = silent,
) -> ImportReport:
    """Import files and folders as one batch that lands whole or not at all.

    Parameters
    ----------
    workspace
        Where to.
    paths
        Excel and CSV files, or folders that hold them.
    adapter
        Name of a layout in ``data_schema/mappings``, or path of a mapping file; our own headers
        need none.
    today
        Day of the import; the computer's day when empty.
    progress
        Called with rows done, rows in all (``None`` when unknown) and what is being read.

    Returns
    -------
    ImportReport
        What landed and why every other row did not; also an Excel file in ``reports/``.

    Raises
    ------
    ImportRefusedError
        When a path does not exist or the adapter does not fit.
    WorkspaceError
        When another import is running.
    """
    return import_batch(workspace, paths, adapter=adapter, today=today, progress=progress)


def undo_import(workspace: Workspace, batch_id: str) -> Undone:
    """Take the rows of one import out again; its report stays.

    Raises
    ------
    WorkspaceError
        When there is no such batch, or later batches point to what it holds.
    """
    return undo_batch(workspace, batch_id)


def list_imports(workspace: Workspace) -> list[Batch]:
    """Imports that are part of the workspace, oldest first."""
    return list_batches(workspace)
