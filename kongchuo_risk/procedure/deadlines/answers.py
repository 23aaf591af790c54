"""What waits for an answer at a school: applications, held absences, signs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from kongchuo_risk.domain.attendance import Observation
from kongchuo_risk.domain.clock import day_of
from kongchuo_risk.domain.school_record import ChangeState, RecordKind
from kongchuo_risk.procedure.duties import About, Duty, Setting
from kongchuo_risk.procedure.facts import first, moment_of
from kongchuo_risk.procedure.school_facts import SchoolFacts

Pairs = Iterator[tuple[Duty, About]]
ANSWERED = "事项"
"""Field of a 情况说明 that says which duty it answers, by its title."""


def _requests(facts: SchoolFacts, setting: Setting) -> Pairs:
    """Rules 119 and 124: changes of registration are decided within their time."""
    for request in facts.requests:
        asked = moment_of(request.asked_at)
        if asked is None or request.state is ChangeState.WITHDRAWN:
            continue
        decided = None if request.state is ChangeState.ASKED else moment_of(request.decided_at)
        due = setting.due("change_decision", day_of(asked))
        about = About(f"request:{request.id}", facts.school_code, student_id=request.student_id)
        yield Duty("change_decision", due, decided), about


def _suspicions(facts: SchoolFacts, setting: Setting) -> Pairs:
    """Rules 52 and 77: what was held back for a person waits no night."""
    for suspicion in facts.suspicions:
        if suspicion.judged_by:
            continue
        recorded = moment_of(suspicion.recorded_at)
        start = day_of(recorded) if recorded else suspicion.since
        due = setting.due("judge_suspicion", start)
        about = About(
            f"suspicion:{suspicion.id}", facts.school_code, class_id=suspicion.class_id,
            student_id=suspicion.student_id,
        )  # fmt: skip
        yield Duty("judge_suspicion", due, detail=suspicion.held), about


def _signs(facts: SchoolFacts, setting: Setting) -> Pairs:
    """Rules 64, 65, 72, 73: a sign is followed by a visit; danger to a child is reported."""
    rules = setting.procedure.detection
    asked = {
        "sign_visit": rules.visit_tags,
        "police_report": rules.suspicion_tags,
        "mandatory_report": rules.mandatory_report_tags,
    }
    for seen in facts.observations:
        for kind, tags in asked.items():
            if seen.tag in tags:
                yield _after_sign(kind, seen, facts, setting), facts.about_pupil(seen.student_id)


def _after_sign(kind: str, seen: Observation, facts: SchoolFacts, setting: Setting) -> Duty:
    due = setting.due(kind, seen.day)
    find = _visited if kind == "sign_visit" else _answered
    return Duty(kind, due, find(seen, facts, setting.rule(kind).title),
                part=f"{seen.day}-{seen.tag}")  # fmt: skip


def _visited(seen: Observation, facts: SchoolFacts, _: str) -> datetime | None:
    return first(
        visit.at
        for visit in facts.visits
        if visit.student_id == seen.student_id and visit.day >= seen.day and visit.at_home
    )


def _answered(seen: Observation, facts: SchoolFacts, title: str) -> datetime | None:
    told = (
        moment_of(record.recorded_at)
        for record in facts.of_kind(RecordKind.REMARK)
        if record.student_id == seen.student_id
        and record.day >= seen.day
        and record.content.get(ANSWERED) == title
    )
    return first(filter(None, told))


ANSWERS: tuple[Callable[[SchoolFacts, Setting], Pairs], ...] = (_requests, _suspicions, _signs)
