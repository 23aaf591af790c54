"""A school with a graduate, a pupil in an open case and one who is simply there; all invented."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from kongchuo_risk.cases import CaseStore, case_store, open_case_database
from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.attendance import Absence, ClassSheet, Observation
from kongchuo_risk.domain.case import Case, CaseStatus
from kongchuo_risk.domain.clock import CHINA
from kongchuo_risk.domain.visit import Attitude, Visit, VisitMode, Visitor, VisitResult
from kongchuo_risk.tables.manifest import ALIASES, IDENTITIES, writing
from kongchuo_risk.tables.sealing import Sealer
from kongchuo_risk.tables.writing import BatchWriter
from kongchuo_risk.workspace import Workspace, create_workspace
from tests.builders import table

GRADUATE, HELD, PRESENT = "graduate00000000", "held000000000000", "present000000000"
LEFT_ON = date(2022, 7, 1)
TODAY = date(2026, 1, 15)
TALK = "谈话内容：想去打工"


def privacy_workspace(folder: Path) -> Workspace:
    """Two graduates of 2022, one of them in an open case, and a pupil of grade 8."""
    workspace = create_workspace(folder)
    store_tables(workspace, "B1", _tables())
    fill_database(workspace)
    return workspace


def store_tables(workspace: Workspace, batch: str, tables: dict[str, pd.DataFrame]) -> None:
    """One batch of tables, with a sealed name and an alias for each of the three."""
    contracts, sealer = load_schema().tables, Sealer(workspace.key)
    names = {GRADUATE: "学生甲", HELD: "学生乙", PRESENT: "学生丙"}
    people = [
        ("student", pupil, sealer.seal(json.dumps({"name": name}))) for pupil, name in names.items()
    ]
    with writing(workspace):
        writer = BatchWriter(workspace, batch)
        for name, rows in tables.items():
            writer.append(contracts[name], rows)
        writer.append_sealed(IDENTITIES, people)
        writer.append_sealed(ALIASES, [("name", f"alias-{pupil}", pupil) for pupil in names])
        writer.commit([], imported_at="2025-09-01T00:00:00", adapter=None, report=None)


def _tables() -> dict[str, pd.DataFrame]:
    everybody = (GRADUATE, HELD, PRESENT)
    return {
        "schools": table("schools", [{"school_code": "S1", "school_name": "示例中学",
                                      "known_on": date(2000, 1, 1)}]),
        "students": table("students", [
            {"student_id": pupil, "known_on": date(2021, 9, 1), "birth_date": date(2012, 2, 3)}
            for pupil in everybody
        ]),
        "registration_changes": table("registration_changes", [
            {"student_id": pupil, "day": LEFT_ON, "change_type": "70"}
            for pupil in (GRADUATE, HELD)
        ]),
        "attendance": table("attendance", [
            {"student_id": pupil, "day": date(2022, 3, 1)} for pupil in everybody
        ]),
        "psych_screen": table("psych_screen", [
            {"student_id": PRESENT, "day": day, "instrument": "量表", "screen_level": "1"}
            for day in (date(2024, 10, 1), date(2025, 10, 1))
        ]),
    }  # fmt: skip


def fill_database(workspace: Workspace) -> None:
    with in_database(workspace) as store:
        for pupil, closed in ((GRADUATE, True), (HELD, False)):
            add_case(store, pupil, closed=closed)
        store.sheets.add(
            ClassSheet(
                "S1", "C1", date(2022, 3, 1), "AM", 40,
                (Absence(GRADUATE, "unexcused", note="在家"), Absence(PRESENT, "sick")),
                taken_by="班主任甲",
            ),
            by="班主任甲",
        )  # fmt: skip
        store.observations.add(
            Observation(PRESENT, date(2025, 10, 8), "aversion", "班主任甲", 2, "上课睡觉"),
            by="班主任甲",
        )


def add_case(store: CaseStore, pupil: str, *, closed: bool) -> Case:
    """A case with one visit; what it says is found again in an export."""
    case = store.cases.add(
        Case(pupil, "S1", "C1", date(2022, 3, 1), CaseStatus.EARLY_SIGN), by="班主任甲"
    )
    store.visits.add(visit(pupil, case.id), by="班主任甲")
    if closed:
        case = store.cases.save(case.move_to(CaseStatus.CLOSED), by="校长甲", note="已毕业")
    return case


def visit(pupil: str, case_id: int | None = None, **changes: Any) -> Visit:
    values: dict[str, Any] = {
        "at": datetime(2022, 3, 1, 16, tzinfo=CHINA),
        "mode": VisitMode.HOME,
        "visitors": (Visitor("班主任甲", Role.HOMEROOM),),
        "result": VisitResult.PROMISED,
        "case_id": case_id,
        "met_student": True,
        "talk": TALK,
        "attitude": Attitude.HESITANT,
        "next_step": "周五再去",
    }
    return Visit(student_id=pupil, **values | changes)


@contextmanager
def in_database(workspace: Workspace) -> Iterator[CaseStore]:
    """A unit of work on the workspace's own database."""
    engine = open_case_database(workspace)
    try:
        with case_store(engine) as store:
            yield store
    finally:
        engine.dispose()
