"""Score sheets with a row per pupil and a column per subject, turned into a row per mark."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

import numpy as np

from kongchuo_risk.contracts.tables import STUDENT_KEY, Field, Schema
from kongchuo_risk.ingestion.cells import plain_text
from kongchuo_risk.ingestion.headers import CLASS, NAME, Layout, header_word, lay_out
from kongchuo_risk.ingestion.raw import RawChunk, RawColumn

FULL_SCORE = 100.0
"""Full mark of a score whose sheet names none."""
_TOTAL = "total"
_FULL_MARK = re.compile(r"[(\[【]?(?:满分)?:?(\d{2,3})分?[)\]】]?$")
_KIND = re.compile(r"(成绩|分数|得分|等第|等级|等次)$")
_BANDS = ("等第", "等级", "等次")
_FULL_ROW = ("满分", "卷面满分")
_PLACES = {name: at for at, name in enumerate(
    (STUDENT_KEY, "exam_id", "subject", "score", "full_score", "band", "absent", NAME, CLASS)
)}  # fmt: skip
"""Columns of a turned sheet."""


@dataclass(frozen=True)
class Subject:
    """Where the marks of one subject stand; ``full`` is the full mark that the title names."""

    code: str
    title: str
    score: int | None = None
    band: int | None = None
    full: float | None = None


@dataclass(frozen=True)
class WideLayout(Layout):
    """A score sheet with a column per subject; the exam may be named by what is around it."""

    subjects: tuple[Subject, ...] = ()

    def _supplied(self, field: Field) -> bool:
        if field.name == STUDENT_KEY:
            return NAME in self.helpers
        return field.name in ("subject", "exam_id")

    @property
    def used(self) -> set[int]:
        marks = (at for subject in self.subjects for at in (subject.score, subject.band))
        return super().used | {at for at in marks if at is not None}


def wide_layout(schema: Schema, header: Sequence[str]) -> WideLayout | None:
    """The layout of a sheet with a column per subject; ``None`` when it is no such sheet.

    >>> from kongchuo_risk.contracts.tables import load_schema
    >>> layout = wide_layout(load_schema(), ["姓名", "学籍号", "语文(120)", "数学", "数学等第"])
    >>> [(subject.code, subject.full, subject.band) for subject in layout.subjects]
    [('chinese', 120.0, None), ('maths', None, 4)]
    """
    subjects = _subjects(schema, header)
    plain = lay_out(schema.tables["scores"], header)
    columns = {name: at for name, at in plain.columns.items() if name in (STUDENT_KEY, "exam_id")}
    is_wide = "subject" not in plain.columns and {subject.code for subject in subjects} - {_TOTAL}
    names_pupils = STUDENT_KEY in columns or NAME in plain.helpers
    if not (is_wide and names_pupils):
        return None
    return WideLayout(plain.table, columns, plain.helpers, len(header), tuple(subjects))


def _subjects(schema: Schema, header: Sequence[str]) -> list[Subject]:
    codes = schema.codes["subject"]
    words = {header_word(word): code for code, value in codes.values.items()
             for word in (value.label, *value.aliases)}  # fmt: skip
    found: dict[str, Subject] = {}
    for at, title in enumerate(header):
        word, is_band, full = _taken_apart(title)
        if word not in words:
            continue
        code = words[word]
        subject = found.setdefault(code, Subject(code, codes.label(code)))
        if is_band and subject.band is None:
            found[code] = replace(subject, band=at)
        elif not is_band and subject.score is None:
            found[code] = replace(subject, score=at, full=full)
    return list(found.values())


def _taken_apart(title: str) -> tuple[str, bool, float | None]:
    """Subject, whether a band is meant, and full mark of a title: 语文成绩(满分120分)."""
    plain = "".join(unicodedata.normalize("NFKC", title).split())
    full = _FULL_MARK.search(plain)
    word = header_word(_FULL_MARK.sub("", plain))
    is_band = word.endswith(_BANDS)
    return _KIND.sub("", word), is_band, float(full[1]) if full else None


@dataclass
class Turner:
    """Turns the chunks of one wide sheet.

    Parameters
    ----------
    source
        How the sheet is laid out.
    context
        Text around the sheet that names the exam when no column does.
    group
        Class of all pupils when no column names it.
    """

    source: WideLayout
    context: str
    group: str | None
    _full: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._missing = {"", *self.source.table.missing_values}
        for subject in self.source.subjects:
            if subject.full is not None:
                self._full[subject.code] = subject.full

    @property
    def layout(self) -> Layout:
        """Where the fields stand in a turned chunk."""
        without = set() if STUDENT_KEY in self.source.columns else {STUDENT_KEY}
        columns = {name: at for name, at in _PLACES.items()
                   if name not in (NAME, CLASS) and name not in without}  # fmt: skip
        named = {*self.source.helpers, *([CLASS] if self.group else [])}
        return Layout(self.source.table, columns, {name: _PLACES[name] for name in named},
                      len(_PLACES))  # fmt: skip

    def turn(self, chunk: RawChunk) -> RawChunk:
        """A row per pupil and subject that has a mark, pupil by pupil."""
        chunk = self._without_full_marks(chunk)
        subjects = self.source.subjects
        scores = [self._marks(chunk, subject.score) for subject in subjects]
        bands = [self._marks(chunk, subject.band) for subject in subjects]
        has_mark = [(a.codes >= 0) | (b.codes >= 0) for a, b in zip(scores, bands, strict=True)]
        pupils, which = np.nonzero(np.column_stack(has_mark))
        titles = [subject.title for subject in subjects]
        full = self._full_marks()
        columns = {
            "exam_id": self._constant("exam_id", chunk, self.context),
            CLASS: self._constant(CLASS, chunk, self.group),
            STUDENT_KEY: self._constant(STUDENT_KEY, chunk, None),
            NAME: self._constant(NAME, chunk, None),
        }
        marks = {
            "subject": RawColumn(which, titles),
            "score": _interleaved(scores, pupils, which),
            "band": _interleaved(bands, pupils, which),
            "full_score": RawColumn(np.where(full[which] > 0, which, -1), full.tolist()),
            "absent": RawColumn.empty(len(which)),
        }
        turned = {name: column.take(pupils) for name, column in columns.items()} | marks
        return RawChunk([turned[name] for name in _PLACES], chunk.rows[pupils],
                        titles=np.array(titles, dtype=object)[which])  # fmt: skip

    def _marks(self, chunk: RawChunk, at: int | None) -> RawColumn:
        """A column in which cells that say 无 are empty."""
        if at is None:
            return RawColumn.empty(len(chunk))
        column = chunk.columns[at]
        says_none = np.array([plain_text(cell) in self._missing for cell in column.values] + [True])
        return RawColumn(np.where(says_none[column.codes], -1, column.codes), column.values)

    def _constant(self, name: str, chunk: RawChunk, value: str | None) -> RawColumn:
        """The sheet's own column, else ``value`` in every row."""
        at = self.source.columns.get(name, self.source.helpers.get(name))
        if at is not None:
            return chunk.columns[at]
        return RawColumn.constant(value, len(chunk)) if value else RawColumn.empty(len(chunk))

    def _without_full_marks(self, chunk: RawChunk) -> RawChunk:
        """Learn from a row 满分 and leave it out."""
        first_mark = min(at for at in self.source.used - self._named_columns)
        is_full = np.zeros(len(chunk), dtype=bool)
        for column in chunk.columns[:first_mark]:
            says = np.array([plain_text(cell) in _FULL_ROW for cell in column.values] + [False])
            is_full |= says[column.codes]
        for row in np.flatnonzero(is_full).tolist():
            self._learn_full_marks(chunk, row)
        return chunk.take(np.flatnonzero(~is_full)) if is_full.any() else chunk

    @property
    def _named_columns(self) -> set[int]:
        return {*self.source.columns.values(), *self.source.helpers.values()}

    def _learn_full_marks(self, chunk: RawChunk, row: int) -> None:
        for subject in self.source.subjects:
            cell = None if subject.score is None else chunk.columns[subject.score].cell(row)
            if cell is not None and plain_text(cell).removesuffix("分").isdigit():
                self._full[subject.code] = float(plain_text(cell).removesuffix("分"))

    def _full_marks(self) -> np.ndarray:
        """Full mark per subject, 0 where none is known; a total without one is the sum."""
        codes = [subject.code for subject in self.source.subjects]
        parts = [self._full.get(code, FULL_SCORE) for code in codes if code != _TOTAL]
        known = {_TOTAL: sum(parts)} | self._full
        return np.array([known.get(code, 0.0) for code in codes])


def _interleaved(columns: Sequence[RawColumn], rows: np.ndarray, which: np.ndarray) -> RawColumn:
    """Cell ``rows[i]`` of column ``which[i]`` for every i."""
    starts = np.array([0, *accumulate(len(column.values) for column in columns)])
    codes = np.stack([column.codes for column in columns])[which, rows]
    values = [value for column in columns for value in column.values]
    return RawColumn(np.where(codes < 0, -1, codes + starts[which]), values)
