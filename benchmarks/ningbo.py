"""A real school's exports: is every row accounted for, and how long do import and list take."""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

from kongchuo_risk.ingestion.problems import TableCount
from kongchuo_risk.serving import runs
from kongchuo_risk.serving.importing import import_files
from kongchuo_risk.workspace import create_workspace

DATA = Path("../shared/data/ningbo")
PUPILS, EVENTS = 1_765, 23_630
"""Rows of the roster and of the card machines' file."""
DAY = date(2018, 12, 20)


def run(quick: bool) -> list[dict[str, Any]]:
    """``ours``: rows in a table or in the report with a reason; ``theirs``: rows in the file."""
    if not DATA.is_dir():
        print(f"{DATA} is absent: skipped", file=sys.stderr)
        return []
    with tempfile.TemporaryDirectory() as folder:
        workspace = create_workspace(Path(folder))
        start = time.perf_counter()
        report = import_files(workspace, [DATA], adapter="ningbo")
        imported = time.perf_counter()
        listed = runs.score(workspace, as_of=DAY).values["listed"]
        scored = time.perf_counter()
    events = next(c for c in report.tables if c.table == "attendance")
    pupils = sum(c.landed + c.refused for c in report.tables if _is_roster(c))
    accounted = events.landed + events.existing + events.duplicate + events.refused
    return [
        _row("ningbo pupils accounted for", pupils, PUPILS, "rows"),
        _row("ningbo events accounted for", accounted, EVENTS, "rows"),
        _row("ningbo events that land", events.landed, EVENTS, "rows"),
        _row("ningbo import", imported - start, None, "s", report.read),
        _row("ningbo list by scorecard", scored - imported, None, "s", listed),
    ]


def _is_roster(count: TableCount) -> bool:
    """The roster itself, without the later versions of those who left."""
    return count.table == "students" and not count.sheet


def _row(
    name: str, ours: float, theirs: float | None, unit: str, rows: int | None = None
) -> dict[str, Any]:
    ratio = ours / theirs if theirs else None
    return {
        "name": name, "ours": ours, "theirs": theirs, "ratio": ratio, "unit": unit,
        "peak_mb": None, "rows": rows,
    }  # fmt: skip
