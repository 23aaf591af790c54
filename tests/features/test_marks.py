"""Marks, peers and other facts worked by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from kongchuo_risk.features import features_as_of
from tests.builders import records, students, table

DAY = date(2024, 12, 31)


def exams(*days: date, school_code: str | None = "S1") -> pd.DataFrame:
    rows = [
        {"exam_id": f"E{n}", "day": day, "school_code": school_code} for n, day in enumerate(days)
    ]
    return table("exams", rows)


def test_marks_are_standardised_within_exam_school_and_subject() -> None:
    """Marks 60, 70, 80: mean 70, standard deviation sqrt(200/3)."""
    marks = zip("abc", (60.0, 70.0, 80.0), strict=True)
    rows = [{"student_id": one, "exam_id": "E0", "score": mark} for one, mark in marks]
    roster = students({}, {"student_id": "b"}, {"student_id": "c"})
    found = features_as_of(
        records(students=roster, exams=exams(date(2024, 11, 1)), scores=table("scores", rows)), DAY
    )
    assert np.allclose(found["score_z"], np.array([-10, 0, 10]) / np.sqrt(200 / 3))
    assert found["class_rank"].tolist() == [1.0, 0.5, 0.0]
    assert found["score_z_shared"].isna().all()


def test_bands_missed_papers_and_failures_of_the_last_exam() -> None:
    rows = [
        {"exam_id": "E0", "subject": "maths", "band": "D"},
        {"exam_id": "E0", "subject": "chinese", "band": "A"},
        {"exam_id": "E0", "subject": "english", "absent": True},
        {"exam_id": "E0", "subject": "physics", "score": 70.0, "full_score": 120.0},
    ]
    made = records(
        students=students(), exams=exams(date(2024, 11, 1)), scores=table("scores", rows)
    )
    found = features_as_of(made, DAY).loc["a"]
    # 70 of 120 is below 60 %.
    assert found[["failed_subjects", "missing_subjects"]].tolist() == [2, 1]
    assert found["failed_share_year"] == pytest.approx(2 / 3)


def test_a_mark_counts_only_when_it_is_known_and_its_exam_was_held() -> None:
    late = {"exam_id": "E0", "score": 10.0, "known_on": date(2025, 1, 5)}
    made = records(
        students=students(), exams=exams(date(2024, 12, 20)), scores=table("scores", [late])
    )
    assert features_as_of(made, DAY).loc["a", "exams_taken"] == 0
    assert np.isnan(features_as_of(made, DAY).loc["a", "failed_subjects"])


def test_classmates_who_dropped_out_within_a_year_are_counted_without_the_pupil() -> None:
    roster = students(
        {}, {"student_id": "b", "status": "06"},
        {"student_id": "c", "status": "06", "known_on": date(2023, 10, 1)},
    )  # fmt: skip
    found = features_as_of(records(students=roster), DAY)
    assert found["class_left_year"].tolist() == [1, 0, 1]
    assert found["class_left_term"].tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("born", "over"),
    [(date(2010, 10, 1), 0), (date(2010, 9, 1), 0), (date(2010, 8, 1), 1), (date(2008, 8, 1), 3)],
)
def test_over_age_counts_years_beyond_the_usual_age_of_the_grade(born: date, over: int) -> None:
    """On 1 September 2024 the usual pupil of grade 8 is 13."""
    made = records(students=students({"birth_date": born}))
    assert features_as_of(made, DAY).loc["a", "over_age"] == over


def test_eligible_without_aid_is_told_from_not_eligible_and_from_not_known() -> None:
    roster = students(
        {"poverty_type": "dibao"}, {"student_id": "b", "poverty_type": "none"}, {"student_id": "c"},
        {"student_id": "d", "orphan": True},
    )  # fmt: skip
    row = {"student_id": "d", "term": "2024-2025-1", "applied_on": date(2024, 9, 20)}
    found = features_as_of(records(students=roster, aid=table("aid", [row])), DAY)
    assert found["aid_not_received"].fillna(-1).tolist() == [1, 0, -1, 0]
    assert found["aid_unpaid"].tolist() == [0, 0, 0, 1]


def test_signs_are_counted_by_their_age_and_strengths_are_no_signs() -> None:
    rows = [
        {"day": date(2024, 12, 1), "tag": "aversion", "level": "2"},
        {"day": date(2024, 10, 1), "tag": "aversion"},
        {"day": date(2024, 12, 30), "tag": "improved", "level": "3"},
    ]
    found = features_as_of(
        records(students=students(), observations=table("observations", rows)), DAY
    ).loc["a"]
    assert found[["aversion_60d", "aversion_year", "improved_60d"]].tolist() == [1, 2, 1]
    assert found[["worst_sign_60d", "days_since_sign"]].tolist() == [2, 30]


def test_empty_tables_give_unknown_values_and_no_error() -> None:
    found = features_as_of(records(students=students()), DAY).loc["a"]
    assert np.isnan(found["unexcused_20"])
    assert np.isnan(found["behaviour_year"])
    assert found["grade"] == 8
    assert len(features_as_of(records(), DAY)) == 0
