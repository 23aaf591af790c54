"""Small schools for the tests of the assignment."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from kongchuo_risk.domain.assignment import Assignment
from kongchuo_risk.domain.risk import Tier
from kongchuo_risk.planning.assignment import assign_mentors
from kongchuo_risk.settings import CapacitySettings
from tests.builders import table

DAY = date(2026, 3, 2)
SETTINGS = CapacitySettings(pupils_per_mentor=2)


def staff_of(*rows: dict[str, Any], school: str = "A") -> pd.DataFrame:
    """Teachers ``T1``, ``T2`` … with one place each, unless a row says otherwise."""
    defaults = {"school_code": school, "roles": "subject", "mentor_capacity": 1}
    return table(
        "staff",
        [{"staff_no": f"T{n}", **defaults, **row} for n, row in enumerate(rows, start=1)],
    )


def classes_of(**homeroom: str | None) -> pd.DataFrame:
    return table(
        "classes",
        [
            {"term": "2025-2026-1", "class_id": class_id, "school_code": "A", "grade": 8,
             "homeroom_staff": teacher}
            for class_id, teacher in homeroom.items()
        ],
    )  # fmt: skip


def pupils_of(*rows: dict[str, Any], school: str = "A") -> pd.DataFrame:
    """Pupils ``p1``, ``p2`` … of class ``C1``, yellow, in the order of their rank."""
    filled = [
        {"student_id": f"p{n}", "school_code": school, "class_id": "C1", "rank": n,
         "tier": Tier.YELLOW, **row}
        for n, row in enumerate(rows, start=1)
    ]  # fmt: skip
    columns = ["student_id", "school_code", "class_id", "rank", "tier"]
    return pd.DataFrame(
        filled, columns=list(dict.fromkeys([*columns, *(c for r in filled for c in r)]))
    )


def assign(pupils: pd.DataFrame, staff: pd.DataFrame, **rest: Any) -> Assignment:
    classes = rest.pop("classes", None)
    return assign_mentors(
        pupils,
        staff,
        classes_of(C1="T1") if classes is None else classes,
        SETTINGS,
        **{"day": DAY, **rest},
    )


def mentors(assignment: Assignment) -> dict[str, str]:
    """Pupil → mentor, for those who have one."""
    return {
        pairing.student_id: pairing.staff_no
        for pairing in assignment.pairings
        if pairing.kind == "包保教师"
    }


def why(assignment: Assignment, student_id: str) -> str:
    return next(p.why for p in assignment.pairings if p.student_id == student_id)
