"""Heights of rows with wrapped Chinese text, which Excel does not measure by itself."""

from __future__ import annotations

from collections.abc import Sequence

LINE_POINTS = 15.0
PADDING_POINTS = 5.0
MOST_POINTS = 409.0
"""Excel's highest row."""


def row_height(texts: Sequence[str], widths: Sequence[float]) -> float:
    """Points for the cell with most lines.

    Parameters
    ----------
    texts
        What stands in the cells of a row.
    widths
        Widths of their columns in Latin characters.

    Examples
    --------
    >>> row_height(["短", "一段比较长的文字要两行"], [10, 12])
    35.0
    """
    lines = max(count_lines(text, width) for text, width in zip(texts, widths, strict=True))
    return min(MOST_POINTS, LINE_POINTS * lines + PADDING_POINTS)


def count_lines(text: str, width: float) -> int:
    """Lines of a wrapped cell; a Chinese sign takes two Latin characters and never splits.

    One character is kept back, because a mark of punctuation never starts a line.

    >>> count_lines("近四周无故缺勤", 15), count_lines("近四周无故缺勤", 14), count_lines("", 5)
    (1, 2, 1)
    """
    room = max(int(width) - 1, 2)
    lengths = (sum(1 if ord(sign) < 256 else 2 for sign in line) for line in text.split("\n"))
    return sum(max(1, -(-length // room)) for length in lengths)
