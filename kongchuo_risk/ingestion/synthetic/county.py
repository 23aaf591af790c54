"""A whole synthetic county: the hidden truth, and the tables that its schools would report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from kongchuo_risk.ingestion.synthetic import casework, rosters
from kongchuo_risk.ingestion.synthetic.achievement import build_exams, build_scores
from kongchuo_risk.ingestion.synthetic.attendance import BadDays, build_exceptions, draw_bad_days
from kongchuo_risk.ingestion.synthetic.calendar import SchoolCalendar, build_calendar
from kongchuo_risk.ingestion.synthetic.enrolment import build_enrolment, class_table
from kongchuo_risk.ingestion.synthetic.hazard import Truth, boards, simulate
from kongchuo_risk.ingestion.synthetic.population import Schools, build_pupils, build_schools
from kongchuo_risk.ingestion.synthetic.presets import Preset, SyntheticSettings, load_synthetic
from kongchuo_risk.ingestion.synthetic.programme import (
    Programme,
    build_programme,
    programme_measures,
)
from kongchuo_risk.ingestion.synthetic.sheets import (
    class_sheets,
    expected_pupils,
    recorded,
    sheets_taken,
)
from kongchuo_risk.ingestion.synthetic.staff import build_staff

_STREAMS = ("schools", "pupils", "enrolment", "hazard", "attendance", "sheets", "scores", "staff",
            "rosters", "casework", "programme")  # fmt: skip


@dataclass(frozen=True)
class County:
    """Truth and tables of one simulated county.

    Attributes
    ----------
    tables : mapping of str to DataFrame
        Contract tables with stored codes and the pupils' ``student_key``; helper columns beside.
    enrolment : DataFrame
        One row per pupil and term, from :func:`~.enrolment.build_enrolment`.
    """

    preset: Preset
    calendar: SchoolCalendar
    schools: Schools
    pupils: pd.DataFrame
    enrolment: pd.DataFrame
    truth: Truth
    bad_days: BadDays
    tables: Mapping[str, pd.DataFrame]


def build_county(preset: str, seed: int, *, data_schema: Path | None = None) -> County:
    """Simulate the county called ``preset``; the same seed gives the same county.

    Each stage draws from a stream of its own, so a change to one leaves the others as they were.
    """
    settings = load_synthetic(data_schema)
    chosen = settings.preset(preset)
    spawned = np.random.SeedSequence(seed).spawn(len(_STREAMS))
    streams = dict(zip(_STREAMS, map(np.random.default_rng, spawned), strict=True))
    calendar = build_calendar(settings.calendar, chosen)
    schools = build_schools(streams["schools"], chosen, settings.hazard.school_sd)
    pupils = build_pupils(streams["pupils"], settings.population, schools, calendar.years())
    enrolment = build_enrolment(streams["enrolment"], calendar, schools, pupils)
    programme = None
    if chosen.programme is not None:
        programme = build_programme(
            streams["programme"], chosen.programme, calendar, schools, enrolment
        )
    truth = simulate(
        streams["hazard"], settings.hazard, calendar, schools, pupils, enrolment,
        relief=programme.relief if programme else None,
    )  # fmt: skip
    bad_days = draw_bad_days(streams["attendance"], settings.attendance, calendar, schools)
    world = _World(
        settings, chosen, streams, calendar, schools, pupils, enrolment, truth, bad_days, programme
    )
    tables = {**world.organisation(), **world.people(), **world.daily(), **world.casework()}
    return County(chosen, calendar, schools, pupils, enrolment, truth, bad_days, tables)


@dataclass(frozen=True)
class _World:
    """Everything that the tables are read from."""

    settings: SyntheticSettings
    preset: Preset
    streams: Mapping[str, np.random.Generator]
    calendar: SchoolCalendar
    schools: Schools
    pupils: pd.DataFrame
    enrolment: pd.DataFrame
    truth: Truth
    bad_days: BadDays
    programme: Programme | None

    @cached_property
    def classes(self) -> pd.DataFrame:
        return class_table(self.enrolment, self.schools)

    @cached_property
    def reported(self) -> pd.DataFrame:
        """Enrolment of the terms that began before the records end."""
        return self.enrolment[self.enrolment["start"] < self.calendar.known_days]

    @cached_property
    def attending(self) -> pd.DataFrame:
        """Enrolment of pupils expected at school, from the day they are back if they were away."""
        rows = self.enrolment.assign(log_odds=self.truth.rows["log_odds"])
        away = self.truth.episodes[["pupil", "term", "back"]][
            self.truth.episodes["outcome"].eq("left")
        ]
        back = rows[["pupil", "term"]].reset_index().merge(away, on="pupil", suffixes=("", "_of"))
        later = back[back["term"] > back["term_of"]].groupby("index")["back"].max()
        rows["start"] = rows["start"].combine(later.reindex(rows.index, fill_value=0), max)
        rows["start"] = rows[["start", "end"]].min(axis=1)
        home = self.pupils["placement"].to_numpy()[rows["pupil"]] == "home"
        expected: pd.DataFrame = rows[~rows["suspended"].to_numpy() & ~home]
        return expected

    @cached_property
    def staffing(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Staff, and the homeroom teacher of each class and term."""
        return build_staff(self.streams["staff"], self.schools, self.reported)

    def organisation(self) -> dict[str, pd.DataFrame]:
        staff, homerooms = self.staffing
        classes = rosters.class_rows(
            self.calendar, self.schools, self.reported, self.classes, homerooms
        )
        return {
            "schools": rosters.school_table(self.schools),
            "staff": staff,
            "classes": classes,
            "calendar": self._calendar_table(),
        }

    def people(self) -> dict[str, pd.DataFrame]:
        rng = self.streams["rosters"]
        students = rosters.student_rows(
            rng, self.calendar, self.schools, self.pupils, self.enrolment, self.truth,
            self.classes["class_id"].to_numpy(),
        )  # fmt: skip
        students = rosters.mark_lost(self.calendar, students, self.truth)
        changes = rosters.status_changes(self.calendar, students, self.truth)
        return {
            "students": students,
            "student_changes": changes,
            "guardians": rosters.guardian_rows(rng, self.pupils, students),
            "registration_changes": rosters.registration_rows(
                self.calendar, self.schools, self.pupils, self.enrolment, self.truth
            ),
        }

    def daily(self) -> dict[str, pd.DataFrame]:
        rng, sheet_rng = self.streams["attendance"], self.streams["sheets"]
        rules, attending, classes = self.settings.attendance, self.attending, self.classes
        exceptions = build_exceptions(
            rng, rules, self.calendar, attending, self.truth.episodes, self.bad_days
        )
        exceptions["class_number"] = self.enrolment["class_number"].to_numpy()[exceptions["row"]]
        expected = expected_pupils(attending, len(classes), len(self.calendar.teaching))
        taken = sheets_taken(
            sheet_rng, rules, self.calendar, self.schools, classes, expected, self.bad_days
        )
        sheets = class_sheets(self.calendar, classes, expected, taken, exceptions)
        exams = build_exams(self.calendar, self.schools, self.reported)
        return {
            "class_sheets": sheets,
            "attendance": recorded(sheet_rng, rules, self.calendar, exceptions, taken),
            "exams": exams,
            "scores": build_scores(
                self.streams["scores"], self.settings.achievement, self.pupils, attending, exams,
                self.truth.episodes,
            ),
        }  # fmt: skip

    def casework(self) -> dict[str, pd.DataFrame]:
        rng, rules = self.streams["casework"], self.settings.casework
        calendar, pupils, rows = self.calendar, self.pupils, self.attending
        episodes = self.truth.episodes
        here = self.reported
        boarding = boards(self.schools, pupils, here)
        return {
            "aid": casework.build_aid(rng, rules, calendar, pupils, here, boarding),
            "observations": self._by_homeroom_teacher(
                casework.build_observations(rng, rules, calendar, pupils, rows, episodes),
                "day",
                "staff_no",
            ),
            "behaviour": casework.build_behaviour(rng, rules, calendar, pupils, rows, episodes),
            "psych_screen": casework.build_screening(rng, calendar, pupils, rows),
            "measures_delivered": self._by_homeroom_teacher(
                self._measures(
                    casework.build_measures(rng, rules, calendar, pupils, rows, episodes)
                ),
                "started_on",
                "staff_no",
            ),
            "visits": self._by_homeroom_teacher(
                casework.build_visits(rng, rules, calendar, pupils, rows, episodes),
                "day",
                "visitors",
            ),
        }

    def _measures(self, single: pd.DataFrame) -> pd.DataFrame:
        """What was done for single pupils, and the programme's rows where there is one."""
        settings = self.preset.programme
        if settings is None or self.programme is None:
            return single
        common = programme_measures(
            self.streams["programme"], settings, self.programme, self.calendar, self.pupils,
            self.enrolment,
        )  # fmt: skip
        both = pd.concat([common, single], ignore_index=True)
        return both.drop_duplicates(["student_key", "measure", "started_on"])

    def _by_homeroom_teacher(self, table: pd.DataFrame, day: str, column: str) -> pd.DataFrame:
        """``table`` with the pupil's homeroom teacher of the term in ``column``."""
        teacher = self.reported.merge(self.staffing[1], on=["term", "class_number"])
        teacher["student_key"] = self.pupils["student_key"].to_numpy()[teacher["pupil"]]
        number = np.searchsorted(self.calendar.teaching, table[day].to_numpy("datetime64[D]"))
        wanted = table[["student_key"]].assign(term=self.calendar.term_of_day[number])
        found = wanted.merge(teacher, on=["student_key", "term"], how="left")
        return table.assign(**{column: found["homeroom_staff"].to_numpy()})

    def _calendar_table(self) -> pd.DataFrame:
        table = self.calendar.table.assign(school_code="", note="")
        closed = self.bad_days.closed
        day = self.calendar.teaching[self.bad_days.day[closed]].astype("M8[s]")
        term_of = self.calendar.term_of_day[self.bad_days.day[closed]]
        closures = pd.DataFrame(
            {
                "term": np.array(self.calendar.terms)[term_of],
                "day": day,
                "day_type": "closed",
                "school_code": self.schools.codes[self.bad_days.school[closed]],
                "note": "大雪停课",
            }
        )
        whole = pd.concat([table, closures], ignore_index=True)
        return whole[whole["day"] <= self.calendar.records_end].reset_index(drop=True)
