"""The feature matrix: cohort pupils as of days, their columns, their place, their outcome."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.features import FeatureCatalogue, load_features
from kongchuo_risk.contracts.profiles import Profile
from kongchuo_risk.domain.calendar import term_of
from kongchuo_risk.domain.matrix import FeatureMatrix, concatenate
from kongchuo_risk.domain.progress import Progress, silent
from kongchuo_risk.domain.records import Records
from kongchuo_risk.features.cohort import exclusions
from kongchuo_risk.features.columns import DayFeatures, as_frame, features_of_day
from kongchuo_risk.features.known import History
from kongchuo_risk.features.outcome import outcome_of_day
from kongchuo_risk.features.schooldays import SchoolDays
from kongchuo_risk.features.standing import ENROLLED

AUDIT_COLUMNS = (
    "sex", "ethnicity", "hukou_type", "left_behind", "poverty_type", "disability_type", "boarding",
    "migrant_child",
)  # fmt: skip
"""Roster columns by which a model is audited."""


def build_matrix(
    records: Records,
    days: Sequence[date],
    *,
    profile: Profile,
    catalogue: FeatureCatalogue | None = None,
    audit_columns: Sequence[str] = AUDIT_COLUMNS,
    with_outcome: bool = True,
    progress: Progress = silent,
) -> FeatureMatrix:
    """Features of the cohort on each day, one row per pupil and day.

    Parameters
    ----------
    records
        Contract tables.
    days
        Days to look at, each as things were known in its evening.
    profile
        County rules of cohort and outcome.
    catalogue
        Columns and their order; the packaged catalogue by default.
    audit_columns
        Roster columns to keep beside the features.
    with_outcome
        Whether to look ahead for ``y``; without it ``y`` is ``None``.
    progress
        Called after each day with the number of days done and the number of all days.

    Returns
    -------
    FeatureMatrix
        Rows in the order of ``days``, then of ``student_id``.
    """
    wanted = catalogue or load_features()
    history = History(records)
    school_days = SchoolDays(history)
    parts = []
    for done, as_of in enumerate(days, start=1):
        day = features_of_day(history, school_days, as_of)
        found = outcome_of_day(day.view, school_days, profile) if with_outcome else None
        parts.append(_matrix_of_day(day, found, profile, wanted, audit_columns))
        progress(done, len(days), "计算特征")
    return concatenate(parts)


def _matrix_of_day(
    day: DayFeatures,
    found: pd.DataFrame | None,
    profile: Profile,
    catalogue: FeatureCatalogue,
    audit_columns: Sequence[str],
) -> FeatureMatrix:
    run = np.asarray(day.columns["unexcused_run"])
    keep = np.flatnonzero(exclusions(day.standing, run, profile) == ENROLLED)
    rows = _rows(day, audit_columns).iloc[keep].reset_index(drop=True)
    X = as_frame(day.columns, catalogue).iloc[keep].reset_index(drop=True)
    if found is None:
        return FeatureMatrix(X, rows)
    known = found.iloc[keep].reset_index(drop=True)
    rows["event_on"], rows["outcome_known_on"] = known["event_on"], known["known_on"]
    rows["treated"] = known["treated"]
    return FeatureMatrix(X, rows, known["y"].to_numpy())


def _rows(day: DayFeatures, audit_columns: Sequence[str]) -> pd.DataFrame:
    pupils = day.view.pupils
    rows = pd.DataFrame(
        {
            "student_id": pupils["student_id"].astype("str"),
            "as_of": pd.Timestamp(day.view.as_of),
            "term": term_of(day.view.as_of),
            "school_code": pupils["school_code"].astype("str"),
            "class_id": pupils["class_id"].astype("str"),
            "grade": pupils["grade"].astype("Int64"),
            "event_on": pd.NaT,
            "outcome_known_on": pd.NaT,
            "treated": False,
        }
    )
    return rows.assign(**{name: _plain(pupils[name]) for name in audit_columns})


def _plain(values: pd.Series) -> pd.Series:
    return values.astype("str") if isinstance(values.dtype, pd.CategoricalDtype) else values
