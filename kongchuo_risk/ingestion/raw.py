"""Cells as a source holds them: columns of codes into the few different values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pandas as pd

CHUNK_ROWS = 500_000
"""Rows that are held in memory at a time."""


@dataclass(frozen=True)
class RawColumn:
    """One column of a chunk; every different cell is read once, however often it occurs.

    Attributes
    ----------
    codes : int array of shape (n_rows,)
        Positions in ``values``; -1 for an empty cell.
    values : sequence
        Different cells: text, numbers, dates.
    """

    codes: np.ndarray
    values: Sequence[object]

    @classmethod
    def of(cls, cells: Sequence[object]) -> RawColumn:
        """Column of plain cells; empty texts count as empty.

        >>> RawColumn.of(["a", "", "a"]).codes.tolist()
        [0, -1, 0]
        """
        array = np.empty(len(cells), dtype=object)
        array[:] = [None if isinstance(cell, str) and not cell.strip() else cell for cell in cells]
        codes, values = pd.factorize(array)
        return cls(codes, list(values))

    @classmethod
    def empty(cls, rows: int) -> RawColumn:
        """No cell in any row."""
        return cls(np.full(rows, -1), [])

    @classmethod
    def constant(cls, value: object, rows: int) -> RawColumn:
        """The same cell in every row."""
        return cls(np.zeros(rows, dtype=np.int64), [value])

    def cell(self, position: int) -> object:
        """The cell of one row; ``None`` when it is empty."""
        code = self.codes[position]
        return None if code < 0 else self.values[code]

    def take(self, positions: np.ndarray) -> RawColumn:
        return RawColumn(self.codes[positions], self.values)


@dataclass(frozen=True)
class RawChunk:
    """Some rows of a sheet.

    Attributes
    ----------
    columns
        In the order of the sheet's header.
    rows : int array of shape (n_rows,)
        Row numbers as Excel or an editor shows them.
    titles : str array of shape (n_rows,), optional
        Of a turned sheet the title of the column in which the mark of each row stands.
    """

    columns: Sequence[RawColumn]
    rows: np.ndarray
    titles: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, positions: np.ndarray) -> RawChunk:
        titles = None if self.titles is None else self.titles[positions]
        columns = [column.take(positions) for column in self.columns]
        return RawChunk(columns, self.rows[positions], titles)


class Sheet(Protocol):
    """A table-shaped part of a file: a worksheet, a CSV file, or what an adapter makes of one."""

    @property
    def file(self) -> str:
        """Name of the file, for the report."""

    @property
    def sheet(self) -> str:
        """Name of the worksheet; empty for a CSV file."""

    @property
    def header(self) -> tuple[str, ...]:
        """Titles of the columns as written."""

    @property
    def caption(self) -> str:
        """What stands above the header."""

    @property
    def table(self) -> str | None:
        """Contract table, when an adapter says so; else it is recognised."""

    @property
    def total_rows(self) -> int | None:
        """Rows under the header, where it is known beforehand."""

    @property
    def malformed(self) -> list[tuple[int, str]]:
        """Rows that are no rows (number, what is wrong), known once the chunks were read."""

    def chunks(self) -> Iterator[RawChunk]:
        """The rows under the header."""


@dataclass
class FrameSheet:
    """A table that an adapter made; ``rows`` are the row numbers in the file it came from."""

    file: str
    table: str | None
    frame: pd.DataFrame
    rows: np.ndarray
    sheet: str = ""
    caption: str = ""
    malformed: list[tuple[int, str]] = field(default_factory=list)

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(map(str, self.frame.columns))

    @property
    def total_rows(self) -> int | None:
        return len(self.frame)

    def chunks(self) -> Iterator[RawChunk]:
        for start in range(0, len(self.frame), CHUNK_ROWS):
            part = self.frame.iloc[start : start + CHUNK_ROWS]
            columns = [RawColumn.of(_cells(part[name])) for name in part]
            yield RawChunk(columns, self.rows[start : start + CHUNK_ROWS])


def _cells(column: pd.Series) -> list[object]:
    return column.astype(object).where(column.notna(), None).tolist()
