"""Duties towards every pupil, for a whole county at once: aid, archives, routine visits."""

from __future__ import annotations

from datetime import date

import pandas as pd

from kongchuo_risk.contracts.procedure import DeadlineRule, Procedure
from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.calendar import school_year_start
from kongchuo_risk.domain.clock import end_of
from kongchuo_risk.domain.school_days import SchoolDays
from kongchuo_risk.domain.task import Task, TaskState
from kongchuo_risk.procedure.terms import due_after

COLUMNS = ("kind", "school_code", "class_id", "student_id", "due", "late")
LAST_ROUTINE_VISIT = (6, 30)
"""Month and day by which the year's routine visits are made."""
_KINDS = {
    "aid_payment": ("资助按时发放", Role.REGISTRAR, "资助台账", "196"),
    "new_archive": ("为新生建学籍", Role.REGISTRAR, "", "126"),
    "routine_visit": ("本学年常规家访", Role.HOMEROOM, "家访记录", "96"),
}
"""Kind → title for a class, who does it, form, rule."""


def pupil_duties(
    pupils: pd.DataFrame,
    *,
    aid: pd.DataFrame,
    visits: pd.DataFrame,
    procedure: Procedure,
    today: date,
    calendar: SchoolDays | None = None,
) -> pd.DataFrame:
    """Open duties towards pupils, one row each; what is done has no row.

    Parameters
    ----------
    pupils : DataFrame
        ``student_id``, ``school_code``, ``class_id``, ``enrol_month`` (YYYYMM or missing),
        ``registered`` (whether a 学籍号 is on record); one row per enrolled pupil.
    aid : DataFrame
        ``student_id``, ``applied_on``, ``paid_on``.
    visits : DataFrame
        ``student_id``, ``day``.
    procedure : Procedure
    today : date
    calendar : SchoolDays, optional
        For terms in school days; Monday to Friday where empty.

    Returns
    -------
    DataFrame
        Columns :data:`COLUMNS`; ``due`` is a day.
    """
    days, terms = calendar or SchoolDays(), procedure.deadlines
    places = pupils.set_index("student_id")[["school_code", "class_id"]]
    parts = [
        _rows("aid_payment", places, _due(_unpaid_aid(aid, today), terms["aid_payment"], days)),
        _rows(
            "new_archive", places, _due(_unregistered(pupils, today), terms["new_archive"], days)
        ),
        _rows("routine_visit", places, _routine_visits(pupils, visits, procedure, today)),
    ]
    duties = pd.concat(parts, ignore_index=True)
    return duties.assign(late=duties["due"] < pd.Timestamp(today))[list(COLUMNS)]


def class_tasks(duties: pd.DataFrame) -> list[Task]:
    """One task per class and kind, with how many pupils it is about.

    Parameters
    ----------
    duties : DataFrame
        From :func:`pupil_duties`.
    """
    groups = duties.groupby(["kind", "school_code", "class_id"], observed=True, sort=True)
    summary = groups.agg(pupils=("student_id", "size"), late=("late", "sum"), due=("due", "min"))
    return [_class_task(*row) for row in summary.reset_index().itertuples(index=False)]


def _class_task(
    kind: str, school_code: str, class_id: str, pupils: int, late: int, due: pd.Timestamp
) -> Task:
    title, owner, form, rule = _KINDS[kind]
    overdue = f"，其中逾期 {late} 名" if late else ""
    return Task(
        key=f"class:{class_id}:{kind}",
        kind=kind,
        title=title,
        school_code=school_code,
        class_id=class_id,
        due=end_of(due.date()),
        owner_role=owner,
        state=TaskState.LATE if late else TaskState.DUE,
        form=form,
        sources=(rule,),
        raised_to=Role.PRINCIPAL if late else None,
        detail=f"还有 {pupils} 名学生{overdue}",
    )


def _unpaid_aid(aid: pd.DataFrame, today: date) -> pd.Series:
    """Rule 196: what was applied for is paid in time; pupil → day of the first application."""
    asked = aid["applied_on"].notna() & (aid["applied_on"] <= pd.Timestamp(today))
    open_ = asked & ~(aid["paid_on"] <= pd.Timestamp(today))
    return aid[open_].groupby("student_id", observed=True)["applied_on"].min()


def _unregistered(pupils: pd.DataFrame, today: date) -> pd.Series:
    """Rule 126: a new pupil is registered in time; pupil → first day of the month of entry."""
    began = pd.to_datetime(pupils["enrol_month"].astype("str"), format="%Y%m", errors="coerce")
    new = began.ge(pd.Timestamp(school_year_start(today))) & ~pupils["registered"]
    return pd.Series(began[new].to_numpy(), index=pupils.loc[new, "student_id"])


def _routine_visits(
    pupils: pd.DataFrame, visits: pd.DataFrame, procedure: Procedure, today: date
) -> pd.Series:
    """Rule 96: every family is visited, whatever the risk; pupil → last day for it."""
    begun = school_year_start(today)
    recent = visits["day"].between(pd.Timestamp(begun), pd.Timestamp(today))
    made = visits[recent].groupby("student_id", observed=True).size()
    counts = made.reindex(pupils["student_id"], fill_value=0)
    wanting = counts.index[counts < procedure.visits.routine_per_year]
    month, day = LAST_ROUTINE_VISIT
    return pd.Series(pd.Timestamp(date(begun.year + 1, month, day)), index=wanting)


def _due(start: pd.Series, rule: DeadlineRule, calendar: SchoolDays) -> pd.Series:
    """Last days of terms that began on ``start``: few days begin many terms."""
    days = {
        day: pd.Timestamp(due_after(day.date(), rule, calendar).date())
        for day in start.dropna().unique()
    }
    return start.map(days).astype("datetime64[s]")


def _rows(kind: str, places: pd.DataFrame, due: pd.Series) -> pd.DataFrame:
    """Duties of a kind, with the places of their pupils; who is enrolled nowhere has none."""
    at = places.index.get_indexer(due.index)
    known = at >= 0
    found = places.take(at[known]).assign(due=due.to_numpy()[known], kind=kind)
    return found.reset_index()
