"""Who may move a case where, and what is still missing: one function decides and says why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from kongchuo_risk.contracts.procedure import MoveRule, Procedure
from kongchuo_risk.domain.actor import Actor, Role
from kongchuo_risk.domain.case import (
    AWAY,
    NEXT_STATUS,
    SIDE_EXITS,
    Case,
    CaseStatus,
    Destination,
    Proposal,
)
from kongchuo_risk.domain.clock import day_of
from kongchuo_risk.domain.visit import NoticeKind
from kongchuo_risk.procedure.facts import CaseFacts, is_over

_NEEDS = {
    "owner": ("owner_staff", "还没有确定包案教师"),
    "cause": ("cause", "还没有填写原因"),
    "destination": ("destination", "还没有填写去向"),
    "return_day": ("returned_on", "还没有填写返校日期"),
}
_OPENERS = frozenset(
    {Role.HOMEROOM, Role.MENTOR, Role.SUBJECT, Role.COUNSELLOR, Role.REGISTRAR, Role.DEAN,
     Role.VICE_PRINCIPAL, Role.PRINCIPAL, Role.OFFICE}
)  # fmt: skip
"""Everybody at school may say that a child is missing, and that one is missing again."""


@dataclass(frozen=True)
class Verdict:
    """Whether a move may be made.

    Attributes
    ----------
    missing : tuple of str
        Everything that stands in the way, in words; empty when nothing does.
    second : frozenset of Role
        Roles of which another person must confirm; empty when nobody must.
    """

    missing: tuple[str, ...] = ()
    second: frozenset[Role] = frozenset()

    @property
    def is_allowed(self) -> bool:
        return not self.missing


def may_move(
    facts: CaseFacts,
    to: CaseStatus,
    *,
    actor: Actor,
    procedure: Procedure,
    moment: datetime,
    note: str = "",
    evidence: Iterable[str] = (),
) -> Verdict:
    """Whether ``actor`` may move a case to ``to`` now.

    Parameters
    ----------
    facts
        The case with what was done in it.
    to
        Where it is to go.
    procedure
        The county's rules: persuade first, then notice, then hand over (seed rule 90).
    moment
        Now, for deadlines that must be over.
    note, evidence
        What goes with the move.
    """
    if to not in NEXT_STATUS[facts.case.status]:
        return Verdict((facts.case.no_such_move(to),))
    if to is CaseStatus.SUSPECTED:
        return Verdict(tuple(_wrong_role(actor, _OPENERS)))
    rule = procedure.moves[to]
    missing = (
        *_wrong_role(actor, rule.roles),
        *_missing_facts(facts, to, procedure, moment),
        *_missing_words(rule, note, tuple(evidence)),
    )
    return Verdict(missing, rule.second)


def still_holds(
    facts: CaseFacts, asked: Proposal, *, procedure: Procedure, moment: datetime
) -> Verdict:
    """Whether a proposed move can be made when the second person confirms it.

    Days may lie between: the pupil may be missing again, a paper may have turned out not to be
    one. Who asked was checked when it was asked, who confirms is :func:`may_confirm`.
    """
    if asked.to_status not in NEXT_STATUS[facts.case.status]:
        return Verdict((facts.case.no_such_move(asked.to_status),))
    return Verdict(tuple(_missing_facts(facts, asked.to_status, procedure, moment)))


def may_confirm(actor: Actor, asked_by: str, to: CaseStatus, *, procedure: Procedure) -> Verdict:
    """Whether ``actor`` may be the second person for a move that somebody asked for."""
    second = procedure.moves[to].second if to in procedure.moves else frozenset()
    own = ("这是您自己的申请，须由另一人复核",) if actor.name == asked_by else ()
    return Verdict((*own, *_wrong_role(actor, second)))


def moves_for(
    facts: CaseFacts, *, actor: Actor, procedure: Procedure, moment: datetime
) -> dict[CaseStatus, Verdict]:
    """Every next status with its verdict, in order; the words of a move are not asked yet."""
    return {
        to: may_move(
            facts, to, actor=actor, procedure=procedure, moment=moment, note="…", evidence=("…",)
        )
        for to in CaseStatus
        if to in NEXT_STATUS[facts.case.status]
    }


def _missing_facts(
    facts: CaseFacts, to: CaseStatus, procedure: Procedure, moment: datetime
) -> Iterator[str]:
    """What the case itself lacks, whoever moves it."""
    rule = procedure.moves[to]
    yield from _missing_fields(facts, rule)
    yield from _contradictions(facts.case, to, facts.since, day_of(moment))
    yield from _missing_work(facts, rule)
    yield from _missing_notices(facts, rule, moment)
    yield from _missing_papers(facts, rule)
    yield from _missing_watch(facts, to, procedure)


def _contradictions(case: Case, to: CaseStatus, since: date, today: date) -> Iterator[str]:
    """Fields that are filled and cannot be so."""
    if to in AWAY | SIDE_EXITS and case.destination is Destination.AT_SCHOOL:
        yield "去向仍写着“已在校”，请改为现在的去向"
    if to is CaseStatus.RETURNED and case.returned_on is not None:
        if case.returned_on < since:
            yield f"返校日期 {case.returned_on} 早于缺勤的第一天 {since}"
        if case.returned_on > today:
            yield f"返校日期 {case.returned_on} 还没有到"


def _wrong_role(actor: Actor, roles: frozenset[Role]) -> Iterator[str]:
    if not actor.is_one_of(roles):
        yield f"这一步由{'、'.join(role for role in Role if role in roles)}办理"


def _missing_fields(facts: CaseFacts, rule: MoveRule) -> Iterator[str]:
    for name, (field, words) in _NEEDS.items():
        if name in rule.needs and getattr(facts.case, field) is None:
            yield words


def _missing_work(facts: CaseFacts, rule: MoveRule) -> Iterator[str]:
    made = sum(visit.at_home for visit in facts.recent_visits)
    if made < rule.min_visits:
        yield f"先劝后诉：上门家访至少 {rule.min_visits} 次，现有 {made} 次"


def _missing_notices(facts: CaseFacts, rule: MoveRule, moment: datetime) -> Iterator[str]:
    for kind in _in_order(rule.issued):
        if facts.first_notice(kind) is None:
            yield f"还没有签发《{kind}》"
    for kind in _in_order(rule.delivered | rule.expired):
        notice = facts.delivered(kind)
        if notice is None:
            yield f"《{kind}》还没有送达（须有送达日期和回执）"
        elif kind in rule.expired and not (notice.deadline and is_over(notice.deadline, moment)):
            yield f"《{kind}》的期限还没有到"


def _missing_papers(facts: CaseFacts, rule: MoveRule) -> Iterator[str]:
    lacking = [paper for paper in rule.papers if paper not in facts.papers()]
    if lacking:
        yield f"还缺手续：{'、'.join(lacking)}"


def _missing_watch(facts: CaseFacts, to: CaseStatus, procedure: Procedure) -> Iterator[str]:
    """A returned pupil's case is closed after all observations, every one of them at school."""
    if to is not CaseStatus.CLOSED or facts.case.status is not CaseStatus.FOLLOW_UP:
        return
    watch = procedure.watch
    good = facts.good_observations(days_apart=watch.least_days_apart)
    if good < watch.observations:
        apart = f"（两次至少隔 {watch.least_days_apart} 天）" if watch.least_days_apart else ""
        yield f"跟踪观察须连续 {watch.observations} 次都在校{apart}，现有 {good} 次"


def _missing_words(rule: MoveRule, note: str, evidence: tuple[str, ...]) -> Iterator[str]:
    if rule.note and not note.strip():
        yield "请写情况说明"
    if rule.evidence and not any(paper.strip() for paper in evidence):
        yield "请写明依据的材料（如返校后点名记录、转入学校证明）"


def _in_order(kinds: frozenset[NoticeKind]) -> list[NoticeKind]:
    return [kind for kind in NoticeKind if kind in kinds]
