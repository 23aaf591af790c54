"""What a school hands in by the calendar: sheets of each session, reports of each period."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import islice

from kongchuo_risk.contracts.procedure import ReportRule
from kongchuo_risk.domain.calendar import SESSIONS
from kongchuo_risk.domain.clock import day_of, end_of, part_of_session
from kongchuo_risk.domain.school_days import SchoolDays
from kongchuo_risk.domain.school_record import RecordKind
from kongchuo_risk.procedure.duties import About, Duty, Setting
from kongchuo_risk.procedure.facts import first, moment_of
from kongchuo_risk.procedure.periods import Period, periods_before
from kongchuo_risk.procedure.school_facts import SchoolFacts

Pairs = Iterator[tuple[Duty, About]]
SHEET_DAYS = 7
"""A sheet that is missing for longer cannot be made up from memory."""
_RECENT = {"day": 2, "week": 2, "month": 2, "quarter": 1, "term": 1, "year": 1}
"""Periods that are looked at where nobody knows since when records are kept."""
_LOOKED_BACK = {"day": 14, "week": 6, "month": 4, "quarter": 2, "term": 2, "year": 2}
"""Periods that are looked at where that is known."""


def _sheets(facts: SchoolFacts, setting: Setting) -> Pairs:
    """Rules 49–51: each class, morning and afternoon, before the session ends."""
    today = day_of(setting.moment)
    taken = {
        (sheet.class_id, sheet.day, sheet.session): moment_of(sheet.taken_at)
        for sheet in facts.sheets
    }
    for day in _sheet_days(facts, setting):
        for class_id in sorted(facts.classes):
            for session in SESSIONS:
                done = taken.get((class_id, day, session))
                if done is not None and day < today:
                    continue
                duty = Duty(
                    "sheet",
                    setting.due("sheet", day, session),
                    done,
                    until=end_of(day + timedelta(days=SHEET_DAYS)),
                    part=f"{day}-{session}",
                    title=f"{day.month}月{day.day}日{part_of_session(session)}点名并上报",
                )
                yield duty, facts.about_class(class_id)


def _sheet_days(facts: SchoolFacts, setting: Setting) -> list[date]:
    today = day_of(setting.moment)
    oldest = max(facts.sheets_from or today, today - timedelta(days=SHEET_DAYS))
    return setting.calendar.between(min(oldest, today), today)


def _reports(facts: SchoolFacts, setting: Setting) -> Pairs:
    """Rules 103–108 and 四个一: each report of the periods that have just ended."""
    for name, rule in setting.procedure.reports.items():
        if rule.level not in ("class", "school"):
            continue
        for period in _periods(rule, facts, setting):
            duty = Duty(
                "report",
                report_due(rule, period, setting.calendar),
                _sent(facts, name, period),
                part=f"{name}-{period.name}",
                title=f"上报{rule.title}（{period.name}）",
                owner=rule.owner,
                form=name,
                sources=rule.source,
            )
            yield duty, facts.about


def _sent(facts: SchoolFacts, name: str, period: Period) -> datetime | None:
    """When the report of a period first went up."""
    told = (
        moment_of(record.recorded_at)
        for record in facts.of_kind(RecordKind.REPORT)
        if record.content.get("报表") == name and record.content.get("期间") == period.name
    )
    return first(filter(None, told))


def _periods(rule: ReportRule, facts: SchoolFacts, setting: Setting) -> Iterator[Period]:
    """Periods whose report may be owed; of a day or week without school there is none."""
    today, since = day_of(setting.moment), facts.kept_since
    found = (
        period
        for period in periods_before(today, rule.period, count=_LOOKED_BACK[rule.period])
        if not _in_vacation(period, setting.calendar)
    )
    if since is None:
        return islice(found, _RECENT[rule.period])
    return (period for period in found if period.last >= since)


def _in_vacation(period: Period, calendar: SchoolDays) -> bool:
    short = period.kind in ("day", "week")
    return short and not calendar.between(period.first, period.last)


def report_due(rule: ReportRule, period: Period, calendar: SchoolDays) -> datetime:
    """When a report of a period is due.

    A month's on a day of that month, a week's on its last school day, others so many days after
    the end of the period.
    """
    if rule.period == "month" and rule.due_day:
        return end_of(period.last.replace(day=rule.due_day))
    if not rule.due_day:
        return end_of(calendar.last_within(period.first, period.last))
    return end_of(period.last + timedelta(days=rule.due_day))


CADENCE: tuple[Callable[[SchoolFacts, Setting], Pairs], ...] = (_sheets, _reports)
