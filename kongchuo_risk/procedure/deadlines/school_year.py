"""What a school does at its time of the year: letters, checks, publicity, meetings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta

from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.calendar import school_year_start, term_bounds, term_of
from kongchuo_risk.domain.clock import day_of, end_of, start_of
from kongchuo_risk.domain.school_record import RecordKind, SchoolRecord
from kongchuo_risk.procedure.duties import About, Duty, Setting
from kongchuo_risk.procedure.facts import first, moment_of
from kongchuo_risk.procedure.periods import Period, period_of
from kongchuo_risk.procedure.school_facts import SchoolFacts

Pairs = Iterator[tuple[Duty, About]]
EXPERIENCE = "经验交流"
"""Words in the title of a meeting at which schools tell one another what helped (rule 111)."""
EXCHANGED_BEFORE_END = timedelta(days=31)
"""Terms as the calendar counts them end with a month of vacation."""
_PUBLICITY_LOOKED_BACK = 7
"""Months; from March to September."""


def _letters(facts: SchoolFacts, setting: Setting) -> Pairs:
    """Rules 25, 29 and 36: letters of responsibility with each class teacher, each year."""
    start = school_year_start(day_of(setting.moment))
    signed = {
        record.class_id: moment_of(record.recorded_at)
        for record in facts.of_kind(RecordKind.LETTER)
        if record.class_id and record.day >= start
    }
    times = [moment for name in facts.classes if (moment := signed.get(name)) is not None]
    duty = Duty(
        "letter",
        end_of(setting.procedure.duties.letters_due(start.year)),
        max(times) if times and len(times) == len(facts.classes) else None,
        part=str(start.year),
        title="与各班班主任签订控辍保学责任书",
        detail=f"已签 {len(times)} 个班，共 {len(facts.classes)} 个班",
        owner=Role.PRINCIPAL,
        form="责任书",
        sources=("25", "29", "36"),
    )
    yield duty, facts.about


def _term_start(facts: SchoolFacts, setting: Setting) -> Pairs:
    """教基厅函〔2024〕15号: school by school, pupil by pupil, each spring and autumn."""
    if facts.first_day is None:
        return
    term, duties = term_of(facts.first_day), setting.procedure.duties
    begun = term_bounds(term)[0]
    checked = [record for record in facts.of_kind(RecordKind.TERM_CHECK) if record.day >= begun]
    for class_id in sorted(facts.classes):
        duty = Duty(
            "term_check",
            end_of(facts.first_day + timedelta(days=duties.term_check_days)),
            _recorded(record for record in checked if record.class_id == class_id),
            part=term,
            title="开学逐一核查学生是否到校",
            owner=Role.HOMEROOM,
            sources=("教基厅函〔2024〕15号",),
        )
        yield duty, facts.about_class(class_id)


def _publicity(facts: SchoolFacts, setting: Setting) -> Pairs:
    """Rules 112–114: March and September; a month that went by without is told as missed."""
    today = day_of(setting.moment)
    for month in _months_back(today, _PUBLICITY_LOOKED_BACK):
        if month.first.month not in setting.procedure.duties.publicity_months:
            continue
        if facts.kept_since is not None and month.last < facts.kept_since:
            continue
        held = (r for r in facts.of_kind(RecordKind.PUBLICITY) if month.holds(r.day))
        duty = Duty(
            "publicity",
            end_of(month.last),
            _recorded(held),
            until=start_of(month.last + timedelta(days=1)),
            part=month.name,
            title=f"{month.first.month}月控辍保学宣传月活动",
            owner=Role.PRINCIPAL,
            form="宣传记录",
            sources=("112", "113", "114"),
        )
        yield duty, facts.about


def _months_back(today: date, count: int) -> Iterator[Period]:
    month = period_of(today, "month")
    for _ in range(count):
        yield month
        month = period_of(month.first - timedelta(days=1), "month")


def _meetings(facts: SchoolFacts, setting: Setting) -> Pairs:
    """Rule 110: regular meetings; the next is due so many days after the last."""
    today = day_of(setting.moment)
    opened = facts.first_day or term_bounds(term_of(today))[0]
    held = (record.day for record in facts.of_kind(RecordKind.MEETING) if record.day <= today)
    last = max(held, default=opened)
    due = end_of(last + timedelta(days=setting.procedure.duties.meeting_every_days))
    duty = Duty(
        "meeting", due, part=str(last), title="召开控辍保学工作会议", owner=Role.PRINCIPAL,
        form="会议记录", sources=("110",),
    )  # fmt: skip
    yield duty, facts.about


def _experience(facts: SchoolFacts, setting: Setting) -> Pairs:
    """Rule 111: once a term schools tell one another what helped."""
    term = term_of(day_of(setting.moment))
    exchanged = (
        record
        for record in facts.of_kind(RecordKind.MEETING)
        if EXPERIENCE in record.title and term_of(record.day) == term
    )
    duty = Duty(
        "experience_meeting",
        end_of(term_bounds(term)[1] - EXCHANGED_BEFORE_END),
        _recorded(exchanged),
        part=term,
        title="召开控辍经验交流会",
        owner=Role.PRINCIPAL,
        form="会议记录",
        sources=("111",),
    )
    yield duty, facts.about


def _recorded(records: Iterable[SchoolRecord]) -> datetime | None:
    """When the first of some records was entered."""
    return first(filter(None, (moment_of(record.recorded_at) for record in records)))


SCHOOL_YEAR: tuple[Callable[[SchoolFacts, Setting], Pairs], ...] = (
    _letters, _term_start, _publicity, _meetings, _experience,
)  # fmt: skip
