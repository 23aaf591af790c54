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
from kongchuo_risk.features.known import (
    NEVER,
    History,
    View,
    day_number,
    day_numbers,
    to_timestamps,
)
from kongchuo_risk.features.register import build_register, every_day_grid, school_of_class
from kongchuo_risk.features.schooldays import SchoolDays
from kongchuo_risk.features.standing import DROPPED_OUT, ENROLLED, LEFT_WITH_PAPERS, moves, standing

EVER = NEVER - 1
"""Day number by which everything is known that will ever be known."""
RUN_IN_DAYS = 120
"""Calendar days before the day in which a run that is still open may have begun."""
COVERAGE_SLACK_DAYS = 7
"""A school's records cover a window when they reach into its last week."""
FINAL_GRADES = (9, 12)
ROSTER_LEAD_DAYS = 30
"""The roster of a term may be dated this many days before its first school day."""


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
        """Last day of any pupil's window; where no end is known, a school year ahead."""
        return int(np.where(self.end < NEVER, self.end, self.start + 365).max(initial=self.start))


def outcome(records: Records, as_of: date, profile: Profile) -> pd.DataFrame:
    """What became of every pupil known on the day.

    A pupil counts (1) who within the horizon was away without leave on
    ``suspect_after_days`` school days in a row, was not back when the next term began, or was
    put down as 退学, 流失 or 下落不明. NaN: left with papers before that, was gone already, the
    records end first, or no roll was called in which the pupil would have been missed. The horizon
    ends ``weeks_into_next_term`` weeks into the next term; for the final grade in spring, with the
    term.

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
    enrolled = standing(view) == ENROLLED
    later = View(view.history, date(1970, 1, 1) + timedelta(days=window.last))
    said = moves(later)
    expected = (enrolled, standing(later, said) == ENROLLED)
    codes, column_day, start = _register(view, later, days, window, expected)
    threshold = max(1, round(2 * profile.outcome.suspect_after_days))
    session, already = first_reached(codes, threshold, start)
    event = np.where(session >= 0, column_day[session // 2], NEVER)
    vanished, goes_on = _left_out_next_term(view, later, window, enrolled)
    if profile.outcome.not_reported_is_suspected:
        event = np.minimum(event, _not_reported_on(codes, column_day, window))
        event = np.minimum(event, np.where(vanished, window.end, NEVER))
    dropped, papers, gone = _moves_within(view, later, said, window)
    event = np.minimum(event, dropped)
    event = np.where(event <= window.end, event, NEVER)
    called = (codes[:, start:] > 0).any(axis=1)
    known = _covered(view, later, days, window) & called & ~vanished & ~goes_on
    y = np.where(event < NEVER, 1.0, np.where(known, 0.0, np.nan))
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
    leaving = np.isin(view.grade, FINAL_GRADES) & term.endswith("2")
    end[leaving] = _term_end(view, days, term, reopening)
    return Window(view.day, reopening, end)


def _term_end(view: View, days: SchoolDays, term: str, reopening: int) -> int:
    """Last taught day of the term; :data:`NEVER` while it may still be going on."""
    taught = _taught_days(view, days, term)
    if not len(taught):
        return NEVER
    last = int(taught[-1])
    over = reopening < NEVER or days.calendar.day.max(initial=last) > last + COVERAGE_SLACK_DAYS
    return last if over else NEVER


def _taught_days(view: View, days: SchoolDays, term: str) -> np.ndarray:
    """Days of the term on which any school taught, as known in the end."""
    first, last = (day_number(bound) for bound in term_bounds(term))
    taught = days.taught(first, last, known_by=EVER, school_of_class=school_of_class(view))
    return first + np.flatnonzero(taught.any(axis=0))


def _register(
    view: View,
    later: View,
    days: SchoolDays,
    window: Window,
    expected: tuple[np.ndarray, np.ndarray],
) -> tuple[np.ndarray, np.ndarray, int]:
    """Half-days around the window, with the class of each half of it.

    Returns
    -------
    uint8 array of shape (n, n_sessions), int array of shape (n_sessions // 2,), int
        Codes, day number of each column day, and the first session after the day of the list.
    """
    turn = min(window.reopening, window.last + 1)
    before, before_days = _span(view, days, window.start - RUN_IN_DAYS, turn - 1, expected[0])
    after, after_days = _span(later, days, turn, window.last, expected[1])
    row = later.row_of[view.history.ids.get_indexer(pd.Index(view.pupils["student_id"]))]
    codes = np.hstack([before, after[row]])
    column_day = np.concatenate([before_days, after_days])
    return codes, column_day, 2 * int(np.searchsorted(column_day, window.start, side="right"))


def _span(
    view: View, days: SchoolDays, first: int, last: int, enrolled: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Register of the days from ``first`` to ``last`` and the day number of each column day."""
    if last < first:
        return np.zeros((len(view), 0), dtype=np.uint8), np.zeros(0, dtype=np.int64)
    taught = days.taught(first, last, known_by=EVER, school_of_class=school_of_class(view))
    grid = every_day_grid(taught, first)
    register = build_register(view, days, grid, known_by=EVER, enrolled=enrolled)
    return register.codes, first + np.flatnonzero(taught.any(axis=0))


def _not_reported_on(codes: np.ndarray, column_day: np.ndarray, window: Window) -> np.ndarray:
    """First day of the next term on which the pupil is put down as not reported."""
    start = 2 * int(np.searchsorted(column_day, window.reopening))
    away = codes[:, start:] == NOT_REPORTED
    if not away.shape[1]:
        return np.full(len(codes), NEVER)
    return np.where(away.any(axis=1), column_day[(start + away.argmax(axis=1)) // 2], NEVER)


def _left_out_next_term(
    view: View, later: View, window: Window, enrolled: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Pupils whom no roster of the next term names although their school delivered one.

    A roster counts as delivered when half of the school's pupils are named again. The top grade
    of a school goes on elsewhere, perhaps to a school that we do not see: of those nothing can be
    said, and they stand in the second mask.
    """
    again = _named_since(view, later, window.reopening)
    n_schools = len(view.history.schools)
    pupils = np.bincount(view.school[enrolled], minlength=n_schools)
    named = np.bincount(view.school[enrolled], again[enrolled], minlength=n_schools)
    delivered = named >= pupils / 2
    beyond = (window.end < NEVER) & (window.end >= window.reopening)
    missing = ~again & beyond & (delivered[view.school] | _top_grade(view))
    return missing & ~_top_grade(view), missing & _top_grade(view)


def _named_since(view: View, later: View, day: int) -> np.ndarray:
    """Whether a roster row of each pupil became known from ``day`` on."""
    position = view.history.ids.get_indexer(pd.Index(view.pupils["student_id"]))
    known = day_numbers(later.pupils["known_on"])[later.row_of[position]]
    return np.asarray(known >= day - ROSTER_LEAD_DAYS)


def _top_grade(view: View) -> np.ndarray:
    top = np.full(len(view.history.schools), -1.0)
    np.maximum.at(top, view.school, np.nan_to_num(view.grade))
    return np.asarray(view.grade >= top[view.school])


def _moves_within(
    view: View, later: View, said: pd.DataFrame, window: Window
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First day after the list on which each pupil dropped out, and left with papers.

    The third array marks pupils who had dropped out by the day of the list although nobody knew.
    """
    ids = pd.Index(later.pupils["student_id"])
    new = said[said["known"] > window.start]
    row = pd.Index(view.pupils["student_id"]).get_indexer(ids[new["row"].to_numpy()])
    new, row = new[row >= 0], row[row >= 0]
    on, left = new["on"].to_numpy(), (new["standing"] == DROPPED_OUT).to_numpy()
    first = np.full((2, len(view)), NEVER)
    ahead = on > window.start
    np.minimum.at(first[0], row[left & ahead], on[left & ahead])
    papers = new["standing"].isin(LEFT_WITH_PAPERS).to_numpy()
    np.minimum.at(first[1], row[papers], np.maximum(on[papers], window.start + 1))
    gone = np.zeros(len(view), dtype=bool)
    gone[row[left & ~ahead]] = True
    return first[0], first[1], gone


def _covered(view: View, later: View, days: SchoolDays, window: Window) -> np.ndarray:
    """Whether the records of each pupil's school reach into the last week of the window."""
    last = np.full(len(view.history.schools) + 1, -1)
    sheets = days.sheets
    np.maximum.at(last, school_of_class(later)[sheets.who], sheets.day)
    exceptions = days.attendance
    row = later.row_of[exceptions.who]
    np.maximum.at(last, later.school[row[row >= 0]], exceptions.day[row >= 0])
    position = view.history.ids.get_indexer(pd.Index(view.pupils["student_id"]))
    school = later.school[later.row_of[position]]
    reach = np.where(window.end < NEVER, window.end - COVERAGE_SLACK_DAYS, NEVER)
    return np.asarray(last[school] >= reach)


def _frame(
    view: View, days: SchoolDays, window: Window, y: np.ndarray, event: np.ndarray
) -> pd.DataFrame:
    event = np.where(y == 1, event, NEVER)
    known = np.where(y == 1, _registered_on(view, days, event), window.end)
    known = np.where(np.isnan(y), NEVER, known)
    ids = pd.Index(view.pupils["student_id"], name="student_id")
    frame = pd.DataFrame({"y": y}, index=ids)
    frame["event_on"] = to_timestamps(event).to_numpy()
    frame["known_on"] = to_timestamps(known).to_numpy()
    frame["treated"] = _treated(view, window, event)
    return frame


def _registered_on(view: View, days: SchoolDays, event: np.ndarray) -> np.ndarray:
    """Day on which the absences that make the event had become known."""
    log = days.attendance.span(view.day - RUN_IN_DAYS, EVER, EVER)
    row = view.row_of[log.who]
    log_known, day, row = log.known[row >= 0], log.day[row >= 0], row[row >= 0]
    part = day <= event[row]
    known = np.where(event < NEVER, event, 0)
    np.maximum.at(known, row[part], log_known[part])
    return known


def _treated(view: View, window: Window, event: np.ndarray) -> np.ndarray:
    """Whether a measure was begun after the list and before the outcome or the end."""
    measures = view.history["measures_delivered"]
    row = view.row_of[measures.pupil]
    begun, row = measures.day[row >= 0], row[row >= 0]
    until = np.where(event < NEVER, event - 1, np.minimum(window.end, window.last))
    treated = np.zeros(len(view), dtype=bool)
    treated[row[(begun > window.start) & (begun <= until[row])]] = True
    return treated
