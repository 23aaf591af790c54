"""What is known of a case, as deadlines and guards read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from kongchuo_risk.domain.case import AWAY, SIDE_EXITS, Case, CaseEvent, CaseStatus, Proposal
from kongchuo_risk.domain.clock import day_of, end_of, start_of
from kongchuo_risk.domain.visit import Notice, NoticeKind, Step, StepKind, Visit

_BACK = SIDE_EXITS | {CaseStatus.RETURNED, CaseStatus.FOLLOW_UP, CaseStatus.CLOSED}


@dataclass(frozen=True)
class CaseFacts:
    """One case with everything that was done in it, oldest first.

    What was done counts from the beginning of the present absence: after a relapse the visits of
    the first time no longer do.
    """

    case: Case
    events: tuple[CaseEvent, ...] = ()
    visits: tuple[Visit, ...] = ()
    notices: tuple[Notice, ...] = ()
    steps: tuple[Step, ...] = ()
    proposals: tuple[Proposal, ...] = ()

    @cached_property
    def known_at(self) -> datetime:
        """When the school knew of the present absence."""
        moved = [
            event.at
            for event in self.events
            if event.to_status is CaseStatus.SUSPECTED and event.from_status != event.to_status
        ]
        return moved[-1] if moved else start_of(self.case.opened_on)

    @cached_property
    def since(self) -> date:
        """First day of the present absence."""
        return self.case.absent_since or day_of(self.known_at)

    @cached_property
    def back_at(self) -> datetime | None:
        """When the pupil was no longer away: returned, or out of the procedure."""
        if self.case.is_away or self.case.status is CaseStatus.EARLY_SIGN:
            return None
        if self.case.returned_on is not None and self.case.returned_on >= self.since:
            return start_of(self.case.returned_on)
        left = [
            event.at
            for event in self.events
            if event.to_status in _BACK and event.from_status in AWAY and event.at >= self.known_at
        ]
        return left[-1] if left else self.known_at

    @cached_property
    def recent_visits(self) -> tuple[Visit, ...]:
        """Visits of the present absence and after it, in the order in which they were made."""
        begun = start_of(self.since)
        return tuple(sorted((v for v in self.visits if v.at >= begun), key=lambda visit: visit.at))

    def first_notice(self, kind: NoticeKind) -> Notice | None:
        """The first paper of a kind since the absence began."""
        found = (n for n in self.notices if n.kind is kind and n.issued_on >= self.since)
        return min(found, key=lambda notice: notice.issued_on, default=None)

    def issued_at(self, *kinds: NoticeKind) -> datetime | None:
        """End of the day on which the first paper of some kinds was issued."""
        days = [notice.issued_on for kind in kinds if (notice := self.first_notice(kind))]
        return start_of(min(days)) if days else None

    def delivered(self, kind: NoticeKind) -> Notice | None:
        """The first paper of a kind that arrived, with proof."""
        found = (
            n for n in self.notices
            if n.kind is kind and n.is_delivered and n.issued_on >= self.since
        )  # fmt: skip
        return min(found, key=lambda notice: notice.issued_on, default=None)

    def first_step(self, *kinds: StepKind, since: date | None = None) -> datetime | None:
        """When the first step of some kinds was taken."""
        begun = start_of(since or self.since)
        return first(step.at for step in self.steps if step.kind in kinds and step.at >= begun)

    def papers(self) -> frozenset[str]:
        """Names of the documents that were received."""
        return frozenset(step.paper for step in self.steps if step.kind is StepKind.PAPER)

    def observations(self) -> tuple[Step, ...]:
        """Observations since the return, in their order."""
        returned = self.case.returned_on
        if returned is None:
            return ()
        taken = (
            step for step in self.steps
            if step.kind is StepKind.OBSERVED and step.day >= returned
        )  # fmt: skip
        return tuple(sorted(taken, key=lambda step: step.at))

    def contacts(self) -> Iterator[datetime]:
        """Moments of every genuine contact: any visit that met somebody, any observation."""
        yield from (visit.at for visit in self.recent_visits if visit.met_somebody)
        told = (StepKind.GUARDIAN_CONTACTED, StepKind.OBSERVED)
        yield from (step.at for step in self.steps if step.kind in told and step.day >= self.since)

    def was_away_at(self, moment: datetime) -> bool:
        """Whether the pupil was still away at a moment after the absence began."""
        return self.back_at is None or moment < self.back_at

    def days_away(self, today: date) -> int:
        """Days since the absence began, up to the return."""
        last = today if self.back_at is None else min(today, day_of(self.back_at))
        return max((last - self.since).days, 0)


def first(moments: Iterable[datetime]) -> datetime | None:
    """The earliest moment; ``None`` of none."""
    return min(moments, default=None)


def is_over(day: date, moment: datetime) -> bool:
    """Whether a day has ended at ``moment``."""
    return end_of(day) < moment
