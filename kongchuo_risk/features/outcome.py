"""What became of each pupil within the horizon: suspected or dropped out, stayed, or not known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.profiles import Profile
from kongchuo_risk.domain.calendar import next_term, term_bounds, term_of
from kongchuo_risk.domain.records import Records
from kongchuo_risk.features.codes import NOT_REPORTED
from kongchuo_risk.features.kernels import first_reached
from kongchuo_risk.features.known import NEVER, History, View, day_number, to_timestamps
from kongchuo_risk.features.register import build_register, every_day_grid, school_of_class
from kongchuo_risk.features.schooldays import SchoolDays
from kongchuo_risk.features.standing import DROPPED_OUT, ENROLLED, WITH_PAPERS, moves, standing

EVER = NEVER - 1
"""Day number by which everything is known that will ever be known."""
RUN_IN_DAYS = 120
"""Calendar days before the day in which a run that is still open may have begun."""
COVERAGE_SLACK_DAYS = 7
"""A school's records cover a window when they reach into its last week."""
FINAL_GRADES = (9, 12)
_UNKNOWN = -1


@dataclass(frozen=True)
class Window:
    """Days after ``start`` until ``end`` in which an outcome counts.

    Attributes
    ----------
    start : int
        Day number of the day of the list.
    reopening : int
        First day of the next term on which any school taught; :data:`NEVER` when not known.
    end : int array of shape (n,)
        Last day of each pupil's window; :data:`NEVER` when it is not known.
    """

    start: int
    reopening: int
    end: np.ndarray

    @property
    def last(self) -> int:
        """Last day of the longest window, or of the next term when no end is known."""
        known = self.end[self.end < NEVER]
        return int(known.max(initial=self.start))


def outcome(records: Records, as_of: date, profile: Profile) -> pd.DataFrame:
    """What became of every pupil known on the day.

    A pupil counts (1) who within the horizon was away without leave on
    ``suspect_after_days`` school days in a row, was not back when the next term began, or was
    put down as 退学, 流失 or 下落不明. NaN: left with papers before that, was gone already, or the
    records end first. The horizon ends ``weeks_into_next_term`` weeks into the next term; for the
    final grade in spring, with the term.

    Returns
    -------
    DataFrame indexed by ``student_id``
        ``y`` (1, 0 or NaN), ``event_on``, ``known_on`` (when the outcome could be known) and
        ``treated`` (a measure was delivered before the outcome or the end).
    """
    history = History(records)
    return outcome_of_day(View(history, as_of), SchoolDays(history), profile)


def outcome_of_day(view: View, days: SchoolDays, profile: Profile) -> pd.DataFrame:
    """:func:`outcome` for a view that is there already."""
    window = _window(view, days, profile)
    later = View(view.history, date(1970, 1, 1) + timedelta(days=window.last))
    codes, column_day, start = _register(view, later, days, window)
    threshold = max(1, round(2 * profile.outcome.suspect_after_days))
    session, already = first_reached(codes, threshold, start)
    event = np.where(session >= 0, column_day[session // 2], NEVER)
    if profile.outcome.not_reported_is_suspected:
        event = np.minimum(event, _not_reported_on(codes, column_day, window))
        event = np.minimum(event, _vanished_on(view, later, window))
    dropped, papers, gone = _moves_within(view, later, window)
    event = np.minimum(event, dropped)
    event = np.where(event <= window.end, event, NEVER)
    covered = _covered(view, later, days, window)
    y = np.where(event < NEVER, 1.0, np.where(covered, 0.0, np.nan))
    y[(papers <= np.minimum(event, window.end)) | already | gone] = np.nan
    return _frame(view, days, window, y, event)


def _window(view: View, days: SchoolDays, profile: Profile) -> Window:
    term = term_of(view.as_of)
    coming = _taught_days(view, days, next_term(term))
    reopening = int(coming[0]) if len(coming) else NEVER
    # Day number 4 was a Monday; a window of no weeks ends before the week of reopening.
    monday = reopening - (reopening - 4) % 7
    weeks = profile.outcome.weeks_into_next_term
    end = np.full(len(view), monday + 7 * weeks - 1 if reopening < NEVER else NEVER)
    this_term = _taught_days(view, days, term)
    leaving = np.isin(view.grade, FINAL_GRADES) & term.endswith("2")
    end[leaving] = this_term[-1] if len(this_term) else NEVER
    return Window(view.day, reopening, end)
