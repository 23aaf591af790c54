"""What surrounds the pupils: responsible adults, letters, screening, visits, aid, publicity."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from kongchuo_risk.domain.calendar import term_of
from kongchuo_risk.domain.school_record import RecordKind, SchoolRecord
from kongchuo_risk.procedure.periods import period_of
from kongchuo_risk.reports.indicators.catalogue import Indicator
from kongchuo_risk.reports.indicators.rows import classes_of, counted
from kongchuo_risk.reports.ledgers.roll import AT_SCHOOL
from kongchuo_risk.reports.ledgers.school_age import belongs
from kongchuo_risk.reports.ledgers.window import Window

SCREENED = frozenset({RecordKind.SCREENING, RecordKind.TERM_CHECK})
TOLD = frozenset({RecordKind.PUBLICITY, RecordKind.MOBILISATION})


def mentored(window: Window, _: Indicator) -> pd.DataFrame | None:
    """包保覆盖率."""
    mentors = window.material.mentors
    if mentors is None:
        return None
    roll = window.moves.closing
    there = roll[roll["standing"] == AT_SCHOOL]
    return counted(there, pd.Series(there.index.isin(list(mentors)), index=there.index))


def letters_signed(window: Window, _: Indicator) -> pd.DataFrame:
    """责任书签订率: classes with a letter of this school year."""
    return _with_record(classes_of(window), window.school_year, {RecordKind.LETTER})


def screened(window: Window, _: Indicator) -> pd.DataFrame:
    """摸排覆盖率: a record of the pupil, of the class, or of the whole school."""
    roll = window.moves.closing
    records = [r for r in _records(window, SCREENED) if not r.village]
    pupils = {r.student_id for r in records if r.student_id}
    of_class = {(r.school_code, r.class_id) for r in records if r.class_id and not r.student_id}
    of_school = {r.school_code for r in records if not r.class_id and not r.student_id}
    places = zip(roll["school_code"], roll["class_id"], strict=True)
    in_class = pd.Series([place in of_class for place in places], index=roll.index, dtype=bool)
    covered = in_class | roll["school_code"].isin(of_school) | roll.index.isin(pupils)
    return counted(roll, covered)


def visited(window: Window, _: Indicator) -> pd.DataFrame:
    """家访覆盖率: somebody went to the pupil's home this school year."""
    roll = window.moves.closing
    seen = {
        visit.student_id
        for visit in window.after.history.visits
        if visit.at_home and window.school_year.holds(visit.day)
    }
    return counted(roll, pd.Series(roll.index.isin(seen), index=roll.index))


def eligible(roll: pd.DataFrame) -> pd.Series:
    """Whether each pupil is owed aid: 家庭困难, 孤儿, 事实无人抚养 or 残疾."""
    columns = ("poverty_type", "orphan", "unsupported", "disability_type")
    return pd.concat([belongs(roll[name]) for name in columns], axis=1).any(axis=1)


def aided(window: Window, _: Indicator) -> pd.DataFrame:
    """应助尽助率: of those who are owed aid, who has any this term."""
    roll = window.moves.closing
    owed = roll[eligible(roll)]
    return counted(owed, pd.Series(owed.index.isin(_aid(window)["student_id"]), index=owed.index))


def waived(window: Window, indicator: Indicator) -> pd.DataFrame | None:
    """两免一补 and 三免一补: every waiver, and for those in need a subsidy."""
    aid = _aid(window)
    if aid.empty:
        return None
    roll = window.moves.closing
    has = pd.Series(True, index=roll.index)
    for item in _items(indicator, "waivers"):
        has &= roll.index.isin(aid.loc[aid["item"] == item, "student_id"])
    helped = aid.loc[aid["item"].isin(_items(indicator, "subsidies")), "student_id"]
    return counted(roll, has & (~eligible(roll) | roll.index.isin(helped)))


def classes_told(window: Window, _: Indicator) -> pd.DataFrame:
    """宣传到班率."""
    return _with_record(classes_of(window), _term(window), {RecordKind.PUBLICITY})


def villages_told(window: Window, _: Indicator) -> pd.DataFrame | None:
    """宣传到村率: of the villages in which pupils live."""
    roll = window.moves.closing
    pairs = roll[roll["village"].notna()][["school_code", "village"]].drop_duplicates()
    if pairs.empty:
        return None
    told = {(r.school_code, r.village) for r in _records(_term(window), TOLD) if r.village}
    villages = pairs.assign(class_id="", stage="未注明")
    keys = zip(villages["school_code"], villages["village"], strict=True)
    return counted(villages, pd.Series([key in told for key in keys], index=villages.index))


def _term(window: Window) -> Window:
    """The same day seen over its term."""
    return Window(window.material, period_of(window.day, "term"), window.day)


def _records(window: Window, kinds: Iterable[RecordKind]) -> list[SchoolRecord]:
    wanted = frozenset(kinds)
    records = window.after.history.records
    return [each for each in records if each.kind in wanted and window.holds(each.day)]


def _with_record(
    classes: pd.DataFrame, window: Window, kinds: Iterable[RecordKind]
) -> pd.DataFrame:
    having = {(r.school_code, r.class_id) for r in _records(window, kinds) if r.class_id}
    keys = zip(classes["school_code"], classes["class_id"], strict=True)
    return counted(classes, pd.Series([key in having for key in keys], index=classes.index))


def _aid(window: Window) -> pd.DataFrame:
    """Aid of the term in which the day lies."""
    aid = window.after.rows("aid")
    return aid[aid["term"] == term_of(window.day)]


def _items(indicator: Indicator, name: str) -> tuple[str, ...]:
    items = indicator.parameters[name]
    assert isinstance(items, tuple)
    return items
