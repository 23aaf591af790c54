"""Deadlines of a school: sheets, reports, meetings, letters, checks, and what waits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from kongchuo_risk.contracts.procedure import ReportRule
from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.attendance import ClassSheet, Observation, Suspicion
from kongchuo_risk.domain.calendar import SESSIONS, school_year_start, term_bounds, term_of
from kongchuo_risk.domain.clock import DayPart, day_of, end_of
from kongchuo_risk.domain.school_record import (
    ChangeState,
    RecordKind,
    RegistrationRequest,
    SchoolRecord,
)
from kongchuo_risk.domain.task import Task
from kongchuo_risk.domain.visit import Visit
from kongchuo_risk.procedure.duties import About, Duty, Setting, task_of
from kongchuo_risk.procedure.facts import first
from kongchuo_risk.procedure.periods import Period, period_of, periods_before
from kongchuo_risk.procedure.terms import due_after

LOOK_BACK_DAYS = 30
"""Observations and records older than this raise no new task."""
_REMEMBERED = {"day": 2, "week": 2, "month": 2}
"""Of how many past periods a missing report is asked for; of longer ones the last alone."""
EXPERIENCE = "经验交流"
"""Words in the title of a meeting at which schools tell one another what helped (rule 111)."""


@dataclass(frozen=True)
class SchoolFacts:
    """What is known of a school.

    Attributes
    ----------
    classes
        Class → staff number of its teacher, where known.
    class_of
        Pupil → class, for pupils whom observations name.
    first_day
        First school day of the term.
    """

    school_code: str
    classes: Mapping[str, str | None] = field(default_factory=dict)
    sheets: tuple[ClassSheet, ...] = ()
    records: tuple[SchoolRecord, ...] = ()
    requests: tuple[RegistrationRequest, ...] = ()
    observations: tuple[Observation, ...] = ()
    suspicions: tuple[Suspicion, ...] = ()
    visits: tuple[Visit, ...] = ()
    class_of: Mapping[str, str] = field(default_factory=dict)
    first_day: date | None = None

    def about_pupil(self, student_id: str, scope: str) -> About:
        """A duty about one pupil: the class teacher's, unless its rule says otherwise."""
        class_id = self.class_of.get(student_id)
        return About(
            scope,
            self.school_code,
            class_id=class_id,
            student_id=student_id,
            owner_staff=self.classes.get(class_id or ""),
        )


def school_tasks(facts: SchoolFacts, setting: Setting) -> list[Task]:
    """Every deadline of a school that is open or recent, by the moment at which it is due."""
    pairs = (pair for make in _DUTIES for pair in make(facts, setting))
    tasks = (task_of(duty, about, setting) for duty, about in pairs)
    return sorted((task for task in tasks if task is not None), key=lambda task: task.due)


Pairs = Iterator[tuple[Duty, About]]


def _sheets(facts: SchoolFacts, setting: Setting) -> Pairs:
    """Rules 49–51: each class, morning and afternoon, before the session ends."""
    today = day_of(setting.moment)
    if not setting.calendar.is_open(today):
        return
    taken = {
        (sheet.class_id, sheet.session): _moment(sheet.taken_at)
        for sheet in facts.sheets
        if sheet.day == today
    }
    rule = setting.rule("sheet")
    for class_id, teacher in sorted(facts.classes.items()):
        for session in SESSIONS:
            duty = Duty(
                "sheet",
                due_after(today, rule, setting.calendar, session=session),
                taken.get((class_id, session)),
                part=f"{today}-{session}",
                title=f"{_SESSION[session]}点名并上报",
            )
            about = About(
                f"class:{class_id}", facts.school_code, class_id=class_id, owner_staff=teacher
            )
            yield duty, about


def _reports(facts: SchoolFacts, setting: Setting) -> Pairs:
    """Rules 103–108 and 四个一: each report of the period that has just ended."""
    about = About(f"school:{facts.school_code}", facts.school_code)
    for name, rule in setting.procedure.reports.items():
        if rule.level not in ("class", "school"):
            continue
        remembered = _REMEMBERED.get(rule.period, 1)
        for period in periods_before(day_of(setting.moment), rule.period, count=remembered):
            sent = (
                _moment(record.recorded_at)
                for record in facts.records
                if record.kind is RecordKind.REPORT
                and record.content.get("报表") == name
                and record.content.get("期间") == period.name
            )
            yield (
                Duty(
                    "report", report_due(rule, period), first(filter(None, sent)),
                    part=f"{name}-{period.name}", title=f"上报{rule.title}（{period.name}）",
                    owner=rule.owner,
                ),
                about,
            )  # fmt: skip


def report_due(rule: ReportRule, period: Period) -> datetime:
    """When a report of a period is due: on a day of the month, or days after its end."""
    if rule.period == "month" and rule.due_day:
        return end_of(period.last.replace(day=rule.due_day))
    return end_of(period.last + timedelta(days=rule.due_day))


def _yearly(facts: SchoolFacts, setting: Setting) -> Pairs:
    """Rules 25, 29 and 36: letters of responsibility with each class teacher, each year."""
    start = school_year_start(day_of(setting.moment))
    due = end_of(setting.procedure.duties.letters_due(start.year))
    signed = {
        record.class_id: _moment(record.recorded_at)
        for record in facts.records
        if record.kind is RecordKind.LETTER and record.class_id and record.day >= start
    }
    times = [signed[class_id] for class_id in facts.classes if signed.get(class_id)]
    whole = len(times) == len(facts.classes)
    yield (
        Duty(
            "letter", due, max(filter(None, times), default=None) if whole else None,
            part=str(start.year), title="与各班班主任签订控辍保学责任书", owner=Role.PRINCIPAL,
            detail=f"已签 {len(times)} 个班，共 {len(facts.classes)} 个班",
        ),
        About(f"school:{facts.school_code}", facts.school_code),
    )  # fmt: skip


def _term_start(facts: SchoolFacts, setting: Setting) -> Pairs:
    """教基厅函〔2024〕15号: school by school, pupil by pupil, each spring and autumn."""
    if facts.first_day is None:
        return
    term = term_of(facts.first_day)
    days = setting.procedure.duties.term_check_days
    checked = {
        record.class_id: _moment(record.recorded_at)
        for record in facts.records
        if record.kind is RecordKind.TERM_CHECK and record.day >= term_bounds(term)[0]
    }
    for class_id, teacher in sorted(facts.classes.items()):
        about = About(
            f"class:{class_id}", facts.school_code, class_id=class_id, owner_staff=teacher
        )
        yield (
            Duty(
                "term_check", end_of(facts.first_day + timedelta(days=days)),
                checked.get(class_id), part=term, title="开学逐一核查学生是否到校",
                owner=Role.HOMEROOM,
            ),
            about,
        )  # fmt: skip


def _publicity(facts: SchoolFacts, setting: Setting) -> Pairs:
    """Rules 112–114: March and September, and the start of each term."""
    today = day_of(setting.moment)
    if today.month not in setting.procedure.duties.publicity_months:
        return
    month = period_of(today, "month")
    yield _record_duty(
        facts, RecordKind.PUBLICITY, month, f"{today.month}月控辍保学宣传月活动", "publicity"
    )


def _meetings(facts: SchoolFacts, setting: Setting) -> Pairs:
    """Rules 110 and 111: regular meetings, and one a term at which experience is exchanged."""
    today = day_of(setting.moment)
    held = [record for record in facts.records if record.kind is RecordKind.MEETING]
    opened = facts.first_day or term_bounds(term_of(today))[0]
    last = max((record.day for record in held if record.day <= today), default=opened)
    about = About(f"school:{facts.school_code}", facts.school_code)
    due = end_of(last + timedelta(days=setting.procedure.duties.meeting_every_days))
    yield (
        Duty(
            "meeting", due, part=str(last), title="召开控辍保学工作会议", owner=Role.PRINCIPAL
        ),
        about,
    )  # fmt: skip
    term = term_of(today)
    exchanged = (
        _moment(record.recorded_at)
        for record in held
        if EXPERIENCE in record.title and term_of(record.day) == term
    )
    yield (
        Duty(
            "experience_meeting", end_of(term_bounds(term)[1] - timedelta(days=31)),
            first(filter(None, exchanged)), part=term, title="召开控辍经验交流会",
            owner=Role.PRINCIPAL,
        ),
        about,
    )  # fmt: skip


def _requests(facts: SchoolFacts, setting: Setting) -> Pairs:
    """Rules 119 and 124: changes of registration are decided within their time."""
    for request in facts.requests:
        asked = _moment(request.asked_at)
        if asked is None:
            continue
        decided = None if request.state is ChangeState.ASKED else _moment(request.decided_at)
        due = due_after(day_of(asked), setting.rule("change_decision"), setting.calendar)
        about = About(f"request:{request.id}", facts.school_code, student_id=request.student_id)
        yield Duty("change_decision", due, decided), about


def _suspicions(facts: SchoolFacts, setting: Setting) -> Pairs:
    """Rules 52 and 77: what was held back for a person waits no night."""
    for suspicion in facts.suspicions:
        if suspicion.judged_by:
            continue
        recorded = _moment(suspicion.recorded_at)
        start = day_of(recorded) if recorded else suspicion.since
        due = due_after(start, setting.rule("judge_suspicion"), setting.calendar)
        about = About(
            f"suspicion:{suspicion.id}", facts.school_code, class_id=suspicion.class_id,
            student_id=suspicion.student_id,
        )  # fmt: skip
        yield Duty("judge_suspicion", due, detail=suspicion.held), about


def _signs(facts: SchoolFacts, setting: Setting) -> Pairs:
    """Rules 64, 65, 72, 73: a sign is followed by a visit; danger to a child is reported."""
    detection = setting.procedure.detection
    oldest = day_of(setting.moment) - timedelta(days=LOOK_BACK_DAYS)
    for seen in facts.observations:
        if seen.day < oldest:
            continue
        part = f"{seen.day}-{seen.tag}"
        about = facts.about_pupil(seen.student_id, f"pupil:{seen.student_id}")
        if seen.tag in detection.visit_tags:
            yield _after_sign("sign_visit", seen, facts, setting, part), about
        if seen.tag in detection.suspicion_tags:
            yield _after_sign("police_report", seen, facts, setting, part), about
        if seen.tag in detection.mandatory_report_tags:
            yield _after_sign("mandatory_report", seen, facts, setting, part), about


def _after_sign(
    kind: str, seen: Observation, facts: SchoolFacts, setting: Setting, part: str
) -> Duty:
    due = due_after(seen.day, setting.rule(kind), setting.calendar)
    visited = (
        visit.at
        for visit in facts.visits
        if visit.student_id == seen.student_id and visit.day >= seen.day and visit.at_home
    )
    judged = (
        _moment(record.recorded_at)
        for record in facts.records
        if record.kind is RecordKind.REMARK
        and record.student_id == seen.student_id
        and record.day >= seen.day
        and record.content.get("事项") == setting.rule(kind).title
    )
    done = first(visited) if kind == "sign_visit" else first(filter(None, judged))
    return Duty(kind, due, done, part=part)


_DUTIES: tuple[Callable[[SchoolFacts, Setting], Iterable[tuple[Duty, About]]], ...] = (
    _sheets, _reports, _yearly, _term_start, _publicity, _meetings, _requests, _suspicions, _signs,
)  # fmt: skip
_SESSION = {"AM": DayPart.MORNING, "PM": DayPart.AFTERNOON}


def _record_duty(
    facts: SchoolFacts, kind: RecordKind, period: Period, title: str, name: str
) -> tuple[Duty, About]:
    made = (
        _moment(record.recorded_at)
        for record in facts.records
        if record.kind is kind and period.first <= record.day <= period.last
    )
    duty = Duty(
        name, end_of(period.last), first(filter(None, made)), part=period.name, title=title,
        owner=Role.PRINCIPAL,
    )  # fmt: skip
    return duty, About(f"school:{facts.school_code}", facts.school_code)


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
