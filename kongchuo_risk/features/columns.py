"""All features of all pupils as of one day, as a frame in the order of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.features import Feature, FeatureCatalogue, load_features
from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.domain.records import Records
from kongchuo_risk.features.attendance import attendance_features
from kongchuo_risk.features.background import aid_features, guardian_features, roster_features
from kongchuo_risk.features.conduct import (
    behaviour_features,
    observation_features,
    visit_features,
)
from kongchuo_risk.features.known import History, View
from kongchuo_risk.features.marks import marks_features
from kongchuo_risk.features.schooldays import SchoolDays
from kongchuo_risk.features.standing import ENROLLED, moves, standing
from kongchuo_risk.features.surroundings import peer_features, registration_features


@dataclass(frozen=True)
class DayFeatures:
    """One day: the view, every pupil's standing, and every column."""

    view: View
    standing: np.ndarray
    columns: dict[str, np.ndarray | pd.Series]


def features_of_day(history: History, days: SchoolDays, as_of: date) -> DayFeatures:
    """Every feature of every pupil known on the day."""
    view = View(history, as_of)
    said = moves(view)
    stands = standing(view, said)
    enrolled = stands == ENROLLED
    columns: dict[str, np.ndarray | pd.Series] = {
        **attendance_features(view, days, enrolled),
        **marks_features(view),
        **observation_features(view),
        **behaviour_features(view),
        **visit_features(view),
        **roster_features(view),
        **guardian_features(view),
        **aid_features(view),
        **peer_features(view, said, enrolled),
        **registration_features(view),
    }
    return DayFeatures(view, stands, columns)


def as_frame(
    columns: dict[str, np.ndarray | pd.Series], catalogue: FeatureCatalogue
) -> pd.DataFrame:
    """The catalogue's columns in its order; RangeIndex."""
    return pd.DataFrame({f.id: _typed(columns[f.id], f) for f in catalogue.features})


def _typed(values: np.ndarray | pd.Series, feature: Feature) -> np.ndarray | pd.Categorical[Any]:
    """Numbers as float64, categories with the codes of the feature's list."""
    if feature.kind != "category":
        return np.asarray(values, dtype=np.float64)
    codes = list(load_schema().codes[str(feature.codes)].values)
    return pd.Categorical(pd.Series(values), categories=codes)


def features_as_of(
    records: Records, as_of: date, catalogue: FeatureCatalogue | None = None
) -> pd.DataFrame:
    """Features of every pupil known on the day.

    Parameters
    ----------
    records
        Contract tables; rows known after ``as_of`` change nothing.
    as_of
        The end of this day.
    catalogue
        Which columns, in which order; the packaged catalogue by default.

    Returns
    -------
    DataFrame of shape (n_pupils, n_features)
        Indexed by ``student_id``; numbers float64 with NaN for unknown, categories as
        ``category``.
    """
    history = History(records)
    day = features_of_day(history, SchoolDays(history), as_of)
    frame = as_frame(day.columns, catalogue or load_features())
    return frame.set_index(pd.Index(day.view.pupils["student_id"], name="student_id"))
