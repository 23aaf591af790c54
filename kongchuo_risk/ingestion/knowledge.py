"""From which day on the school knew a row, and whether the row says anything new."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.tables import Table
from kongchuo_risk.domain.calendar import term_bounds
from kongchuo_risk.ingestion.keyindex import KeyIndex, row_hashes
from kongchuo_risk.ingestion.roster import Roster
from kongchuo_risk.tables.columns import FIRST_DAY, VERSIONED_TABLES
from kongchuo_risk.tables.manifest import StoredFile, read_manifest
from kongchuo_risk.tables.reading import read_files
from kongchuo_risk.tables.writing import row_terms
from kongchuo_risk.workspace import Workspace

EXISTING, DUPLICATE, CONFLICT, NEW = range(4)
"""What becomes of a stored row; of a 全天 row the higher of its two halves counts."""
_REGISTERED = "01"


def days_known(table: Table, rows: pd.DataFrame, roster: Roster, today: pd.Timestamp) -> pd.Series:
    """The day on which each row became known, by the contract's ``known_from``.

    A day that the sheet gives comes first. Aid without an application day counts from its
    payment, without one from the end of its term: later than the truth, never earlier.
    """
    given = rows["known_on"] if "known_on" in rows else pd.Series(pd.NaT, index=rows.index)
    start = table.known_from
    if start == "first_day":
        base = pd.Series(FIRST_DAY, index=rows.index)
    elif start == "term":
        base = _term_days(rows["term"], end=False)
    elif start == "exam":
        base = rows["exam_id"].astype(object).map(roster.exam_known_on)
    elif start == "known_on":
        base = _first_version_days(table, rows, roster, today)
    else:
        base = rows[start]
        if table.name == "aid":
            base = base.fillna(rows["paid_on"]).fillna(_term_days(rows["term"], end=True))
    return given.astype("datetime64[us]").fillna(base.astype("datetime64[us]"))


def _term_days(terms: pd.Series, *, end: bool) -> pd.Series:
    days = {term: pd.Timestamp(term_bounds(term)[int(end)]) for term in terms.astype(str).unique()}
    return terms.astype(object).map(days).astype("datetime64[us]")


def _first_version_days(
    table: Table, rows: pd.DataFrame, roster: Roster, today: pd.Timestamp
) -> pd.Series:
    """A pupil's first facts hold from the month of enrolment, a family's from the pupil's.

    A status other than 在读 came later than enrolment, so such a row is known from today.
    """
    if table.name == "guardians":
        days = rows["student_id"].astype(object).map(roster.first_known)
    else:
        month = rows["enrol_month"].astype("str")
        days = pd.to_datetime(month + "01", format="%Y%m%d", errors="coerce")
        usual = rows["status"].isna() | rows["status"].eq(_REGISTERED)
        known = rows["student_id"].astype(object).isin(roster.first_known.keys())
        days = days.where(usual & ~known)
    days = days.astype("datetime64[us]").fillna(today)
    return days.where(days <= today, today)


@dataclass
class Memory:
    """What is stored of one table, and what this batch added: tells new rows from old ones."""

    workspace: Workspace
    table: Table
    stored: KeyIndex = field(default_factory=KeyIndex)
    added: KeyIndex = field(default_factory=KeyIndex)
    versions: KeyIndex = field(default_factory=KeyIndex)
    """Of versioned tables the last facts of each pupil or family member."""
    _loaded: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._facts = [name for name in self.table.stored_columns if name != "known_on"]
        self._entity = [name for name in self.table.stored_key if name != "known_on"]
        self._local = {"day", "term"} & set(self.table.stored_key)

    def _load(self, terms: pd.Series) -> None:
        """Take in the stored rows that could have the keys of these terms."""
        for file in read_manifest(self.workspace).files(self.table.name):
            term = file.path.split("/", 1)[0]
            near = not self._local or term in set(terms.cat.categories)
            if near and file.path not in self._loaded:
                self._loaded.add(file.path)
                self._remember(file)

    def _remember(self, file: StoredFile) -> None:
        rows = read_files(self.workspace, [file], self.table).sort_values("known_on", kind="stable")
        self.stored.add(row_hashes(rows, self.table.stored_key), row_hashes(rows, self._facts))
        if self.table.name in VERSIONED_TABLES:
            self.versions.add(row_hashes(rows, self._entity), row_hashes(rows, self._facts))

    def judge(
        self, rows: pd.DataFrame, given: np.ndarray, today: pd.Timestamp
    ) -> tuple[np.ndarray, np.ndarray]:
        """Status of every row, and which rows correct a stored one.

        Parameters
        ----------
        rows
            With ``known_on``; rows that correct a stored key and name no day become known
            ``today``, in place.
        given
            Mask of the rows whose sheet names that day.

        Returns
        -------
        status : int array of shape (n_rows,)
            :data:`EXISTING`, :data:`DUPLICATE`, :data:`CONFLICT` or :data:`NEW`.
        corrects : bool array of shape (n_rows,)
        """
        self._load(row_terms(self.table, rows))
        facts = row_hashes(rows, self._facts)
        repeats = self._date_versions(rows, facts, given, today)
        keys = row_hashes(rows, self.table.stored_key)
        was_stored, stored = self.stored.find(keys)
        was_added, added = self.added.find(keys)
        first_here = ~pd.Series(keys).duplicated().to_numpy()
        added = np.where(was_added, added, _first_of_each(keys, facts))
        again = was_added | ~first_here
        corrects = was_stored & (stored != facts) & ~again
        status = np.select(
            [again & (added == facts), again, repeats | (was_stored & (stored == facts))],
            [DUPLICATE, CONFLICT, EXISTING], NEW,
        )  # fmt: skip
        if self.table.known_from != "first_day":  # schools and staff have no history
            rows["known_on"] = rows["known_on"].mask(corrects & ~given, today)
        self._add(rows, keys, facts, status)
        return status, corrects & (status == NEW)

    def _date_versions(
        self, rows: pd.DataFrame, facts: np.ndarray, given: np.ndarray, today: pd.Timestamp
    ) -> np.ndarray:
        """Undated facts of a known pupil: the same are no news, others hold from today."""
        if self.table.name not in VERSIONED_TABLES:
            return np.zeros(len(rows), dtype=bool)
        known, last = self.versions.find(row_hashes(rows, self._entity))
        same = known & ~given & (last == facts)
        rows["known_on"] = rows["known_on"].mask(known & ~given & ~same, today)
        return np.asarray(same)

    def _add(
        self, rows: pd.DataFrame, keys: np.ndarray, facts: np.ndarray, status: np.ndarray
    ) -> None:
        fresh = np.isin(status, (NEW, EXISTING))
        self.added.add(keys[fresh], facts[fresh])
        if self.table.name in VERSIONED_TABLES:
            order = np.argsort(rows["known_on"].to_numpy()[fresh], kind="stable")
            entity = row_hashes(rows, self._entity)[fresh]
            self.versions.add(entity[order], facts[fresh][order])


def _first_of_each(keys: np.ndarray, facts: np.ndarray) -> np.ndarray:
    """Of every row the facts of the first row with its key."""
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    return np.asarray(facts[first][inverse])
