"""Run benchmarks by name; each result is a row of a table or, with ``--json``, a line of JSON.

A benchmark is a module of this package with ``run(quick: bool) -> list[dict]``; each dict has
``name``, ``ours``, ``theirs``, ``ratio``, ``unit``, ``peak_mb`` and ``rows``.
"""

from __future__ import annotations

import argparse
import importlib
import json
import platform
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

KEYS = ("name", "ours", "theirs", "ratio", "unit", "peak_mb", "rows")
LIBRARIES = ("numpy", "pandas", "pyarrow", "lightgbm", "scikit-learn", "numba")


def names() -> list[str]:
    """Every benchmark there is, in alphabetical order."""
    here = Path(__file__).parent
    return sorted(path.stem for path in here.glob("*.py") if not path.stem.startswith("_"))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names()))
    parser.add_argument("--json", action="store_true", help="one line of JSON per result")
    parser.add_argument("--quick", action="store_true", help="small sizes: does it run at all")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.names) - set(names()))
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(names())}")
    chosen = options.names or names()
    if len(chosen) > 1:
        # One process each: a peak of memory is the benchmark's own.
        flags = [f"--{flag}" for flag in ("json", "quick") if getattr(options, flag)]
        for name in chosen:
            subprocess.run([sys.executable, "-m", "benchmarks", name, *flags], check=True)
        return
    results = importlib.import_module(f"benchmarks.{chosen[0]}").run(options.quick)
    if options.json:
        for result in results:
            print(json.dumps(result, ensure_ascii=False))
    elif results:
        print(f"{_machine()}\n{_table(results)}\n", flush=True)


def _machine() -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return f"Python {platform.python_version()} on {platform.machine()}; {versions}"


def _table(results: Sequence[dict[str, Any]]) -> str:
    """Aligned columns, one row per result."""
    cells = [list(KEYS), *[[_short(result.get(key)) for key in KEYS] for result in results]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(KEYS))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in cells
    )


def _short(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:,.4g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
