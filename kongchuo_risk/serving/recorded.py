"""What people recorded at the desk beside what came with the imported tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum

import pandas as pd

from kongchuo_risk.cases import CaseStore, case_reader, open_case_database
from kongchuo_risk.contracts.tables import Schema, load_schema
from kongchuo_risk.domain.attendance import ClassSheet, Observation
from kongchuo_risk.domain.choices import Delivery
from kongchuo_risk.domain.clock import day_of
from kongchuo_risk.domain.records import Records
from kongchuo_risk.domain.visit import Visit
from kongchuo_risk.workspace import Workspace

Row = dict[str, object]


def with_recorded(workspace: Workspace, records: Records) -> Records:
    """Records that also hold what was entered at the desk.

    Class sheets with their absences, observations, visits and delivered measures. Each became
    known on the day on which it was entered, so that a list of the past does not see it; of a
    corrected sheet or visit the last version counts, from the day of the correction. What is
    imported as well has the same key and is there once, by its last word. Free text stays in the
    case database.

    Parameters
    ----------
    workspace
        Whose case database is read.
    records
        As loaded; they stay as they are. Tables that they lack are left out.
    """
    settings = workspace.settings()
    engine = open_case_database(workspace, settings.database_url)
    try:
        with case_reader(engine) as store:
            own = recorded_rows(store, load_schema(settings.data_schema))
    finally:
        engine.dispose()
    joined = {
        name: joined_table(records[name], rows)
        for name, rows in own.items()
        if rows and name in records
    }
    return Records({**records, **joined}) if joined else records


def recorded_rows(store: CaseStore, schema: Schema) -> dict[str, list[Row]]:
    """Table → the rows that the desk's records make in it."""
    sheets = store.sheets.between(date.min, date.max)
    seen = store.observations.between(date.min, date.max)
    return {
        "class_sheets": list(map(_sheet, sheets)),
        "attendance": [row for sheet in sheets for row in _absences(sheet)],
        "observations": list(map(_observation, seen)),
        "visits": [_visit(visit, _codes(schema)) for visit in store.visits.all_standing()],
        "measures_delivered": [_delivery(*each) for each in store.choices.delivered_with_day()],
    }


def joined_table(imported: pd.DataFrame, rows: Iterable[Row]) -> pd.DataFrame:
    """The imported table with further rows, typed alike."""
    own = pd.DataFrame(list(rows)).reindex(columns=imported.columns)
    wide = imported.copy(deep=False)
    for name in imported.columns[imported.dtypes.eq("category")]:
        # A cast makes a value missing that is no category yet.
        new = set(own[name].dropna()) - set(imported[name].cat.categories)
        wide[name] = imported[name].cat.add_categories(sorted(new))
    return pd.concat([wide, own.astype(wide.dtypes.to_dict())], ignore_index=True)


def _sheet(sheet: ClassSheet) -> Row:
    taken = datetime.fromisoformat(sheet.taken_at)
    return {
        "class_id": sheet.class_id,
        "day": pd.Timestamp(sheet.day),
        "session": sheet.session,
        "enrolled": sheet.enrolled,
        "present": sheet.present,
        "reported_at": pd.Timestamp(taken.replace(tzinfo=None)),
        "known_on": _known_on(sheet.taken_at, sheet.day),
    }


def _absences(sheet: ClassSheet) -> Iterator[Row]:
    known_on = _known_on(sheet.taken_at, sheet.day)
    for absence in sheet.absences:
        yield {
            "student_id": absence.student_id,
            "day": pd.Timestamp(sheet.day),
            "session": sheet.session,
            "kind": absence.kind,
            "reason": absence.reason,
            "known_on": known_on,
        }


def _observation(seen: Observation) -> Row:
    return {
        "student_id": seen.student_id,
        "day": pd.Timestamp(seen.day),
        "tag": seen.tag,
        "level": None if seen.level is None else str(seen.level),
        "known_on": _known_on(seen.recorded_at, seen.day),
    }


def _visit(visit: Visit, code: Callable[[str, StrEnum | None], str | None]) -> Row:
    return {
        "student_id": visit.student_id,
        "day": pd.Timestamp(visit.day),
        "visit_mode": code("visit_mode", visit.mode),
        "visitors": "、".join(visitor.staff_no or visitor.name for visitor in visit.visitors),
        "met_student": visit.met_student,
        "met_guardian": visit.met_guardian,
        "attitude": code("attitude", visit.attitude),
        "result": code("visit_result", visit.result),
        "known_on": _known_on(visit.recorded_at, visit.day),
    }


def _delivery(delivery: Delivery, entered_at: str) -> Row:
    return {
        "student_id": delivery.student_id,
        "measure": delivery.measure,
        "started_on": pd.Timestamp(delivery.started_on),
        "ended_on": pd.Timestamp(delivery.ended_on) if delivery.ended_on else pd.NaT,
        "sessions": delivery.sessions,
        "staff_no": delivery.staff_no,
        "known_on": _known_on(entered_at, delivery.started_on),
    }


def _known_on(entered_at: str, happened: date) -> pd.Timestamp:
    """Day of entry; nothing is known before it happened."""
    return pd.Timestamp(max(day_of(datetime.fromisoformat(entered_at)), happened))


def _codes(schema: Schema) -> Callable[[str, StrEnum | None], str | None]:
    """Chinese label → code of a code list."""
    lists: Mapping[str, Mapping[str, str]] = {
        name: {entry.label: code for code, entry in schema.codes[name].values.items()}
        for name in ("visit_mode", "visit_result", "attitude")
    }
    return lambda name, label: None if label is None else lists[name][label]
