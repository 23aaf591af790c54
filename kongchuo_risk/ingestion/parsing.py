"""A chunk of raw cells into typed columns, with every unreadable cell named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.tables import STUDENT_KEY, Field, Schema
from kongchuo_risk.ingestion.cells import BadCellError, Reader, plain_text, reader_of
from kongchuo_risk.ingestion.headers import CLASS, NAME, Layout
from kongchuo_risk.ingestion.identifiers import mask
from kongchuo_risk.ingestion.problems import Problem
from kongchuo_risk.ingestion.raw import RawChunk, RawColumn, Sheet
from kongchuo_risk.tables.sealing import Sealer

_DTYPES = {
    "integer": "Int64",
    "number": "float64",
    "boolean": "boolean",
    "date": "datetime64[us]",
    "datetime": "datetime64[us]",
}
_MARKS = ("score", "band")
"""Fields whose column a turned sheet names by the subject."""


@dataclass
class Work:
    """A chunk on its way into a table.

    Attributes
    ----------
    frame : DataFrame of shape (n_rows, n_fields)
        Typed columns by field name; texts are categories. RangeIndex.
    bad : bool array of shape (n_rows,)
        Rows that are refused.
    problems : list of Problem
        Why.
    notes : list of str
        What was left out of rows that land.
    """

    sheet: Sheet
    layout: Layout
    chunk: RawChunk
    frame: pd.DataFrame
    bad: np.ndarray
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def refuse(self, where: np.ndarray, column: str, advice: str | Mapping[int, str]) -> None:
        """Refuse the rows of a mask; ``advice`` may differ by row."""
        positions = np.flatnonzero(where)
        self.bad[positions] = True
        for position in positions.tolist():
            text = advice if isinstance(advice, str) else advice[position]
            self.problems.append(self._problem(position, column, text))

    def _problem(self, position: int, column: str, advice: str) -> Problem:
        return Problem(
            self.sheet.file, self.sheet.sheet, int(self.chunk.rows[position]),
            self._title(position, column), self._shown(position, column), advice,
        )  # fmt: skip

    def _title(self, position: int, column: str) -> str:
        if self.chunk.titles is not None and column in _MARKS:
            return str(self.chunk.titles[position])
        known = self.layout.table.by_name.get(column)
        return known.title if known else column

    def _shown(self, position: int, column: str) -> str:
        at = self.layout.columns.get(column, self.layout.helpers.get(column))
        cell = None if at is None else self.chunk.columns[at].cell(position)
        if cell is None:
            return ""
        text = plain_text(cell)
        known = self.layout.table.by_name.get(column)
        private = column == NAME or (
            known is not None and (known.is_identity or known.is_confidential_text)
        )
        return mask(text) if private else text[:60]


class ChunkParser:
    """Reads the chunks of one sheet; a cell that was read once is not read again."""

    def __init__(self, sheet: Sheet, layout: Layout, schema: Schema, sealer: Sealer) -> None:
        self._sheet = sheet
        self._layout = layout
        self._readers = {
            field.name: reader_of(field, schema, sealer) for field in layout.table.fields
        }
        self._missing = set(layout.table.missing_values)
        self._known: dict[str, dict[object, object]] = {name: {} for name in self._readers}

    def parse(self, chunk: RawChunk) -> Work:
        """Typed columns; unreadable and missing required cells refuse their rows."""
        work = Work(
            self._sheet, self._layout, chunk, pd.DataFrame(index=range(len(chunk))),
            np.zeros(len(chunk), dtype=bool),
        )  # fmt: skip
        columns = {field.name: self._column(work, field) for field in self._layout.table.fields}
        work.frame = pd.DataFrame(columns, index=range(len(chunk)))
        for name in (NAME, CLASS):
            if name in self._layout.helpers:
                work.frame[name] = _texts(chunk.columns[self._layout.helpers[name]])
        return work

    def _column(self, work: Work, field: Field) -> pd.Series:
        at = self._layout.columns.get(field.name)
        raw = RawColumn.empty(len(work.chunk)) if at is None else work.chunk.columns[at]
        values = [self._read(field.name, cell) for cell in raw.values]
        failed = np.array([isinstance(value, BadCellError) for value in values] + [False])
        wrong = failed[raw.codes]
        if wrong.any():
            codes = raw.codes[wrong]
            advice = {
                int(position): str(values[code])
                for position, code in zip(np.flatnonzero(wrong), codes, strict=True)
            }
            work.refuse(wrong, field.name, advice)
        clean = [None if isinstance(value, BadCellError) else value for value in values]
        column = _typed(clean, raw.codes, field)
        if field.required and field.name in self._layout.columns and not self._by_name(field):
            work.refuse(column.isna().to_numpy() & ~wrong, field.name, "必填，不能为空")
        return column

    def _by_name(self, field: Field) -> bool:
        """Whether class and name can stand in for an empty cell."""
        return field.name == STUDENT_KEY and {NAME, CLASS} <= set(self._layout.helpers)

    def _read(self, name: str, cell: object) -> object:
        known = self._known[name]
        key = (type(cell), cell)
        if key not in known:
            known[key] = self._read_new(self._readers[name], cell)
        return known[key]

    def _read_new(self, reader: Reader, cell: object) -> object:
        if isinstance(cell, str) and plain_text(cell) in self._missing:
            return None
        try:
            return reader(cell)
        except BadCellError as error:
            return error


def _typed(values: list[object], codes: np.ndarray, field: Field) -> pd.Series:
    if field.type == "string":
        return _category(values, codes)
    cells = pd.Series([*values, None], dtype=_DTYPES[field.type])
    return cells.take(np.where(codes < 0, len(values), codes)).reset_index(drop=True)


def _texts(raw: RawColumn) -> pd.Series:
    return _category([plain_text(value) for value in raw.values], raw.codes)


def _category(values: Iterable[object], codes: np.ndarray) -> pd.Series:
    """Texts as a category; equal texts of different cells become one."""
    array = np.array([*values, None], dtype=object)
    own, words = pd.factorize(array)
    return pd.Series(pd.Categorical.from_codes(own[codes], categories=pd.Index(words, dtype="str")))
