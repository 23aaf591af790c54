"""What is known of a case, as deadlines and guards read it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from kongchuo_risk.domain.case import AWAY, SIDE_EXITS, Case, CaseEvent, CaseStatus, Proposal
from kongchuo_risk.domain.clock import CHINA, day_of, end_of, start_of
from kongchuo_risk.domain.visit import Notice, NoticeKind, Step, StepKind, Visit

NOON = 12
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
    subject_teachers: tuple[str, ...] = ()
    """Staff numbers of those who teach the pupil, where known: each joins a visit (rule 81)."""

    @cached_property
    def known_at(self) -> datetime:
        """When the school knew of the present absence."""
        begun = [event.at for event in self.events if _begins_absence(event)]
        return begun[-1] if begun else start_of(self.case.opened_on)

    @cached_property
    def known_on(self) -> date:
        """The day of :attr:`known_at`."""
        return day_of(self.known_at)

    @cached_property
    def known_session(self) -> str:
        """Session from which half-days run: of the absence, or of the news of an older one."""
        if self.known_on == self.since:
            return self.case.absent_session
        return "AM" if self.known_at.astimezone(CHINA).hour < NOON else "PM"

    @cached_property
    def since(self) -> date:
        """First day of the present absence; never before the end of an earlier one."""
        begun = self.case.absent_since or self.known_on
        ended = [_end_of_absence(event) for event in self.events if event.at < self.known_at]
        return max([begun, *filter(None, ended)])

    @cached_property
    def was_away(self) -> bool:
        """Whether the pupil is or was away: a mere early sign has few deadlines."""
        return self.case.is_away or any(map(_begins_absence, self.events))

    @cached_property
    def present_events(self) -> tuple[CaseEvent, ...]:
        """Events from the beginning of the present absence."""
        return tuple(event for event in self.events if event.at >= self.known_at)

    def earlier(self) -> list[tuple[CaseFacts, datetime]]:
        """The early sign and the absences before the present one, each as it stood when it ended.

        What was late in them was late, whatever came of the pupil since.
        """
        begins = [place for place, event in enumerate(self.events) if _begins_absence(event)]
        if begins and begins[0] > 0:
            begins.insert(0, 0)
        return [self._up_to(place) for place in begins[1:]]

    def _up_to(self, place: int) -> tuple[CaseFacts, datetime]:
        case, following = self.events[place - 1].case, self.events[place]
        anew = following.at
        if following.case.absent_since is not None:
            anew = min(anew, start_of(following.case.absent_since))
        # A sign that was reported on the day on which the pupil stayed away was reported.
        told = following.at if case.status is CaseStatus.EARLY_SIGN else anew
        part = replace(
            self,
            case=case,
            events=self.events[:place],
            visits=tuple(visit for visit in self.visits if visit.at < anew),
            notices=tuple(notice for notice in self.notices if notice.issued_on < day_of(anew)),
            steps=tuple(step for step in self.steps if step.at < told),
        )
        return part, following.at

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

    @cached_property
    def visits_while_away(self) -> tuple[Visit, ...]:
        """Of these, those up to the day of the return: a first visit after it is none."""
        if self.back_at is None:
            return self.recent_visits
        last = day_of(self.back_at)
        return tuple(visit for visit in self.recent_visits if visit.day <= last)

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
        """Names of the documents that were received since the absence began."""
        begun = start_of(self.since)
        kept = (s for s in self.steps if s.kind is StepKind.PAPER and s.at >= begun)
        return frozenset(step.paper for step in kept)

    def observations(self, *, days_apart: int = 0) -> tuple[Step, ...]:
        """Observations since the return, in their order.

        Parameters
        ----------
        days_apart
            What follows the return or the last one that counted sooner than that does not count.
        """
        last = self.case.returned_on
        if last is None:
            return ()
        counted = []
        for step in sorted(self.steps, key=lambda step: step.at):
            if step.kind is StepKind.OBSERVED and (step.day - last).days >= days_apart:
                counted.append(step)
                last = step.day
        return tuple(counted)

    def good_observations(self, *, days_apart: int = 0) -> int:
        """Observations in a row, up to now, that found the pupil at school."""
        good, last = 0, self.case.returned_on
        for step in self.observations():
            if step.at_school is not True:
                good, last = 0, step.day
            elif last is not None and (step.day - last).days >= days_apart:
                good, last = good + 1, step.day
        return good

    @cached_property
    def contacts(self) -> tuple[datetime, ...]:
        """Moments of every genuine contact: any visit that met somebody, any observation."""
        met = [visit.at for visit in self.recent_visits if visit.met_somebody]
        kinds, begun = (StepKind.GUARDIAN_CONTACTED, StepKind.OBSERVED), start_of(self.since)
        told = [step.at for step in self.steps if step.kind in kinds and step.at >= begun]
        return tuple(sorted((*met, *told)))

    def days_away(self, today: date) -> int:
        """Days since the absence began, up to the return."""
        last = today if self.back_at is None else min(today, day_of(self.back_at))
        return max((last - self.since).days, 0)


def _begins_absence(event: CaseEvent) -> bool:
    return event.to_status is CaseStatus.SUSPECTED and event.from_status != event.to_status


def _end_of_absence(event: CaseEvent) -> date | None:
    """The day on which a pupil was no longer away, where an event says so."""
    if event.to_status not in _BACK or event.from_status not in AWAY:
        return None
    return event.case.returned_on or day_of(event.at)


def first(moments: Iterable[datetime]) -> datetime | None:
    """The earliest moment; ``None`` of none."""
    return min(moments, default=None)


def moment_of(text: str) -> datetime | None:
    """A stored moment; ``None`` where there is none."""
    return datetime.fromisoformat(text) if text else None


def is_over(day: date, moment: datetime) -> bool:
    """Whether a day has ended at ``moment``."""
    return end_of(day) < moment
