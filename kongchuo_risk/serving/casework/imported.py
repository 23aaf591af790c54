"""Imported attendance as class sheets, so that detection reads it like what the desk enters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from threading import Lock
from typing import Any

import pandas as pd

from kongchuo_risk.domain.attendance import ABSENT, UNEXPLAINED, Absence, ClassSheet
from kongchuo_risk.domain.calendar import SESSIONS
from kongchuo_risk.serving.casework.roll import Roll, tables_state
from kongchuo_risk.tables import load_records
from kongchuo_risk.workspace import Workspace

Moment = tuple[date, str]
_TOLD = ABSENT | {"late", "left_early"}
"""Kinds that say whether a pupil was there; the others are noted and say nothing."""
EARLIER = timedelta(days=30)
"""So much more is kept: a sheet of last week that is entered today needs no other reading."""


class ImportedSheets:
    """Sheets of the imported tables, read once per state of them and beginning of the time.

    A session is one whose sheet was imported, or in which somebody of the class is missing without
    explanation: the roll was evidently called.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._state: object = None
        self._first = date.max
        self._lock = Lock()
        self._absences: Mapping[str, pd.DataFrame] = {}
        self._taken: Mapping[str, pd.DataFrame] = {}
        self._made: dict[str, dict[Moment, ClassSheet]] = {}

    def of_class(self, roll: Roll, class_id: str, first: date, last: date) -> list[ClassSheet]:
        """Sheets of a class from ``first`` to ``last``, in no order."""
        with self._lock:
            self._refresh(roll, first)
            if class_id not in self._made:
                self._made[class_id] = self._sheets(roll, class_id)
            made = self._made[class_id]
        return [sheet for (day, _), sheet in made.items() if first <= day <= last]

    def _refresh(self, roll: Roll, first: date) -> None:
        state = tables_state(self._workspace)
        if state == self._state and first >= self._first:
            return
        records = load_records(self._workspace, ("attendance", "class_sheets"))
        since = pd.Timestamp(first - EARLIER)
        told = records["attendance"]
        told = told[(told["day"] >= since) & told["kind"].isin(_TOLD)]
        # Of two kinds in one session the one counts that became known last.
        told = told.sort_values("known_on", kind="stable").drop_duplicates(
            ["student_id", "day", "session"], keep="last"
        )
        class_of = told["student_id"].astype("str").map(roll.everybody["class_id"])
        taken = records["class_sheets"]
        taken = taken[taken["day"] >= since]
        self._absences = _by_class(told, class_of)
        self._taken = _by_class(taken, taken["class_id"])
        self._made, self._state, self._first = {}, state, first - EARLIER

    def _sheets(self, roll: Roll, class_id: str) -> dict[Moment, ClassSheet]:
        missing: dict[Moment, list[Absence]] = defaultdict(list)
        for student_id, day, session, kind, reason in _rows(
            self._absences.get(class_id), "student_id", "day", "session", "kind", "reason"
        ):
            known_reason = reason if isinstance(reason, str) else None
            missing[day.date(), session].append(Absence(student_id, kind, known_reason))
        expected = {
            (day.date(), session): number
            for day, session, number in _rows(
                self._taken.get(class_id), "day", "session", "enrolled"
            )
        }
        called = [at for at, absences in missing.items() if _anybody_unexplained(absences)]
        size = len(roll.classes.get(class_id, ()))
        school = roll.school_of_class.get(class_id, "")
        return {
            (day, session): ClassSheet(
                school, class_id, day, session,
                _number(expected.get((day, session)), max(size, len(missing[day, session]))),
                tuple(missing[day, session]),
            )
            for day, session in {*expected, *called}
            if session in SESSIONS
        }  # fmt: skip


def _by_class(rows: pd.DataFrame, class_of: pd.Series) -> dict[str, pd.DataFrame]:
    groups = rows.groupby(class_of.astype("str").to_numpy(), sort=False)
    return {str(class_id): group for class_id, group in groups}


def _rows(table: pd.DataFrame | None, *columns: str) -> Iterator[tuple[Any, ...]]:
    if table is not None:
        yield from zip(*(table[name] for name in columns), strict=True)


def _anybody_unexplained(absences: list[Absence]) -> bool:
    return any(absence.kind in UNEXPLAINED for absence in absences)


def _number(given: Any, otherwise: int) -> int:
    return otherwise if given is None or pd.isna(given) else int(given)
