"""The whole demo without the app, from nothing to list, plans, MLflow run and case database."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

BAR_SECONDS = 90.0


def run(quick: bool) -> list[dict[str, Any]]:
    """Seconds of `kongchuo demo --no-app`; ``theirs`` is the bar of 90 s on two cores."""
    preset = "小样" if quick else "学区"
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "demo"
        command = [
            sys.executable, "-m", "kongchuo_risk.cli", "demo", "--no-app", "--json",
            "--preset", preset, "--workspace", str(workspace),
        ]  # fmt: skip
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    result = json.loads(done.stdout.splitlines()[-1])
    seconds = float(result["seconds"])
    peak_kb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return [
        {
            "name": f"demo {preset}",
            "ours": seconds,
            "theirs": BAR_SECONDS,
            "ratio": BAR_SECONDS / seconds,
            "unit": "s",
            "peak_mb": round(peak_kb / 1024),
            "rows": result["score"]["pupils"],
        }
    ]
