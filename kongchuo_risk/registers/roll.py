"""The roll as a person frame: records of the workspace with the identities of their pupils."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

import pandas as pd

from kongchuo_risk.contracts.tables import Schema, load_schema
from kongchuo_risk.domain.match import PERSON_COLUMNS
from kongchuo_risk.domain.records import latest_by_student
from kongchuo_risk.tables import Pseudonyms

_CITIZEN = re.compile(r"\d{17}[\dX]")
_FLAGS = {"orphan": "孤儿", "unsupported": "事实无人抚养", "judicial": "涉案未成年人"}
_CODED = {"disability_type": "残疾", "left_behind": "留守"}
"""Columns whose code is 0 where there is nothing to say."""


def roll_people(
    students: pd.DataFrame,
    identities: Mapping[str, Mapping[str, str]],
    pseudonyms: Pseudonyms,
    *,
    day: date,
    schema: Schema | None = None,
) -> pd.DataFrame:
    """Who was on the roll on a day, as far as known then.

    Parameters
    ----------
    students : DataFrame
        The table ``students`` with all its versions.
    identities
        Pupil → sealed facts, see :func:`~kongchuo_risk.tables.load_identities`.
    pseudonyms
        By which citizen numbers are hashed, the same as in the rosters.
    day
        Later versions do not count.
    schema
        Contracts, when not the packaged ones.

    Returns
    -------
    DataFrame
        A person frame. The table keeps the month of birth only; the day comes from the citizen
        number where there is one. The number inside a 学籍号 may be an earlier one: it is
        ``old_id_hash``.
    """
    pupils = latest_by_student(students, day)
    contracts = schema or load_schema()
    facts = (
        pd.DataFrame(
            [identities.get(str(student_id), {}) for student_id in pupils.index], index=pupils.index
        )
        .reindex(columns=["name", "student_key", "id_number", "guardian_1_name"])
        .astype("str")
    )
    number = _citizen(facts["id_number"]).fillna(_citizen(facts["student_key"]))
    inside = _citizen(facts["student_key"].str.removeprefix("G")).where(lambda old: old != number)
    month = pupils["birth_date"].dt.strftime("%Y-%m")
    columns = {
        "person": pupils.index.to_series(),
        "student_id": pupils.index.to_series(),
        "name": facts["name"],
        "guardian": facts["guardian_1_name"],
        "sex": _labels(pupils["sex"], contracts, "sex"),
        "birth": _birthday(number).fillna(month),
        "village": pupils["village"],
        "id_hash": _hashed(number, pseudonyms),
        "old_id_hash": _hashed(inside, pseudonyms),
        "id_last4": number.str.slice(-4),
        "status": _labels(pupils["status"], contracts, "student_status"),
        "category": _categories(pupils, contracts),
        "place": pupils["class_id"],
    }
    frame = pd.DataFrame({name: columns[name].astype("str") for name in PERSON_COLUMNS})
    return frame.reset_index(drop=True)


def _citizen(numbers: pd.Series) -> pd.Series:
    """Citizen numbers among the keys; anything else is missing."""
    text = numbers.astype("str").str.upper()
    return text.where(text.str.fullmatch(_CITIZEN.pattern).fillna(False).astype(bool))


def _hashed(numbers: pd.Series, pseudonyms: Pseudonyms) -> pd.Series:
    return numbers.map(pseudonyms.student_id, na_action="ignore")


def _birthday(numbers: pd.Series) -> pd.Series:
    digits = numbers.str.slice(6, 14)
    return digits.str.slice(0, 4) + "-" + digits.str.slice(4, 6) + "-" + digits.str.slice(6, 8)


def _labels(codes: pd.Series, schema: Schema, name: str) -> pd.Series:
    words = codes.astype("str").map(lambda code: schema.label(name, code), na_action="ignore")
    return words.astype("str")


def _categories(pupils: pd.DataFrame, schema: Schema) -> pd.Series:
    """What the school knows of a pupil that a department may have registered, joined by 、."""
    words = pd.Series("", index=pupils.index, dtype=object)
    for column, word in _FLAGS.items():
        words += _word(pupils[column].fillna(False).astype(bool), word)
    for column, word in _CODED.items():
        words += _word(pupils[column].astype("str").fillna("0").ne("0"), word)
    poverty = _labels(pupils["poverty_type"], schema, "poverty_type").fillna("无")
    words += ("、" + poverty.astype(object)).mask(poverty.eq("无").to_numpy(), "")
    return words.str.removeprefix("、")


def _word(holds: pd.Series, word: str) -> pd.Series:
    return pd.Series("", index=holds.index, dtype=object).mask(holds.to_numpy(), f"、{word}")
