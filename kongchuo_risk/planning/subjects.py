"""In which subjects a pupil needs help, and who in the class could give it."""

from __future__ import annotations

from datetime import date

import pandas as pd

from kongchuo_risk.domain.calendar import term_of
from kongchuo_risk.domain.marks import marked_share
from kongchuo_risk.domain.records import Records

WEAK_SHARE = 0.25
"""The lowest quarter of the grade in a subject asks for help in it."""
TOTAL = "total"


def subject_standing(records: Records, day: date) -> pd.DataFrame:
    """Where every pupil stood in each subject in the last exam of the school year that had it.

    Parameters
    ----------
    records
        ``exams`` and ``scores`` as known on ``day``.
    day
        The day of the plan.

    Returns
    -------
    DataFrame
        ``student_id``, ``subject``, ``share`` (0 the lowest of the school's grade in that exam,
        1 the highest; ties share their middle).
    """
    exams = records["exams"]
    held = exams[exams["day"].le(pd.Timestamp(day)) & exams["day"].ge(_year_before(day))]
    papers = records["scores"].merge(held[["exam_id", "day"]], on="exam_id")
    papers = papers[papers["subject"].ne(TOTAL)]
    papers = papers.assign(value=marked_share(papers)).dropna(subset=["value"])
    newest = papers.sort_values(["day", "exam_id"], kind="stable").drop_duplicates(
        ["student_id", "subject"], keep="last"
    )
    same = newest.groupby(["exam_id", "subject"], observed=True)["value"]
    below = (same.rank(method="average") - 1) / (same.transform("size") - 1).clip(lower=1)
    standing = newest[["student_id", "subject"]].assign(share=below)
    return standing.reset_index(drop=True)


def weak_subjects(standing: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Pupil → subjects in the lowest quarter of the grade, the weakest first.

    >>> standing = pd.DataFrame({"student_id": ["a", "a", "b"], "share": [.2, .1, .9],
    ...                          "subject": ["maths", "english", "maths"]})
    >>> weak_subjects(standing)
    {'a': ('english', 'maths')}
    """
    weak = standing[standing["share"].le(WEAK_SHARE)].sort_values("share", kind="stable")
    found: dict[str, tuple[str, ...]] = {}
    for pupil, subject in zip(weak["student_id"], weak["subject"], strict=True):
        found[pupil] = (*found.get(pupil, ()), subject)
    return found


def _year_before(day: date) -> pd.Timestamp:
    """Marks of an earlier school year say little of today's need."""
    start = term_of(day)[:4]
    return pd.Timestamp(f"{start}-08-01") - pd.Timedelta(days=60)
