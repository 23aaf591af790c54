"""One import from files to a committed batch: whole, or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd

from kongchuo_risk.contracts.tables import Schema, load_schema
from kongchuo_risk.domain.progress import Progress, silent
from kongchuo_risk.errors import ImportRefusedError
from kongchuo_risk.ingestion.adapters import read_with_code
from kongchuo_risk.ingestion.headers import Layout
from kongchuo_risk.ingestion.landing import Landing
from kongchuo_risk.ingestion.mapping import LayoutMapping, apply_mapping, load_mapping
from kongchuo_risk.ingestion.problems import ImportReport, Problem
from kongchuo_risk.ingestion.raw import Sheet
from kongchuo_risk.ingestion.recognising import recognised
from kongchuo_risk.ingestion.report import write_report
from kongchuo_risk.ingestion.sources import (
    NOT_ALLOWED,
    SourceFile,
    find_files,
    fingerprint,
    open_sheets,
)
from kongchuo_risk.tables.manifest import Source, read_manifest, sweep_orphans, writing
from kongchuo_risk.tables.writing import BatchWriter
from kongchuo_risk.workspace import Workspace


@dataclass
class _Reading:
    """What was found in the files, before anything is stored."""

    schema: Schema
    mapping: LayoutMapping | None
    report: ImportReport
    sheets: list[tuple[Sheet, Layout]] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)


def import_batch(
    workspace: Workspace,
    paths: Sequence[Path],
    *,
    adapter: str | None = None,
    today: date | None = None,
    progress: Progress = silent,
    schema: Schema | None = None,
) -> ImportReport:
    """Import files and folders as one batch.

    Parameters
    ----------
    workspace
        Where to.
    paths
        Files, or folders with files.
    adapter
        Name of a mapping in ``data_schema/mappings`` for layouts that are not ours.
    today
        Day of the import; days after it are refused.
    progress
        See :class:`~kongchuo_risk.domain.progress.Progress`.
    schema
        Contracts, when not the packaged ones.

    Returns
    -------
    ImportReport
        Its ``batch_id`` is ``None`` when nothing was new.

    Raises
    ------
    ImportRefusedError
        When there is nothing to read at all.
    WorkspaceError
        When another import is running.
    """
    contracts = schema or load_schema()
    mapping = load_mapping(adapter) if adapter else None
    now = datetime.now(UTC)
    day = pd.Timestamp(today or now.astimezone().date())
    with writing(workspace):
        sweep_orphans(workspace)
        reading = _Reading(contracts, mapping, ImportReport())
        found = find_files(paths, mapping.uses if mapping else ())
        _note_others(found.others, reading.report)
        _read_sources(reading, workspace, found.wanted)
        batch_id = _next_id(workspace, reading.sources)
        writer = BatchWriter(workspace, batch_id)
        landing = Landing(writer, contracts, day, reading.report, progress)
        try:
            _land(reading, landing, now)
        except BaseException:
            writer.discard()
            raise
    return reading.report


def _land(reading: _Reading, landing: Landing, now: datetime) -> None:
    report, writer = reading.report, landing.writer
    for sheet, layout in sorted(reading.sheets, key=lambda found: found[1].table.order):
        landing.add(sheet, layout)
    is_new = landing.finish()
    if is_new or report.problems:
        name = f"导入-{writer.batch_id}.xlsx"
        report.path = write_report(report, writer.workspace.reports / name)
    if is_new:
        sources = [_counted(source, report) for source in reading.sources]
        adapter = reading.mapping.name if reading.mapping else None
        relative = f"reports/{report.path.name}" if report.path else None
        batch = writer.commit(
            sources, imported_at=now.isoformat(timespec="seconds"), adapter=adapter,
            report=relative,
        )  # fmt: skip
        report.batch_id = batch.id


def _counted(source: Source, report: ImportReport) -> Source:
    """The source with the numbers of its rows that this batch does not hold."""
    own = [count for count in report.tables if count.file == source.file]
    unread = sum(problem.file == source.file and not problem.row for problem in report.problems)
    refused = unread + sum(count.refused for count in own)
    return source.model_copy(
        update={"refused": refused, "existing": sum(count.existing for count in own)}
    )


def _note_others(files: Sequence[SourceFile], report: ImportReport) -> None:
    if files:
        names = "、".join(file.name for file in files[:3]) + (" 等" if len(files) > 3 else "")
        report.note(f"文件夹里有 {len(files)} 个文件不是表格，没有读：{names}")


def _next_id(workspace: Workspace, sources: Sequence[Source]) -> str:
    content = "".join(source.sha256 for source in sources)
    number = read_manifest(workspace).next_number
    return f"{number:04d}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def _read_sources(reading: _Reading, workspace: Workspace, files: Sequence[SourceFile]) -> None:
    """Open the files that are new; of the others say that they were skipped."""
    marks = _fingerprints(reading, files)
    readable = [file for file in files if file in marks]
    done = _whole_sources(workspace)
    new = [file for file in readable if marks[file] not in done]
    mapping = reading.mapping
    if mapping is not None and mapping.code is not None and new:
        new = readable  # the files of such a layout can only be read together
    reading.report.skipped_files += [file.name for file in readable if file not in new]
    reading.sources += [Source(file=file.name, sha256=marks[file]) for file in new]
    if mapping is not None and mapping.code is not None:
        _take(reading, read_with_code(mapping, [file.path for file in new]))
        return
    for file in new:
        try:
            _take(reading, open_sheets(file, reading.schema, reading.report.note))
        except ImportRefusedError as error:
            reading.report.refuse([Problem(file.name, "", 0, "", "", str(error))])


def _fingerprints(reading: _Reading, files: Sequence[SourceFile]) -> dict[SourceFile, str]:
    """The mark of every file that can be opened; the others are reported."""
    context = _context(reading)
    marks = {}
    for file in files:
        try:
            marks[file] = fingerprint(file.path, *context)
        except OSError:
            reading.report.refuse([Problem(file.name, "", 0, "", "", NOT_ALLOWED)])
    return marks


def _context(reading: _Reading) -> list[str]:
    """What besides a file's bytes decides how it is read."""
    contracts = (*reading.schema.tables.values(), *reading.schema.codes.values())
    rules = [reading.mapping.model_dump_json()] if reading.mapping else []
    return [*(contract.model_dump_json() for contract in contracts), *rules]


def _whole_sources(workspace: Workspace) -> set[str]:
    """Fingerprints of files of which every row is stored: to read them again changes nothing."""
    return {
        source.sha256
        for batch in read_manifest(workspace).batches
        for source in batch.sources
        if source.is_whole
    }


def _take(reading: _Reading, sheets: Sequence[Sheet]) -> None:
    found = list(sheets)
    if reading.mapping is not None and reading.mapping.code is None:
        found = apply_mapping(reading.mapping, found)
    reading.sheets += recognised(found, reading.schema, reading.report)
