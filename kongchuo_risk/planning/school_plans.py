"""一校一案: a school's own tasks of a term, with owners and dates."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from kongchuo_risk.contracts.policy import Policy, SchoolItem
from kongchuo_risk.domain.calendar import term_bounds
from kongchuo_risk.domain.plan import SchoolPlan, SchoolTask
from kongchuo_risk.domain.school_days import SchoolDays
from kongchuo_risk.planning.owners import stand_in_for


def draft_school_plan(
    school_code: str,
    term: str,
    *,
    policy: Policy,
    owners: Mapping[str, str],
    first_day: date,
    calendar: SchoolDays,
    figures: Mapping[str, int],
) -> SchoolPlan:
    """The draft of a school's plan.

    Parameters
    ----------
    school_code, term
        Whose plan, and of which term.
    policy
        Its ``school`` section.
    owners
        Role → staff number in that school.
    first_day
        First school day of the term.
    calendar
        Dates fall on school days.
    figures
        What the plan is made for, such as pupils on the list.
    """
    tasks = (
        task
        for item in policy.school
        for task in _tasks(item, term, policy, owners, first_day, calendar)
    )
    ordered = tuple(sorted(tasks, key=lambda task: (task.due, task.item)))
    return SchoolPlan(school_code, term, ordered, dict(figures), by="系统草拟")


def _tasks(
    item: SchoolItem,
    term: str,
    policy: Policy,
    owners: Mapping[str, str],
    first_day: date,
    calendar: SchoolDays,
) -> Iterator[SchoolTask]:
    """One task, or one for each of its months that lie in the term."""
    label, staff = stand_in_for(item.owner, owners, policy)
    for name, due in _dates(item, term, first_day, calendar):
        yield SchoolTask(
            item=item.id,
            label=name,
            dimension=item.dimension,
            owner_role=label,
            owner_staff=staff,
            due=due,
            checklist=item.checklist,
            form=item.form,
            sources=tuple(map(str, item.source)),
        )


def _dates(
    item: SchoolItem, term: str, first_day: date, calendar: SchoolDays
) -> Iterator[tuple[str, date]]:
    """Name and date of every task; what belongs to a month is done within it."""
    if not item.months:
        yield item.label, calendar.due(first_day, item.within_days)
    for start, end in _months_of(term, item.months):
        due = calendar.due(start, item.within_days)
        many = f"（{start.month}月）" if len(item.months) > 1 else ""
        yield f"{item.label}{many}", due if due <= end else calendar.last_within(start, end)


def _months_of(term: str, months: Iterable[int]) -> Iterator[tuple[date, date]]:
    """First and last day of the months that lie in a term."""
    first, last = term_bounds(term)
    for year in sorted({first.year, last.year}):
        for month in months:
            start = date(year, month, 1)
            if first <= start <= last:
                yield start, date(year, month, monthrange(year, month)[1])
