"""What the commands on cases do: each asks a desk and says what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from kongchuo_risk.cases import open_case_database
from kongchuo_risk.contracts.causes import load_causes
from kongchuo_risk.domain.actor import Actor, Role
from kongchuo_risk.domain.case import Case, CaseStatus, Proposal
from kongchuo_risk.domain.clock import at_moment, day_of, end_of, shown
from kongchuo_risk.domain.task import Task
from kongchuo_risk.domain.visit import Visit
from kongchuo_risk.procedure import CaseFacts
from kongchuo_risk.serving.casework import Casework
from kongchuo_risk.serving.runs import Outcome
from kongchuo_risk.tables.sealing import ID_CHARACTERS
from kongchuo_risk.workspace import Workspace, replace_file

COMMAND_LINE = Actor("命令行", frozenset(Role))
"""Whoever has the files may act in every role; a second person is still another name."""
_SHOWN = ["状态", "期限", "事项", "学生", "学校", "班级", "责任人", "责任岗位", "进展"]


def person(name: str, role: str | None) -> Actor | str:
    """Somebody by name and role; without a role the name is a staff number."""
    return name if role is None else Actor(name, frozenset({Role(role)}))


@contextmanager
def desks(workspace: Workspace, who: Actor | str = COMMAND_LINE) -> Iterator[Casework]:
    """The desks of a person, the database closed afterwards.

    Parameters
    ----------
    who
        The person, or the number of one in the staff table, whose roles then count.
    """
    engine = open_case_database(workspace, workspace.settings().database_url)
    try:
        if isinstance(who, str):
            yield Casework(workspace, engine, COMMAND_LINE).person(who)
        else:
            yield Casework(workspace, engine, who)
    finally:
        engine.dispose()


def today(
    workspace: Workspace,
    *,
    day: date | None = None,
    school_code: str | None = None,
    class_id: str | None = None,
    staff_no: str | None = None,
    export: Path | None = None,
) -> tuple[Outcome, pd.DataFrame]:
    """Open tasks of a day's end (or of now), with a printable workbook where asked.

    Returns
    -------
    Outcome
        The headline, and every task for machines.
    DataFrame
        What is late or due today, as people read it.
    """
    with desks(workspace) as casework, _as_of(day):
        found = casework.today.tasks(school_code=school_code, class_id=class_id, staff_no=staff_no)
        table = casework.today.table((*found.late, *found.today))
        if export is not None:
            replace_file(export, casework.today.workbook(found))
    values = {
        "late": len(found.late), "today": len(found.today), "soon": len(found.soon),
        "raised": len(found.raised), "tasks": [_plain(task) for task in found.all],
    }  # fmt: skip
    shown_columns = [name for name in _SHOWN if name != "学校" or school_code is None]
    return Outcome(found.headline, values), table[shown_columns]


def list_cases(workspace: Workspace, school_code: str | None = None) -> pd.DataFrame:
    """Open cases as people read them, indexed by number."""
    with desks(workspace) as casework:
        cases = casework.cases.open_cases(school_code)
        return _case_table(casework, cases)


def show_case(workspace: Workspace, case_id: int) -> Outcome:
    """One case with its history, deadlines and next moves, as text."""
    with desks(workspace) as casework:
        facts = casework.cases.file(case_id)
        head = _case_table(casework, [facts.case]).iloc[0]
        tasks = [task for task in casework.today.case_tasks(facts) if task.is_open]
        moves = casework.cases.moves(case_id)
    lines = [
        "，".join(f"{name}：{value}" for name, value in head.items() if value),
        "经过：", *_history(facts),
        "待办：", *(f"  {task.state} {shown(task.due)} {task.title}" for task in tasks),
        "可以改为：",
        *(f"  {to}：{'；'.join(verdict.missing) or '可以'}" for to, verdict in moves.items()),
    ]  # fmt: skip
    values = {
        "case": case_id, "status": facts.case.status,
        "moves": {to: list(verdict.missing) for to, verdict in moves.items()},
        "tasks": [_plain(task) for task in tasks],
    }  # fmt: skip
    return Outcome("\n".join(lines), values)


def move_case(
    workspace: Workspace,
    case_id: int,
    to: CaseStatus,
    *,
    who: Actor | str,
    note: str = "",
    evidence: Iterable[str] = (),
    returned_on: date | None = None,
) -> Outcome:
    """Move a case, or ask a second person."""
    with desks(workspace, who) as casework:
        moved = casework.cases.move(
            case_id, to, note=note, evidence=evidence, returned_on=returned_on
        )
    return _said(moved)


def decide(
    workspace: Workspace, proposal_id: int, *, who: Actor | str, confirm: bool, answer: str = ""
) -> Outcome:
    """Confirm a proposal, or send it back."""
    with desks(workspace, who) as casework:
        return _said(casework.cases.decide(proposal_id, confirm=confirm, answer=answer))


def open_case(
    workspace: Workspace,
    student_id: str,
    *,
    who: Actor | str,
    absent_since: date | None = None,
    note: str = "",
) -> Outcome:
    """Open a case of a pupil who is missing."""
    with desks(workspace, who) as casework:
        return _said(casework.cases.open(student_id, absent_since=absent_since, note=note))


def record_visit(workspace: Workspace, visit: Visit, *, who: Actor | str) -> Outcome:
    """Keep the record of a visit in the pupil's open case.

    Parameters
    ----------
    visit
        Its pupil may be given by the number of a case.
    """
    with desks(workspace, who) as casework:
        pupil = _pupil(casework, visit.student_id)
        made = casework.contacts.record_visit(replace(visit, student_id=pupil))
    case = f"案件 {made.case_id} 的第 {made.number} 次走访" if made.case_id else "常规走访"
    return Outcome(f"已登记（编号 {made.id}）：{case}", {"visit": made.id, "case": made.case_id})


def held_absences(workspace: Workspace, school_code: str | None = None) -> pd.DataFrame:
    """Absences that wait for a person, as people read them, indexed by number."""
    with desks(workspace) as casework:
        held = casework.attendance.held(school_code)
        roll = casework.room.roll()
        names = roll.names(each.student_id for each in held)
        rows = {
            each.id: {
                "学生": names[each.student_id],
                "学校": roll.directory.school(each.school_code),
                "班级": roll.directory.class_name(each.class_id),
                "缺勤起": str(each.since),
                "半天数": each.sessions,
                "为什么等人判断": each.held,
            }
            for each in held
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def judge(
    workspace: Workspace, number: int, *, who: Actor | str, is_case: bool, note: str = ""
) -> Outcome:
    """Open a case of a held absence, or say why it is none."""
    with desks(workspace, who) as casework:
        judged = casework.attendance.judge(number, is_case=is_case, note=note)
    values = {"number": number, "state": judged.state, "case": judged.case_id}
    opened = f"，案件编号 {judged.case_id}" if judged.case_id else ""
    return Outcome(f"已判断：{judged.state}{opened}", values)


def detect(workspace: Workspace, day: date | None = None) -> Outcome:
    """Look into the sheets up to a day, today when empty; a second run changes nothing."""
    with desks(workspace) as casework:
        caught = casework.attendance.catch_up(day or day_of(casework.room.moment))
    found = caught.found
    counts = {
        "opened": len(found.opened), "held": len(found.held), "noted": len(found.noted),
        "withdrawn": len(found.withdrawn),
    }  # fmt: skip
    days = f"{caught.first}至{caught.last}" if caught.first < caught.last else str(caught.last)
    text = (
        f"{days}：核对 {caught.classes} 个班的点名表，立案 {counts['opened']} 件，"
        f"待人工判断 {counts['held']} 人，{counts['noted']} 件案件有变化"
    )
    values = {"first": caught.first, "last": caught.last, "classes": caught.classes}
    return Outcome(text, values | counts)


def _pupil(casework: Casework, given: str) -> str:
    """A pupil by pseudonym, or by the number of a case, which is much shorter."""
    if given.isdigit() and len(given) < ID_CHARACTERS:
        return casework.cases.file(int(given)).case.student_id
    return given


def _said(result: Case | Proposal) -> Outcome:
    if isinstance(result, Proposal):
        text = f"已提出申请（编号 {result.id}）：改为“{result.to_status}”，须由另一人复核"
        if result.answer:
            text = f"申请 {result.id} 已退回：{result.answer}"
        return Outcome(text, {"proposal": result.id, "state": result.state})
    values = {"case": result.id, "status": result.status, "version": result.version}
    return Outcome(f"案件 {result.id} 现在是“{result.status}”", values)


def _case_table(casework: Casework, cases: list[Case]) -> pd.DataFrame:
    roll = casework.room.roll()
    causes = load_causes(casework.room.workspace.settings().data_schema).by_code
    names = roll.names(case.student_id for case in cases)
    rows = {
        case.id: {
            "学生": names[case.student_id],
            "学校": roll.directory.school(case.school_code),
            "班级": roll.directory.class_name(case.class_id),
            "状态": str(case.status),
            "缺勤起": str(case.absent_since or ""),
            "原因": causes[case.cause].label if case.cause in causes else "",
            "去向": str(case.destination or ""),
            "包案教师": roll.directory.person(case.owner_staff),
        }
        for case in cases
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def _history(facts: CaseFacts) -> list[str]:
    moves = [
        (event.at, f"{event.from_status or '立案'} → {event.to_status}（{event.by}）{event.note}")
        for event in facts.events
    ]
    visits = [(v.at, f"{v.mode}走访：{v.result}（{'、'.join(p.name for p in v.visitors)}）")
              for v in facts.visits]  # fmt: skip
    steps = [(step.at, f"{step.kind}{step.paper and '：' + step.paper} {step.note}")
             for step in facts.steps]  # fmt: skip
    told = sorted([*moves, *visits, *steps], key=lambda pair: pair[0])
    papers = [f"  {n.issued_on} 《{n.kind}》{n.doc_no}{'，已送达' if n.is_delivered else ''}"
              for n in facts.notices]  # fmt: skip
    return [f"  {day_of(at)} {text}" for at, text in told] + papers


def _plain(task: Task) -> dict[str, Any]:
    names = ("key", "kind", "title", "school_code", "class_id", "student_id", "case_id", "detail")
    plain = {name: getattr(task, name) for name in names}
    return plain | {
        "due": task.due.isoformat(), "state": task.state, "owner_role": task.owner_role,
        "owner_staff": task.owner_staff, "raised_to": task.raised_to,
    }  # fmt: skip


@contextmanager
def _as_of(day: date | None) -> Iterator[None]:
    """As if it were the end of a day; as it is when none is given."""
    if day is None:
        yield
        return
    with at_moment(end_of(day)):
        yield
