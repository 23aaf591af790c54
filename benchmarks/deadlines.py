"""Deadlines of a county's morning: 100,000 pupils and 2,000 open cases in two seconds.

``theirs`` is the bar; what 50 schools owe is told beside it. Cases and tables are synthetic: each
case with events, visits, papers and steps of a pupil who has been away for up to four months; one
in five came back, one in twenty left again. What is measured is the computing, not the reading of
the database, in seconds of the processor: it has one thread, so on an idle machine they are seconds
of the clock.
"""

from __future__ import annotations

import resource
import time
import timeit
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.profiles import load_profile
from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.attendance import ClassSheet, Observation
from kongchuo_risk.domain.case import Case, CaseEvent, CaseStatus, Destination
from kongchuo_risk.domain.clock import CHINA
from kongchuo_risk.domain.school_days import SchoolDays
from kongchuo_risk.domain.task import Task
from kongchuo_risk.domain.visit import (
    Notice,
    NoticeKind,
    Step,
    StepKind,
    Visit,
    VisitMode,
    Visitor,
    VisitResult,
)
from kongchuo_risk.procedure import (
    CaseFacts,
    SchoolFacts,
    Setting,
    case_tasks,
    class_tasks,
    completed,
    pupil_duties,
    school_tasks,
)

NOW = datetime(2026, 1, 12, 10, tzinfo=CHINA)
PUPILS, CASES, SCHOOLS, CLASSES = 100_000, 2_000, 50, 48
QUICK = 20
"""A quick run is so many times smaller."""
BAR_SECONDS = 2.0
REPEATS = 5
SEED = 7


def run(quick: bool) -> list[dict[str, Any]]:
    """Seconds for the tasks of cases, schools and pupils, and for all of them."""
    draw = np.random.default_rng(SEED)
    share = QUICK if quick else 1
    calendar = completed(SchoolDays(), date(2025, 8, 1), date(2026, 7, 31))
    procedure = load_profile("国家2024").procedure
    cases = [_case(number, draw) for number in range(CASES // share)]
    schools = [_school(number, draw) for number in range(max(1, SCHOOLS // share))]
    pupils, aid, visits = _pupils(PUPILS // share, draw)

    def of_cases() -> list[Task]:
        setting = Setting(procedure, calendar, NOW)
        return [task for facts in cases for task in case_tasks(replace(facts), setting)]

    def of_schools() -> list[Task]:
        setting = Setting(procedure, calendar, NOW)
        return [task for facts in schools for task in school_tasks(facts, setting)]

    def of_pupils() -> list[Task]:
        duties = pupil_duties(
            pupils, aid=aid, visits=visits, procedure=procedure, today=NOW.date(),
            calendar=calendar,
        )  # fmt: skip
        return class_tasks(duties)

    results = [
        _row("cases", _seconds(of_cases), len(cases)),
        _row("schools", _seconds(of_schools), len(schools)),
        _row("pupils", _seconds(of_pupils), len(pupils)),
    ]
    bar = results[0]["ours"] + results[2]["ours"]
    return [*results, _row("cases and pupils", bar, len(cases) + len(pupils))]


def _seconds(work: Callable[[], object]) -> float:
    """The least of some runs: other work on the machine only ever adds. Nothing is kept between."""
    return min(timeit.repeat(work, timer=time.process_time, number=1, repeat=REPEATS))


def _row(name: str, seconds: float, rows: int) -> dict[str, Any]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "name": f"deadlines {name}", "ours": seconds, "theirs": BAR_SECONDS,
        "ratio": seconds / BAR_SECONDS, "unit": "s", "peak_mb": peak, "rows": rows,
    }  # fmt: skip


def _case(number: int, draw: np.random.Generator) -> CaseFacts:
    """A synthetic case that began up to four months ago."""
    begun = NOW - timedelta(days=int(draw.integers(1, 120)), hours=2)
    case = Case(
        f"p{number}", "S1", "C1", begun.date(), CaseStatus.PERSUADING, owner_staff="T1",
        cause="11", destination=Destination.AT_HOME, absent_since=begun.date(), id=number,
    )  # fmt: skip
    opened = replace(case, status=CaseStatus.SUSPECTED)
    events = [CaseEvent(number, begun, None, CaseStatus.SUSPECTED, "T1", "", opened)]
    fate = draw.random()
    if fate < 0.2:
        events += _return(opened, begun, again=fate < 0.05)
        case = events[-1].case
    moments = [begun + timedelta(days=int(day)) for day in np.sort(draw.integers(0, 90, 8))]
    return CaseFacts(
        case,
        tuple(events),
        tuple(_visit(case, place, moment) for place, moment in enumerate(moments[:5])),
        tuple(
            Notice(case.student_id, kind, f"{kind}{number}", moment.date(), "", "", number)
            for kind, moment in zip(NoticeKind, moments, strict=False)
        ),
        tuple(
            Step(number, kind, moment, "T1")
            for kind, moment in zip(StepKind, moments, strict=False)
        ),
    )


def _return(opened: Case, begun: datetime, *, again: bool) -> list[CaseEvent]:
    back = begun + timedelta(days=9)
    returned = replace(opened, status=CaseStatus.RETURNED, returned_on=back.date())
    number = opened.id or 0
    events = [
        CaseEvent(number, back, opened.status, CaseStatus.RETURNED, "T1", "", returned)
    ]  # fmt: skip
    if again:
        left = back + timedelta(days=20)
        anew = replace(opened, absent_since=left.date())
        events.append(
            CaseEvent(number, left, CaseStatus.RETURNED, CaseStatus.SUSPECTED, "T1", "", anew)
        )
    return events


def _visit(case: Case, number: int, moment: datetime) -> Visit:
    people = (Visitor("甲", Role.HOMEROOM, "T1"), Visitor("乙", Role.DEAN, "T2"))
    return Visit(case.student_id, moment, VisitMode.HOME, people, VisitResult.PROMISED,
                 case_id=case.id, met_student=True, met_guardian=True,
                 promise=moment.date() + timedelta(days=3), id=number)  # fmt: skip


def _school(number: int, draw: np.random.Generator) -> SchoolFacts:
    """A synthetic school with a week of sheets and forty signs."""
    code = f"S{number}"
    classes = {f"{code}-{place}": f"T{place}" for place in range(CLASSES)}
    days = [NOW.date() - timedelta(days=back) for back in range(7)]
    sheets = [
        ClassSheet(code, name, day, session, 42, taken_at=f"{day}T08:00:00+08:00")
        for name in classes
        for day in days
        for session in ("AM", "PM")
        if draw.random() < 0.9
    ]
    signs = [Observation(f"p{place}", days[place % 7], "aversion", "T1") for place in range(40)]
    return SchoolFacts(code, classes, sheets=tuple(sheets), observations=tuple(signs),
                       first_day=date(2025, 9, 1), sheets_from=days[-1],
                       kept_since=date(2025, 9, 1))  # fmt: skip


def _pupils(
    size: int, draw: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Synthetic pupils, applications for aid of a fifth of them, and visits to two thirds."""
    names = pd.Series([f"p{number}" for number in range(size)])
    pupils = pd.DataFrame({
        "student_id": names,
        "school_code": [f"S{number % SCHOOLS}" for number in range(size)],
        "class_id": [f"C{number % (SCHOOLS * CLASSES)}" for number in range(size)],
        "enrol_month": draw.choice(["202509", "202409", "202309"], size),
        "registered": draw.random(size) < 0.99,
    })  # fmt: skip
    asked = names.sample(size // 5, random_state=SEED)
    applied = pd.Timestamp("2025-09-05") + pd.to_timedelta(draw.integers(0, 60, len(asked)), "D")
    paid = applied + pd.to_timedelta(draw.integers(5, 90, len(asked)), "D")
    aid = pd.DataFrame({"student_id": asked.to_numpy(), "applied_on": applied, "paid_on": paid})
    seen = names.sample(2 * size // 3, random_state=SEED)
    visited = pd.Timestamp("2025-09-05") + pd.to_timedelta(draw.integers(0, 120, len(seen)), "D")
    return pupils, aid, pd.DataFrame({"student_id": seen.to_numpy(), "day": visited})
