"""Rows that an indicator counts: one per pupil, class or task, with its place and n of N."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from kongchuo_risk.reports.ledgers.window import Pupil, Window

PLACE = ["school_code", "class_id", "stage"]


def counted(rows: pd.DataFrame, n: pd.Series | bool, *, of: int = 1) -> pd.DataFrame:
    """``school_code, class_id, stage, n, N`` of some rows.

    Parameters
    ----------
    rows
        With the columns of :data:`PLACE`.
    n
        Whether each row counts in the numerator.
    of
        What each row counts in the denominator.
    """
    table = rows[PLACE].reset_index(drop=True)
    hit = n if isinstance(n, bool) else n.to_numpy(dtype=bool)
    return table.assign(n=pd.Series(hit, index=table.index).astype("int64"), N=of)


def among(rows: pd.DataFrame, pupils: Collection[Pupil]) -> pd.Series:
    """Whether each row's school and pupil (``student_id``, or the index) are in ``pupils``."""
    ids = rows.get("student_id", rows.index)
    pairs = zip(rows["school_code"], ids, strict=True)
    return pd.Series([pair in pupils for pair in pairs], index=rows.index, dtype=bool)


def classes_of(window: Window) -> pd.DataFrame:
    """Classes with pupils on the roll of the day: :data:`PLACE`, one row each.

    A class's stage is that of its pupils; of several the first by code point, so that it is always
    the same.
    """
    roll = window.moves.closing
    return roll[PLACE].sort_values(PLACE).drop_duplicates(PLACE[:2]).reset_index(drop=True)
