"""Features of a county as of one day: the array kernels beside plain pandas, in one run."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.features import load_features
from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.domain.records import Records
from kongchuo_risk.features import features_as_of
from tests.builders import table
from tests.oracle.everything import oracle

AS_OF = date(2024, 11, 30)
SCHOOL_DAYS = 50
CLASS_SIZE = 45
CLASSES_PER_SCHOOL = 20
EXCEPTION_SHARE = 0.07
EXAMS = 2
SUBJECTS = ("chinese", "maths", "english")
ROUNDS = 3
_KINDS = ("unexcused", "sick", "personal", "late", "left_early")
_KIND_SHARE = (0.15, 0.35, 0.15, 0.30, 0.05)


def run(quick: bool) -> list[dict[str, Any]]:
    """All features for 100,000 pupils (quick: 5,000) with 100 half-days each."""
    pupils = 5_000 if quick else 100_000
    records = county(pupils, seed=1)
    _compile()
    ours, theirs, mine, other = _interleaved(
        lambda: features_as_of(records, AS_OF), lambda: oracle(records, AS_OF)
    )
    _require_equal(mine, other)
    return [
        {
            "name": "features_as_of",
            "ours": ours,
            "theirs": theirs,
            "ratio": theirs / ours,
            "unit": f"s for {len(load_features().ids)} features (theirs: plain pandas)",
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "rows": pupils * SCHOOL_DAYS * 2,
        }
    ]


def county(pupils: int, *, seed: int) -> Records:
    """A synthetic county in memory: roster, sheets, exceptions of half-days, two exams."""
    rng = np.random.default_rng(seed)
    class_of = np.arange(pupils) // CLASS_SIZE
    tables = {name: table(name) for name in load_schema().tables}
    tables["students"] = _roster(rng, class_of)
    days = pd.bdate_range(end=AS_OF, periods=SCHOOL_DAYS).as_unit("us")
    tables["calendar"] = _full("calendar", {"day": days, "day_type": "school"})
    tables["class_sheets"] = _sheets(int(class_of[-1]) + 1, days)
    tables["attendance"] = _exceptions(rng, pupils, days)
    tables["exams"], tables["scores"] = _marks(rng, pupils, days)
    return Records(tables)


def _full(name: str, columns: dict[str, Any]) -> pd.DataFrame:
    """``columns`` with all other columns of the contract missing and known on the day."""
    empty = table(name)
    frame = pd.DataFrame(columns)
    known = frame["day"] if "day" in frame else pd.Timestamp(AS_OF).replace(month=9, day=1)
    frame = frame.assign(known_on=frame.get("known_on", known)).reindex(columns=empty.columns)
    return frame.astype(empty.dtypes.to_dict())


def _ids(prefix: str, numbers: np.ndarray) -> pd.Series:
    """Ids such as ``p000001``, made once per distinct number."""
    names = pd.Series([f"{prefix}{n:06d}" for n in range(int(numbers.max()) + 1)], dtype="str")
    return names.take(numbers).reset_index(drop=True)


def _roster(rng: np.random.Generator, class_of: np.ndarray) -> pd.DataFrame:
    pupils = len(class_of)
    return _full(
        "students",
        {
            "student_id": _ids("p", np.arange(pupils)),
            "class_id": _ids("c", class_of),
            "school_code": _ids("s", class_of // CLASSES_PER_SCHOOL),
            "grade": 7 + class_of % 3,
            "birth_date": pd.Timestamp("2011-05-01").as_unit("us"),
            "left_behind": rng.choice(["0", "1", "2"], pupils),
            "boarding": rng.choice(["1", "2"], pupils),
            "poverty_type": rng.choice(["none", "dibao"], pupils),
            "school_distance_km": rng.gamma(2.0, 1.5, pupils),
            "status": "01",
        },
    )


def _sheets(classes: int, days: pd.DatetimeIndex) -> pd.DataFrame:
    class_, half_day = np.divmod(np.arange(classes * SCHOOL_DAYS * 2), SCHOOL_DAYS * 2)
    day, session = np.divmod(half_day, 2)
    sessions = np.array(["AM", "PM"])[session]
    columns = {"class_id": _ids("c", class_), "day": days[day], "session": sessions}
    return _full("class_sheets", columns)


def _exceptions(rng: np.random.Generator, pupils: int, days: pd.DatetimeIndex) -> pd.DataFrame:
    chosen = np.flatnonzero(rng.random(pupils * SCHOOL_DAYS * 2) < EXCEPTION_SHARE)
    pupil, half_day = np.divmod(chosen, SCHOOL_DAYS * 2)
    columns = {
        "student_id": _ids("p", pupil),
        "day": days[half_day // 2],
        "session": np.array(["AM", "PM"])[half_day % 2],
        "kind": rng.choice(_KINDS, len(chosen), p=_KIND_SHARE),
    }
    return _full("attendance", columns)


def _marks(
    rng: np.random.Generator, pupils: int, days: pd.DatetimeIndex
) -> tuple[pd.DataFrame, pd.DataFrame]:
    exams = pd.DataFrame({"exam_id": [f"E{n}" for n in range(EXAMS)], "day": days[[15, 40]]})
    paper, pupil = np.divmod(np.arange(EXAMS * len(SUBJECTS) * pupils), pupils)
    exam, subject = np.divmod(paper, len(SUBJECTS))
    columns = {
        "student_id": _ids("p", pupil),
        "exam_id": exams["exam_id"].take(exam).to_numpy(),
        "subject": np.array(SUBJECTS)[subject],
        "score": rng.normal(70, 15, len(pupil)).round(1),
    }
    filled = {**exams, "exam_name": "exam", "grade": 8}
    return _full("exams", filled), _full("scores", columns)


def _compile() -> None:
    """Compile (or load) the kernels on a tiny county, outside of the clock."""
    features_as_of(county(2 * CLASS_SIZE, seed=0), AS_OF)


def _interleaved(
    first: Callable[[], pd.DataFrame], second: Callable[[], pd.DataFrame]
) -> tuple[float, float, pd.DataFrame, pd.DataFrame]:
    """Median seconds of both, called in turns, and what they last returned."""
    taken: tuple[list[float], list[float]] = ([], [])
    results = [pd.DataFrame(), pd.DataFrame()]
    for _ in range(ROUNDS):
        for place, call in enumerate((first, second)):
            start = time.perf_counter()
            results[place] = call()
            taken[place].append(time.perf_counter() - start)
    return statistics.median(taken[0]), statistics.median(taken[1]), results[0], results[1]


def _require_equal(mine: pd.DataFrame, other: pd.DataFrame) -> None:
    numbers = list(mine.select_dtypes("float64"))
    if not np.allclose(mine[numbers], other[numbers].astype("float64"), equal_nan=True):
        raise AssertionError("the kernels and plain pandas disagree")
