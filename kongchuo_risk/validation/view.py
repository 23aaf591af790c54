"""The records as the checks look at them: what was known on the day, and how things stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from kongchuo_risk.domain.calendar import TEACHING_DAYS, term_of, terms_of
from kongchuo_risk.domain.records import Records, latest_by_student

ABSENT = frozenset({"unexcused", "not_reported", "sick", "personal"})
"""Attendance kinds that make a pupil absent from a session."""
GONE = frozenset({"03", "06", "07", "10", "11", "15"})
"""Pupil states in which nobody is expected at school."""
PAUSED = "02"


@dataclass(frozen=True)
class View:
    """Records known by ``as_of``, with what several checks need of them."""

    records: Records
    as_of: date

    @cached_property
    def term(self) -> str:
        return term_of(self.as_of)

    @cached_property
    def pupils(self) -> pd.DataFrame:
        """Last known row of every pupil, by ``student_id``."""
        return latest_by_student(self.records["students"], self.as_of)

    @cached_property
    def roster_terms(self) -> pd.Series:
        """Term in which each row of ``students`` became known."""
        return terms_of(self.records["students"]["known_on"])

    @cached_property
    def present_roster(self) -> pd.DataFrame:
        """Last known rows of pupils who are on a list of this term, or of the last one there is."""
        listed = self.records["students"]["student_id"][self.roster_terms == self.last_roster_term]
        here: pd.DataFrame = self.pupils[self.pupils.index.isin(listed)]
        expected: pd.DataFrame = here[~here["status"].isin([*GONE, PAUSED])]
        return expected

    @cached_property
    def last_roster_term(self) -> str:
        return str(self.roster_terms.max())

    @cached_property
    def classes(self) -> pd.DataFrame:
        """Classes of the last term that has any, up to this one."""
        classes = self.records["classes"]
        terms = classes["term"][classes["term"] <= self.term]
        latest: pd.DataFrame = classes[classes["term"] == terms.max()]
        return latest

    @cached_property
    def school_days(self) -> np.ndarray:
        """Teaching days of the area up to ``as_of``, ascending."""
        calendar = self.records["calendar"]
        common = calendar["school_code"].isna() | calendar["school_code"].eq("")
        taught = calendar[common & calendar["day_type"].isin(list(TEACHING_DAYS))]
        days = taught["day"].to_numpy("datetime64[D]")
        return np.unique(days[days <= np.datetime64(self.as_of)])

    @cached_property
    def closures(self) -> pd.MultiIndex:
        """(school, day) pairs on which one school was closed."""
        calendar = self.records["calendar"]
        closed = calendar[
            calendar["school_code"].fillna("").ne("")
            & ~calendar["day_type"].isin(list(TEACHING_DAYS))
        ]
        return pd.MultiIndex.from_frame(closed[["school_code", "day"]])

    @cached_property
    def school_names(self) -> dict[str, str]:
        schools = self.records["schools"]
        return dict(zip(schools["school_code"], schools["school_name"], strict=True))

    def school_name(self, code: object) -> str:
        """Name of a school, or its code when the school is not on file."""
        return self.school_names.get(str(code), str(code))

    def since(self, days: float) -> pd.Timestamp:
        """First of the last ``days`` teaching days."""
        return pd.Timestamp(self.school_days[-int(days) :][0])

    def absences(self, days: float) -> pd.DataFrame:
        """Absences of the last ``days`` teaching days with the pupil's school and class."""
        table = self.records["attendance"]
        recent = table[table["kind"].isin(ABSENT) & (table["day"] >= self.since(days))]
        place = self.pupils[["school_code", "class_id"]]
        return recent.join(place, on="student_id")
