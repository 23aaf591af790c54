"""How commands speak: Chinese lines for people, one JSON object for machines."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kongchuo_risk.domain.progress import Progress, silent

if TYPE_CHECKING:
    import pandas as pd

_ROOMY_COLUMNS = 4
"""More columns than these need every character of a narrow terminal."""


def say(text: str, *, as_json: bool = False) -> None:
    """A line for people; machines that asked for JSON are spared it."""
    if not as_json:
        click.echo(text)


def give(result: Mapping[str, Any], *, as_json: bool) -> None:
    """The result of a command as one line of JSON, when that was asked for."""
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, default=_plain))


def reserve_standard_output() -> None:
    """Keep the standard output for the line of JSON.

    Some solvers print from C, past Python, and flush when the process ends: whatever they write
    to the descriptor goes to the standard error instead. A stream that a test put in its place
    is left alone.
    """
    own = sys.__stdout__
    if own is None or sys.stdout is not own:
        return
    own.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = os.fdopen(kept, "w", encoding="utf-8")


def show(table: pd.DataFrame, *, corner: str, as_json: bool) -> None:
    """A table for people, its index first, as wide as the terminal; nothing when it is empty."""
    if as_json or table.empty:
        return
    from rich.console import Console
    from rich.table import Column, Table

    # Names to copy, such as versions, are never broken.
    first = Column(
        corner, no_wrap=all(str(name).isascii() for name in table.index), overflow="fold"
    )
    heads = (Column(str(name), overflow="fold") for name in table.columns)
    drawn = Table(
        first,
        *heads,
        header_style="bold",
        padding=0 if table.shape[1] > _ROOMY_COLUMNS else (0, 1),
        show_lines=any("\n" in str(cell) for cell in table.to_numpy().ravel()),
    )
    for name, *values in table.itertuples():
        drawn.add_row(str(name), *map(str, values))
    Console().print(drawn)


@contextmanager
def progress_bar(*, hidden: bool) -> Iterator[Progress]:
    """A bar on standard error while work runs; silent for machines and in pipes."""
    if hidden or not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as RichProgress

    columns = (
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[count]}"),
        TimeElapsedColumn(),
    )  # fmt: skip
    with RichProgress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, count="")

        def advance(done: int, total: int | None, label: str) -> None:
            # `update` keeps the old total when the new one is unknown.
            bar.tasks[0].total = total
            count = f"{done}/{total}" if total else ""
            bar.update(task, completed=done, description=label, count=count)

        yield advance


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "item"):
        return value.item()
    if hasattr(value, "to_dict"):
        return value.to_dict(orient="records")
    return str(value)
