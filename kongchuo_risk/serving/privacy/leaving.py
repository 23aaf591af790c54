"""Since when a pupil is gone: what the periods of retention run from."""

from __future__ import annotations

from datetime import date

import pandas as pd

from kongchuo_risk.contracts.privacy import Leaving
from kongchuo_risk.contracts.tables import Schema
from kongchuo_risk.domain.records import Records

COLUMNS = ("student_id", "left_on", "why")
_AT_SCHOOL = "01"


def left_pupils(records: Records, leaving: Leaving, today: date, schema: Schema) -> pd.DataFrame:
    """Pupils who are gone, from when, and by which record.

    A later row of the roster that calls the pupil 在读 takes a leaving back: graduates of a
    primary school are pupils of a junior school the next autumn.

    Parameters
    ----------
    records
        ``students`` with all versions, ``registration_changes``.
    leaving
        Which changes and states count.
    today
        Nothing later counts.
    schema
        Labels.

    Returns
    -------
    DataFrame
        ``student_id``, ``left_on`` (day), ``why`` (Chinese); one row per pupil who is gone.
    """
    known = records.known_by(today)
    roster = _last(known["students"], "known_on")
    found = [
        _changed(known["registration_changes"], roster, leaving, schema, today),
        _marked(roster, leaving, schema),
        _grown(roster, leaving, today),
    ]
    both = pd.concat([table for table in found if not table.empty] or found[:1])
    return both.drop_duplicates("student_id").reset_index(drop=True)


def _last(table: pd.DataFrame, day: str) -> pd.DataFrame:
    return table.sort_values(day, kind="stable").drop_duplicates("student_id", keep="last")


def _changed(
    changes: pd.DataFrame, roster: pd.DataFrame, leaving: Leaving, schema: Schema, today: date
) -> pd.DataFrame:
    last = _last(changes[changes["day"] <= pd.Timestamp(today)], "day")
    gone = last[last["change_type"].astype("str").isin(leaving.changes)]
    since = _rows(gone, gone["day"], "change_type", gone["change_type"], schema)
    back = roster[roster["status"].fillna(_AT_SCHOOL).eq(_AT_SCHOOL)]
    seen = since["student_id"].map(back.set_index("student_id")["known_on"])
    return since[~(seen > since["left_on"]).fillna(value=False)]


def _marked(roster: pd.DataFrame, leaving: Leaving, schema: Schema) -> pd.DataFrame:
    gone = roster[roster["status"].isin(leaving.statuses)]
    return _rows(gone, gone["known_on"], "student_status", gone["status"], schema)


def _grown(roster: pd.DataFrame, leaving: Leaving, today: date) -> pd.DataFrame:
    birthday = roster["birth_date"] + pd.DateOffset(years=leaving.age)
    gone = roster[birthday <= pd.Timestamp(today)]
    return pd.DataFrame(
        {
            "student_id": gone["student_id"].astype("str"),
            "left_on": birthday[gone.index],
            "why": f"满{leaving.age}周岁",
        }
    )


def _rows(
    gone: pd.DataFrame, day: pd.Series, codes: str, code: pd.Series, schema: Schema
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "student_id": gone["student_id"].astype("str"),
            "left_on": day,
            "why": [schema.label(codes, each) for each in code],
        }
    )
