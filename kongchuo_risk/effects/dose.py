"""How much of each measure was delivered."""

from __future__ import annotations

import pandas as pd

from kongchuo_risk.domain.effect import Dose


def dose_table(delivered: pd.DataFrame) -> tuple[Dose, ...]:
    """Pupils, deliveries, sessions and dates of every measure, the widest spread first.

    Parameters
    ----------
    delivered : DataFrame
        ``student_id, measure, started_on, sessions`` (missing where not recorded).

    Examples
    --------
    >>> day = pd.Timestamp(2025, 9, 8)
    >>> rows = pd.DataFrame({"student_id": ["a", "a", "b"], "measure": "家访", "started_on": day,
    ...                      "sessions": [2, 3, None]})
    >>> dose = dose_table(rows)[0]
    >>> dose.pupils, dose.deliveries, dose.sessions, dose.median_sessions
    (2, 3, 5, 5.0)
    """
    found = [_dose(str(name), rows) for name, rows in delivered.groupby("measure", observed=True)]
    return tuple(sorted(found, key=lambda dose: (-dose.pupils, dose.measure)))


def _dose(measure: str, rows: pd.DataFrame) -> Dose:
    sessions = pd.to_numeric(rows["sessions"]).astype("Float64")
    by_pupil = sessions.groupby(rows["student_id"].astype("str")).sum(min_count=1).dropna()
    return Dose(
        measure=measure,
        pupils=int(rows["student_id"].nunique()),
        deliveries=len(rows),
        sessions=int(sessions.sum()),
        median_sessions=float(by_pupil.median()) if len(by_pupil) else None,
        first=rows["started_on"].min().date(),
        last=rows["started_on"].max().date(),
    )
