"""Small random records with everything that goes wrong in schools: gaps, corrections, ties."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.tables import Table, load_schema
from kongchuo_risk.domain.records import Records
from tests.builders import records, table, weekdays

FIRST_DAY = date(2024, 9, 2)
SCHOOL_DAYS = weekdays(FIRST_DAY, 95)
SCHOOL_OF_CLASS = {"C1": "S1", "C2": "S1", "C3": "S2"}
_TERMS = ("2023-2024-2", "2024-2025-1", "2024-2025-2")
_BIRTHS = [date(2010, month, 1) for month in range(1, 13)] + [None]


def random_records(seed: int, *, n_pupils: int = 24) -> Records:
    """Records of two schools over one term; which tables are kept depends on the seed."""
    rng = np.random.default_rng(seed)
    ids = [f"p{number:02d}" for number in range(n_pupils)]
    made = {
        "students": _roster(rng, ids),
        "attendance": _attendance(rng, ids),
        "scores": _facts(rng, "scores", ids, 200),
        "guardians": _facts(rng, "guardians", ids, 30),
        "registration_changes": _facts(rng, "registration_changes", ids, 12),
        "aid": _facts(rng, "aid", ids, 30),
        "observations": _facts(rng, "observations", ids, 60),
        "behaviour": _facts(rng, "behaviour", ids, 40),
        "visits": _facts(rng, "visits", ids, 30),
        "exams": _exams(rng),
    }
    if rng.random() < 0.7:
        made["class_sheets"] = _sheets(rng)
    if rng.random() < 0.7:
        made["calendar"] = _calendar(rng)
    return records(**made)


def _roster(rng: np.random.Generator, ids: list[str]) -> pd.DataFrame:
    """A row per pupil in autumn, and later rows for some: other class, other status."""
    rows = [_roster_row(rng, one, date(2024, 9, 1)) for one in ids]
    changed = [FIRST_DAY + timedelta(days=int(number)) for number in rng.integers(1, 130, 8)]
    rows += [
        _roster_row(rng, one, day) for one, day in zip(rng.choice(ids, 8), changed, strict=True)
    ]
    return _unique(table("students", rows), "students")


def _roster_row(rng: np.random.Generator, student_id: str, known_on: date) -> dict[str, Any]:
    class_id = str(rng.choice(list(SCHOOL_OF_CLASS)))
    row = _random_row(rng, load_schema().tables["students"])
    return row | {
        "student_id": student_id, "known_on": known_on, "class_id": class_id,
        "school_code": SCHOOL_OF_CLASS[class_id], "grade": int(rng.integers(7, 10)),
        "birth_date": _BIRTHS[rng.integers(len(_BIRTHS))],
        "status": rng.choice(["01", "01", "01", "01", "02", "06"]),
        "placement": rng.choice([None, "regular", "regular", "home"]),
        "talents": rng.choice([None, "篮球"]),
    }  # fmt: skip


def _attendance(rng: np.random.Generator, ids: list[str]) -> pd.DataFrame:
    """Exceptions with two or three versions of one half-day, and one day when many are away."""
    kinds = list(load_schema().codes["attendance_kind"].values)
    away = set(rng.choice(ids, 16))
    storm = SCHOOL_DAYS[int(rng.integers(10, 80))]
    rows = [
        {"student_id": one, "day": storm, "session": "AM", "kind": "sick"} for one in sorted(away)
    ]
    for _ in range(350):
        day = SCHOOL_DAYS[int(rng.integers(len(SCHOOL_DAYS)))]
        day += timedelta(days=int(rng.choice([0, 0, 0, 1])))
        rows.append(
            {
                "student_id": str(rng.choice(ids[:8] if rng.random() < 0.6 else ids)),
                "day": day,
                "session": str(rng.choice(["AM", "PM"])),
                "kind": str(rng.choice(["unexcused", "unexcused", *kinds])),
                "known_on": day + timedelta(days=int(rng.choice([0, 0, 0, 2, 30]))),
            }
        )
    return _unique(table("attendance", rows), "attendance")


def _sheets(rng: np.random.Generator) -> pd.DataFrame:
    classes = list(SCHOOL_OF_CLASS)[: int(rng.integers(1, 4))]
    rows = [
        {
            "class_id": class_id, "day": day, "session": part,
            "known_on": day + timedelta(days=int(rng.choice([0, 0, 9]))),
        }
        for class_id in classes for day in SCHOOL_DAYS for part in ("AM", "PM")
        if rng.random() < 0.9
    ]  # fmt: skip
    return table("class_sheets", rows)


def _calendar(rng: np.random.Generator) -> pd.DataFrame:
    """Every day of the term, some closed, some closed or open for one school alone."""
    rows = []
    for day in (FIRST_DAY + timedelta(days=number) for number in range(140)):
        weekend = day.weekday() >= 5
        kind = "holiday" if weekend or rng.random() < 0.05 else "school"
        rows.append({"term": _TERMS[1], "day": day, "day_type": kind})
        if rng.random() < 0.05:
            own = {"school_code": "S1", "day_type": str(rng.choice(["closed", "makeup"]))}
            rows.append({"term": _TERMS[1], "day": day, **own})
    return table("calendar", rows)


def _exams(rng: np.random.Generator) -> pd.DataFrame:
    """Five exams, two of them on one day, some shared by the schools."""
    days = [SCHOOL_DAYS[place] for place in (10, 30, 30, 55, 80)]
    rows = [
        {
            "exam_id": f"E{number}", "term": _TERMS[1], "exam_type": "monthly", "day": day,
            "school_code": None if rng.random() < 0.5 else "S1",
            "known_on": day + timedelta(days=int(rng.integers(0, 10))),
        }
        for number, day in enumerate(days)
    ]  # fmt: skip
    return table("exams", rows)


def _facts(rng: np.random.Generator, name: str, ids: list[str], number: int) -> pd.DataFrame:
    """Random rows of a pupils' table, about a tenth of them corrected later."""
    contract = load_schema().tables[name]
    rows = []
    for _ in range(number):
        row = _random_row(rng, contract) | {"student_id": str(rng.choice(ids))}
        rows.append(row)
        if rng.random() < 0.1:
            key = {column: row[column] for column in contract.stored_key if column in row}
            late = row["known_on"] + timedelta(days=int(rng.integers(1, 20)))
            rows.append(_random_row(rng, contract) | key | {"known_on": late})
    return _unique(table(name, rows), name)


def _random_row(rng: np.random.Generator, contract: Table) -> dict[str, Any]:
    happened = FIRST_DAY + timedelta(days=int(rng.integers(-30, 140)))
    row: dict[str, Any] = {"known_on": happened + timedelta(days=int(rng.choice([0, 0, 3, 40])))}
    for field in contract.fields:
        if field.name not in contract.stored_columns or field.name == "known_on":
            continue
        if field.name in ("day", "applied_on"):
            row[field.name] = happened
        elif field.required or rng.random() < 0.7:
            row[field.name] = _random_value(rng, field.name, field.type, field.codes)
    return row


def _random_value(rng: np.random.Generator, name: str, kind: str, codes: str | None) -> Any:
    special = {
        "exam_id": lambda: f"E{rng.integers(5)}",
        "subject": lambda: str(rng.choice(["chinese", "maths", "english", "total"])),
        "score": lambda: float(rng.choice([20, 45, 60, 75, 75, 90])),
        "full_score": lambda: float(rng.choice([100, 120])),
        "absent": lambda: bool(rng.random() < 0.15),
        "term": lambda: str(rng.choice(_TERMS)),
        "seat": lambda: int(rng.integers(1, 3)),
        "paid_on": lambda: FIRST_DAY + timedelta(days=int(rng.integers(0, 200))),
    }
    if name in special:
        return special[name]()
    if codes is not None:
        return str(rng.choice(list(load_schema().codes[codes].values)))
    plain = {
        "integer": lambda: int(rng.integers(0, 4)),
        "number": lambda: float(rng.integers(0, 20)) / 2,
        "boolean": lambda: bool(rng.random() < 0.5),
        "date": lambda: FIRST_DAY,
    }
    return plain[kind]() if kind in plain else f"x{rng.integers(3)}"


def _unique(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """One row per key and day of knowledge, as an import leaves it."""
    key = [*load_schema().tables[name].stored_key, "known_on"]
    return rows.drop_duplicates(list(dict.fromkeys(key)), ignore_index=True)
