"""学业: marks beside the grade and the class, change, failures, missed exams."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kongchuo_risk.domain.marks import marked_share
from kongchuo_risk.features.groups import standardised
from kongchuo_risk.features.known import (
    View,
    combined_codes,
    content_order,
    day_numbers,
    replacement_days,
)

PASS_MARK = 0.6
RECENT_EXAMS = 6
"""Exams that the slope looks back on."""
_CORE = {"chinese": "chinese_z", "maths": "maths_z", "english": "english_z"}


def marks_features(view: View) -> dict[str, np.ndarray]:
    """Columns about marks of every pupil known on the day, each of shape (n,)."""
    papers = _papers(view)
    sittings = _sittings(papers)
    columns = _development(view, sittings)
    columns |= _last_exam(view, papers, sittings)
    columns |= _over_the_year(view, papers, sittings)
    return columns


def _exams(view: View) -> pd.DataFrame:
    """Exams held and known by the day, in order of their day, then of their id."""
    exams = view.history.records["exams"]
    day, known = day_numbers(exams["day"]), day_numbers(exams["known_on"])
    key = combined_codes([exams["exam_id"]])
    replaced = replacement_days(key, known, content_order(exams, key))
    use = (known <= view.day) & (view.day < replaced) & (day <= view.day)
    found = exams.loc[use, ["exam_id", "school_code"]].assign(exam_day=day[use])
    return found.sort_values(["exam_day", "exam_id"], ignore_index=True)


def _papers(view: View) -> pd.DataFrame:
    """One row per pupil, exam and subject.

    Returns
    -------
    DataFrame
        ``row``, ``exam`` (0 is the oldest), ``exam_day``, ``shared`` (over several schools),
        ``subject``, ``value`` (share of the full score, NaN when missed), ``z`` (within the exam,
        school and subject) and ``z_shared`` (within the exam and subject).
    """
    exams = _exams(view)
    scores = view.table("scores", "exam_id", "subject", "score", "full_score", "band", "absent")
    exam = pd.Index(exams["exam_id"]).get_indexer(pd.Index(scores["exam_id"]))
    scores = scores[exam >= 0].reset_index(drop=True).assign(exam=exam[exam >= 0])
    scores = scores[_counts_as_subject(scores)].reset_index(drop=True)
    exam = scores["exam"].to_numpy()
    scores["exam_day"] = exams["exam_day"].to_numpy()[exam]
    scores["shared"] = exams["school_code"].isna().to_numpy()[exam]
    scores["value"] = marked_share(scores)
    value, row = scores["value"].to_numpy(), scores["row"].to_numpy()
    in_exam = combined_codes([exam, scores["subject"]])
    scores["z"] = standardised(value, combined_codes([in_exam, view.school[row]]))
    shared = np.where(scores["shared"], in_exam, -1)
    scores["z_shared"] = standardised(value, shared)
    return scores


def _counts_as_subject(scores: pd.DataFrame) -> np.ndarray:
    """Totals count only in exams that name no subjects."""
    is_total = (scores["subject"] == "total").to_numpy(dtype=bool)
    exam = scores["exam"].to_numpy()
    has_subjects = np.bincount(exam[~is_total], minlength=int(exam.max(initial=-1)) + 1) > 0
    return ~is_total | ~has_subjects[exam]


def _sittings(papers: pd.DataFrame) -> pd.DataFrame:
    """One row per pupil and exam, ordered by pupil and time: means over the subjects."""
    kept = papers[["row", "exam", "exam_day", "value", "z", "z_shared"]]
    by = kept.groupby(["row", "exam"], sort=True)
    return by.mean().reset_index()


def _development(view: View, sittings: pd.DataFrame) -> dict[str, np.ndarray]:
    """The last exams with a mark, newest first, and how they changed."""
    taken = sittings[sittings["z"].notna()]
    row, z = taken["row"].to_numpy(), taken["z"].to_numpy()
    recent = _newest(row, z, len(view))
    shared = sittings[sittings["z_shared"].notna()]
    last_shared = _newest(shared["row"].to_numpy(), shared["z_shared"].to_numpy(), len(view))
    return {
        "score_z": recent[:, 0],
        "score_z_shared": last_shared[:, 0],
        "score_change": recent[:, 0] - recent[:, 1],
        "score_slope": _slope(recent),
        "score_lowest_z": _row_min(recent),
        "exams_taken": view.count(row),
    }


def _newest(row: np.ndarray, value: np.ndarray, n: int) -> np.ndarray:
    """Each row's last values, newest first, shape (n, RECENT_EXAMS), NaN where there are fewer.

    ``row`` is sorted, and within a row the values are in order of time.
    """
    ends = np.cumsum(np.bincount(row, minlength=n))
    age = ends[row] - 1 - np.arange(len(row))
    recent = np.full((n, RECENT_EXAMS), np.nan)
    use = age < RECENT_EXAMS
    recent[row[use], age[use]] = value[use]
    return recent


def _slope(recent: np.ndarray) -> np.ndarray:
    """Least-squares change of the standardised mark per exam; NaN below three exams."""
    known = np.isfinite(recent)
    number = known.sum(axis=1)
    enough = np.where(number >= 3, number, np.nan)
    time = np.where(known, -np.arange(recent.shape[1], dtype=np.float64), 0.0)
    mark = np.where(known, recent, 0.0)
    off_time = np.where(known, time - (time.sum(axis=1) / enough)[:, None], 0.0)
    spread = np.where(number >= 3, (off_time**2).sum(axis=1), np.nan)
    return np.asarray((off_time * mark).sum(axis=1) / spread)


def _row_min(values: np.ndarray) -> np.ndarray:
    """Smallest known value of each row, NaN for none."""
    lowest = np.where(np.isfinite(values), values, np.inf).min(axis=1)
    return np.where(np.isfinite(lowest), lowest, np.nan)


def _last_exam(view: View, papers: pd.DataFrame, sittings: pd.DataFrame) -> dict[str, np.ndarray]:
    """What the pupil's last exam shows, subject by subject and in the class."""
    last = np.full(len(view), -1)
    last[sittings["row"].to_numpy()] = sittings["exam"].to_numpy()
    row = papers["row"].to_numpy()
    now = papers[papers["exam"].to_numpy() == last[row]]
    entered = view.count(now["row"]) > 0
    failed = view.count(now.loc[now["value"] < PASS_MARK, "row"])
    missing = view.count(now.loc[now["value"].isna(), "row"])
    columns = {
        "failed_subjects": np.where(entered, failed, np.nan),
        "missing_subjects": np.where(entered, missing, np.nan),
        "worst_subject_z": _by_row(view, now.groupby("row")["z"].min()),
        "class_rank": _class_rank(view, sittings, last),
    }
    for subject, name in _CORE.items():
        one = now[now["subject"] == subject]
        columns[name] = _by_row(view, one.set_index("row")["z"])
    return columns


def _class_rank(view: View, sittings: pd.DataFrame, last: np.ndarray) -> np.ndarray:
    """Share of the classmates in the pupil's last exam with a better mean; NaN when alone."""
    row, exam = sittings["row"].to_numpy(), sittings["exam"].to_numpy()
    class_ = view.class_[row]
    use = sittings["value"].notna().to_numpy() & (class_ >= 0)
    row, exam, class_ = row[use], exam[use], class_[use]
    value = sittings["value"].round(9)[use].groupby([exam, class_])
    others = value.transform("size").to_numpy() - 1.0
    better = value.rank(method="min", ascending=False).to_numpy() - 1.0
    rank = np.full(len(view), np.nan)
    now = (exam == last[row]) & (others > 0)
    rank[row[now]] = better[now] / others[now]
    return rank


def _over_the_year(
    view: View, papers: pd.DataFrame, sittings: pd.DataFrame
) -> dict[str, np.ndarray]:
    """Failures and missed exams of the last 365 days."""
    recent = papers[papers["exam_day"] > view.day - 365]
    known = view.count(recent.loc[recent["value"].notna(), "row"])
    failed = view.count(recent.loc[recent["value"] < PASS_MARK, "row"])
    exams = sittings[sittings["exam_day"] > view.day - 365]
    missed = view.count(exams.loc[exams["value"].isna(), "row"])
    entered = view.count(exams["row"]) > 0
    with np.errstate(invalid="ignore"):
        share = failed / known
    return {
        "failed_share_year": share,
        "absent_exams_year": np.where(entered, missed, np.nan),
    }


def _by_row(view: View, values: pd.Series) -> np.ndarray:
    """``values`` indexed by row, as an array of shape (n,)."""
    found = np.full(len(view), np.nan)
    found[values.index.to_numpy(dtype=np.int64)] = values.to_numpy(dtype="float64")
    return found
