"""Seven prediction tasks on public records: who leaves, under protocols published beforehand.

UCI 697 (Realinho et al. 2022) at three moments, OULAD (Kuzilek, Hlosta & Zdrahal 2017) on three
days, forward in time, and PROGRESA (1997–1999), forward in time. Every model sees the same columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import RepeatedStratifiedKFold

from benchmarks._oulad_table import CATEGORIES, COLUMNS, features_at
from kongchuo_risk.ingestion.adapters.oulad import read_oulad

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
"""Where the public records lie beside the checkout; they are never part of it."""
OULAD_DAYS = (28, 56, 112)
FRESH_DAYS = (14, 84)
"""Days on which nothing was looked at while the classifier was built."""
_UCI_CODES = [
    "Marital status", "Application mode", "Course", "Previous qualification", "Nacionality",
    "Mother's qualification", "Father's qualification", "Mother's occupation",
    "Father's occupation",
]  # fmt: skip


@dataclass(frozen=True)
class Task:
    """One table, its splits, and what is drawn for an interval.

    Attributes
    ----------
    X : DataFrame of shape (n_rows, n_columns)
        Numbers as float64, codes as ``category``.
    y : int array of shape (n_rows,)
    splits : tuple of (train positions, test positions)
    unit : array of shape (n_rows,)
        Rows of one unit are drawn together: a pupil, a student, a village.
    fresh : bool
        Whether the task was left alone while the classifier was built.
    """

    name: str
    X: pd.DataFrame
    y: np.ndarray
    splits: tuple[tuple[np.ndarray, np.ndarray], ...]
    unit: np.ndarray
    fresh: bool = False


def real_tasks(*, repeats: int = 5) -> Iterator[Task]:
    """The tasks whose data lie beside the checkout."""
    if (DATA / "uci697").is_dir():
        yield from uci_tasks(repeats=repeats)
    if (DATA / "oulad").is_dir():
        yield from oulad_tasks()
    if (DATA / "progresa").is_dir():
        yield progresa_task()


def uci_tasks(*, repeats: int = 5) -> Iterator[Task]:
    """Dropout against the rest: on enrolment, after the first and after the second semester."""
    table = pd.read_csv(DATA / "uci697" / "data.csv", encoding="utf-8-sig")
    table.columns = table.columns.str.strip()
    y = (table.pop("Target") == "Dropout").to_numpy().astype(int)
    X = table.astype(float).astype(dict.fromkeys(_UCI_CODES, "category"))
    folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=repeats, random_state=42)
    splits = tuple(folds.split(X, y))
    second = [name for name in X if "2nd sem" in name]
    first = [name for name in X if "1st sem" in name]
    unit = np.arange(len(X))
    yield Task("UCI enrolment", X.drop(columns=[*first, *second]), y, splits, unit)
    yield Task("UCI semester 1", X.drop(columns=second), y, splits, unit)
    yield Task("UCI all", X, y, splits, unit)


def oulad_tasks() -> Iterator[Task]:
    """Withdrawal after a day, learned on the presentations of 2013 and tested on those of 2014."""
    tables = read_oulad(DATA / "oulad")
    for day in (*OULAD_DAYS, *FRESH_DAYS):
        table = features_at(tables, day)
        X = table[COLUMNS].astype(dict.fromkeys(CATEGORIES, "category"))
        X = X.astype({name: float for name in X if name not in CATEGORIES})
        year = table["year"].to_numpy()
        split = np.flatnonzero(year == 2013), np.flatnonzero(year == 2014)
        unit = table["id_student"].to_numpy()
        y, fresh = table["withdrawn"].to_numpy(), day in FRESH_DAYS
        yield Task(f"OULAD day {day}", X, y, (split,), unit, fresh)


def progresa_task() -> Task:
    """Not enrolled next year, of those enrolled: learned on 1997→98, tested on 1998→99."""
    panel = pd.read_stata(DATA / "progresa" / "progresa.dta", convert_categoricals=False)
    panel["lang"] = panel["lang"].astype(float)
    pairs = _with_next_year(panel)
    numbers = ["age", "sex", "lang", "yycali", "z", "ageHH", "sexHH", "eduHH", "pov_HH", "D_assig"]
    X = pairs[numbers].astype(float).assign(state=pairs["entidad"].astype("category"))
    year = pairs["year"].to_numpy()
    split = np.flatnonzero(year == 1997), np.flatnonzero(year == 1998)
    return Task("PROGRESA", X, pairs["left"].to_numpy(), (split,), pairs["villid"].to_numpy())


def _with_next_year(panel: pd.DataFrame) -> pd.DataFrame:
    """Children enrolled in a year of whom the next year is known, and whether they had left."""
    after = panel[["iid", "year", "enroll_child"]].assign(year=panel["year"] - 1)
    pairs = panel.merge(after, on=["iid", "year"], suffixes=("", "_after"))
    known = (pairs["enroll_child"] == 1) & pairs["enroll_child_after"].notna()
    return pairs[known].assign(left=lambda rows: (rows["enroll_child_after"] == 0).astype(int))
