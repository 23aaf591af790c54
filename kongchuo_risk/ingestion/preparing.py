"""What a chunk of a sheet goes through before its cells are read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kongchuo_risk.ingestion.cells import plain_text
from kongchuo_risk.ingestion.headers import Layout
from kongchuo_risk.ingestion.raw import RawChunk

_FOOTER = re.compile(
    "合计|总计|小计|示例:|(备注|注|说明):|制表|填表|审核|复核|负责人|经办人|校长签|班主任签|签字|签名"
    r"|\(?盖章|平均|最高分|最低分|及格|优秀率|参考人数|全班|标准差"
)
"""How the rows begin that sum up, sign or explain a sheet, without their spaces."""


@dataclass
class Preparation:
    """Leaves out the rows that are no records.

    Attributes
    ----------
    layout : Layout
        Where the fields stand in a prepared chunk.
    """

    layout: Layout

    def prepare(self, chunk: RawChunk) -> tuple[RawChunk, int]:
        """The records of a chunk, and how many rows were skipped as no records."""
        return without_footers(chunk)

    @property
    def notes(self) -> Sequence[str]:
        """What a person should know of the sheet when all its chunks were prepared."""
        return ()


def without_footers(chunk: RawChunk) -> tuple[RawChunk, int]:
    """The chunk without blank rows, totals and the template's example rows.

    Returns
    -------
    chunk, skipped
        ``skipped`` counts totals and examples; blank rows are nothing.
    """
    filled = np.zeros(len(chunk), dtype=bool)
    first = np.full(len(chunk), False)
    for column in chunk.columns:
        here = column.codes >= 0
        footer = np.array([_is_footer(value) for value in column.values] + [False])
        first |= ~filled & here & footer[column.codes]
        filled |= here
        if filled.all():
            break
    keep = np.flatnonzero(filled & ~first)
    if keep.size == len(chunk):
        return chunk, 0
    return chunk.take(keep), int(first.sum())


def _is_footer(value: object) -> bool:
    return isinstance(value, str) and _FOOTER.match("".join(plain_text(value).split())) is not None
