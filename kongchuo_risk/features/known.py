"""What was known on a day: every row lives from its ``known_on`` until a correction replaces it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from kongchuo_risk.domain.records import Records

NEVER = np.iinfo(np.int64).max
"""Day number of what has not happened."""

_KEYS: dict[str, tuple[str, ...]] = {
    # A later roster row speaks for the pupil as a whole.
    "students": (),
    "guardians": ("seat",),
    "scores": ("exam_id", "subject"),
    "registration_changes": ("day", "change_type"),
    "aid": ("term", "item"),
    "observations": ("day", "tag"),
    "behaviour": ("day", "behaviour"),
    "visits": ("day", "visit_mode"),
    "measures_delivered": ("measure", "started_on"),
}
"""What, beside the pupil, makes two rows versions of one fact."""


def day_numbers(days: pd.Series) -> np.ndarray:
    """Days since 1970-01-01 as int64; a missing day is the smallest integer.

    >>> day_numbers(pd.Series(pd.to_datetime(["1970-01-02", "2025-09-01"])))
    array([    1, 20332])
    """
    return np.asarray(days.to_numpy(dtype="datetime64[D]").astype(np.int64))


def day_number(day: date) -> int:
    """Days since 1970-01-01.

    >>> day_number(date(2025, 9, 1))
    20332
    """
    return day.toordinal() - date(1970, 1, 1).toordinal()


def to_timestamps(numbers: np.ndarray) -> pd.Series:
    """Day numbers as timestamps; :data:`NEVER` and missing days become NaT."""
    unknown = (numbers == NEVER) | (numbers < 0)
    days = np.where(unknown, np.datetime64("NaT"), numbers.astype("datetime64[D]"))
    return pd.Series(days.astype("datetime64[s]"))


def combined_codes(columns: Sequence[np.ndarray | pd.Series]) -> np.ndarray:
    """One integer per distinct combination of values in ``columns``."""
    code = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        values, distinct = pd.factorize(column, use_na_sentinel=False)
        code = code * max(len(distinct), 1) + values
    return code


def replacement_days(key: np.ndarray, known: np.ndarray, tie: np.ndarray) -> np.ndarray:
    """Day on which each row is replaced by a later version of the same fact.

    Parameters
    ----------
    key, known, tie : integer arrays of shape (n,)
        Fact, day on which the row became known, order among rows known on the same day.

    Returns
    -------
    int array of shape (n,)
        :data:`NEVER` for the last version.

    Examples
    --------
    >>> replacement_days(np.array([1, 1, 2]), np.array([5, 9, 5]), np.zeros(3)) == NEVER
    array([False,  True,  True])
    """
    replaced = np.full(len(key), NEVER, dtype=np.int64)
    if len(np.unique(key)) == len(key):
        return replaced
    order = np.lexsort((tie, known, key))
    same_fact = np.flatnonzero(key[order][1:] == key[order][:-1])
    replaced[order[same_fact]] = known[order[same_fact + 1]]
    return replaced


@dataclass(frozen=True)
class LivingTable:
    """A table of pupils' facts with the life of each row.

    Attributes
    ----------
    rows : DataFrame of shape (n, …)
    pupil : int array of shape (n,)
        Position of the pupil in :attr:`History.ids`.
    known, replaced, day : int arrays of shape (n,)
        The row is in force on days from ``known`` until the day before ``replaced``; ``day`` is
        when the fact happened (the day it became known when the table has none).
    """

    rows: pd.DataFrame
    pupil: np.ndarray
    known: np.ndarray
    replaced: np.ndarray
    day: np.ndarray

    def in_force(self, day: int) -> np.ndarray:
        """Positions of the rows that were known, not yet corrected, and not in the future."""
        return np.flatnonzero((self.known <= day) & (day < self.replaced) & (self.day <= day))


def living_table(rows: pd.DataFrame, key: Sequence[str], ids: pd.Index) -> LivingTable:
    """``rows`` of pupils in ``ids`` with the life of each row."""
    pupil = ids.get_indexer(pd.Index(rows["student_id"]))
    rows, pupil = _categorised(rows[pupil >= 0]).reset_index(drop=True), pupil[pupil >= 0]
    known = day_numbers(rows["known_on"])
    fact = combined_codes([pupil, *(rows[name] for name in key)])
    happened = next((name for name in ("day", "applied_on", "started_on") if name in rows), None)
    day = known if happened is None else day_numbers(rows[happened])
    day = np.where(rows[happened].isna(), known, day) if happened else day
    return LivingTable(
        rows, pupil, known, replacement_days(fact, known, content_order(rows, fact)), day
    )


def _categorised(rows: pd.DataFrame) -> pd.DataFrame:
    """Code columns as categories: each distinct code is looked at once, not once per row."""
    texts = {name for name, dtype in rows.dtypes.items() if dtype == "str"}
    few = sorted(texts - {"student_id", "note"}, key=str)
    return rows.astype(dict.fromkeys(few, "category"))


def translated(
    values: pd.Series, meaning: Mapping[str, float] | Mapping[str, str], unknown: float | None
) -> np.ndarray:
    """``meaning`` of each code, ``unknown`` for missing and other codes.

    >>> translated(pd.Series(["A", None]), {"A": 0.9}, np.nan)
    array([0.9, nan])
    """
    position, distinct = pd.factorize(values)
    return np.array([*(meaning.get(str(code), unknown) for code in distinct), unknown])[position]


def content_order(rows: pd.DataFrame, fact: np.ndarray) -> np.ndarray:
    """An order among versions known on one day that depends on their content alone."""
    if not pd.DataFrame({"fact": fact, "known": rows["known_on"]}).duplicated().any():
        return np.zeros(len(rows), dtype=np.int64)
    return np.asarray(pd.util.hash_pandas_object(rows.astype("str"), index=False))


class History:
    """All records of a workspace, indexed once so that any day can be looked at cheaply.

    Attributes
    ----------
    records : Records
    ids : Index of shape (n_pupils,)
        Every pupil who was ever on a roster, sorted.
    """

    def __init__(self, records: Records) -> None:
        self.records = records
        self.ids = pd.Index(sorted(records["students"]["student_id"].unique()), name="student_id")
        self._tables: dict[str, LivingTable] = {}

    def __getitem__(self, name: str) -> LivingTable:
        if name not in self._tables:
            self._tables[name] = living_table(self.records[name], _KEYS[name], self.ids)
        return self._tables[name]

    @cached_property
    def schools(self) -> pd.Index:
        """Every school code on a roster, sorted."""
        return pd.Index(sorted(self.records["students"]["school_code"].dropna().unique()))

    @cached_property
    def classes(self) -> pd.Index:
        """Every class id on a roster, sorted."""
        return pd.Index(sorted(self.records["students"]["class_id"].dropna().unique()))


class View:
    """The records as they stood at the end of one day.

    Attributes
    ----------
    day : int
        Day number of ``as_of``.
    pupils : DataFrame of shape (n, …)
        Last known roster row of every pupil, in the order of the ids; RangeIndex.
    row_of : int array of shape (n_pupils of the history,)
        Row of each pupil in :attr:`pupils`; -1 for pupils not known yet.
    school, class_ : int arrays of shape (n,)
        Positions in :attr:`History.schools` and :attr:`History.classes`.
    """

    def __init__(self, history: History, as_of: date) -> None:
        students = history["students"]
        positions = students.in_force(day_number(as_of))
        positions = positions[np.argsort(students.pupil[positions])]
        self.history = history
        self.as_of = as_of
        self.day = day_number(as_of)
        self.pupils = students.rows.iloc[positions].reset_index(drop=True)
        self.row_of = np.full(len(history.ids), -1, dtype=np.int64)
        self.row_of[students.pupil[positions]] = np.arange(len(positions))
        self.school = history.schools.get_indexer(pd.Index(self.pupils["school_code"]))
        self.class_ = history.classes.get_indexer(pd.Index(self.pupils["class_id"]))

    def __len__(self) -> int:
        return len(self.pupils)

    @property
    def grade(self) -> np.ndarray:
        """Grade of each pupil, shape (n,), NaN when unknown."""
        return self.pupils["grade"].to_numpy(dtype="float64", na_value=np.nan)

    def keeps(self, name: str) -> bool:
        """Whether any row of the table was known; otherwise a missing row says nothing."""
        return bool((self.history[name].known <= self.day).any())

    def table(self, name: str, *columns: str) -> pd.DataFrame:
        """Rows of a pupils' table in force on the day.

        Returns
        -------
        DataFrame
            ``row`` (position in :attr:`pupils`), ``happened`` (day number) and ``columns``.
        """
        living = self.history[name]
        positions = living.in_force(self.day)
        row = self.row_of[living.pupil[positions]]
        positions, row = positions[row >= 0], row[row >= 0]
        frame = living.rows[list(columns)].iloc[positions].reset_index(drop=True)
        return frame.assign(row=row, happened=living.day[positions])

    def count(self, row: np.ndarray | pd.Series) -> np.ndarray:
        """How often each pupil's row occurs in ``row``, shape (n,), float64."""
        return np.bincount(np.asarray(row, dtype=np.int64), minlength=len(self)).astype(np.float64)
