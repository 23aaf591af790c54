"""Loops over pupils × half-days; each reads like the definition of what it counts."""

from __future__ import annotations

import numpy as np
from numba import njit

from kongchuo_risk.features.codes import (
    FIRST_ABSENT,
    FIRST_UNEXCUSED,
    N_CODES,
    PRESENT,
    SICK,
    UNKNOWN,
)


@njit(cache=True)
def mass_absences(
    codes: np.ndarray, school: np.ndarray, counted: np.ndarray, n_schools: int
) -> tuple[np.ndarray, np.ndarray]:
    """Pupils absent in at least one session, by school and day.

    Parameters
    ----------
    codes : uint8 array of shape (n_pupils, 2 * n_days)
    school : int array of shape (n_pupils,)
    counted : bool array of shape (n_pupils,)
        Pupils who are expected at school.

    Returns
    -------
    int array of shape (n_schools, n_days), int array of shape (n_schools,)
        Absent pupils and all pupils.
    """
    n_days = codes.shape[1] // 2
    absent = np.zeros((n_schools, n_days), np.int64)
    pupils = np.zeros(n_schools, np.int64)
    for row in range(codes.shape[0]):
        if not counted[row] or school[row] < 0:
            continue
        pupils[school[row]] += 1
        for day in range(n_days):
            if codes[row, 2 * day] >= FIRST_ABSENT or codes[row, 2 * day + 1] >= FIRST_ABSENT:
                absent[school[row], day] += 1
    return absent, pupils


@njit(cache=True)
def settle(
    codes: np.ndarray,
    school: np.ndarray,
    class_: np.ndarray,
    taken: np.ndarray,
    excused_day: np.ndarray,
) -> None:
    """Complete the register in place: present where a sheet was taken, unknown on excused days.

    Parameters
    ----------
    codes : uint8 array of shape (n_pupils, 2 * n_days)
        Exceptions; zero where there is none.
    school, class_ : int arrays of shape (n_pupils,)
    taken : bool array of shape (n_classes, 2 * n_days)
        Whether the class sheet of the session was taken.
    excused_day : bool array of shape (n_schools, n_days)
    """
    for row in range(codes.shape[0]):
        sheet = class_[row]
        for session in range(codes.shape[1]):
            if school[row] >= 0 and excused_day[school[row], session // 2]:
                codes[row, session] = UNKNOWN
            elif codes[row, session] == UNKNOWN and sheet >= 0 and taken[sheet, session]:
                codes[row, session] = PRESENT


@njit(cache=True)
def window_counts(codes: np.ndarray, windows: np.ndarray) -> np.ndarray:
    """Half-days of each code within the last days, for windows of growing length.

    Parameters
    ----------
    codes : uint8 array of shape (n_pupils, 2 * n_days)
        Newest day last.
    windows : int array of shape (n_windows,)
        School days, growing, none above ``n_days``.

    Returns
    -------
    int16 array of shape (n_windows, n_codes, n_pupils)

    Examples
    --------
    >>> codes = np.array([[7, 7, 1, 7]], dtype=np.uint8)
    >>> window_counts(codes, np.array([1, 2]))[:, 7, 0]
    array([1, 3], dtype=int16)
    """
    n_pupils, n_sessions = codes.shape
    counts = np.zeros((len(windows), N_CODES, n_pupils), np.int16)
    for row in range(n_pupils):
        running = np.zeros(N_CODES, np.int16)
        session = n_sessions
        for window in range(len(windows)):
            while session > n_sessions - 2 * windows[window]:
                session -= 1
                running[codes[row, session]] += 1
            counts[window, :, row] = running
    return counts


@njit(cache=True)
def unexcused_runs(codes: np.ndarray) -> np.ndarray:
    """Runs of half-days without leave; unknown half-days neither lengthen nor break a run.

    Returns
    -------
    int16 array of shape (4, n_pupils)
        Unexcused half-days in a row up to the last one known, the longest such run, the number of
        such runs, and half-days in a row of any absence up to the last one known.

    Examples
    --------
    >>> unexcused_runs(np.array([[7, 7, 1, 4, 0, 6]], dtype=np.uint8)).T
    array([[1, 2, 2, 2]], dtype=int16)
    """
    runs = np.zeros((4, codes.shape[0]), np.int16)
    for row in range(codes.shape[0]):
        current, longest, spells, away = 0, 0, 0, 0
        for session in range(codes.shape[1]):
            code = codes[row, session]
            if code == UNKNOWN:
                continue
            away = away + 1 if code >= FIRST_ABSENT else 0
            current = current + 1 if code >= FIRST_UNEXCUSED else 0
            spells += current == 1
            longest = max(longest, current)
        runs[0, row], runs[1, row], runs[2, row], runs[3, row] = current, longest, spells, away
    return runs


@njit(cache=True)
def last_seen(codes: np.ndarray) -> np.ndarray:
    """Day (column // 2) on which each pupil was last at school; -1 for none, shape (n_pupils,)."""
    seen = np.full(codes.shape[0], -1, np.int64)
    for row in range(codes.shape[0]):
        for session in range(codes.shape[1] - 1, -1, -1):
            if PRESENT <= codes[row, session] < SICK:
                seen[row] = session // 2
                break
    return seen


@njit(cache=True)
def absences_on(codes: np.ndarray, school: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Absent half-days of each pupil on the chosen days of the school, shape (n_pupils,).

    ``chosen`` is a bool array of shape (n_schools, n_days).
    """
    count = np.zeros(codes.shape[0], np.int64)
    for row in range(codes.shape[0]):
        for session in range(codes.shape[1]):
            if codes[row, session] >= FIRST_ABSENT and school[row] >= 0:
                count[row] += chosen[school[row], session // 2]
    return count


@njit(cache=True)
def first_reached(codes: np.ndarray, length: int, start: int) -> tuple[np.ndarray, np.ndarray]:
    """First session from ``start`` on at which an unexcused run reaches ``length`` half-days.

    Returns
    -------
    int array of shape (n_pupils,), bool array of shape (n_pupils,)
        Session, -1 for none; and whether the run had reached the length just before ``start``.

    Examples
    --------
    >>> session, already = first_reached(np.array([[7, 7, 7, 7]], dtype=np.uint8), 3, 2)
    >>> session, already
    (array([2]), array([False]))
    """
    reached = np.full(codes.shape[0], -1, np.int64)
    already = np.zeros(codes.shape[0], np.bool_)
    for row in range(codes.shape[0]):
        run = 0
        for session in range(codes.shape[1]):
            if session == start:
                already[row] = run >= length
            code = codes[row, session]
            if code != UNKNOWN:
                run = run + 1 if code >= FIRST_UNEXCUSED else 0
            if session >= start and run == length and code >= FIRST_UNEXCUSED:
                reached[row] = session
                break
    return reached, already
