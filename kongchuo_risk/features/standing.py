"""Where each pupil stands: enrolled, or gone and how; and who must not be on the list."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kongchuo_risk.domain.calendar import school_year_start
from kongchuo_risk.features.known import View, day_number, day_numbers, translated

ENROLLED = ""
SUSPENDED = "休学"
TRANSFERRED = "转学"
HOME_TAUGHT = "送教上门"
ABROAD = "出国（境）"
DECEASED = "死亡"
GRADUATED = "毕业"
DROPPED_OUT = "已辍学或流失"
NOT_ON_ROSTER = "不在本学年花名册"
ABSENT_TOO_LONG = "连续无故缺勤已达疑似辍学天数"

_STANDING_OF_STATUS = {
    "01": ENROLLED, "02": SUSPENDED, "03": DROPPED_OUT, "06": DROPPED_OUT, "07": GRADUATED,
    "10": TRANSFERRED, "11": DECEASED, "15": DROPPED_OUT,
}  # fmt: skip
_STANDING_OF_CHANGE = {
    "11": SUSPENDED, "12": ENROLLED, "21": TRANSFERRED, "22": ENROLLED, "31": DROPPED_OUT,
    "51": DECEASED, "61": GRADUATED, "70": GRADUATED, "81": HOME_TAUGHT, "82": ABROAD,
}  # fmt: skip
LEFT_WITH_PAPERS = (SUSPENDED, TRANSFERRED, HOME_TAUGHT, ABROAD, DECEASED)
"""Standings of pupils who left before they had finished, and whose whereabouts are documented."""


def moves(view: View) -> pd.DataFrame:
    """Every statement about a pupil's standing that was known on the day, oldest first.

    Returns
    -------
    DataFrame
        ``row`` (position in ``view.pupils``), ``on`` (day number of the move), ``known`` (day
        number), ``standing``. Papers come after the roster of the same day.
    """
    parts = [_roster_moves(view), _paper_moves(view)]
    both = pd.concat(parts, ignore_index=True)
    order = ["row", "known", "papers", "on", "standing"]
    return both.sort_values(order, ignore_index=True).drop(columns="papers")


def _roster_moves(view: View) -> pd.DataFrame:
    """Standings on all roster rows so far, not only on each pupil's last one."""
    students = view.history["students"]
    row = view.row_of[students.pupil]
    standing = translated(students.rows["status"], _STANDING_OF_STATUS, None)
    use = (students.known <= view.day) & (row >= 0) & pd.notna(standing)
    known = students.known[use]
    return pd.DataFrame(
        {"row": row[use], "on": known, "known": known, "standing": standing[use], "papers": False}
    )


def _paper_moves(view: View) -> pd.DataFrame:
    changes = view.table("registration_changes", "change_type", "known_on")
    standing = translated(changes["change_type"], _STANDING_OF_CHANGE, None)
    changes = changes.assign(
        on=changes["happened"],
        known=day_numbers(changes["known_on"]),
        standing=standing,
        papers=True,
    )
    return changes.loc[pd.notna(standing), ["row", "on", "known", "standing", "papers"]]


def standing(view: View, said: pd.DataFrame | None = None) -> np.ndarray:
    """Standing of each pupil on the day, object array of shape (n,); the last word counts.

    ``said`` are the :func:`moves` of the view, when the caller has them already.
    """
    last = (moves(view) if said is None else said).drop_duplicates("row", keep="last")
    found = np.full(len(view), ENROLLED, dtype=object)
    found[last["row"].to_numpy()] = last["standing"].to_numpy()
    home = (view.pupils["placement"] == "home").to_numpy(dtype=bool, na_value=False)
    found[home & (found == ENROLLED)] = HOME_TAUGHT
    found[_left_out(view) & (found == ENROLLED)] = NOT_ON_ROSTER
    return found


def _left_out(view: View) -> np.ndarray:
    """Pupils of last year whose school has delivered this year's roster without them."""
    year = day_number(school_year_start(view.as_of)) - 31
    current = day_numbers(view.pupils["known_on"]) >= year
    delivered = np.zeros(len(view.history.schools), dtype=bool)
    delivered[view.school[current]] = True
    return np.asarray(~current & delivered[view.school])
