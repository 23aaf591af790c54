"""What the desk recorded of one pupil, as lines of the pupil's timeline."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import pandas as pd

from kongchuo_risk.cases import CaseStore
from kongchuo_risk.contracts.tables import Schema
from kongchuo_risk.domain.clock import day_of
from kongchuo_risk.serving.pupil_records import COUNTED_KINDS, Event, joined_words

SHEETS_WITHIN = timedelta(days=400)
"""Sheets of a school year; older ones are in the ledgers."""


def desk_timeline(
    store: CaseStore,
    student_id: str,
    class_id: str,
    *,
    today: date,
    schema: Schema,
    measures: Mapping[str, str],
) -> pd.DataFrame:
    """Cases, papers, visits, signs, measures and absences: ``day``, ``kind``, ``text``.

    Parameters
    ----------
    class_id
        Whose sheets name the pupil's absences.
    measures
        Measure id → Chinese name.

    Returns
    -------
    DataFrame
        Worded like the imported records, so that what is known from both stands there once.
    """
    events = [
        *_cases(store, student_id),
        *_papers(store, student_id),
        *_visits(store, student_id),
        *_signs(store, student_id, schema),
        *_measures(store, student_id, measures),
        *_absences(store, student_id, class_id, today, schema),
    ]
    table = pd.DataFrame(events, columns=list(Event._fields))
    return table.assign(day=pd.to_datetime(table["day"]))


def _cases(store: CaseStore, student_id: str) -> Iterator[Event]:
    ids = [case.id for case in store.cases.of_pupil(student_id) if case.id is not None]
    for events in store.cases.all_events(ids).values():
        for event in events:
            moved = "" if event.from_status == event.to_status else str(event.to_status)
            text = joined_words(moved if event.from_status else f"立案：{moved}", event.note)
            if text:
                yield Event(day_of(event.at), "案件", text)
    for steps in store.steps.of_cases(ids).values():
        for step in steps:
            yield Event(step.day, "案件", joined_words(str(step.kind), step.paper, step.note))


def _papers(store: CaseStore, student_id: str) -> Iterator[Event]:
    for notice in store.notices.of_pupil(student_id):
        yield Event(notice.issued_on, "文书", f"《{notice.kind}》{notice.doc_no}")
        if notice.delivered_on is not None:
            yield Event(
                notice.delivered_on, "文书", f"《{notice.kind}》{notice.delivery or '送达'}"
            )


def _visits(store: CaseStore, student_id: str) -> Iterator[Event]:
    for visit in store.visits.of_pupil(student_id):
        people = {"学生": visit.met_student, "监护人": visit.met_guardian}
        met = "和".join(who for who, seen in people.items() if seen)
        text = joined_words(str(visit.mode), met and f"见到{met}", str(visit.result))
        yield Event(visit.day, "走访", text)


def _signs(store: CaseStore, student_id: str, schema: Schema) -> Iterator[Event]:
    for seen in store.observations.of_pupil(student_id):
        level = schema.label("level3", seen.level)
        tag = schema.label("observation_tag", seen.tag)
        yield Event(seen.day, "苗头", joined_words(tag, level and f"程度{level}"))


def _measures(store: CaseStore, student_id: str, names: Mapping[str, str]) -> Iterator[Event]:
    for delivery, _ in store.choices.delivered_with_day(student_id):
        name = names.get(delivery.measure, delivery.measure)
        times = "" if delivery.sessions is None else f"{delivery.sessions} 次"
        yield Event(delivery.started_on, "帮扶", joined_words(name, times))


def _absences(
    store: CaseStore, student_id: str, class_id: str, today: date, schema: Schema
) -> Iterator[Event]:
    said: dict[date, list[str]] = defaultdict(list)
    sheets = store.sheets.between(today - SHEETS_WITHIN, today, [class_id])
    for sheet in sorted(sheets, key=lambda sheet: (sheet.day, sheet.session)):
        for absence in sheet.absences:
            if absence.student_id == student_id and absence.kind in COUNTED_KINDS:
                session = schema.label("session", sheet.session)
                said[sheet.day].append(session + schema.label("attendance_kind", absence.kind))
    for day, texts in said.items():
        yield Event(day, "考勤", "、".join(texts))
