"""A measure that begins in some schools before others, with an effect that is known exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kongchuo_risk.ingestion.synthetic.calendar import SchoolCalendar
from kongchuo_risk.ingestion.synthetic.population import Schools
from kongchuo_risk.ingestion.synthetic.presets import ProgrammeSettings

_FIRST_DAYS = (11, 21)
"""Teaching days of the term between which it begins: in the third and fourth week."""


@dataclass(frozen=True)
class Programme:
    """Who takes part, and what it takes away.

    Attributes
    ----------
    starts : int array of shape (n_schools,)
        Number of the term in which each school begins; the number of all terms: never.
    takes_part : bool array of shape (n_enrolment,)
    relief : float array of shape (n_enrolment,)
        Share of the hazard that is taken away.
    """

    starts: np.ndarray
    takes_part: np.ndarray
    relief: np.ndarray


def build_programme(
    rng: np.random.Generator,
    settings: ProgrammeSettings,
    calendar: SchoolCalendar,
    schools: Schools,
    enrolment: pd.DataFrame,
) -> Programme:
    """Draw by lot, within each type of school, which schools begin when, then who takes part."""
    starts = _draw_starts(rng, settings, calendar, schools)
    chance = rng.random(int(enrolment["pupil"].max()) + 1)
    begun = enrolment["term"].to_numpy() >= starts[enrolment["school"]]
    takes_part = begun & (chance[enrolment["pupil"]] < settings.reach)
    return Programme(starts, takes_part, takes_part * settings.works)


def programme_measures(
    rng: np.random.Generator,
    settings: ProgrammeSettings,
    programme: Programme,
    calendar: SchoolCalendar,
    pupils: pd.DataFrame,
    enrolment: pd.DataFrame,
) -> pd.DataFrame:
    """Rows of ``measures_delivered``: one per pupil and term in which he or she takes part."""
    rows = enrolment[programme.takes_part & ~enrolment["suspended"].to_numpy()]
    day = calendar.starts[rows["term"]] + rng.integers(*_FIRST_DAYS, len(rows))
    sessions = rng.integers(settings.sessions[0], settings.sessions[1] + 1, len(rows))
    here = (day >= rows["start"]) & (day < rows["end"]) & (day < calendar.known_days)
    keep = here.to_numpy()
    return pd.DataFrame(
        {
            "student_key": pupils["student_key"].to_numpy()[rows["pupil"][keep]],
            "started_on": calendar.teaching[day[keep]].astype("M8[s]"),
            "measure": settings.measure,
            "sessions": sessions[keep],
        }
    )


def _draw_starts(
    rng: np.random.Generator,
    settings: ProgrammeSettings,
    calendar: SchoolCalendar,
    schools: Schools,
) -> np.ndarray:
    starts = np.full(len(schools.specs), len(calendar.terms))
    types = np.array([spec.type for spec in schools.specs])
    for kind in sorted(set(types)):
        members = rng.permutation(np.flatnonzero(types == kind))
        begun = 0.0
        for term, share in settings.starts.items():
            first, begun = begun, begun + share
            part = slice(round(first * len(members)), round(begun * len(members)))
            starts[members[part]] = calendar.terms.index(term)
    return starts
