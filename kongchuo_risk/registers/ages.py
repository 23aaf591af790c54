"""Who is of school age on a day, from birth dates of which some are months only."""

from __future__ import annotations

from datetime import date

import pandas as pd

from kongchuo_risk.domain.calendar import school_year_start

FIRST_AGE, LAST_AGE = 6, 14
"""Ages on 31 August of children who owe a school year: nine of them (义务教育法 art. 11)."""


def school_age(birth: pd.Series, day: date) -> pd.Series:
    """Age on the 31 August before the school year of ``day`` began; missing without a birth date.

    >>> births = pd.Series(["2019-08-31", "2019-09-01", "2019-09", None], dtype="str")
    >>> school_age(births, date(2025, 10, 1)).tolist()
    [6, 5, 5, <NA>]
    """
    year = pd.to_numeric(birth.str.slice(0, 4), errors="coerce").astype("Int64")
    month = pd.to_numeric(birth.str.slice(5, 7), errors="coerce").astype("Int64")
    return school_year_start(day).year - year - month.gt(8).astype("Int64")
