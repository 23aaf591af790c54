"""Fellegi–Sunter model of two rows being one person: fields, degrees of agreement, weights.

The shares are what a register is expected to show before anything was learned from the registers
themselves; see ``docs/registers.md`` for where they come from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Level:
    """One degree of agreement.

    Attributes
    ----------
    words
        What a reviewer reads.
    sql
        Condition on the prepared columns of both rows (``_l``, ``_r``).
    if_same, if_different
        Share of pairs at this level among pairs of one person (m) and of two people (u).
    frequency
        Column whose rarer values weigh more.
    """

    words: str
    sql: str
    if_same: float
    if_different: float
    frequency: str | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One field with its degrees of agreement, the closest first; the last is ``ELSE``."""

    name: str
    title: str
    shown: str
    """Column of the person frame that a reviewer sees."""
    unknown: str
    """Condition under which nothing can be said."""
    levels: tuple[Level, ...]

    def words(self, gamma: int) -> str:
        """Words of a level as splink numbers it: from 0 upwards, -1 for a missing value."""
        return "一方未填" if gamma < 0 else self.levels[len(self.levels) - 1 - gamma].words


def _either_missing(column: str) -> str:
    return f"{column}_l IS NULL OR {column}_r IS NULL"


_SAME_NUMBER = "id_hash_l = id_hash_r"
_OLD_NUMBER = (
    "id_hash_l = old_id_hash_r OR old_id_hash_l = id_hash_r OR old_id_hash_l = old_id_hash_r"
)
_WHOLE = "length(birth_l) = 8 AND length(birth_r) = 8"
_APART = "abs(date_diff('day', birth_day_l, birth_day_r))"
FIELDS = (
    Field("name", "姓名", "name", _either_missing("name"), (
        Level("相同", "name_exact_l = name_exact_r", 0.86, 0.0005, "name_exact"),
        Level("同音不同字，或以拼音代字", "sound_l = sound_r", 0.05, 0.0008, "sound"),
        Level("缺一字，其余相同", "name_l LIKE name_r OR name_r LIKE name_l", 0.02, 0.0005),
        Level("近音", "loose_l = loose_r", 0.01, 0.001),
        Level("差一字，或两字颠倒",
              "least(length(name_l), length(name_r)) > 2 "
              "AND damerau_levenshtein(name_l, name_r) = 1", 0.02, 0.01),
        Level("名相同，姓不同", "given_l = given_r", 0.01, 0.002),
        Level("不同", "ELSE", 0.03, 0.9852),
    )),
    Field("birth", "出生日期", "birth", _either_missing("birth"), (
        Level("相同", "birth_l = birth_r AND length(birth_l) = 8", 0.85, 0.0003),
        Level("年月相同（一方只有年月）",
              f"substr(birth_l, 1, 6) = substr(birth_r, 1, 6) AND NOT ({_WHOLE})", 0.04, 0.002),
        Level("数字颠倒（如月日互换）", f"digits_l = digits_r AND {_WHOLE}", 0.03, 0.002),
        Level("差一个数字", f"damerau_levenshtein(birth_l, birth_r) = 1 AND {_WHOLE}", 0.02, 0.008),
        Level("相差约一个月（可能一方是农历）", f"{_APART} BETWEEN 17 AND 55", 0.03, 0.02),
        Level("年份相同", "substr(birth_l, 1, 4) = substr(birth_r, 1, 4)", 0.02, 0.09),
        Level("不同", "ELSE", 0.01, 0.8777),
    )),
    Field("sex", "性别", "sex", _either_missing("sex"), (
        Level("相同", "sex_l = sex_r", 0.99, 0.5),
        Level("不同", "ELSE", 0.01, 0.5),
    )),
    Field("village", "村", "village", _either_missing("village"), (
        Level("相同", "village_l = village_r", 0.88, 0.02, "village"),
        Level("不同", "ELSE", 0.12, 0.98),
    )),
    Field("guardian", "监护人", "guardian", _either_missing("guardian"), (
        Level("相同", "guardian_l = guardian_r", 0.7, 0.0005, "guardian"),
        Level("同音不同字", "guardian_sound_l = guardian_sound_r", 0.04, 0.0008, "guardian_sound"),
        Level("差一字", "least(length(guardian_l), length(guardian_r)) > 2 "
              "AND damerau_levenshtein(guardian_l, guardian_r) = 1", 0.02, 0.01),
        Level("不同", "ELSE", 0.24, 0.9887),
    )),
    Field("number", "证件号", "id_last4",
          f"({_either_missing('id_hash')}) AND NOT coalesce({_OLD_NUMBER}, FALSE)", (
        Level("相同", _SAME_NUMBER, 0.93, 0.0001),
        Level("与学籍号里的号码相同", _OLD_NUMBER, 0.02, 0.0001),
        Level("号码不同，后四位相同", "id_last4_l = id_last4_r", 0.01, 0.0003),
        Level("不同", "ELSE", 0.04, 0.9995),
    )),
)  # fmt: skip
"""Fields by which rows are compared."""
LEARNED = frozenset({"name", "birth", "sex", "village", "guardian"})
"""Fields whose shares are learned from large registers; numbers are taken at their word."""
FREQUENCIES = {
    "name_exact": (2_000, 0.0005),
    "sound": (2_000, 0.0008),
    "guardian": (2_000, 0.0005),
    "guardian_sound": (2_000, 0.0008),
    "village": (50, 0.02),
}
"""Columns whose rarer values weigh more, with so many imagined rows of a usual share.

Without them a name that stands once in each of two short lists would look common.
"""
BLOCKS = (
    "l.id_hash = r.id_hash",
    "l.id_hash = r.old_id_hash",
    "l.old_id_hash = r.id_hash",
    "l.old_id_hash = r.old_id_hash",
    "l.name = r.name",
    "l.birth = r.birth AND length(l.birth) = 8",
    "l.loose = r.loose AND l.village = r.village",
    "l.loose = r.loose AND l.birth_year = r.birth_year",
    "l.loose = r.loose AND l.digits = r.digits",
    "l.surname = r.surname AND l.digits = r.digits",
    "l.given = r.given AND l.digits = r.digits",
    "l.surname = r.surname AND l.village = r.village AND l.birth_year = r.birth_year",
    "l.guardian_sound = r.guardian_sound AND l.village = r.village",
    "l.guardian_sound = r.guardian_sound AND l.birth_year = r.birth_year",
)
"""Pairs that are looked at: rows that agree in one of these.

``digits`` holds the sorted digits of a birth date, so that no transposition parts a pair.
"""


def settings(prior: float) -> dict[str, Any]:
    """The model as splink reads it.

    Parameters
    ----------
    prior
        Probability that two rows taken at random are one person.
    """
    return {
        "link_type": "link_only",
        "probability_two_random_records_match": prior,
        "blocking_rules_to_generate_predictions": [{"blocking_rule": rule} for rule in BLOCKS],
        "comparisons": [_comparison(field) for field in FIELDS],
        # Without it splink does not say at which level a pair stands.
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": True,
        "em_convergence": 0.001,
        "linker_uid": "registers",
    }


def _comparison(field: Field) -> dict[str, Any]:
    missing = {
        "sql_condition": field.unknown,
        "label_for_charts": "一方未填",
        "is_null_level": True,
    }
    levels = [missing, *(_level(level, field) for level in field.levels)]
    return {"output_column_name": field.name, "comparison_levels": levels}


def _level(level: Level, field: Field) -> dict[str, Any]:
    plain = {
        "sql_condition": level.sql,
        "label_for_charts": level.words,
        "m_probability": level.if_same,
        "u_probability": level.if_different,
        "fix_m_probability": field.name not in LEARNED,
        "fix_u_probability": field.name not in LEARNED,
    }
    if level.frequency is None:
        return plain
    # The share of the level itself, not that of the field's first level, is what a value's own
    # frequency takes the place of.
    own = {"disable_tf_exact_match_detection": True, "tf_minimum_u_value": 1e-5}
    return plain | {"tf_adjustment_column": level.frequency} | own
