"""Deadlines when persuasion fails: reports, notices, handing over (先劝后诉)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from kongchuo_risk.domain.clock import end_of, start_of
from kongchuo_risk.domain.visit import NoticeKind, StepKind
from kongchuo_risk.procedure.deadlines.first_days import from_known
from kongchuo_risk.procedure.duties import Duty, Setting
from kongchuo_risk.procedure.facts import CaseFacts
from kongchuo_risk.procedure.terms import due_after

_REPORTS = {
    "dropout_report": NoticeKind.DROPOUT_REPORT,
    "cause_report": NoticeKind.CAUSE_REPORT,
    "bureau_report": NoticeKind.BUREAU_REPORT,
}


def _reports(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """Rules 84–86 and 未成年人保护法 第二十八条."""
    if facts.was_away:
        for kind, paper in _REPORTS.items():
            yield from_known(kind, facts, setting, facts.issued_at(paper))


def _return_notice(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """Rule 87: after the report the family is told in writing."""
    reported = facts.first_notice(NoticeKind.DROPOUT_REPORT)
    if reported is None:
        return
    done = facts.issued_at(NoticeKind.RETURN_NOTICE, NoticeKind.TIMED_RETURN_NOTICE)
    due = setting.due("return_notice", reported.issued_on)
    yield Duty("return_notice", due, done, facts.back_at)


def _timed_notice(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """Rules 89 and 90: after repeated visits a notice with a deadline, and proof that it came."""
    if not facts.was_away:
        return
    delivered = facts.delivered(NoticeKind.TIMED_RETURN_NOTICE)
    issued = facts.first_notice(NoticeKind.TIMED_RETURN_NOTICE)
    detail = "已签发，还没有送达回执" if issued and not delivered else ""
    done = start_of(delivered.delivered_on) if delivered and delivered.delivered_on else None
    yield from_known("timed_notice", facts, setting, done, detail=detail)


def _handover(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """Rules 90 and 91: only when the deadline of a delivered notice is over."""
    notice = facts.delivered(NoticeKind.TIMED_RETURN_NOTICE)
    if notice is None or notice.deadline is None:
        return
    done = facts.issued_at(NoticeKind.HANDOVER_LETTER)
    if done is None and end_of(notice.deadline) > setting.moment:
        return
    due = setting.due("handover", notice.deadline)
    yield Duty("handover", due, done, facts.back_at)


def _confirm_dropout(facts: CaseFacts, setting: Setting) -> Iterator[Duty]:
    """Four weeks away: somebody verifies where the pupil is, and the ledger says 辍学."""
    if not facts.was_away:
        return
    rule = setting.rule("confirm_dropout")
    due = due_after(facts.since, rule, setting.calendar)
    # Where the pupil was in the first days says nothing of the fourth week.
    lately = facts.since + timedelta(days=rule.within // 2)
    verified = facts.first_step(StepKind.VERIFIED, since=lately)
    yield Duty("confirm_dropout", due, verified, facts.back_at)


ESCALATION: tuple[Callable[[CaseFacts, Setting], Iterator[Duty]], ...] = (
    _reports, _return_notice, _timed_notice, _handover, _confirm_dropout,
)  # fmt: skip
