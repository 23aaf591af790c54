"""Where pupils stand in each subject, and in which they need help."""

from __future__ import annotations

from datetime import date

from kongchuo_risk.planning.subjects import subject_standing, weak_subjects
from tests.builders import records, table

DAY = date(2025, 11, 20)


def _standing(exams: list[dict], scores: list[dict]) -> dict[tuple[str, str], float]:
    known = records(exams=table("exams", exams), scores=table("scores", scores))
    found = subject_standing(known, DAY)
    pairs = zip(found["student_id"], found["subject"], found["share"], strict=True)
    return {(pupil, subject): share for pupil, subject, share in pairs}


def _paper(pupil: str, score: float, **more: object) -> dict:
    return {"student_id": pupil, "score": score, "full_score": 100.0} | more


def test_the_lowest_stands_at_zero_the_highest_at_one_and_ties_share_their_middle() -> None:
    scores = [_paper("a", 40), _paper("b", 70), _paper("c", 70), _paper("d", 90)]
    assert _standing([{"day": date(2025, 11, 5)}], scores) == {
        ("a", "maths"): 0.0, ("b", "maths"): 0.5, ("c", "maths"): 0.5, ("d", "maths"): 1.0,
    }  # fmt: skip


def test_the_last_exam_that_had_the_subject_counts() -> None:
    exams = [
        {"exam_id": "E1", "day": date(2025, 9, 20)},
        {"exam_id": "E2", "day": date(2025, 11, 5)},
    ]
    scores = [
        _paper("a", 90, exam_id="E1"), _paper("b", 50, exam_id="E1"),
        _paper("a", 30, exam_id="E2"), _paper("b", 60, exam_id="E2"),
    ]  # fmt: skip
    assert _standing(exams, scores)["a", "maths"] == 0.0


def test_an_exam_to_come_a_missed_one_and_last_years_say_nothing() -> None:
    exams = [
        {"exam_id": "E1", "day": date(2025, 12, 20)},
        {"exam_id": "E2", "day": date(2025, 1, 10)},
        {"exam_id": "E3", "day": date(2025, 11, 5)},
    ]
    scores = [
        _paper("a", 10, exam_id="E1"), _paper("a", 10, exam_id="E2"),
        _paper("a", 10, exam_id="E3", absent=True), _paper("b", 80, exam_id="E3"),
    ]  # fmt: skip
    assert ("a", "maths") not in _standing(exams, scores)


def test_totals_are_no_subject() -> None:
    scores = [_paper("a", 40, subject="total"), _paper("b", 80, subject="total")]
    assert _standing([{"day": date(2025, 11, 5)}], scores) == {}


def test_weak_is_the_lowest_quarter_the_weakest_subject_first() -> None:
    known = records(
        exams=table("exams", [{"day": date(2025, 11, 5)}]),
        scores=table(
            "scores",
            [_paper(pupil, 20.0 * rank) for rank, pupil in enumerate("abcde")]
            + [_paper(pupil, 20.0 * rank, subject="english") for rank, pupil in enumerate("bacde")],
        ),
    )
    # a: maths 0, english .25; b: english 0, maths .25; nobody else is in the lowest quarter.
    assert weak_subjects(subject_standing(known, DAY)) == {
        "a": ("maths", "english"), "b": ("english", "maths"),
    }  # fmt: skip
