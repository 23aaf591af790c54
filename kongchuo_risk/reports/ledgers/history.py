"""What the case database held at the end of a day, made again from what it holds now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from operator import attrgetter
from typing import TypeVar

from kongchuo_risk.domain.case import AWAY, Case, CaseEvent, CaseStatus
from kongchuo_risk.domain.clock import day_of, end_of
from kongchuo_risk.domain.school_record import SchoolRecord
from kongchuo_risk.domain.visit import Notice, Step, Visit

Entry = TypeVar("Entry", Visit, SchoolRecord)
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Spell:
    """One absence of one pupil, from the day it was recorded to the day its end was.

    Days are those of recording: what a report has counted once, a late entry never takes back.
    """

    case: Case
    """As it was last known within the spell, or at its end."""
    began: date
    since: date
    """First day of the absence itself."""
    ended: date | None = None
    ended_as: CaseStatus | None = None

    def dropout_on(self, confirm_days: int) -> date | None:
        """Day from which the absence counted as 辍学; ``None`` when it never did.

        Examples
        --------
        >>> case = Case("S1", "A", "C1", date(2025, 9, 1), CaseStatus.SUSPECTED)
        >>> str(Spell(case, date(2025, 9, 2), date(2025, 9, 1)).dropout_on(28))
        '2025-09-29'
        """
        day = max(self.began, date.fromordinal(self.since.toordinal() + confirm_days))
        return None if self.ended is not None and self.ended <= day else day

    def holds(self, day: date) -> bool:
        """Whether the pupil counted as away at the end of ``day``."""
        return self.began <= day and (self.ended is None or day < self.ended)

    def touches(self, first: date, last: date) -> bool:
        """Whether it held at the end of some day from ``first`` to ``last``, or began and ended."""
        return self.began <= last and (self.ended is None or self.ended >= first)


@dataclass(frozen=True)
class CaseHistory:
    """Everything recorded in cases, in any order; the cases themselves come from their events.

    Attributes
    ----------
    events
        All stored events of the cases.
    visits, notices, steps, records
        With ``recorded_at`` as the store set it; versions that were corrected later may be among
        them and are needed to see the past as it was.
    """

    events: tuple[CaseEvent, ...] = ()
    visits: tuple[Visit, ...] = ()
    notices: tuple[Notice, ...] = ()
    steps: tuple[Step, ...] = ()
    records: tuple[SchoolRecord, ...] = ()

    def as_of(self, day: date) -> CaseHistory:
        """What was recorded by the end of ``day``; nothing that came later changes it."""
        end = end_of(day)
        return CaseHistory(
            _sorted((e for e in self.events if day_of(e.at) <= day), "case_id", "at"),
            _standing((v for v in self.visits if _known(v.recorded_at, v.at) <= end), "at"),
            _sorted(self._notices(day), "issued_on", "doc_no"),
            _sorted((s for s in self.steps if _known(s.recorded_at, s.at) <= end), "case_id", "at"),
            _standing(
                (r for r in self.records if _known(r.recorded_at, end_of(r.day)) <= end), "day"
            ),
        )

    def _notices(self, day: date) -> Iterator[Notice]:
        for notice in self.notices:
            if _known(notice.recorded_at, end_of(notice.issued_on)) > end_of(day):
                continue
            arrived = notice.delivered_on is not None and notice.delivered_on <= day
            yield (
                notice
                if arrived
                else replace(notice, delivery=None, delivered_on=None, receipt="", reply="")
            )

    @cached_property
    def cases(self) -> tuple[Case, ...]:
        """Each case as its newest event left it, by number."""
        newest = {event.case_id: event for event in _sorted(self.events, "case_id", "at")}
        return tuple(replace(event.case, id=number) for number, event in newest.items())

    @cached_property
    def visits_of(self) -> dict[int, list[Visit]]:
        """Case → its visits, in the order in which they were made."""
        found: dict[int, list[Visit]] = {}
        for visit in sorted(self.visits, key=attrgetter("at")):
            if visit.case_id is not None:
                found.setdefault(visit.case_id, []).append(visit)
        return found

    @cached_property
    def notices_of(self) -> dict[int, list[Notice]]:
        """Case → its papers, oldest first."""
        found: dict[int, list[Notice]] = {}
        for notice in sorted(self.notices, key=attrgetter("issued_on", "doc_no")):
            if notice.case_id is not None:
                found.setdefault(notice.case_id, []).append(notice)
        return found

    @cached_property
    def spells(self) -> tuple[Spell, ...]:
        """Absences of all cases, by case and in their order."""
        by_case: dict[int, list[CaseEvent]] = {}
        for event in _sorted(self.events, "case_id", "at"):
            by_case.setdefault(event.case_id, []).append(event)
        return tuple(spell for events in by_case.values() for spell in _spells(events))


def _spells(events: Iterable[CaseEvent]) -> Iterator[Spell]:
    current: Spell | None = None
    ended: date | None = None
    for event in events:
        day, case = day_of(event.at), replace(event.case, id=event.case_id)
        if event.to_status in AWAY:
            began = day if current is None else current.began
            current = Spell(case, began, _since(case, began, ended))
        elif current is not None:
            yield replace(current, case=case, ended=day, ended_as=event.to_status)
            current, ended = None, day
    if current is not None:
        yield current


def _since(case: Case, began: date, ended_before: date | None) -> date:
    """After a relapse the first day of the earlier absence no longer counts."""
    since = case.absent_since
    if since is None or (ended_before is not None and since < ended_before):
        return began
    return min(since, began)


def _known(recorded_at: str, happened: datetime) -> datetime:
    return datetime.fromisoformat(recorded_at) if recorded_at else happened


def _standing(entries: Iterable[Entry], order: str) -> tuple[Entry, ...]:
    """Entries that no other one replaces."""
    kept = list(entries)
    replaced = {entry.replaces for entry in kept} - {None}
    standing = (entry for entry in kept if entry.id is None or entry.id not in replaced)
    return tuple(sorted(standing, key=lambda entry: (getattr(entry, order), str(entry))))


def _sorted(entries: Iterable[Item], *names: str) -> tuple[Item, ...]:
    return tuple(sorted(entries, key=attrgetter(*names)))
