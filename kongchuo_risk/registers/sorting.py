"""One word for every row of a register, so that the numbers of a comparison always add up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from kongchuo_risk.domain.match import Comparison, FindingKind, Pair, RegisterFinding
from kongchuo_risk.registers.evidence import persons
from kongchuo_risk.registers.linking import Links

ROLL = "学籍"
AT_SCHOOL = frozenset({"", "在读"})
"""Words of the roll for pupils whom the school has to be able to show."""
REVIEW = "待复核"


@dataclass
class Sorted:
    """What became of each row; a row keeps the first word it was given.

    Attributes
    ----------
    people : DataFrame
        The register, with a RangeIndex.
    source : str
        Its name.
    """

    people: pd.DataFrame
    source: str

    def __post_init__(self) -> None:
        self._words = np.full(len(self.people), "", dtype=object)

    @property
    def is_open(self) -> np.ndarray:
        """Mask of the rows that have no word yet."""
        return np.asarray(self._words == "")

    def mark(self, rows: np.ndarray, words: str | pd.Series | np.ndarray) -> None:
        """Give the rows of a mask their word, where they have none."""
        todo = self.is_open & rows
        self._words[todo] = words if isinstance(words, str) else np.asarray(words)[todo]

    def has(self, word: str) -> np.ndarray:
        """Mask of the rows with a word."""
        return np.asarray(self._words == word)

    def counts(self) -> dict[str, int]:
        """Word → rows, in the order of frequency and then of the word."""
        words, numbers = np.unique(self._words.astype(str), return_counts=True)
        order = np.lexsort((words, -numbers))
        return {str(words[at]): int(numbers[at]) for at in order}

    def findings(self, kind: FindingKind, detail: Sequence[str]) -> list[RegisterFinding]:
        """One finding per row with the word of a kind; ``detail`` has a text for every row."""
        rows = np.flatnonzero(self.has(kind))
        people = persons(self.people.iloc[rows], self.source)
        return [
            RegisterFinding(kind, person, detail[at])
            for person, at in zip(people, rows.tolist(), strict=True)
        ]


@dataclass
class Joined(Sorted):
    """Rows of the left register of two that were linked.

    Attributes
    ----------
    links : Links
        Of both.
    other : str
        Name of the right register.
    """

    links: Links
    other: str

    @classmethod
    def of(cls, links: Links, *, left: str, right: str) -> Joined:
        return cls(links.left, str(left), links, str(right))

    def paired(self, kind: FindingKind, detail: Sequence[str]) -> list[RegisterFinding]:
        """Like :meth:`findings`, with the row of the right register beside each."""
        rows = np.flatnonzero(self.has(kind))
        at = self.links.partner().reindex(rows).to_numpy(dtype=int)
        others = persons(self.links.right.iloc[at], self.other)
        return [
            replace(finding, other=other)
            for finding, other in zip(self.findings(kind, detail), others, strict=True)
        ]

    def comparison(
        self,
        title: str,
        day: date,
        findings: Iterable[RegisterFinding],
        queue: tuple[Pair, ...],
    ) -> Comparison:
        """The result of the comparison; all rows must have their word."""
        return Comparison(
            title=title, left=self.source, right=self.other, day=day,
            left_rows=len(self.links.left), right_rows=len(self.links.right),
            counts=self.counts(), findings=tuple(findings), queue=queue,
            threshold=self.links.threshold, review=self.links.review,
        )  # fmt: skip
