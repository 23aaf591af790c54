"""Teachers of every school, and who is homeroom teacher of which class in which term."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kongchuo_risk.ingestion.synthetic.identity import names, phones
from kongchuo_risk.ingestion.synthetic.population import Schools

_LEADERS = ("principal", "dean", "registrar、subject", "counsellor")
_SUBJECTS = {
    0: ("chinese", "maths", "english", "science", "pe", "art"),
    1: ("chinese", "maths", "english", "physics", "politics", "history", "geography", "biology",
        "chemistry", "pe"),
}  # fmt: skip


def build_staff(
    rng: np.random.Generator, schools: Schools, rows: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Staff, and the homeroom teachers.

    Returns
    -------
    staff : DataFrame
        Contract columns of ``staff`` and ``school`` (number).
    homerooms : DataFrame
        ``term``, ``class_number``, ``homeroom_staff``; a few classes have none on record.
    """
    classes = rows[["term", "school", "class_number", "grade"]].drop_duplicates(
        ["term", "class_number"]
    )
    size = classes.groupby(["school", "term"]).size().groupby("school").max()
    staff = pd.concat(
        [
            _staff_of(rng, schools, int(school), int(count))
            for school, count in zip(size.index, size.to_numpy(), strict=True)
        ],
        ignore_index=True,
    )
    homerooms = classes.sort_values(["term", "school", "class_number"])
    # Classes keep their place among the school's teachers, so most keep their teacher.
    place = homerooms["class_number"].to_numpy() % size[homerooms["school"]].to_numpy()
    taken = homerooms.assign(place=place).groupby(["term", "school", "place"]).cumcount()
    place = (place + taken.to_numpy() * 7) % size[homerooms["school"]].to_numpy()
    codes = schools.codes[homerooms["school"]]
    homerooms["homeroom_staff"] = [
        staff_number(code, int(seat)) for code, seat in zip(codes, place, strict=True)
    ]
    unknown = rng.random(len(homerooms)) < 0.005
    homerooms["homeroom_staff"] = homerooms["homeroom_staff"].mask(unknown)
    return staff, homerooms[["term", "class_number", "homeroom_staff"]]


def staff_number(school_code: str, seat: int) -> str:
    """Staff number of the teacher in ``seat`` of a school.

    >>> staff_number("9900010001", 3)
    'T0001004'
    """
    return f"T{school_code[-4:]}{seat + 1:03d}"


def _staff_of(
    rng: np.random.Generator, schools: Schools, school: int, classes: int
) -> pd.DataFrame:
    spec = schools.specs[school]
    junior = int(spec.type in ("junior", "nine_year"))
    others = max(1, round(classes * (0.9 if junior else 0.55)))
    leaders = _LEADERS if classes > 6 else ("principal、subject",)
    roles = ["homeroom、subject"] * classes + ["subject"] * others + list(leaders)
    roles += ["support"] * (2 if spec.boarding else 0)
    n = len(roles)
    capacity = pd.Series(rng.choice([2, 3, 4], n, p=[0.3, 0.5, 0.2]), dtype="float64")
    capacity[rng.random(n) < 0.04] = np.nan
    teaches = np.array([("subject" in role) for role in roles])
    numbers = np.arange(n) + school * 1000
    return pd.DataFrame(
        {
            "staff_no": [staff_number(schools.codes[school], seat) for seat in range(n)],
            "staff_name": names(rng, n),
            "school_code": schools.codes[school],
            "roles": roles,
            "subjects": np.where(teaches, rng.choice(_SUBJECTS[junior], n), ""),
            "sex": np.where(rng.random(n) < 0.6, "2", "1"),
            "mentor_capacity": capacity,
            "hours_per_week": np.where(teaches, rng.integers(1, 5, n), np.nan),
            "phone": phones(numbers),
            "school": school,
        }
    )
