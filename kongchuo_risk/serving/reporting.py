"""Periodic reports as Excel workbooks: made as of a day, printed with names or without."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from kongchuo_risk.cases import CaseStore, case_store
from kongchuo_risk.domain.actor import Actor
from kongchuo_risk.domain.clock import at_moment, end_of
from kongchuo_risk.errors import NotFoundError, SettingsError
from kongchuo_risk.procedure.periods import Kind, period_of
from kongchuo_risk.reports.bulletins.making import KINDS, make_report
from kongchuo_risk.reports.bulletins.pages import Printing, pages
from kongchuo_risk.reports.bulletins.report import Report, ReportTable
from kongchuo_risk.reports.ledgers.history import CaseHistory
from kongchuo_risk.reports.ledgers.material import Material, Scope, Terms
from kongchuo_risk.reports.ledgers.names import Person, with_names
from kongchuo_risk.reports.ledgers.roll import Rolls
from kongchuo_risk.reports.ledgers.window import Window
from kongchuo_risk.serving.casework import Casework
from kongchuo_risk.serving.casework.commands import desks
from kongchuo_risk.serving.casework.roll import Roll
from kongchuo_risk.serving.privacy.purposes import require_purpose
from kongchuo_risk.serving.runs import Outcome, all_records
from kongchuo_risk.serving.tables_book import Sheet, workbook
from kongchuo_risk.tables import load_identities
from kongchuo_risk.workspace import Workspace, replace_file

KIND_OF: dict[str, Kind] = {name: kind for kind, name in KINDS.items()}
"""日报, 周报, 月报, 季度复核, 学期报, 学年报 → period."""


@dataclass(frozen=True)
class Asked:
    """Which report is wanted.

    Attributes
    ----------
    day
        A day of the period; the report tells what was known at its end, or at the period's.
    leaving_school
        For readers outside the school and its authorities: no names, small cells hidden.
    purpose
        Why it is exported; written to the audit log.
    """

    name: str
    day: date
    school_code: str | None = None
    leaving_school: bool = False
    purpose: str = ""


def write_report(workspace: Workspace, asked: Asked, path: Path, *, actor: Actor) -> Outcome:
    """Write a report's workbook.

    Raises
    ------
    SettingsError
        When there is no such report.
    CaseError
        When names leave the program without a purpose.
    NotFoundError
        When there is no such school.
    """
    kind = _kind(asked)
    purpose = "" if asked.leaving_school else str(require_purpose(asked.purpose))
    with desks(workspace, actor) as casework, at_moment(end_of(asked.day)):
        roll = casework.room.roll()
        scope = _scope(roll, asked.school_code)
        with case_store(casework.room.engine) as store:
            material = material_of(workspace, casework, store)
            report = _report(material, kind, asked.day, scope)
            store.note(
                actor.name, f"导出{asked.name}", scope.name, purpose=purpose,
                period=report.period.name, names=not asked.leaving_school,
            )  # fmt: skip
        printing = Printing(
            casework.room.procedure.targets,
            asked.leaving_school,
            {**roll.directory.schools, **_class_names(roll)},
            workspace.settings().data_schema,
        )
        sheets = _sheets(workspace, roll, pages(report, printing))
    replace_file(path, workbook(sheets))
    text = f"{report.title}：{len(sheets)} 张表，{path}"
    return Outcome(text, {"title": report.title, "period": report.period.name, "file": path})


def material_of(workspace: Workspace, casework: Casework, store: CaseStore) -> Material:
    """Everything that ledgers and reports are made from."""
    pairings = store.assignments.current()
    return Material(
        Rolls(all_records(workspace)),
        CaseHistory(
            tuple(store.cases.every_event()),
            tuple(store.visits.every()),
            tuple(store.notices.every()),
            tuple(store.steps.every()),
            tuple(store.records.every()),
        ),
        Terms.of(casework.room.procedure),
        mentors={pupil: pairing.staff_no for pupil, pairing in pairings.items()} or None,
        tasks=tuple(casework.today.everything()),
    )


def _kind(asked: Asked) -> Kind:
    if asked.name not in KIND_OF:
        raise SettingsError(f"没有名为“{asked.name}”的报表；有：{'、'.join(KIND_OF)}")
    return KIND_OF[asked.name]


def _scope(roll: Roll, school_code: str | None) -> Scope:
    if school_code is None:
        return Scope("全学区", "学区")
    if school_code not in roll.directory.schools:
        raise NotFoundError(f"没有标识码为 {school_code} 的学校")
    return Scope(roll.directory.school(school_code), "校", (school_code,))


def _report(material: Material, kind: Kind, day: date, scope: Scope) -> Report:
    return make_report(Window.over(material, period_of(day, kind), day=day), scope)


def _class_names(roll: Roll) -> dict[str, str]:
    return {class_id: card.name for class_id, card in roll.directory.classes.items()}


def _sheets(workspace: Workspace, roll: Roll, tables: Iterable[ReportTable]) -> list[Sheet]:
    chosen = list(tables)
    pupils = {
        str(pupil)
        for table in chosen
        if "student_id" in table.table
        for pupil in table.table["student_id"]
    }
    people = _people(workspace, pupils)
    return [
        Sheet(
            table.title,
            with_names(
                table.table,
                people,
                schools=roll.directory.schools,
                classes=_class_names(roll),
                staff=roll.directory.staff,
            )
            if "student_id" in table.table
            else table.table,
            table.note,
        )
        for table in chosen
    ]


def _people(workspace: Workspace, pupils: set[str]) -> dict[str, Person]:
    opened = load_identities(workspace, pupils) if pupils else {}
    return {
        pupil: Person(
            name=facts.get("name", ""),
            guardian=facts.get("guardian_1_name", ""),
            address=facts.get("home_address", ""),
            phone=facts.get("guardian_1_phone", facts.get("phone", "")),
            id_last4=facts.get("id_number", "")[-4:],
        )
        for pupil, facts in opened.items()
    }
