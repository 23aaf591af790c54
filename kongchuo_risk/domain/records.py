"""The records of a workspace: typed tables by name, and what of them was known on a day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd


@dataclass(frozen=True)
class Records(Mapping[str, pd.DataFrame]):
    """Contract tables by name.

    Every table has the columns of its contract's ``stored_columns``: dates as ``datetime64``,
    codes as strings or categories, ``known_on`` never missing. A table without rows is present
    and empty, with its columns.
    """

    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables)

    def __len__(self) -> int:
        return len(self.tables)

    def known_by(self, day: date) -> Records:
        """Only the rows that the school knew at the end of ``day``."""
        last = pd.Timestamp(day)
        return Records(
            {name: table[table["known_on"] <= last] for name, table in self.tables.items()}
        )


def latest_by_student(students: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """One row per pupil: what was last known of him or her by ``as_of``, by ``student_id``."""
    known = students[students["known_on"] <= pd.Timestamp(as_of)]
    order = known.sort_values("known_on", kind="stable")
    return order.drop_duplicates("student_id", keep="last").set_index("student_id").sort_index()
