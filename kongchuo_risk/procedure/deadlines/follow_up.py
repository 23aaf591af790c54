"""Deadlines of staying with a pupil: promises, visits of the term, contact, observations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.calendar import next_term, term_bounds, term_of
from kongchuo_risk.domain.case import CaseStatus, ProposalState
from kongchuo_risk.domain.clock import day_of, end_of, start_of
from kongchuo_risk.domain.visit import StepKind
from kongchuo_risk.procedure.duties import Duty, Setting
from kongchuo_risk.procedure.facts import CaseFacts, first, moment_of

WEEKS_OF_CONTACT = 4
"""So long after a return somebody asks every week; later the observations do."""
_WATCHED = (CaseStatus.RETURNED, CaseStatus.FOLLOW_UP)


def _promises(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """A promised return is looked at on its day (rules 79 and 98)."""
    promised = {visit.promise for visit in facts.recent_visits if visit.promise is not None}
    for day in sorted(promised):
        due = setting.due("promise_check", day)
        yield Duty("promise_check", due, _seen_from(facts, day), facts.back_at, part=str(day))


def _seen_from(facts: CaseFacts, day: date) -> datetime | None:
    """When somebody knew where the pupil was, on ``day`` or later."""
    begun = start_of(day)
    returned = facts.case.returned_on
    seen = [moment for moment in facts.contacts if moment >= begun]
    if returned is not None and returned >= day:
        seen.append(start_of(returned))
    verified = facts.first_step(StepKind.VERIFIED, since=day)
    return first(filter(None, (*seen, verified)))


def _visit_series(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """Rule 80: at least five home visits a term, paced so that they do not pile up."""
    if not facts.was_away or not setting.procedure.visits.per_term:
        return
    last = day_of(facts.back_at) if facts.back_at is not None else day_of(setting.moment)
    term = term_of(facts.since)
    while term_bounds(term)[0] <= last:
        yield from _visits_of_term(facts, setting, term)
        term = next_term(term)


def _visits_of_term(facts: CaseFacts, setting: Setting, term: str) -> Iterator[Duty]:
    """Every visit that was made, up to the number that is owed, and the next one."""
    rules, (opening, closing) = setting.procedure.visits, term_bounds(term)
    begun = max(facts.since, opening)
    made = [v.at for v in facts.visits_while_away if v.at_home and begun <= v.day <= closing]
    over = start_of(closing + timedelta(days=1))
    until = over if facts.back_at is None else min(over, facts.back_at)
    for number in range(1, min(len(made) + 1, rules.per_term) + 1):
        is_made = number <= len(made)
        lacking = f"已家访 {len(made)} 次，还差 {rules.per_term - len(made)} 次"
        yield Duty(
            "visit_series",
            end_of(min(begun + timedelta(days=rules.pace_days * number), closing)),
            made[number - 1] if is_made else None,
            until=until,
            detail="" if is_made else lacking,
            part=f"{term}-{number}",
            title=f"本学期第 {number} 次家访（不少于 {rules.per_term} 次）",
            owner=Role.HOMEROOM,
            form="家访记录",
            sources=rules.source,
        )


def _weekly_contact(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """Rule 117: somebody knows every week how the pupil is."""
    returned = facts.case.returned_on
    last = day_of(max(facts.contacts, default=facts.known_at))
    until = None
    if facts.case.status in _WATCHED and returned is not None:
        until = end_of(returned + timedelta(weeks=WEEKS_OF_CONTACT))
        last = max(last, returned)
    elif not facts.case.is_away:
        return
    due = setting.due("weekly_contact", last)
    if until is None or due <= until:
        yield Duty("weekly_contact", due, part=str(last))


def _observations(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """Rule 101: observations after the return, all of them before the case is closed."""
    returned, watch = facts.case.returned_on, setting.procedure.watch
    if returned is None or facts.case.status not in (*_WATCHED, CaseStatus.CLOSED):
        return
    taken = facts.observations(days_apart=watch.least_days_apart)
    for number in range(1, watch.observations + 1):
        yield Duty(
            "observation",
            end_of(returned + timedelta(days=watch.every_days * number)),
            taken[number - 1].at if number <= len(taken) else None,
            until=end_of(facts.case.closed_on) if facts.case.closed_on else None,
            part=f"{returned}-{number}",
            title=f"复学后第 {number} 次跟踪观察（共 {watch.observations} 次）",
            owner=Role.HOMEROOM,
            form="跟踪记录",
            sources=watch.source,
        )


def _second_person(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """Whatever waits for a second person waits not for long."""
    for proposal in facts.proposals:
        if proposal.state is ProposalState.WITHDRAWN:
            continue
        due = setting.due("second_person", day_of(proposal.at))
        yield Duty(
            "second_person", due, proposal.decided_at, part=str(proposal.id),
            detail=f"{proposal.by}申请改为“{proposal.to_status}”",
        )  # fmt: skip


def _visit_reviews(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """Rule 95: a leader reads every record."""
    for visit in facts.visits:
        recorded = moment_of(visit.recorded_at) or visit.at
        due = setting.due("visit_review", day_of(recorded))
        yield Duty("visit_review", due, moment_of(visit.reviewed_at), part=str(visit.id))


FOLLOW_UP: tuple[Callable[[CaseFacts, Setting], Iterator[Duty]], ...] = (
    _promises, _visit_series, _weekly_contact, _observations,
)  # fmt: skip
PAPERWORK: tuple[Callable[[CaseFacts, Setting], Iterator[Duty]], ...] = (
    _second_person, _visit_reviews,
)  # fmt: skip
"""Duties of whoever reads and confirms, whatever the absence: a relapse ends none of them."""
