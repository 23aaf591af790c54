"""The roll of a day: every pupil known, where he or she stands, and who came and went between."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from kongchuo_risk.domain.records import Records
from kongchuo_risk.features.known import History, View
from kongchuo_risk.features.standing import (
    ABROAD,
    DECEASED,
    DROPPED_OUT,
    ENROLLED,
    GRADUATED,
    HOME_TAUGHT,
    SUSPENDED,
    TRANSFERRED,
    standing,
)

AT_SCHOOL = "在读"
REGISTERED = (AT_SCHOOL, SUSPENDED, HOME_TAUGHT, DROPPED_OUT)
"""在籍: a child who stays away keeps his or her place on the roll."""
IN_EDUCATION = (AT_SCHOOL, SUSPENDED, HOME_TAUGHT)
LEFT_DOCUMENTED = (TRANSFERRED, ABROAD, DECEASED, GRADUATED)
_LAST_PRIMARY_GRADE = 6
_IDENTITY = ("student_id", "known_on", "status")
_COLUMNS = (
    "school_code", "class_id", "grade", "sex", "birth_date", "village", "left_behind", "caregiver",
    "boarding", "poverty_type", "orphan", "unsupported", "disability_type", "placement",
    "migrant_child", "enrol_month",
)  # fmt: skip


class Rolls:
    """Records of a workspace, with the roll of any day; each day's is made once.

    Parameters
    ----------
    records
        With every version of corrected rows (``history=True``), so that past days are exact.
    """

    def __init__(self, records: Records) -> None:
        self.records = records
        students = records["students"]
        needed = [name for name in (*_IDENTITY, *_COLUMNS) if name in students]
        self._history = History(Records({**records, "students": students[needed]}))
        self._made: dict[date, pd.DataFrame] = {}

    def on(self, day: date) -> pd.DataFrame:
        """Every pupil known at the end of ``day``; not to be changed.

        Returns
        -------
        DataFrame indexed by ``student_id``
            Last known columns of ``students``, ``stage`` (小学, 初中, 未注明) and ``standing``
            (在读, 休学, 送教上门, 已辍学或流失, 转学, 出国（境）, 死亡, 毕业, 不在本学年花名册).
        """
        if day not in self._made:
            self._made[day] = _roll(View(self._history, day))
        return self._made[day]

    def rows(self, table: str, day: date) -> pd.DataFrame:
        """Rows of a table that were known on ``day``, corrected rows by their last word."""
        whole = self.records[table]
        known = whole[whole["known_on"] <= pd.Timestamp(day)].sort_values("known_on", kind="stable")
        key = list(_KEYS.get(table, ()))
        return known.drop_duplicates(key, keep="last") if key else known


_KEYS = {
    "registration_changes": ("student_id", "day", "change_type"),
    "aid": ("student_id", "term", "item"),
    "measures_delivered": ("student_id", "measure", "started_on"),
}
"""What makes two rows versions of one fact."""


def _roll(view: View) -> pd.DataFrame:
    said = standing(view)
    stands = np.where(said == ENROLLED, AT_SCHOOL, said)
    pupils = view.pupils.set_index("student_id")
    table = pupils.reindex(columns=pd.Index(_COLUMNS)).astype({"school_code": "str"})
    table["class_id"] = table["class_id"].astype("str")
    return table.assign(stage=stage_of_grade(table["grade"]), standing=stands)


def stage_of_grade(grade: pd.Series) -> pd.Series:
    """小学 up to grade 6, 初中 from grade 7, 未注明 without a grade."""
    known = grade.astype("Float64").fillna(0)
    stage = np.select([known > _LAST_PRIMARY_GRADE, known > 0], ["初中", "小学"], "未注明")
    return pd.Series(stage, index=grade.index, dtype="str")


def registered(roll: pd.DataFrame) -> pd.DataFrame:
    """Pupils 在籍."""
    return roll[roll["standing"].isin(REGISTERED)]


def in_education(roll: pd.DataFrame) -> pd.DataFrame:
    """Pupils at school, on leave with papers, or taught at home."""
    return roll[roll["standing"].isin(IN_EDUCATION)]


@dataclass(frozen=True)
class Movement:
    """Who was on a school's roll before a period, and who at its end.

    Attributes
    ----------
    opening, closing, came, went : DataFrame indexed by ``student_id``
        Each with ``school_code, class_id, stage``. A pupil who changed schools, or went from 小学
        to 初中 in one school, is in ``came`` and in ``went``. ``how`` says 新生, 转入, 复籍 or
        无手续 of those who came, and 毕业, 转学, 出国（境）, 死亡 or 无手续 of those who went. A
        pupil who changed classes counts in the class of the end.
    """

    opening: pd.DataFrame
    closing: pd.DataFrame
    came: pd.DataFrame
    went: pd.DataFrame


UNDOCUMENTED = "无手续"
_PLACE = ["school_code", "stage"]


def movement(before: pd.DataFrame, after: pd.DataFrame, changes: pd.DataFrame) -> Movement:
    """Comings and goings between two rolls of :meth:`Rolls.on`.

    Parameters
    ----------
    before, after
        Rolls of the day before a period and of its last day.
    changes
        ``registration_changes`` known at the end.
    """
    opening, closing = registered(before), registered(after)
    there = closing[_PLACE].reindex(opening.index)
    stays = (there == opening[_PLACE]).all(axis=1)
    class_now = closing["class_id"].reindex(opening.index)
    opening = opening.assign(class_id=class_now.where(stays, opening["class_id"]))
    came = closing[~closing.index.isin(opening.index[stays])]
    went = opening[~stays]
    return Movement(
        opening,
        closing,
        came.assign(how=_how_came(came, opening, changes)),
        went.assign(how=_how_went(went, after, closing)),
    )


def _how_came(came: pd.DataFrame, opening: pd.DataFrame, changes: pd.DataFrame) -> np.ndarray:
    first_grade = came["grade"].astype("Float64").fillna(0).isin([1, 7])
    return np.select(
        [
            first_grade & ~came.index.isin(_pupils(changes, "22")),
            came.index.isin(_pupils(changes, "22")) | came.index.isin(opening.index),
            came.index.isin(_pupils(changes, "12")),
        ],
        ["新生", "转入", "复籍"],
        UNDOCUMENTED,
    )


def _how_went(went: pd.DataFrame, after: pd.DataFrame, closing: pd.DataFrame) -> np.ndarray:
    stands = after["standing"].reindex(went.index).astype("str")
    now = closing["stage"].reindex(went.index)
    return np.select(
        [(went["stage"] == "小学") & (now == "初中"), now.notna(), stands.isin(LEFT_DOCUMENTED)],
        [GRADUATED, TRANSFERRED, stands],
        UNDOCUMENTED,
    )


def _pupils(changes: pd.DataFrame, code: str) -> list[str]:
    return [*changes.loc[changes["change_type"] == code, "student_id"]]
