"""Duties towards every pupil, for a whole county at once: aid, archives, routine visits."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from kongchuo_risk.contracts.procedure import Procedure
from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.calendar import school_year_start
from kongchuo_risk.domain.clock import end_of
from kongchuo_risk.domain.task import Task, TaskState

COLUMNS = ("kind", "school_code", "class_id", "student_id", "due", "late")
_TITLES = {
    "aid_payment": "资助按时发放",
    "new_archive": "为新生建学籍",
    "routine_visit": "本学年常规家访",
}
_OWNERS = {
    "aid_payment": Role.REGISTRAR,
    "new_archive": Role.REGISTRAR,
    "routine_visit": Role.HOMEROOM,
}


def pupil_duties(
    pupils: pd.DataFrame,
    *,
    aid: pd.DataFrame,
    visits: pd.DataFrame,
    procedure: Procedure,
    today: date,
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

    Returns
    -------
    DataFrame
        Columns :data:`COLUMNS`; ``due`` is a day.
    """
    parts = [
        _unpaid_aid(pupils, aid, procedure, today),
        _missing_archives(pupils, procedure, today),
        _routine_visits(pupils, visits, procedure, today),
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
    overdue = f"，其中逾期 {late} 名" if late else ""
    return Task(
        key=f"class:{class_id}:{kind}",
        kind=kind,
        title=_TITLES[kind],
        school_code=school_code,
        class_id=class_id,
        due=end_of(due.date()),
        owner_role=_OWNERS[kind],
        state=TaskState.LATE if late else TaskState.DUE,
        raised_to=Role.PRINCIPAL if late else None,
        detail=f"还有 {pupils} 名学生{overdue}",
    )


def _unpaid_aid(
    pupils: pd.DataFrame, aid: pd.DataFrame, procedure: Procedure, today: date
) -> pd.DataFrame:
    """Rule 196: what was applied for is paid in time."""
    asked = aid["applied_on"].notna() & (aid["applied_on"] <= pd.Timestamp(today))
    open_ = asked & ~(aid["paid_on"] <= pd.Timestamp(today))
    first = aid[open_].groupby("student_id", observed=True)["applied_on"].min()
    return _rows("aid_payment", pupils, first, procedure.deadlines["aid_payment"].within)


def _missing_archives(pupils: pd.DataFrame, procedure: Procedure, today: date) -> pd.DataFrame:
    """Rule 126: a new pupil is registered in time."""
    began = pd.to_datetime(pupils["enrol_month"].astype("str"), format="%Y%m", errors="coerce")
    new = began.ge(pd.Timestamp(school_year_start(today))) & ~pupils["registered"]
    start = pd.Series(began[new].to_numpy(), index=pupils.loc[new, "student_id"])
    return _rows("new_archive", pupils, start, procedure.deadlines["new_archive"].within)


def _routine_visits(
    pupils: pd.DataFrame, visits: pd.DataFrame, procedure: Procedure, today: date
) -> pd.DataFrame:
    """Rule 96: every family is visited, whatever the risk."""
    wanted = procedure.visits.routine_per_year
    begun = school_year_start(today)
    recent = visits["day"].between(pd.Timestamp(begun), pd.Timestamp(today))
    made = visits[recent].groupby("student_id", observed=True).size()
    counts = made.reindex(pupils["student_id"]).fillna(0)
    due = pd.Series(pd.Timestamp(date(begun.year + 1, 6, 30)), index=counts[counts < wanted].index)
    return _rows("routine_visit", pupils, due, 0)


def _rows(kind: str, pupils: pd.DataFrame, start: pd.Series, within_days: int) -> pd.DataFrame:
    """Duties of a kind: ``start`` is the day on which each pupil's term began."""
    due = (start + timedelta(days=within_days)).rename("due").rename_axis("student_id")
    places = pupils[["student_id", "school_code", "class_id"]]
    return places.merge(due.reset_index(), on="student_id", how="inner").assign(kind=kind)
