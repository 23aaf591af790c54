"""Run benchmarks by name; each result is a row of a table or, with ``--json``, a line of JSON.

A benchmark is a module of this package with ``run(quick: bool) -> list[dict]``; each dict has
``name``, ``ours``, ``theirs``, ``ratio``, ``unit``, ``peak_mb`` and ``rows``.
"""

from __future__ import annotations

import argparse
import importlib
import json
import platform
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
    if not options.json:
        print(_machine())
    for name in options.names or names():
        module = importlib.import_module(f"benchmarks.{name}")
        for result in module.run(options.quick):
            print(json.dumps(result, ensure_ascii=False) if options.json else _line(result))


def _machine() -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return f"Python {platform.python_version()} on {platform.machine()}; {versions}"


def _line(result: dict[str, Any]) -> str:
    shown = {key: result.get(key) for key in KEYS}
    return "  ".join(f"{key}={_short(value)}" for key, value in shown.items() if value is not None)


def _short(value: Any) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
