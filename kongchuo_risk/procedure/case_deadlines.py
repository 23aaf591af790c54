"""Deadlines of a case, each a pure function of what is known of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta

from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.calendar import term_bounds, term_of
from kongchuo_risk.domain.case import CaseStatus, ProposalState
from kongchuo_risk.domain.clock import day_of, end_of, start_of
from kongchuo_risk.domain.task import Task
from kongchuo_risk.domain.visit import NoticeKind, StepKind
from kongchuo_risk.procedure.duties import About, Duty, Setting, task_of
from kongchuo_risk.procedure.facts import CaseFacts, first
from kongchuo_risk.procedure.terms import due_after

WEEKS_OF_CONTACT = 4
"""So long after a return somebody asks every week; later the observations do."""
_WATCHED = (CaseStatus.RETURNED, CaseStatus.FOLLOW_UP)


def case_tasks(facts: CaseFacts, setting: Setting) -> list[Task]:
    """Every deadline of a case, done or not, by the moment at which it is due."""
    case = facts.case
    about = About(
        f"case:{case.id}",
        case.school_code,
        class_id=case.class_id,
        student_id=case.student_id,
        case_id=case.id,
        owner_staff=case.owner_staff,
    )
    duties = (duty for make in _DUTIES for duty in make(facts, setting))
    tasks = (task_of(duty, about, setting) for duty in duties)
    return sorted((task for task in tasks if task is not None), key=lambda task: task.due)


def _first_visit(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """Rules 74–77 and 79: who is missing in the morning is visited in the afternoon."""
    if _was_away(facts):
        done = first(visit.at for visit in facts.recent_visits if visit.at_home)
        yield _from_known("first_visit", facts, setting, done)


def _leader_visit(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """Rule 78: a teacher and a leader go together."""
    if _was_away(facts):
        led = (v.at for v in facts.recent_visits if v.at_home and v.has_leader)
        yield _from_known("leader_visit", facts, setting, first(led))


def _same_day_report(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """Rules 52, 55 and 56: a case and an early sign alike."""
    done = facts.first_step(StepKind.REPORTED)
    yield _from_known("same_day_report", facts, setting, done)


def _guardian_contact(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """预防未成年人犯罪法 第三十四条: the guardian of a truant is told at once."""
    if _was_away(facts):
        met = (visit.at for visit in facts.recent_visits if visit.met_guardian)
        told = facts.first_step(StepKind.GUARDIAN_CONTACTED)
        yield _from_known("guardian_contact", facts, setting, first(filter(None, (*met, told))))


def _teachers_told(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """Rule 82."""
    if _was_away(facts):
        done = facts.first_step(StepKind.TEACHERS_TOLD)
        yield _from_known("teachers_told", facts, setting, done)


def _case_facts(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """Rules 47, 97, 99 and 139: cause, destination, and who answers for the case."""
    if not _was_away(facts):
        return
    case = facts.case
    wanted = (("原因", case.cause), ("去向", case.destination), ("包案教师", case.owner_staff))
    missing = "、".join(name for name, value in wanted if value is None)
    complete = (
        event.at
        for event in facts.events
        if event.case.cause and event.case.destination and event.case.owner_staff
    )
    done = None if missing else first(complete)
    detail = f"还缺：{missing}" if missing else ""
    yield _from_known("case_facts", facts, setting, done, detail=detail)


def _joint_visit(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """Rule 81."""
    if _was_away(facts):
        joined = (v.at for v in facts.recent_visits if v.joined_by((Role.SUBJECT,)))
        yield _from_known("joint_visit", facts, setting, first(joined))


def _reports(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """Rules 84–86 and 未成年人保护法 第二十八条."""
    if not _was_away(facts):
        return
    for kind, paper in (
        ("dropout_report", NoticeKind.DROPOUT_REPORT),
        ("cause_report", NoticeKind.CAUSE_REPORT),
        ("bureau_report", NoticeKind.BUREAU_REPORT),
    ):
        yield _from_known(kind, facts, setting, facts.issued_at(paper))


def _return_notice(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """Rule 87: after the report the family is told in writing."""
    reported = facts.first_notice(NoticeKind.DROPOUT_REPORT)
    if reported is None:
        return
    done = facts.issued_at(NoticeKind.RETURN_NOTICE, NoticeKind.TIMED_RETURN_NOTICE)
    due = due_after(reported.issued_on, setting.rule("return_notice"), setting.calendar)
    yield Duty("return_notice", due, done, facts.back_at)


def _timed_notice(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """Rules 89 and 90: after repeated visits a notice with a deadline, and proof that it came."""
    if not _was_away(facts):
        return
    delivered = facts.delivered(NoticeKind.TIMED_RETURN_NOTICE)
    issued = facts.first_notice(NoticeKind.TIMED_RETURN_NOTICE)
    detail = "已签发，还没有送达回执" if issued and not delivered else ""
    done = start_of(delivered.delivered_on) if delivered and delivered.delivered_on else None
    yield _from_known("timed_notice", facts, setting, done, detail=detail)


def _handover(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """Rules 90 and 91: only when the deadline of a delivered notice is over."""
    notice = facts.delivered(NoticeKind.TIMED_RETURN_NOTICE)
    if notice is None or notice.deadline is None:
        return
    done = facts.issued_at(NoticeKind.HANDOVER_LETTER)
    if done is None and end_of(notice.deadline) > setting.moment:
        return
    due = due_after(notice.deadline, setting.rule("handover"), setting.calendar)
    yield Duty("handover", due, done, facts.back_at)


def _confirm_dropout(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """Four weeks away: somebody verifies where the pupil is, and the ledger says 辍学."""
    if not _was_away(facts):
        return
    rule = setting.rule("confirm_dropout")
    due = due_after(facts.since, rule, setting.calendar)
    lately = facts.since + timedelta(days=rule.within // 2)
    yield Duty(
        "confirm_dropout", due, facts.first_step(StepKind.VERIFIED, since=lately), facts.back_at
    )


def _promises(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """A promised return is looked at on its day (rules 79 and 98)."""
    for visit in facts.recent_visits:
        if visit.promise is None:
            continue
        promised = start_of(visit.promise)
        seen = (moment for moment in _moments(facts) if moment >= promised)
        due = due_after(visit.promise, setting.rule("promise_check"), setting.calendar)
        yield Duty("promise_check", due, first(seen), part=str(visit.promise))


def _visit_series(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """Rule 80: at least five home visits a term, paced so that they do not pile up."""
    rules = setting.procedure.visits
    if not facts.case.is_away or not rules.per_term:
        return
    opening, closing = term_bounds(term_of(day_of(setting.moment)))
    begun = max(facts.since, opening)
    made = [v.at for v in facts.recent_visits if v.at_home and v.day >= begun]
    if len(made) >= rules.per_term:
        return
    due = min(begun + timedelta(days=rules.pace_days * (len(made) + 1)), closing)
    yield Duty(
        "visit_series",
        end_of(due),
        until=facts.back_at,
        detail=f"已家访 {len(made)} 次，还差 {rules.per_term - len(made)} 次",
        part=str(len(made) + 1),
        title=f"本学期家访不少于 {rules.per_term} 次",
        owner=Role.HOMEROOM,
    )


def _weekly_contact(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """Rule 117: somebody knows every week how the pupil is."""
    status, returned = facts.case.status, facts.case.returned_on
    last = max(facts.contacts(), default=facts.known_at)
    watched = status in _WATCHED and returned is not None
    if watched and returned is not None:
        until = end_of(returned + timedelta(weeks=WEEKS_OF_CONTACT))
        last = max(last, start_of(returned))
    elif facts.case.is_away:
        until = None
    else:
        return
    due = due_after(day_of(last), setting.rule("weekly_contact"), setting.calendar)
    if until is None or due <= until:
        yield Duty("weekly_contact", due, part=str(day_of(last)))


def _observations(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """Rule 101: observations after the return, all of them before the case is closed."""
    returned, watch = facts.case.returned_on, setting.procedure.watch
    if returned is None or facts.case.status not in (*_WATCHED, CaseStatus.CLOSED):
        return
    taken = facts.observations()
    for number in range(1, watch.observations + 1):
        done = taken[number - 1].at if number <= len(taken) else None
        yield Duty(
            "observation",
            end_of(returned + timedelta(days=watch.every_days * number)),
            done,
            part=f"{returned}-{number}",
            title=f"复学后第 {number} 次跟踪观察（共 {watch.observations} 次）",
            owner=Role.HOMEROOM,
        )


def _second_person(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """Whatever waits for a second person waits not for long."""
    for proposal in facts.proposals:
        if proposal.state is ProposalState.WITHDRAWN:
            continue
        asked = day_of(proposal.at)
        due = due_after(asked, setting.rule("second_person"), setting.calendar)
        yield Duty(
            "second_person", due, proposal.decided_at, part=str(proposal.id),
            detail=f"{proposal.by}申请改为“{proposal.to_status}”",
        )  # fmt: skip


def _visit_reviews(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """Rule 95: a leader reads every record."""
    for visit in facts.recent_visits:
        recorded = _moment(visit.recorded_at) or visit.at
        due = due_after(day_of(recorded), setting.rule("visit_review"), setting.calendar)
        yield Duty("visit_review", due, _moment(visit.reviewed_at), part=str(visit.id))


_DUTIES: tuple[Callable[[CaseFacts, Setting], Iterable[Duty]], ...] = (
    _first_visit, _leader_visit, _same_day_report, _guardian_contact, _teachers_told, _case_facts,
    _joint_visit, _reports, _return_notice, _timed_notice, _handover, _confirm_dropout, _promises,
    _visit_series, _weekly_contact, _observations, _second_person, _visit_reviews,
)  # fmt: skip


def _was_away(facts: CaseFacts) -> bool:
    """Whether the pupil is or was away: a mere early sign has none of these deadlines."""
    if facts.case.is_away:
        return True
    return any(event.to_status is CaseStatus.SUSPECTED for event in facts.events)


def _from_known(
    kind: str,
    facts: CaseFacts,
    setting: Setting,
    done: datetime | None,
    *,
    detail: str = "",
) -> Duty:
    """A duty that begins when the school knew."""
    known = day_of(facts.known_at)
    session = facts.case.absent_session if known == facts.since else "AM"
    due = due_after(known, setting.rule(kind), setting.calendar, session=session)
    return Duty(kind, due, done, facts.back_at, detail)


def _moments(facts: CaseFacts) -> Iterator[datetime]:
    yield from facts.contacts()
    if facts.case.returned_on is not None:
        yield start_of(facts.case.returned_on)
    verified = facts.first_step(StepKind.VERIFIED)
    if verified is not None:
        yield verified


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def level_of(facts: CaseFacts, today: date, confirm_after: int) -> str:
    """疑似辍学 or 辍学 of a pupil who is away; empty of one who is not.

    Parameters
    ----------
    confirm_after
        Days away that make 辍学: the term of ``confirm_dropout``.
    """
    if not facts.case.is_away:
        return ""
    return "辍学" if facts.days_away(today) >= confirm_after else "疑似辍学"
