"""Days on which to look at the pupils of past terms."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from kongchuo_risk.domain.calendar import term_of
from kongchuo_risk.domain.records import Records
from kongchuo_risk.features.known import History, View
from kongchuo_risk.features.outcome import EVER
from kongchuo_risk.features.register import school_of_class
from kongchuo_risk.features.schooldays import SchoolDays

SETTLING_DAYS = 21
"""The first three weeks of a term are left out: rosters and sheets are still coming in."""
_EPOCH = date(1970, 1, 1)


def teaching_days(records: Records) -> list[date]:
    """Days with records on which any school taught, in order."""
    history = History(records)
    days = SchoolDays(history)
    seen = [log.day for log in (days.sheets, days.attendance) if len(log.day)]
    if not seen:
        return []
    first, last = int(min(log[0] for log in seen)), int(max(log[-1] for log in seen))
    view = View(history, _EPOCH + timedelta(days=last))
    taught = days.taught(first, last, known_by=EVER, school_of_class=school_of_class(view))
    found = first + np.flatnonzero(taught.any(axis=0))
    return [_EPOCH + timedelta(days=int(number)) for number in found]


def training_days(records: Records, per_term: int) -> list[date]:
    """Evenly spaced teaching days of every term, its first three weeks left out.

    Parameters
    ----------
    records
        Contract tables; only days with attendance records or sheets count.
    per_term
        Days per term; a term with fewer teaching days gives what it has.
    """
    days = pd.Series(teaching_days(records), dtype="object")
    chosen: list[date] = []
    for _, term in days.groupby(days.map(term_of), sort=True):
        settled = [day for day in term if day - term.iloc[0] >= timedelta(days=SETTLING_DAYS)]
        places = ((np.arange(per_term) + 0.5) / per_term * len(settled)).astype(int)
        chosen += [settled[place] for place in sorted(set(places)) if settled]
    return chosen
