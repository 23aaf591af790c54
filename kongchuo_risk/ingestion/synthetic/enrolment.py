"""Where each pupil is in each term: school, grade, class, and from which day to which."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kongchuo_risk.ingestion.synthetic.calendar import SchoolCalendar
from kongchuo_risk.ingestion.synthetic.population import Schools

NEVER = 1_000_000
"""A teaching-day number after everything."""


def build_enrolment(
    rng: np.random.Generator, calendar: SchoolCalendar, schools: Schools, pupils: pd.DataFrame
) -> pd.DataFrame:
    """One row per pupil and term on the roll.

    Returns
    -------
    DataFrame
        ``pupil``, ``term`` (numbers), ``school``, ``grade``, ``class_number``, ``start``, ``end``
        (teaching days, end exclusive), ``suspended`` (休学 for the whole term). Sorted by term and
        pupil.
    """
    terms = [
        _one_term(calendar, schools, pupils, term, year)
        for term, year in enumerate(calendar.years())
    ]
    rows = pd.concat(terms, ignore_index=True)
    rows["class_number"] = rows.groupby("class_key", sort=True).ngroup()
    return _transfer_in_and_out(rng, calendar, pupils, rows)


def class_table(rows: pd.DataFrame, schools: Schools) -> pd.DataFrame:
    """One row per class of any term, indexed by class number: id, school, year, section."""
    first = rows.drop_duplicates("class_number").set_index("class_number").sort_index()
    year = first["class_key"] // 1000 % 100 + 2000
    section = first["class_key"] % 100
    # A nine-year school has two intakes a year, in grade 1 and grade 7.
    stage = np.where(first["class_key"] // 100 % 10 == 1, "J", "")
    ids = [
        f"{schools.codes[school]}-{entered}-{letter}{number + 1:02d}"
        for school, entered, letter, number in zip(
            first["school"], year, stage, section, strict=True
        )
    ]
    return pd.DataFrame({"class_id": ids, "school": first["school"], "section": section})


def _one_term(
    calendar: SchoolCalendar, schools: Schools, pupils: pd.DataFrame, term: int, year: int
) -> pd.DataFrame:
    """Everybody on the roll of one term, before moves within the term."""
    suspended_year = pupils["suspended_year"].to_numpy()
    behind = (year >= pupils["repeat_year"].to_numpy()).astype(int)
    behind += year > suspended_year
    cohort = pupils["cohort"].to_numpy() + behind
    grade = year - cohort + 1
    on_roll = (grade >= 1) & (grade <= 9)
    on_roll &= (pupils["left_area_year"] >= year).to_numpy()
    on_roll &= (pupils["joined_year"] <= year).to_numpy()
    pupil = np.flatnonzero(on_roll)
    grade, cohort = grade[pupil], cohort[pupil]
    school = schools.route[pupils["origin"].to_numpy()[pupil], grade]
    junior = grade >= 7
    moved = year >= pupils["reclassed_year"].to_numpy()[pupil]
    place = pupils["slot"].to_numpy()[pupil] + moved
    section = place % schools.sections[school, junior.astype(int)]
    entered = cohort + np.where(junior, 6, 0)
    return pd.DataFrame(
        {
            "pupil": pupil,
            "term": term,
            "school": school.astype(int),
            "grade": grade,
            "class_key": school.astype(int) * 100_000
            + entered % 100 * 1000
            + junior * 100
            + section,
            "start": calendar.starts[term],
            "end": calendar.starts[term + 1],
            "suspended": suspended_year[pupil] == year,
        }
    )


def _transfer_in_and_out(
    rng: np.random.Generator, calendar: SchoolCalendar, pupils: pd.DataFrame, rows: pd.DataFrame
) -> pd.DataFrame:
    """Pupils who leave the area go on a day of their last autumn term; joiners come a bit late."""
    year = calendar.years()[rows["term"]]
    autumn = np.array([term.endswith("1") for term in calendar.terms])[rows["term"]]
    length = (rows["end"] - rows["start"]).to_numpy()
    leaves = pupils["left_area_year"].to_numpy()[rows["pupil"]] == year
    day = rows["start"].to_numpy() + (rng.random(len(rows)) * length).astype(int)
    rows["moves_out"] = leaves & autumn
    rows["moves_in"] = (pupils["joined_year"].to_numpy()[rows["pupil"]] == year) & autumn
    rows["end"] = np.where(rows["moves_out"], day, rows["end"])
    joined = np.minimum(rows["start"] + rng.integers(0, 15, len(rows)), rows["end"])
    rows["start"] = np.where(rows["moves_in"], joined, rows["start"])
    stays: pd.DataFrame = rows[~leaves | autumn]
    return stays.reset_index(drop=True)
