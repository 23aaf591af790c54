"""How many pupils the staff of each school can really look after."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kongchuo_risk.settings import CapacitySettings

TEACHING_ROLES = frozenset({"homeroom", "subject", "counsellor", "dean"})
"""Roles that get the default number of places when the staff table names none."""
ENROLLED = "01"
"""Code of ``student_status`` for 在读; a pupil without a status counts as enrolled."""
ROLE_SEPARATOR = "、"


def mentor_places(staff: pd.DataFrame, capacity: CapacitySettings) -> pd.Series:
    """Pupils that each member of staff may mentor.

    Parameters
    ----------
    staff
        Rows of the staff table; of a person with several rows the last one counts.
    capacity
        Gives the places of teaching staff without a 包保名额; others without one have none.

    Returns
    -------
    Series of int64, index ``staff_no``

    Examples
    --------
    >>> staff = pd.DataFrame({"staff_no": ["T1", "T2", "T3"], "mentor_capacity": [5, None, None],
    ...                       "roles": ["principal", "homeroom、subject", "registrar"]})
    >>> mentor_places(staff, CapacitySettings(pupils_per_mentor=3)).to_dict()
    {'T1': 5, 'T2': 3, 'T3': 0}
    """
    people = staff.drop_duplicates("staff_no", keep="last").set_index("staff_no")
    teaches = people["roles"].map(roles_of).map(lambda roles: bool(roles & TEACHING_ROLES))
    default = teaches.astype("int64") * capacity.pupils_per_mentor
    named = pd.to_numeric(people["mentor_capacity"]).astype("Float64").clip(lower=0)
    return named.fillna(default.astype("Float64")).astype("int64").rename("places")


def roles_of(text: object) -> frozenset[str]:
    """Role codes of one member of staff.

    >>> sorted(roles_of("homeroom、subject"))
    ['homeroom', 'subject']
    """
    return frozenset(text.split(ROLE_SEPARATOR)) if isinstance(text, str) else frozenset()


def capacity_by_school(
    staff: pd.DataFrame, students: pd.DataFrame, capacity: CapacitySettings
) -> pd.Series:
    """Length of the list of every school: the places of its staff, capped by a share of pupils.

    Parameters
    ----------
    staff
        Rows of the staff table.
    students
        One row per pupil, with ``school_code`` and (if known) ``status``.
    capacity
        ``pupils_per_mentor`` and ``max_share``.

    Returns
    -------
    Series of int64, index ``school_code``
        Every school that has pupils; 0 where nobody can look after a pupil.
    """
    places = mentor_places(staff, capacity)
    home = staff.drop_duplicates("staff_no", keep="last").set_index("staff_no")["school_code"]
    supply = places.groupby(home).sum()
    enrolled = _enrolled(students)["school_code"].astype("str").value_counts().sort_index()
    # 0.1 * 30 is 3.0000000000000004 in floating point: round before cutting.
    cap = np.floor((enrolled * capacity.max_share).round(9)).astype("int64")
    supply = supply.reindex(enrolled.index, fill_value=0)
    return supply.clip(upper=cap).rename("capacity").rename_axis("school_code")


def _enrolled(students: pd.DataFrame) -> pd.DataFrame:
    if "status" not in students:
        return students
    return students[students["status"].fillna(ENROLLED).eq(ENROLLED)]
