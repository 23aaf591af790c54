"""On which days each school taught: the calendar, else the sheets, else the records themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from kongchuo_risk.domain.calendar import TEACHING_DAYS, term_of
from kongchuo_risk.features.codes import CODE_OF_KIND
from kongchuo_risk.features.known import (
    History,
    combined_codes,
    day_numbers,
    replacement_days,
)

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class DayLog:
    """Rows of one kind sorted by day, so that a span of days is a slice.

    ``who`` is a pupil's or a class's position, ``session`` 0 for AM and 1 for PM.
    """

    who: np.ndarray
    day: np.ndarray
    session: np.ndarray
    code: np.ndarray
    known: np.ndarray
    replaced: np.ndarray

    def span(self, first: int, last: int, known_by: int) -> DayLog:
        """Rows with ``first <= day <= last`` in force at the end of the day ``known_by``."""
        start, stop = np.searchsorted(self.day, [first, last + 1])
        part = slice(int(start), int(stop))
        rows = DayLog(*(column[part] for column in self._columns))
        return rows.where((rows.known <= known_by) & (known_by < rows.replaced))

    def where(self, keep: np.ndarray) -> DayLog:
        """Rows chosen by a mask."""
        return DayLog(*(column[keep] for column in self._columns))

    @property
    def _columns(self) -> tuple[np.ndarray, ...]:
        return self.who, self.day, self.session, self.code, self.known, self.replaced


def _day_log(rows: pd.DataFrame, who: np.ndarray, code: np.ndarray) -> DayLog:
    """A log of the half-days in ``rows``; of several versions the last known one counts."""
    day, known = day_numbers(rows["day"]), day_numbers(rows["known_on"])
    session = (rows["session"] == "PM").to_numpy(dtype=np.int64)
    half_day = (who.astype(np.int64) * (1 << 24) + day) * 2 + session
    replaced = replacement_days(half_day, known, -code.astype(np.int64))
    order = np.argsort(day, kind="stable")
    columns = (who, day, session, code, known, replaced)
    return DayLog(*(column[order] for column in columns))


def attendance_log(history: History) -> DayLog:
    """Exceptions that count, one code per half-day."""
    rows = history.records["attendance"]
    pupil = history.ids.get_indexer(pd.Index(rows["student_id"]))
    code = rows["kind"].astype("str").map(CODE_OF_KIND).fillna(0).to_numpy(dtype=np.uint8)
    keep = (pupil >= 0) & (code > 0) & rows["session"].isin(["AM", "PM"]).to_numpy()
    return _day_log(rows[keep], pupil[keep], code[keep])


def sheet_log(history: History) -> DayLog:
    """Class sessions whose sheet was taken."""
    rows = history.records["class_sheets"]
    class_ = history.classes.get_indexer(pd.Index(rows["class_id"]))
    keep = (class_ >= 0) & rows["session"].isin(["AM", "PM"]).to_numpy()
    return _day_log(rows[keep], class_[keep], np.ones(int(keep.sum()), dtype=np.uint8))


@dataclass(frozen=True)
class CalendarLog:
    """Calendar rows; ``school`` is -1 for a row that holds for every school."""

    school: np.ndarray
    day: np.ndarray
    teaching: np.ndarray
    known: np.ndarray
    replaced: np.ndarray


def calendar_log(history: History) -> CalendarLog:
    """The calendar, school by school."""
    rows = history.records["calendar"]
    everywhere = rows["school_code"].isna().to_numpy()
    school = history.schools.get_indexer(pd.Index(rows["school_code"]))
    keep = everywhere | (school >= 0)
    rows, school = rows[keep], np.where(everywhere, -1, school)[keep]
    day, known = day_numbers(rows["day"]), day_numbers(rows["known_on"])
    teaching = rows["day_type"].isin(TEACHING_DAYS).to_numpy()
    replaced = replacement_days(combined_codes([day, school]), known, teaching.astype(np.int64))
    return CalendarLog(school, day, teaching, known, replaced)


class SchoolDays:
    """Which days were taught where, as far as it was known."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.attendance = attendance_log(history)
        self.sheets = sheet_log(history)
        self.calendar = calendar_log(history)

    def taught(
        self, first: int, last: int, *, known_by: int, school_of_class: np.ndarray
    ) -> np.ndarray:
        """Whether each school taught on each day from ``first`` to ``last``.

        A term that the calendar does not name is read from the class sheets; a term without
        sheets from the weekdays on which anybody has a record.

        Returns
        -------
        bool array of shape (n_schools, last - first + 1)
        """
        term = _terms(first, last)
        taught, in_calendar = self._from_calendar(first, last, known_by)
        sheets = self.sheets.span(first, last, known_by)
        school = school_of_class[sheets.who]
        by_sheet = np.zeros_like(taught)
        by_sheet[school[school >= 0], sheets.day[school >= 0] - first] = True
        by_record = np.zeros(taught.shape[1], dtype=bool)
        by_record[self.attendance.span(first, last, known_by).day - first] = True
        # 1970-01-01 was a Thursday.
        by_record &= (np.arange(first, last + 1) + 3) % 7 < 5
        for one in np.unique(term):
            days = term == one
            if in_calendar[days].any():
                continue
            has_sheets = by_sheet[:, days].any()
            taught[:, days] = by_sheet[:, days] if has_sheets else by_record[days]
        return taught

    def _from_calendar(self, first: int, last: int, known_by: int) -> tuple[np.ndarray, np.ndarray]:
        rows = self.calendar
        use = (rows.day >= first) & (rows.day <= last)
        use &= (rows.known <= known_by) & (known_by < rows.replaced)
        school, day, teaching = rows.school[use], rows.day[use] - first, rows.teaching[use]
        taught = np.zeros((len(self.history.schools), last - first + 1), dtype=bool)
        in_calendar = np.zeros(last - first + 1, dtype=bool)
        in_calendar[day] = True
        general = school < 0
        taught[:, day[general]] = teaching[general]
        taught[school[~general], day[~general]] = teaching[~general]
        return taught, in_calendar


def _terms(first: int, last: int) -> np.ndarray:
    """Code of the term of each day, shape (last - first + 1,)."""
    days = (_EPOCH + timedelta(days=number) for number in range(first, last + 1))
    return np.array([term_of(day) for day in days])
