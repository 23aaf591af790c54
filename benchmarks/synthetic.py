"""How long a synthetic county takes to be simulated and written, and how much memory."""

from __future__ import annotations

import multiprocessing
import resource
import tempfile
import time
from pathlib import Path
from typing import Any


def run(quick: bool) -> list[dict[str, Any]]:
    """Seconds for 县 (quick: 小样), measured in a process of its own."""
    preset = "小样" if quick else "县"
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        seconds, peak_mb, rows = pool.apply(_measure, (preset,))
    return [
        {
            "name": f"synthetic {preset}",
            "ours": round(seconds, 2),
            "theirs": None,
            "ratio": None,
            "unit": "s",
            "peak_mb": round(peak_mb),
            "rows": rows,
        }
    ]


def _measure(preset: str) -> tuple[float, float, int]:
    from kongchuo_risk.ingestion.synthetic import write_synthetic

    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        summary = write_synthetic(Path(folder) / "files", preset=preset)
        seconds = time.perf_counter() - start
    # Linux counts kilobytes here.
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return seconds, peak_mb, sum(summary.rows.values())
