"""Who can be on the list of a day, and why the others cannot."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.profiles import Profile, load_profile
from kongchuo_risk.domain.records import Records
from kongchuo_risk.features.attendance import attendance_features
from kongchuo_risk.features.known import History, View
from kongchuo_risk.features.schooldays import SchoolDays
from kongchuo_risk.features.standing import ABSENT_TOO_LONG, ENROLLED, standing

DEFAULT_PROFILE = "国家2024"


def exclusions(stands: np.ndarray, unexcused_run: np.ndarray, profile: Profile) -> np.ndarray:
    """Why each pupil cannot be on the list; empty text for the cohort.

    Parameters
    ----------
    stands : object array of shape (n,)
        Standing of each pupil.
    unexcused_run : float array of shape (n,)
        Unexcused school days in a row up to the day; NaN when unknown.
    """
    too_long = unexcused_run >= profile.outcome.suspect_after_days
    return np.where((stands == ENROLLED) & too_long, ABSENT_TOO_LONG, stands)


def cohort(records: Records, as_of: date, profile: Profile | None = None) -> pd.DataFrame:
    """Every pupil known on the day, and whether he or she can be on its list.

    Returns
    -------
    DataFrame indexed by ``student_id``
        ``included`` (bool) and ``exclusion``: the Chinese reason, empty for included pupils.
    """
    history = History(records)
    view = View(history, as_of)
    stands = standing(view)
    attendance = attendance_features(view, SchoolDays(history), stands == ENROLLED)
    rules = profile or load_profile(DEFAULT_PROFILE)
    why = exclusions(stands, attendance["unexcused_run"], rules)
    index = pd.Index(view.pupils["student_id"], name="student_id")
    return pd.DataFrame({"included": why == ENROLLED, "exclusion": why}, index=index)
