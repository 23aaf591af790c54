"""CSV files as schools export them: any usual encoding and separator, any size."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from kongchuo_risk.contracts.tables import Schema
from kongchuo_risk.errors import ImportRefusedError
from kongchuo_risk.ingestion.headers import full_titles, header_row
from kongchuo_risk.ingestion.raw import CHUNK_ROWS, RawChunk, RawColumn

_HEAD_BYTES = 65_536
_BLOCK_BYTES = 20_000_000
_HEADER_WITHIN = 20
_SEPARATORS = ",\t;|"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass
class DelimitedSheet:
    """A CSV file, read in blocks: memory does not grow with its length."""

    path: Path
    file: str
    header: tuple[str, ...]
    header_at: int
    """Position of the header among the rows, from 0."""
    header_ends: int
    """Lines up to the end of the header; a title may hold a line break."""
    encoding: str
    separator: str
    caption: str = ""
    sheet: str = ""
    table: str | None = None
    total_rows: int | None = None
    malformed: list[tuple[int, str]] = field(default_factory=list)

    def chunks(self) -> Iterator[RawChunk]:
        if self.total_rows == 0:
            return
        gaps = _Gaps(self, len(self.header))
        first = self.header_at + 2
        read = 0
        try:
            for batch in self._batches(gaps):
                numbers = gaps.physical(np.arange(read, read + batch.num_rows), first)
                read += batch.num_rows
                chunk = RawChunk([_column(column) for column in batch.columns], numbers)
                yield self._without_swallowed_lines(chunk)
        except pa.ArrowInvalid:
            self.malformed.append((read + first, "从这一行往后有一处引号没有成对，后面都没有读"))
        self.malformed += [(number + first, text) for number, text in gaps.found]

    def _without_swallowed_lines(self, chunk: RawChunk) -> RawChunk:
        """The chunk without rows of which a quote that nobody closed took in the next lines."""
        swallowed = np.zeros(len(chunk), dtype=int)
        for column in chunk.columns:
            inside = [self._rows_inside(str(value)) for value in column.values]
            if any(inside):
                swallowed = np.maximum(swallowed, np.array([*inside, 0])[column.codes])
        bad = np.flatnonzero(swallowed)
        self.malformed += [
            (int(chunk.rows[at]), f"引号没有成对，后面有 {swallowed[at]} 行被连进了这一行")
            for at in bad
        ]
        return chunk.take(np.flatnonzero(swallowed == 0)) if bad.size else chunk

    def _rows_inside(self, cell: str) -> int:
        """How many lines of a cell look like rows of the sheet."""
        if "\n" not in cell:
            return 0
        least = max(len(self.header) - 2, 2)
        return sum(line.count(self.separator) >= least for line in cell.splitlines()[1:])

    def _batches(self, gaps: _Gaps) -> Iterator[pa.RecordBatch]:
        with self._reader(gaps) as reader:
            for batch in reader:
                for start in range(0, batch.num_rows, CHUNK_ROWS):
                    yield batch.slice(start, CHUNK_ROWS)

    def _reader(self, gaps: _Gaps) -> pacsv.CSVStreamingReader:
        names = [f"c{position}" for position in range(len(self.header))]
        text = pa.dictionary(pa.int32(), pa.string())
        return pacsv.open_csv(
            self.path,
            read_options=pacsv.ReadOptions(
                use_threads=False, block_size=_BLOCK_BYTES, encoding=self.encoding,
                skip_rows=self.header_ends, column_names=names,
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=self.separator, newlines_in_values=True, ignore_empty_lines=False,
                invalid_row_handler=gaps.skip,
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, text), null_values=[""], strings_can_be_null=True,
            ),
        )  # fmt: skip


@dataclass
class _Gaps:
    """Lines that are no rows, so that the others keep their numbers."""

    sheet: DelimitedSheet
    columns: int
    found: list[tuple[int, str]] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)

    def skip(self, row: pacsv.InvalidRow) -> str:
        number = int(row.number) - self.sheet.header_ends - 1
        self.positions.append(number)
        if str(row.text).strip(self.sheet.separator + " \t\r\n"):
            self.found.append((number, f"有 {row.actual_columns} 列，表头有 {self.columns} 列"))
        return "skip"

    def physical(self, positions: np.ndarray, first: int) -> np.ndarray:
        """Line numbers of the rows that were kept: skipped lines count too."""
        gaps = np.array(sorted(self.positions), dtype=np.int64)
        before = gaps - np.arange(len(gaps))
        return np.asarray(positions + np.searchsorted(before, positions, side="right") + first)


def _column(column: Any) -> RawColumn:
    codes = column.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return RawColumn(codes, column.dictionary.to_pylist())


def read_delimited(path: Path, name: str, schema: Schema) -> DelimitedSheet:
    """A CSV file with its encoding, separator and header found out.

    Raises
    ------
    ImportRefusedError
        The bytes are text in no usual encoding, or the file is empty.
    """
    encoding = find_encoding(path)
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    text = codecs.getincrementaldecoder(encoding)("strict").decode(head)
    lines = text.lstrip("\ufeff").splitlines()[: _HEADER_WITHIN + 1]
    if not any(line.strip() for line in lines):
        raise ImportRefusedError("文件是空的")
    separator = _separator(lines)
    reader = csv.reader(io.StringIO("\n".join(lines[:_HEADER_WITHIN])), delimiter=separator)
    rows, ends = map(list, zip(*((row, reader.line_num) for row in reader), strict=True))
    at = header_row(rows, schema)
    if at is None:
        at = next(number for number, row in enumerate(rows) if any(map(str.strip, row)))
    plain = [cell.strip() for cell in rows[at]]
    header = full_titles(plain, rows[at - 1] if at else (), schema)
    caption = " ".join(cell for row in rows[:at] for cell in row if cell.strip())
    total = None if any(map(str.strip, lines[ends[at] :])) else 0
    return DelimitedSheet(
        path, name, header, at, ends[at], encoding, separator, caption, total_rows=total
    )


def find_encoding(path: Path) -> str:
    """``utf-8``, ``utf-8-sig``, ``utf-16`` or ``gb18030``: the first that fits every byte."""
    with path.open("rb") as file:
        head = file.read(4)
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    for encoding in ("utf-8", "gb18030"):
        if _decodes(path, encoding):
            return encoding
    raise ImportRefusedError("文字编码无法识别；请另存为“CSV UTF-8”")


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                if b"\x00" in block:
                    return False
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _separator(lines: list[str]) -> str:
    counts: Counter[str] = Counter()
    for line in lines:
        counts.update({mark: line.count(mark) for mark in _SEPARATORS})
    best = counts.most_common(1)[0]
    return best[0] if best[1] else ","
