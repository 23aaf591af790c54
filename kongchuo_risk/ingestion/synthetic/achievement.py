"""Exams twice a term and marks per subject; who is about to leave falls behind and is missing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kongchuo_risk.ingestion.synthetic.calendar import SchoolCalendar
from kongchuo_risk.ingestion.synthetic.population import Schools
from kongchuo_risk.ingestion.synthetic.presets import AchievementSettings

MAJOR = frozenset({"chinese", "maths", "english"})
"""Subjects marked out of 120 in junior high."""
EVERY_SCHOOL = -1
"""School number of an exam that all schools sit together."""


def build_exams(calendar: SchoolCalendar, schools: Schools, rows: pd.DataFrame) -> pd.DataFrame:
    """One row per exam held and marked before the records end.

    Midterms, and finals of primary school, are each school's own; the finals of junior high are one
    paper for all schools (统考) and carry no school.

    Returns
    -------
    DataFrame
        Contract columns of ``exams`` with ``school`` (:data:`EVERY_SCHOOL` for a 统考),
        ``term_number`` and ``exam_day`` (teaching day) beside them.
    """
    held = (
        rows[["term", "school", "grade"]].drop_duplicates().sort_values(["term", "school", "grade"])
    )
    parts = []
    for kind, label, days in (
        ("midterm", "期中", calendar.midterms),
        ("final", "期末", calendar.finals),
    ):
        part = held.rename(columns={"term": "term_number"}).reset_index(drop=True)
        part["exam_type"] = kind
        part["exam_day"] = days[part["term_number"]]
        part["exam_name"] = label + "考试"
        parts.append(_shared_in_junior_high(part) if kind == "final" else part)
    exams = pd.concat(parts, ignore_index=True)
    exams["term"] = np.array(calendar.terms)[exams["term_number"]]
    own = exams["school"] != EVERY_SCHOOL
    exams["school_code"] = np.where(own, schools.codes[exams["school"]], "")
    exams["day"] = calendar.teaching[exams["exam_day"]].astype("M8[s]")
    exams["known_on"] = exams["day"] + pd.Timedelta(days=calendar.marking_days)
    letter = exams["exam_type"].map({"midterm": "M", "final": "F"})
    owner = exams["school_code"].str[-4:].where(own, "TK")
    exams["exam_id"] = exams["term"] + "-" + owner + "-" + exams["grade"].astype("str") + letter
    return exams[exams["known_on"].to_numpy() <= calendar.records_end].reset_index(drop=True)


def _shared_in_junior_high(finals: pd.DataFrame) -> pd.DataFrame:
    junior = finals["grade"] >= 7
    shared = finals[junior].drop_duplicates(["term_number", "grade"])
    shared = shared.assign(school=EVERY_SCHOOL, exam_name="期末统考")
    return pd.concat([finals[~junior], shared], ignore_index=True)


def build_scores(
    rng: np.random.Generator,
    settings: AchievementSettings,
    pupils: pd.DataFrame,
    rows: pd.DataFrame,
    exams: pd.DataFrame,
    trouble: pd.DataFrame,
) -> pd.DataFrame:
    """One row per pupil, exam and subject; absentees carry 缺考 and no mark.

    Parameters
    ----------
    rows
        Enrolment of pupils who sit exams.
    trouble
        Episodes: marks fall from the start of the ramp and stay low while the pupil is away.
    """
    sat = _sittings(rows, exams)
    troubled, away = _in_trouble(sat, trouble)
    missing = settings.missing + settings.missing_at_risk * troubled
    sat["absent"] = away | (rng.random(len(sat)) < missing)
    ability = pupils["achievement"].to_numpy()[sat["pupil"]]
    sat["level"] = ability - settings.ramp_drop_sd * troubled + rng.normal(0, 0.25, len(sat))
    taught = sorted({subject for subjects in settings.subjects.values() for subject in subjects})
    leaning = rng.normal(0, settings.subject_sd, (len(taught), len(pupils)))
    parts = [
        _subject_scores(
            rng,
            settings,
            sat[sat["grade"] == grade],
            subject,
            grade,
            leaning[taught.index(subject)],
        )
        for grade, subjects in settings.subjects.items()
        for subject in subjects
    ]
    scores = pd.concat(parts, ignore_index=True)
    scores["subject"] = pd.Categorical(scores["subject"], categories=taught)
    return scores.sort_values(["exam", "pupil"], kind="stable", ignore_index=True)


def _sittings(rows: pd.DataFrame, exams: pd.DataFrame) -> pd.DataFrame:
    catalogue = (
        exams[["term_number", "school", "grade", "exam_day"]].rename_axis("exam").reset_index()
    )
    who = (
        rows[["pupil", "term", "school", "grade", "start", "end"]].rename_axis("row").reset_index()
    )
    shared = catalogue["school"] == EVERY_SCHOOL
    catalogue = catalogue.rename(columns={"term_number": "term"})
    sat = pd.concat(
        [
            who.merge(catalogue[~shared], on=["term", "school", "grade"]),
            who.merge(catalogue[shared].drop(columns="school"), on=["term", "grade"]),
        ],
        ignore_index=True,
    )
    inside = (sat["exam_day"] >= sat["start"]) & (sat["exam_day"] < sat["end"])
    return sat[inside].reset_index(drop=True)


def _in_trouble(sat: pd.DataFrame, trouble: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Whether each sitting lies in a ramp or absence, and whether in the absence itself."""
    pairs = sat[["row", "exam_day"]].rename_axis("sitting").reset_index()
    pairs = pairs.merge(trouble[["row", "day", "ramp", "back"]], on="row")
    in_ramp = pairs["exam_day"] >= pairs["day"] - pairs["ramp"]
    gone = (pairs["exam_day"] >= pairs["day"]) & (pairs["exam_day"] < pairs["back"])
    troubled, away = np.zeros(len(sat), dtype=bool), np.zeros(len(sat), dtype=bool)
    troubled[pairs["sitting"][in_ramp]] = True
    away[pairs["sitting"][gone]] = True
    return troubled, away


def _subject_scores(
    rng: np.random.Generator,
    settings: AchievementSettings,
    sat: pd.DataFrame,
    subject: str,
    grade: int,
    leaning: np.ndarray,
) -> pd.DataFrame:
    """Marks of one grade in one subject; ``leaning`` is each pupil's bent for it."""
    stage = "primary" if grade < 7 else "junior"
    level = (
        sat["level"].to_numpy()
        + leaning[sat["pupil"].to_numpy()]
        + rng.normal(0, settings.exam_noise_sd, len(sat))
    )
    share = settings.mean_share[stage] + settings.sd_share[stage] * level
    full = 120 if stage == "junior" and subject in MAJOR else 100
    points = np.rint(share.clip(0.02, 1.0) * full * 2) / 2
    absent = sat["absent"].to_numpy()
    banded = grade in settings.banded_grades
    band = np.digitize(share, settings.band_floors)
    return pd.DataFrame(
        {
            "pupil": sat["pupil"].to_numpy(),
            "exam": sat["exam"].to_numpy(),
            "term": sat["term"].to_numpy(),
            "subject": subject,
            "score": np.where(absent | banded, np.nan, points),
            "full_score": np.where(banded, np.nan, full),
            "band": pd.Categorical.from_codes(
                np.where(absent | (not banded), -1, band), pd.Index(["D", "C", "B", "A"])
            ),
            "absent": absent,
        }
    )
