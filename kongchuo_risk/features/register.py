"""The register of a span of school days: pupils × half-days as bytes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kongchuo_risk.features.kernels import mass_absences, settle
from kongchuo_risk.features.known import View
from kongchuo_risk.features.schooldays import DayLog, SchoolDays

MASS_ABSENCE_SHARE = 0.20
"""A school day on which this share of the school is away is a bad day (snow, flu, market) and no
pupil's absence. The seeds ask for excused mass events without a number (evidence.md D5, "mass
events as negatives"); a fifth of a school is some fifty times the usual rate (evidence.md E3)."""
MASS_ABSENCE_PUPILS = 10
"""… and at least so many pupils, so that two pupils of a teaching point are no bad day."""


@dataclass(frozen=True)
class Grid:
    """Where a school's day stands in the register.

    Attributes
    ----------
    first : int
        Day number of the first candidate day.
    column : int array of shape (n_schools, n_candidate_days)
        Column day of the school's day; -1 when the school did not teach or the day is not used.
    width : int
        Number of column days.
    """

    first: int
    column: np.ndarray
    width: int

    @property
    def last(self) -> int:
        """Day number of the last candidate day."""
        return self.first + self.column.shape[1] - 1


def last_days_grid(taught: np.ndarray, first: int, width: int) -> Grid:
    """The last ``width`` taught days of each school; the newest is the last column.

    >>> last_days_grid(np.array([[True, False, True, True]]), 100, 2).column
    array([[-1, -1,  0,  1]])
    """
    age = np.cumsum(taught[:, ::-1], axis=1)[:, ::-1] - 1
    column = np.where(taught & (age < width), width - 1 - age, -1)
    return Grid(first, column, width)


def every_day_grid(taught: np.ndarray, first: int) -> Grid:
    """One column for every day on which any school taught.

    >>> every_day_grid(np.array([[True, False, True], [True, False, False]]), 100).column
    array([[ 0, -1,  1],
           [ 0, -1, -1]])
    """
    anywhere = taught.any(axis=0)
    column = np.where(taught, np.cumsum(anywhere) - 1, -1)
    return Grid(first, column, int(anywhere.sum()))


@dataclass(frozen=True)
class Register:
    """Every pupil's half-days.

    Attributes
    ----------
    codes : uint8 array of shape (n_pupils, 2 * n_days)
        Codes of :mod:`kongchuo_risk.features.codes`, oldest first.
    has_sheets : bool array of shape (n_pupils,)
        Whether the pupil's school keeps class sheets; without them nobody knows what share of
        the sessions was recorded.
    """

    codes: np.ndarray
    has_sheets: np.ndarray


def school_of_class(view: View) -> np.ndarray:
    """School position of every class of the history, -1 for classes without pupils on the day."""
    school = np.full(len(view.history.classes), -1, dtype=np.int64)
    known = view.class_ >= 0
    school[view.class_[known]] = view.school[known]
    return school


def build_register(
    view: View, days: SchoolDays, grid: Grid, *, known_by: int, enrolled: np.ndarray
) -> Register:
    """The register of the pupils of ``view`` on the days of ``grid``.

    Parameters
    ----------
    known_by : int
        Day number; later records are not looked at.
    enrolled : bool array of shape (n_pupils,)
        Pupils who count when a bad day is recognised.
    """
    codes = np.zeros((len(view), 2 * grid.width), dtype=np.uint8)
    exceptions = days.attendance.span(grid.first, grid.last, known_by)
    exceptions = exceptions.where(view.row_of[exceptions.who] >= 0)
    row = view.row_of[exceptions.who]
    used, session = _cells(exceptions, view.school[row], grid)
    codes[row[used], session] = exceptions.code[used]
    taken, keeps_sheets = _taken(view, days, grid, codes, known_by)
    settle(codes, view.school, view.class_, taken, _bad_days(view, codes, enrolled))
    return Register(codes, keeps_sheets[view.school] & (view.school >= 0))


def _cells(log: DayLog, school: np.ndarray, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the log's rows that fall on a used day of ``school``, and their sessions."""
    column = np.where(school < 0, -1, grid.column[school, log.day - grid.first])
    used = np.flatnonzero(column >= 0)
    return used, 2 * column[used] + log.session[used]


def _taken(
    view: View, days: SchoolDays, grid: Grid, codes: np.ndarray, known_by: int
) -> tuple[np.ndarray, np.ndarray]:
    """Sessions whose sheet was taken by class, and whether each school keeps sheets at all.

    In a school without sheets a session counts as taken when anybody has an exception in it: the
    roll was evidently called.
    """
    school = school_of_class(view)
    sheets = days.sheets.span(grid.first, grid.last, known_by)
    used, session = _cells(sheets, school[sheets.who], grid)
    taken = np.zeros((len(school), codes.shape[1]), dtype=bool)
    taken[sheets.who[used], session] = True
    keeps_sheets = np.zeros(len(view.history.schools), dtype=bool)
    keeps_sheets[school[sheets.who[used]]] = True
    called = np.zeros((len(keeps_sheets), codes.shape[1]), dtype=bool)
    for one in np.flatnonzero(~keeps_sheets):
        called[one] = (codes[view.school == one] > 0).any(axis=0)
    without = (school >= 0) & ~keeps_sheets[school]
    taken[without] = called[school[without]]
    return taken, keeps_sheets


def _bad_days(view: View, codes: np.ndarray, enrolled: np.ndarray) -> np.ndarray:
    """Whether so much of the school was away on a day that it is nobody's absence."""
    n_schools = len(view.history.schools)
    absent, pupils = mass_absences(codes, view.school, enrolled, n_schools)
    enough = absent >= MASS_ABSENCE_PUPILS
    return np.asarray(enough & (absent >= MASS_ABSENCE_SHARE * pupils[:, None]))
