"""Score sheets as they are: bands, 缺考 and 作弊 in the score column, a column per subject."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kongchuo_risk.ingestion.cells import plain_text
from kongchuo_risk.ingestion.headers import Layout
from kongchuo_risk.ingestion.preparing import Preparation
from kongchuo_risk.ingestion.raw import RawChunk, RawColumn
from kongchuo_risk.ingestion.wide_scores import Turner

_ABSENT_WORDS = frozenset(
    ["缺考", "缺", "未考", "缺席", "缓考", "请假", "病假", "事假", "旷考", "未参加"]
)
_VOID_WORDS = frozenset(["作弊", "舞弊", "违纪", "违规", "取消", "取消成绩", "成绩取消", "无成绩"])
"""Of a pupil who was there and yet has no mark."""


@dataclass
class ScorePreparation(Preparation):
    """Makes rows of ``scores`` of a score sheet.

    Parameters
    ----------
    layout
        Of the sheet; of a wide one that of the turned sheet.
    bands
        Words that are bands, in lower case.
    turner
        Turns a sheet that has a column per subject.
    """

    bands: Collection[str] = ()
    turner: Turner | None = None
    _void: int = 0
    _pupils: int = 0
    _marks: int = 0

    def __post_init__(self) -> None:
        self.layout = self.turner.layout if self.turner else _with_score_columns(self.layout)

    def prepare(self, chunk: RawChunk) -> tuple[RawChunk, int]:
        """A row per mark; bands and absence where they belong, without void marks."""
        chunk, skipped = super().prepare(chunk)
        if self.turner is not None:
            chunk = self.turner.turn(chunk)
            self._pupils += len(np.unique(chunk.rows))
            self._marks += len(chunk)
        if "score" not in self.layout.columns:
            return chunk, skipped
        chunk, void = _without_void_marks(chunk, self.layout)
        self._void += void
        return _split_scores(chunk, self.layout, self.bands), skipped + void

    @property
    def notes(self) -> Sequence[str]:
        turned = f"这是每科一列的成绩表，{self._pupils} 行共 {self._marks} 个成绩，已按一科一行读入"
        void = f"{self._void} 个成绩写的是作弊、取消等，没有分数，已跳过"
        return [*([turned] if self.turner else []), *([void] if self._void else [])]


def _with_score_columns(layout: Layout) -> Layout:
    """A layout of ``scores`` that always has places for bands and absence."""
    columns, width = dict(layout.columns), layout.width
    for name in ("band", "absent"):
        if name not in columns:
            columns[name], width = width, width + 1
    return replace(layout, columns=columns, width=width)


def _without_void_marks(chunk: RawChunk, layout: Layout) -> tuple[RawChunk, int]:
    """The chunk without marks that were declared void, and how many these were."""
    void = _says(chunk.columns[layout.columns["score"]], _VOID_WORDS)
    if not void.any():
        return chunk, 0
    return chunk.take(np.flatnonzero(~void)), int(void.sum())


def _split_scores(chunk: RawChunk, layout: Layout, bands: Collection[str]) -> RawChunk:
    """Bands and 缺考 that stand in the score column go where they belong."""
    empty = RawColumn.empty(len(chunk))
    parts = [*chunk.columns, *[empty] * (layout.width - len(chunk.columns))]
    at = {name: layout.columns[name] for name in ("score", "band", "absent")}
    score = parts[at["score"]]
    is_band, is_absent = _says(score, bands), _says(score, _ABSENT_WORDS)
    extra_band = RawColumn(np.where(is_band, score.codes, -1), score.values)
    extra_absent = RawColumn(np.where(is_absent, 0, -1), ["是"])
    parts[at["score"]] = RawColumn(np.where(is_band | is_absent, -1, score.codes), score.values)
    parts[at["band"]] = _filled(parts[at["band"]], extra_band)
    parts[at["absent"]] = _filled(parts[at["absent"]], extra_absent)
    return replace(chunk, columns=parts)


def _says(column: RawColumn, words: Collection[str]) -> np.ndarray:
    """Mask of the rows whose cell is one of the words."""
    cells = (plain_text(cell).lower() if isinstance(cell, str) else "" for cell in column.values)
    return np.asarray(np.array([cell in words for cell in cells] + [False])[column.codes])


def _filled(own: RawColumn, extra: RawColumn) -> RawColumn:
    """The column with ``extra`` where it is empty."""
    shifted = np.where(extra.codes < 0, -1, extra.codes + len(own.values))
    codes = np.where(own.codes < 0, shifted, own.codes)
    return RawColumn(codes, [*own.values, *extra.values])
