"""What a member of the blend is, and what it may know when it learns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

BLOCK_ROWS = 20_000
"""Rows that a member scores at a time, so that its own copies of them stay small."""


@dataclass(frozen=True)
class Shape:
    """Size and restraint of the members.

    Attributes
    ----------
    learning_rate, trees, num_leaves, max_depth, min_child_samples
        As LightGBM names them.
    ridge_c : float
        Inverse strength of the additive member's penalty.
    """

    learning_rate: float = 0.03
    trees: int = 300
    num_leaves: int = 15
    max_depth: int = 6
    min_child_samples: int = 30
    ridge_c: float = 0.2

    def quicker(self) -> Shape:
        """Half the trees at twice the rate: scores of nearly the same size at half the time."""
        return replace(self, learning_rate=2 * self.learning_rate, trees=max(self.trees // 2, 1))


@dataclass(frozen=True)
class FitContext:
    """What a member may know beside the rows.

    Attributes
    ----------
    categorical : tuple of int
        Columns that hold positions of categories.
    monotone : tuple of int
        Direction by column, -1, 0 or 1; never set for a category.
    threads : int
        Members that learn at the same time, each on one thread.
    most_negatives : float, optional
        Calm rows kept per event; see :func:`~kongchuo_risk.training.members.fit_members`.
    """

    categorical: tuple[int, ...]
    monotone: tuple[int, ...]
    seed: int
    threads: int
    shape: Shape = Shape()
    most_negatives: float | None = None


class Member(Protocol):
    """One part of the blend; works on the array of :class:`ColumnEncoder`."""

    def shifted(self, by: float) -> Member:
        """The same member with ``by`` added to its log-odds."""

    def log_odds(self, encoded: np.ndarray) -> np.ndarray:
        """Raw log-odds, shape (n_rows,)."""

    def contributions(self, encoded: np.ndarray) -> tuple[np.ndarray, float]:
        """Exact parts by column, shape (n_rows, n_columns), and the base."""


def blocks(encoded: np.ndarray) -> Iterator[slice]:
    """Slices of :data:`BLOCK_ROWS` rows that cover ``encoded``.

    >>> [rows.stop - rows.start for rows in blocks(np.empty((45_000, 1)))]
    [20000, 20000, 5000]
    """
    for start in range(0, len(encoded), BLOCK_ROWS):
        yield slice(start, min(start + BLOCK_ROWS, len(encoded)))
