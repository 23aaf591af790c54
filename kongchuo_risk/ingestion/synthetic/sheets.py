"""Which class sheets were taken, what they count, and when exceptions came to be known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kongchuo_risk.domain.calendar import SESSIONS
from kongchuo_risk.ingestion.synthetic.attendance import ABSENT, BadDays
from kongchuo_risk.ingestion.synthetic.calendar import SchoolCalendar
from kongchuo_risk.ingestion.synthetic.population import Schools
from kongchuo_risk.ingestion.synthetic.presets import AttendanceSettings


def sheets_taken(
    rng: np.random.Generator,
    settings: AttendanceSettings,
    calendar: SchoolCalendar,
    schools: Schools,
    classes: pd.DataFrame,
    expected: np.ndarray,
    bad_days: BadDays,
) -> np.ndarray:
    """Whether the sheet of each class and session was taken: single ones are lost, and whole weeks.

    Parameters
    ----------
    expected
        Pupils expected per class and teaching day, shape (n_classes, n_days).

    Returns
    -------
    bool array of shape (n_classes, 2 * n_days)
    """
    school = classes["school"].to_numpy()
    missing = np.array([settings.missing_sheets[spec.recording] for spec in schools.specs])
    taken = rng.random((len(classes), expected.shape[1] * 2), dtype=np.float32)
    taken = taken >= missing[school][:, None]
    lost = np.array([settings.missing_weeks[spec.recording] for spec in schools.specs])[school]
    weeks = calendar.week_of_day
    week_lost = rng.random((len(classes), weeks.max() + 1)) < lost[:, None]
    taken &= np.repeat((expected > 0) & ~week_lost[:, weeks], 2, axis=1)
    for closed_school, day in zip(
        bad_days.school[bad_days.closed], bad_days.day[bad_days.closed], strict=True
    ):
        taken[school == closed_school, day * 2 : day * 2 + 2] = False
    return np.asarray(taken)


def expected_pupils(rows: pd.DataFrame, n_classes: int, n_days: int) -> np.ndarray:
    """Pupils expected per class and teaching day, from the days of their enrolment."""
    change = np.zeros((n_classes, n_days + 1), dtype=np.int32)
    here = rows[rows["start"] < rows["end"]]
    np.add.at(change, (here["class_number"].to_numpy(), here["start"].to_numpy()), 1)
    np.add.at(change, (here["class_number"].to_numpy(), here["end"].to_numpy()), -1)
    return np.asarray(change[:, :n_days].cumsum(axis=1))


def class_sheets(
    calendar: SchoolCalendar,
    classes: pd.DataFrame,
    expected: np.ndarray,
    taken: np.ndarray,
    exceptions: pd.DataFrame,
) -> pd.DataFrame:
    """The table ``class_sheets``, without the columns that schools leave empty."""
    class_number, session = np.nonzero(taken[:, : calendar.known_days * 2])
    absent = exceptions[exceptions["kind"].isin(ABSENT)]
    count = np.zeros(taken.shape, dtype=np.int32)
    np.add.at(count, (absent["class_number"].to_numpy(), absent["session"].to_numpy()), 1)
    enrolled = expected[class_number, session // 2]
    sheets = pd.DataFrame(
        {
            "class_id": pd.Categorical.from_codes(class_number, pd.Index(classes["class_id"])),
            "day": calendar.teaching[session // 2],
            "session": pd.Categorical.from_codes(session % 2, pd.Index(SESSIONS)),
            "enrolled": enrolled,
            "present": enrolled - count[class_number, session],
            "term": calendar.term_of_day[session // 2],
        }
    )
    return sheets.sort_values(["term", "day", "class_id", "session"], ignore_index=True)


def recorded(
    rng: np.random.Generator,
    settings: AttendanceSettings,
    calendar: SchoolCalendar,
    exceptions: pd.DataFrame,
    taken: np.ndarray,
) -> pd.DataFrame:
    """Exceptions of which the school has a record by the end of the records."""
    seen = taken[exceptions["class_number"].to_numpy(), exceptions["session"].to_numpy()]
    events = exceptions[seen & (exceptions["session"] < calendar.known_days * 2).to_numpy()].copy()
    events["day"] = calendar.teaching[events["session"] // 2].astype("M8[s]")
    late = rng.random(len(events)) < settings.late_entry_share
    delay = np.where(late, rng.integers(*settings.late_entry_days, len(events), endpoint=True), 0)
    known = events["day"] + pd.to_timedelta(delay, unit="D")
    events["known_on"] = known.where(late)
    events["minutes"] = np.where(events["kind"] == "late", rng.integers(3, 41, len(events)), np.nan)
    kept: pd.DataFrame = events[known.to_numpy() <= calendar.records_end]
    return kept
