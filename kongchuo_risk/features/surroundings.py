"""同伴 and 变动: the class, who left it, and how the pupil came to be in it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kongchuo_risk.domain.calendar import school_year_start, term_bounds, term_of
from kongchuo_risk.features.conduct import YEAR_DAYS
from kongchuo_risk.features.groups import spread_out
from kongchuo_risk.features.known import View, day_number
from kongchuo_risk.features.standing import DROPPED_OUT


def peer_features(view: View, moves: pd.DataFrame, enrolled: np.ndarray) -> dict[str, np.ndarray]:
    """The class's size and who of the class and the school dropped out, each of shape (n,).

    Parameters
    ----------
    moves : DataFrame
        :func:`kongchuo_risk.features.standing.moves` of the view.
    enrolled : bool array of shape (n,)
    """
    left = moves[moves["standing"] == DROPPED_OUT]
    last_year = _left_since(view, left, view.day - YEAR_DAYS)
    this_term = _left_since(view, left, day_number(term_bounds(term_of(view.as_of))[0]) - 1)
    size = _sum_by(enrolled, view.class_)
    school_size = _sum_by(enrolled, view.school)
    with np.errstate(invalid="ignore", divide="ignore"):
        school_share = 1000 * _others(last_year, view.school) / school_size
    return {
        "class_size": np.where(size > 0, size, np.nan),
        "class_left_year": _others(last_year, view.class_),
        "class_left_term": _others(this_term, view.class_),
        "school_left_per_1000_year": np.where(school_size > 0, school_share, np.nan),
    }


def _left_since(view: View, left: pd.DataFrame, after: int) -> np.ndarray:
    return view.count(left.loc[left["on"] > after, "row"].unique()) > 0


def _sum_by(flags: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Number of true ``flags`` in each row's group, NaN for rows without group."""
    member = group >= 0
    size = int(group.max(initial=-1)) + 1
    return spread_out(np.bincount(group[member], flags[member], minlength=size), group)


def _others(flags: np.ndarray, group: np.ndarray) -> np.ndarray:
    """:func:`_sum_by` without the row itself."""
    return _sum_by(flags, group) - flags


def registration_features(view: View) -> dict[str, np.ndarray]:
    """Moves between classes, schools and grades, age, and time in this school; shape (n,)."""
    changes = view.table("registration_changes", "change_type")
    kind, row = changes["change_type"].astype("str").to_numpy(), changes["row"].to_numpy()
    age = view.day - changes["happened"].to_numpy()
    returned = kind == "12"
    columns = {
        "class_changes": view.count(row[kind == "29"]),
        "school_changes": view.count(row[np.isin(kind, ["21", "22"])]),
        "suspensions": view.count(row[kind == "11"]),
        "returned_within_year": (view.count(row[returned & (age < YEAR_DAYS)]) > 0) * 1.0,
        "repeats_on_record": view.count(row[kind == "02"]),
    }
    kept = view.keeps("registration_changes")
    columns = {name: np.where(kept, value, np.nan) for name, value in columns.items()}
    return columns | {"over_age": _over_age(view), "grade": view.grade}


def _over_age(view: View) -> np.ndarray:
    """Age on 1 September over the usual age of the grade, in years.

    The usual pupil of grade g turns g + 5 between 1 September of the year before and 31 August
    (义务教育法 第十一条). The roster keeps year and month of birth, so a month counts as completed
    only when it is over: who is born in September has not had the birthday on 1 September.
    """
    born = view.pupils["birth_date"]
    start = school_year_start(view.as_of)
    months = (start.year - born.dt.year) * 12 + (start.month - born.dt.month) - 1
    years = np.floor(months.to_numpy(dtype="float64", na_value=np.nan) / 12)
    return np.asarray(years - (view.grade + 5))
