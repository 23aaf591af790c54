"""A person frame into the columns that are compared."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from kongchuo_risk.domain.match import PERSON_COLUMNS
from kongchuo_risk.registers.characters import (
    UNKNOWN,
    loose_sound,
    name_sound,
    plain_name,
    plain_village,
)


def prepared(people: pd.DataFrame) -> pd.DataFrame:
    """Columns by which rows are compared; missing where a register says nothing.

    Parameters
    ----------
    people : DataFrame of shape (n_rows, …)
        With :data:`~kongchuo_risk.domain.match.PERSON_COLUMNS`.

    Returns
    -------
    DataFrame of shape (n_rows, 18)
        ``unique_id`` is the position of the row.

    Raises
    ------
    ValueError
        Names the columns that are missing.
    """
    absent = [column for column in PERSON_COLUMNS if column not in people]
    if absent:
        raise ValueError(f"a person frame lacks {', '.join(absent)}")
    name = _mapped(people["name"], plain_name)
    sound = _mapped(people["name"], name_sound)
    guardian_sound = _mapped(people["guardian"], name_sound)
    birth = _text(people["birth"]).str.replace("-", "")
    whole = birth.where(birth.str.len() == 8)
    columns = {
        "unique_id": pd.Series(range(len(people))),
        "name": name,
        "name_exact": _whole_names(name),
        "sound": _whole_names(sound),
        "loose": _mapped(_whole_names(sound), loose_sound),
        "surname": _mapped(_mapped(sound, _first_word), loose_sound),
        "given": _whole_names(name).str.slice(1).where(name.str.len() > 2),
        "birth": birth,
        "birth_day": pd.to_datetime(whole, format="%Y%m%d", errors="coerce"),
        "birth_year": birth.str.slice(0, 4),
        "digits": _mapped(whole, lambda day: "".join(sorted(day))),
        "sex": _text(people["sex"]),
        "village": _mapped(people["village"], plain_village),
        "guardian": _whole_names(_mapped(people["guardian"], plain_name)),
        "guardian_sound": _whole_names(guardian_sound),
        "id_hash": _text(people["id_hash"]),
        "old_id_hash": _text(people["old_id_hash"]),
        "id_last4": _text(people["id_last4"]),
    }
    return pd.DataFrame(columns)


def _text(column: pd.Series) -> pd.Series:
    """Text without a row index; the empty text is missing."""
    text = column.astype("str").reset_index(drop=True)
    return text.mask(text == "")


def _mapped(column: pd.Series, read: Callable[[str], str]) -> pd.Series:
    """``read`` of every different text, once."""
    text = _text(column)
    words = {word: read(word) for word in text.dropna().unique()}
    return _text(text.map(words))


def _whole_names(names: pd.Series) -> pd.Series:
    """Names of which every character is known."""
    return names.mask(names.str.contains(UNKNOWN, regex=False).fillna(False).astype(bool))


def _first_word(sound: str) -> str:
    return sound.split(" ")[0]
