"""Which rows were known on a day, in plain pandas."""

from __future__ import annotations

import pandas as pd

from kongchuo_risk.domain.records import Records

KEYS = {
    "students": ["student_id"],
    "guardians": ["student_id", "seat"],
    "scores": ["student_id", "exam_id", "subject"],
    "exams": ["exam_id"],
    "registration_changes": ["student_id", "day", "change_type"],
    "aid": ["student_id", "term", "item"],
    "observations": ["student_id", "day", "tag"],
    "behaviour": ["student_id", "day", "behaviour"],
    "visits": ["student_id", "day", "visit_mode"],
    "calendar": ["school_code", "day"],
}


def in_force(records: Records, name: str, day: pd.Timestamp) -> pd.DataFrame:
    """The last version by ``day`` of every fact, without facts that lie ahead."""
    known = records[name].query("known_on <= @day").sort_values("known_on", kind="stable")
    last = known.drop_duplicates(KEYS[name], keep="last")
    for happened in ("day", "applied_on"):
        if happened in last:
            last = last[last[happened].fillna(last["known_on"]) <= day]
    return last.reset_index(drop=True)


def pupils_on(records: Records, day: pd.Timestamp) -> pd.DataFrame:
    """Last roster row of every pupil, indexed by ``student_id``."""
    return in_force(records, "students", day).set_index("student_id").sort_index()
