"""Enrolment, retention, dropout, return: the rates of the goal itself (seed rules 7–19)."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from kongchuo_risk.domain.calendar import school_year_start
from kongchuo_risk.domain.case import CaseStatus
from kongchuo_risk.features.standing import ABROAD, DECEASED, GRADUATED, TRANSFERRED
from kongchuo_risk.reports.indicators.catalogue import Indicator
from kongchuo_risk.reports.indicators.rows import PLACE, among, counted
from kongchuo_risk.reports.ledgers.history import Spell
from kongchuo_risk.reports.ledgers.roll import IN_EDUCATION, registered
from kongchuo_risk.reports.ledgers.school_age import belongs
from kongchuo_risk.reports.ledgers.window import Window, pupil_of

_LEFT_WITH_PAPERS = (TRANSFERRED, ABROAD, DECEASED)
_STILL_THERE = (*IN_EDUCATION, GRADUATED)
_COMPULSORY_YEARS = 9


def enrolment(window: Window, _: Indicator) -> pd.DataFrame:
    """入学率: on a roll, of all children of school age that are known."""
    return pd.concat([counted(window.moves.closing, True), counted(_unenrolled(window), False)])


def nine_years(window: Window, _: Indicator) -> pd.DataFrame | None:
    """九年巩固率: graduates of this year, of those who entered grade 1 nine years ago."""
    last = school_year_start(window.day)
    entered = _first_graders(window, date(last.year - _COMPULSORY_YEARS + 1, 8, 1))
    if entered.empty:
        return None
    roll = window.after.roll
    there = roll["grade"].astype("Float64").fillna(0) == _COMPULSORY_YEARS
    papers = window.after.rows("registration_changes")
    papers = papers[
        papers["change_type"].isin(["61", "70"])
        & (papers["day"] >= pd.Timestamp(window.school_year.period.first))
    ]
    graduates = roll[there & roll.index.isin(papers["student_id"])]
    return pd.concat([counted(entered, False), counted(graduates, True, of=0)])


def retention(window: Window, _: Indicator) -> pd.DataFrame:
    """巩固率 of the school year."""
    return _retained(window, _base(window))


def yearly_dropout(window: Window, _: Indicator) -> pd.DataFrame:
    """学年辍学率: became 辍学 this school year, less those who came back from it."""
    year = window.school_year
    gone = counted(year.placed(year.dropout.entered), True, of=0)
    back = counted(year.placed({pupil_of(spell) for spell in _back_from(year)}), True, of=0)
    return pd.concat([counted(_base(window), False), gone, back.assign(n=-back["n"])])


def lost(window: Window, _: Indicator) -> pd.DataFrame:
    """流失率: 辍学, or gone from the roll without papers."""
    base = _base(window)
    stands = window.after.roll["standing"].reindex(base.index)
    without_papers = ~stands.isin([*_STILL_THERE, *_LEFT_WITH_PAPERS, "已辍学或流失"])
    gone = {pupil for _, pupil in window.dropout.closing}
    return counted(base, without_papers | base.index.isin(gone))


def returning(window: Window, _: Indicator) -> pd.DataFrame:
    """复学率: came back and is at school, of everybody who stayed away in the period."""
    stocks = (window.suspected, window.dropout)
    away = frozenset().union(*(stock.opening | stock.entered for stock in stocks))
    still = frozenset().union(*(stock.closing for stock in stocks))
    rows = window.placed(away)
    return counted(rows, among(rows, window.returned - still))


def staying(window: Window, indicator: Indicator) -> pd.DataFrame:
    """留住率: returns after which the pupil was not away again for some weeks."""
    weeks = indicator.parameters["weeks"]
    assert isinstance(weeks, int)
    wait = timedelta(weeks=weeks)
    spells = window.after.history.spells
    due = [
        spell
        for spell in spells
        if spell.ended_as is CaseStatus.RETURNED
        and spell.ended is not None
        and window.holds(spell.ended + wait)
    ]
    began: dict[str, list[date]] = {}
    for spell in spells:
        began.setdefault(spell.case.student_id, []).append(spell.began)
    rows = [(*pupil_of(spell), _stayed(spell, began, wait)) for spell in due]
    table = pd.DataFrame(rows, columns=["school_code", "student_id", "stayed"])
    places = window.placed({pupil_of(spell) for spell in due})
    placed = table.merge(places, on=["school_code", "student_id"], how="left")
    return counted(placed, placed["stayed"].astype(bool))


def disabled_registered(window: Window, _: Indicator) -> pd.DataFrame:
    """残疾儿童建籍率."""
    roll = _disabled(window.moves.closing)
    return pd.concat([counted(roll, True), counted(_unenrolled(window, disabled=True), False)])


def disabled_enrolled(window: Window, _: Indicator) -> pd.DataFrame:
    """残疾儿童入学率: on a roll, and not away."""
    roll = _disabled(window.moves.closing)
    away = {pupil for _, pupil in window.suspected.closing | window.dropout.closing}
    there = roll["standing"].isin(IN_EDUCATION) & ~roll.index.isin(away)
    return pd.concat([counted(roll, there), counted(_unenrolled(window, disabled=True), False)])


def disabled_helped(window: Window, _: Indicator) -> pd.DataFrame:
    """残疾儿童帮扶率: a measure was delivered in the school year."""
    roll = _disabled(window.moves.closing)
    done = window.after.rows("measures_delivered")
    started = pd.Timestamp(window.school_year.period.first)
    helped = done.loc[done["started_on"].between(started, pd.Timestamp(window.day)), "student_id"]
    return counted(roll, pd.Series(roll.index.isin(helped), index=roll.index))


def disabled_retained(window: Window, _: Indicator) -> pd.DataFrame:
    """残疾儿童留住率."""
    return _retained(window, _disabled(_base(window)))


def _base(window: Window) -> pd.DataFrame:
    """Pupils on the school year's first roll."""
    return registered(window.base.roll)


def _retained(window: Window, base: pd.DataFrame) -> pd.DataFrame:
    stands = window.after.roll["standing"].reindex(base.index)
    kept = base[~stands.isin(_LEFT_WITH_PAPERS)]
    there = window.after.roll["standing"].reindex(kept.index).isin(_STILL_THERE)
    gone = {pupil for _, pupil in window.dropout.closing}
    return counted(kept, there & ~kept.index.isin(gone))


def _disabled(roll: pd.DataFrame) -> pd.DataFrame:
    return roll[belongs(roll["disability_type"])]


def _unenrolled(window: Window, *, disabled: bool = False) -> pd.DataFrame:
    children = [c for c in window.after.unenrolled if c.disabled or not disabled]
    return pd.DataFrame([(c.school_code, "", c.stage) for c in children], columns=PLACE)


def _back_from(year: Window) -> list[Spell]:
    """Returns that ended a 辍学, not only a suspicion."""
    days = year.material.terms.confirm_days
    return [spell for spell in year.returns if spell.dropout_on(days) is not None]


def _stayed(spell: Spell, began: dict[str, list[date]], wait: timedelta) -> bool:
    assert spell.ended is not None
    limit = spell.ended + wait
    return not any(spell.ended <= day <= limit for day in began[spell.case.student_id])


def _first_graders(window: Window, first: date) -> pd.DataFrame:
    """Pupils who were on a roll in grade 1 in the school year that began on ``first``."""
    students = window.after.rows("students")
    known = students["known_on"].between(
        pd.Timestamp(first), pd.Timestamp(first.replace(year=first.year + 1)), inclusive="left"
    )
    young = students[known & (students["grade"] == 1)].drop_duplicates("student_id")
    return young.assign(stage="小学")
