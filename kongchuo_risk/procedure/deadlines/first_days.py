"""Deadlines of the first days of an absence: visit, report, tell, find out, protect."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.case import Case, Destination
from kongchuo_risk.domain.clock import day_of
from kongchuo_risk.domain.visit import StepKind
from kongchuo_risk.procedure.duties import Duty, Setting
from kongchuo_risk.procedure.facts import CaseFacts, first


def from_known(
    kind: str, facts: CaseFacts, setting: Setting, done: datetime | None, *, detail: str = ""
) -> Duty:
    """A duty that begins when the school knew."""
    due = setting.due(kind, facts.known_on, facts.known_session)
    return Duty(kind, due, done, facts.back_at, detail)


def _first_visit(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """Rules 74–77 and 79: who is missing in the morning is visited in the afternoon."""
    if facts.was_away:
        done = first(visit.at for visit in facts.visits_while_away if visit.at_home)
        yield from_known("first_visit", facts, setting, done)


def _leader_visit(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """Rule 78: a teacher and a leader go together."""
    if facts.was_away:
        led = (v.at for v in facts.visits_while_away if v.at_home and v.has_leader)
        yield from_known("leader_visit", facts, setting, first(led))


def _same_day_report(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """Rules 52, 55 and 56: a case and an early sign alike."""
    yield from_known("same_day_report", facts, setting, facts.first_step(StepKind.REPORTED))


def _guardian_contact(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """预防未成年人犯罪法 第三十四条: the guardian of a truant is told at once."""
    if facts.was_away:
        met = (visit.at for visit in facts.visits_while_away if visit.met_guardian)
        told = facts.first_step(StepKind.GUARDIAN_CONTACTED)
        yield from_known("guardian_contact", facts, setting, first(filter(None, (*met, told))))


def _teachers_told(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """Rule 82."""
    if facts.was_away:
        done = facts.first_step(StepKind.TEACHERS_TOLD)
        yield from_known("teachers_told", facts, setting, done)


def _case_facts(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """Rules 47, 97, 99 and 139: cause, destination, and who answers for the case."""
    if not facts.was_away:
        return
    missing = _missing(facts.case) if facts.case.is_away else ()
    complete = (event.at for event in facts.present_events if not _missing(event.case))
    done = None if missing else first(complete)
    detail = f"还缺：{'、'.join(missing)}" if missing else ""
    yield from_known("case_facts", facts, setting, done, detail=detail)


def _missing(case: Case) -> tuple[str, ...]:
    at_school = case.destination is Destination.AT_SCHOOL and case.is_away
    wanted = {
        "原因": case.cause is None,
        # After a relapse the case still says where the pupil was when all was well.
        "去向": case.destination is None or at_school,
        "包案教师": case.owner_staff is None,
    }
    return tuple(name for name, lacks in wanted.items() if lacks)


def _joint_visit(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """Rule 81: each subject teacher goes along once; one of them where they are not known."""
    if not facts.was_away:
        return
    joined: dict[str, datetime] = {}
    for visit in facts.visits_while_away:
        for visitor in visit.visitors:
            if visitor.role is Role.SUBJECT or visitor.staff_no in facts.subject_teachers:
                joined.setdefault(visitor.staff_no or visitor.name, visit.at)
    waiting = set(facts.subject_teachers) - set(joined)
    done = None if waiting or not joined else _completed(facts, joined)
    detail = f"还有 {len(waiting)} 位科任教师没有参加" if waiting else ""
    yield from_known("joint_visit", facts, setting, done, detail=detail)


def _completed(facts: CaseFacts, joined: dict[str, datetime]) -> datetime:
    """When the last of the known teachers had gone; the first of any where none is known."""
    known = [joined[teacher] for teacher in facts.subject_teachers]
    return max(known) if known else min(joined.values())


def _mandatory_report(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """未成年人保护法 第十一条, rules 72 and 73: work, marriage, violence are judged the same day.

    The task does not say which cause it was: some of them only few people may read.
    """
    rules = setting.procedure.detection

    def tells(case: Case) -> bool:
        causes = {case.cause, *case.causes} & set(rules.mandatory_report_causes)
        return bool(causes) or case.destination in rules.mandatory_report_destinations

    known = first(event.at for event in facts.present_events if tells(event.case))
    if known is not None:
        due = setting.due("mandatory_report", day_of(known))
        done = facts.first_step(StepKind.MANDATORY_REPORT)
        yield Duty("mandatory_report", due, done, detail="案件中的原因或去向要求判断")


def _police_report(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """预防未成年人犯罪法 第三十五条: nobody knows where the pupil is."""
    lost = (e.at for e in facts.present_events if e.case.destination is Destination.UNKNOWN)
    known = first(lost)
    if known is None:
        return
    found = (
        event.at
        for event in facts.present_events
        if event.at > known and event.case.destination not in (None, Destination.UNKNOWN)
    )
    told = facts.first_step(StepKind.MANDATORY_REPORT, StepKind.VERIFIED, since=day_of(known))
    due = setting.due("police_report", day_of(known))
    yield Duty("police_report", due, first(filter(None, (*found, told))), facts.back_at)


FIRST_DAYS: tuple[Callable[[CaseFacts, Setting], Iterator[Duty]], ...] = (
    _first_visit, _leader_visit, _same_day_report, _guardian_contact, _teachers_told, _case_facts,
    _joint_visit, _mandatory_report, _police_report,
)  # fmt: skip
