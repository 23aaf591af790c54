"""出勤: absences by kind, runs, weekdays, and the pupil beside the class."""

from __future__ import annotations

import numpy as np

from kongchuo_risk.features import codes
from kongchuo_risk.features.groups import group_mean, standardised
from kongchuo_risk.features.kernels import absences_on, last_seen, unexcused_runs, window_counts
from kongchuo_risk.features.known import View
from kongchuo_risk.features.register import (
    Grid,
    Register,
    build_register,
    last_days_grid,
    school_of_class,
)
from kongchuo_risk.features.schooldays import SchoolDays

WINDOWS = np.array([5, 10, 20, 60])
"""School days."""
LOOK_BACK_DAYS = 240
"""Calendar days in which 60 school days always lie, the summer included."""
_KINDS = {
    "unexcused": (codes.NOT_REPORTED, codes.UNEXCUSED),
    "sick": (codes.SICK,),
    "personal": (codes.PERSONAL,),
    "late": (codes.LATE,),
    "left_early": (codes.LEFT_EARLY,),
}


def attendance_features(
    view: View, days: SchoolDays, enrolled: np.ndarray
) -> dict[str, np.ndarray]:
    """Attendance columns of every pupil known on the day, each of shape (n,)."""
    first = view.day - LOOK_BACK_DAYS
    taught = days.taught(first, view.day, known_by=view.day, school_of_class=school_of_class(view))
    grid = last_days_grid(taught, first, int(WINDOWS[-1]))
    register = build_register(view, days, grid, known_by=view.day, enrolled=enrolled)
    counts = window_counts(register.codes, WINDOWS).astype(np.float64)
    columns = _counts_by_kind(counts)
    columns |= _trends(counts)
    columns |= _runs(register)
    columns |= _habits(view, register, counts, grid)
    columns |= _beside_the_class(view, columns, enrolled)
    columns["recorded_share_20"] = np.where(
        register.has_sheets, _recorded(counts[2]) / _sessions_held(view, grid, 20), np.nan
    )
    return columns


def _recorded(window: np.ndarray) -> np.ndarray:
    """Half-days of which something is known; ``window`` has shape (n_codes, n)."""
    return np.asarray(window[codes.PRESENT :].sum(axis=0))


def _counts_by_kind(counts: np.ndarray) -> dict[str, np.ndarray]:
    columns = {}
    for position, length in enumerate(WINDOWS):
        unknown = _recorded(counts[position]) == 0
        for kind, members in _KINDS.items():
            number = sum(counts[position, member] for member in members)
            columns[f"{kind}_{length}"] = np.where(unknown, np.nan, number)
        absent = counts[position, codes.FIRST_ABSENT :].sum(axis=0)
        columns[f"absent_{length}"] = np.where(unknown, np.nan, absent)
    return columns


def _trends(counts: np.ndarray) -> dict[str, np.ndarray]:
    """Share of the recorded half-days of the last 20 days less that of the 40 days before."""
    recent, before = counts[2], counts[3] - counts[2]
    starts = {"unexcused_trend": codes.FIRST_UNEXCUSED, "absent_trend": codes.FIRST_ABSENT}
    return {name: _rate(recent, start) - _rate(before, start) for name, start in starts.items()}


def _rate(window: np.ndarray, first_code: int) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return np.asarray(window[first_code:].sum(axis=0) / _recorded(window))


def _runs(register: Register) -> dict[str, np.ndarray]:
    current, longest, spells, away = unexcused_runs(register.codes).astype(np.float64)
    seen = last_seen(register.codes)
    width = register.codes.shape[1] // 2
    columns = {
        "unexcused_run": current / 2,
        "longest_unexcused_run_60": longest / 2,
        "unexcused_spells_60": spells,
        "absent_run": away / 2,
        "days_since_seen": np.where(seen >= 0, width - 1.0 - seen, float(width)),
    }
    unknown = ~register.codes.any(axis=1)
    return {name: np.where(unknown, np.nan, values) for name, values in columns.items()}


def _habits(
    view: View, register: Register, counts: np.ndarray, grid: Grid
) -> dict[str, np.ndarray]:
    """Share of the absences of 60 days that fell on a Monday or a Friday; of lateness, in 60."""
    weekday = (np.arange(grid.first, grid.last + 1) + 3) % 7
    edge = np.zeros((len(grid.column), grid.width), dtype=bool)
    school, day = np.nonzero(grid.column >= 0)
    edge[school, grid.column[school, day]] = np.isin(weekday[day], (0, 4))
    absent = counts[3, codes.FIRST_ABSENT :].sum(axis=0)
    with np.errstate(invalid="ignore"):
        share = absences_on(register.codes, view.school, edge) / absent
        late_share = counts[3, codes.LATE] / counts[3, codes.PRESENT : codes.SICK].sum(axis=0)
    return {"monday_friday_share_60": share, "late_share_60": late_share}


def _beside_the_class(
    view: View, columns: dict[str, np.ndarray], enrolled: np.ndarray
) -> dict[str, np.ndarray]:
    unexcused, absent = columns["unexcused_20"], columns["absent_20"]
    mean = group_mean(unexcused, view.class_, enrolled)
    class_absent = group_mean(absent, view.class_, enrolled)
    return {
        "unexcused_above_class_20": unexcused - mean,
        "unexcused_class_z_60": standardised(
            columns["unexcused_60"], view.class_, enrolled, alike=0.0
        ),
        "absent_above_class_20": absent - class_absent,
        "class_unexcused_20": mean,
        "class_absent_20": class_absent,
    }


def _sessions_held(view: View, grid: Grid, days: int) -> np.ndarray:
    """Half-days that each pupil's school taught in the last ``days`` school days, NaN for none."""
    held = (grid.column >= grid.width - days).sum(axis=1) * 2.0
    found = np.where(view.school >= 0, held[view.school], 0.0)
    return np.where(found > 0, found, np.nan)
