"""What the deadlines of schools and pupils are computed from, read together for a county."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Protocol, TypeVar

import pandas as pd

from kongchuo_risk.cases import CaseStore
from kongchuo_risk.domain.calendar import school_year_start
from kongchuo_risk.domain.clock import day_of
from kongchuo_risk.domain.task import Task
from kongchuo_risk.procedure import SchoolFacts, class_tasks, pupil_duties
from kongchuo_risk.serving.casework.room import Room

OBSERVED_WITHIN = timedelta(days=35)
"""Signs older than this ask for nothing any more."""
BEFORE_THE_YEAR = timedelta(days=31)
"""Letters and plans of a school year are made from July on."""


class _OfSchool(Protocol):
    @property
    def school_code(self) -> str: ...


Item = TypeVar("Item", bound=_OfSchool)


def school_facts(store: CaseStore, room: Room, school_code: str | None) -> Iterator[SchoolFacts]:
    """What is known of one school, or of every school with pupils on the roll."""
    roll, today = room.roll(), day_of(room.moment)
    start = school_year_start(today) - BEFORE_THE_YEAR
    records = _by_school(store.records.of_school(school_code, first=start))
    sheets = _by_school(store.sheets.of_day(today, school_code))
    requests = _by_school(store.registration.waiting(school_code))
    suspicions = _by_school(store.suspicions.open(school_code))
    signs = [
        seen
        for seen in store.observations.between(today - OBSERVED_WITHIN, today)
        if seen.student_id in roll.school_of
    ]
    visits = {
        pupil: tuple(store.visits.of_pupil(pupil)) for pupil in {seen.student_id for seen in signs}
    }
    for code, classes in roll.classes_by_school.items():
        if school_code not in (None, code):
            continue
        own = [seen for seen in signs if roll.school_of[seen.student_id] == code]
        pupils = {seen.student_id for seen in own}
        yield SchoolFacts(
            code,
            classes=classes,
            sheets=tuple(sheets[code]),
            records=tuple(records[code]),
            requests=tuple(requests[code]),
            observations=tuple(own),
            suspicions=tuple(suspicions[code]),
            visits=tuple(visit for pupil in sorted(pupils) for visit in visits[pupil]),
            class_of={pupil: roll.place_of(pupil)[1] for pupil in pupils},
            first_day=roll.first_day,
        )


def pupil_tasks(store: CaseStore, room: Room, school_code: str | None) -> list[Task]:
    """Duties towards every pupil of a school or of all, one task per class and kind."""
    roll, today = room.roll(), day_of(room.moment)
    made = store.visits.between(school_year_start(today), today)
    imported = roll.contacts["visits"][["student_id", "day"]]
    desk = pd.DataFrame(
        [(visit.student_id, pd.Timestamp(visit.day)) for visit in made], columns=imported.columns
    ).astype(imported.dtypes.to_dict())
    # A pupil on the national roster has a 学籍号: the key of the table is made of it.
    pupils = roll.pupils.reset_index().assign(registered=True)
    if school_code is not None:
        pupils = pupils[pupils["school_code"].eq(school_code)]
    duties = pupil_duties(
        pupils,
        aid=roll.contacts["aid"],
        visits=pd.concat([imported, desk], ignore_index=True),
        procedure=room.procedure,
        today=today,
        calendar=roll.calendar,
    )
    return class_tasks(duties)


def _by_school(items: Iterable[Item]) -> defaultdict[str, list[Item]]:
    grouped: defaultdict[str, list[Item]] = defaultdict(list)
    for item in items:
        grouped[item.school_code].append(item)
    return grouped
