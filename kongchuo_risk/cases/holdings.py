"""What the case database holds of one pupil: found here, and so exported and deleted alike."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, RowMapping

from kongchuo_risk.cases import tables as t
from kongchuo_risk.cases.engine import reading
from kongchuo_risk.cases.sealed import BODY, unseal


@dataclass(frozen=True)
class Part:
    """A part of the database that has a period of its own.

    Attributes
    ----------
    rows
        Table → column that names the pupil, children before their parents.
    blanked
        Tables whose rows stay, without the pupil.
    mentioning
        Tables whose rows go when their sealed part names the pupil: they tell of him beside
        another row that may be his.
    """

    rows: Mapping[sa.Table, sa.ColumnElement[Any]]
    blanked: tuple[sa.Table, ...] = ()
    mentioning: tuple[sa.Table, ...] = ()

    @property
    def tables(self) -> tuple[sa.Table, ...]:
        """Every table of the part, once."""
        return tuple(dict.fromkeys((*self.rows, *self.blanked, *self.mentioning)))


def _own(*tables: sa.Table) -> dict[sa.Table, sa.ColumnElement[Any]]:
    return {table: table.c.student_id for table in tables}


def _of_case(table: sa.Table) -> sa.ColumnElement[Any]:
    """The pupil of a row that belongs to a case."""
    query = sa.select(t.cases.c.student_id).where(t.cases.c.id == table.c.case_id)
    return query.scalar_subquery()


def _of_plan(table: sa.Table) -> sa.ColumnElement[Any]:
    query = sa.select(t.pupil_plans.c.student_id).where(t.pupil_plans.c.id == table.c.plan_id)
    return query.scalar_subquery()


PARTS: Mapping[str, Part] = {
    "lists": Part(_own(t.worklist, t.plan_items, t.pairings, t.peer_pairs, t.feedback)),
    "observations": Part(_own(t.observations)),
    "sheets": Part({}, blanked=(t.sheets,)),
    "plans": Part(
        {t.pupil_plan_items: _of_plan(t.pupil_plan_items)}
        | _own(t.pupil_plans, t.deliveries, t.assigned_pupils, t.assignment_rules)
    ),
    "cases": Part(
        {t.case_events: _of_case(t.case_events), t.case_proposals: _of_case(t.case_proposals),
         t.steps: _of_case(t.steps)}
        | _own(t.visits, t.notices, t.suspicions, t.comparison_findings, t.cases)
    ),
    "records": Part(_own(t.registration_requests, t.school_records)),
    "comparisons": Part({}, mentioning=(t.comparison_pairs, t.comparison_findings)),
}  # fmt: skip
"""Parts that ``privacy.yaml`` may name."""
TITLES: Mapping[str, str] = {
    "worklist": "名单", "plan_items": "拟定的措施", "pairings": "包保配对", "peer_pairs": "一帮一",
    "feedback": "反馈", "observations": "苗头记录", "sheets": "点名表（改为无名）",
    "pupil_plan_items": "计划措施", "pupil_plans": "一生一案", "deliveries": "落实记录",
    "assigned_pupils": "包保安排", "assignment_rules": "包保约定", "case_events": "案件经过",
    "case_proposals": "待复核事项", "steps": "案件步骤", "visits": "走访", "notices": "文书",
    "suspicions": "疑似线索", "comparison_findings": "比对结果", "cases": "案件",
    "registration_requests": "异动申请", "school_records": "学校记录",
    "comparison_pairs": "比对候选", "comparisons": "比对",
    "planning_reports": "计划报告（改为无名）", "issued_documents": "发文登记（改为无名）",
}  # fmt: skip
"""What people call the tables."""


def pupil_holdings(engine: Engine, student_id: str) -> dict[str, list[dict[str, Any]]]:
    """Every row about a pupil, by table, opened and in plain values.

    Parameters
    ----------
    engine
        A database that was opened with its key.
    student_id
        The pupil.

    Returns
    -------
    dict
        Name of the table → rows, oldest first; tables without any are left out. A line of a list
        also says of which day and model it is. Of rows that are about many, only what is about
        the pupil.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    with reading(engine) as connection:
        runs = _runs(connection)
        for part in PARTS.values():
            for table, column in part.rows.items():
                query = sa.select(table).where(column == student_id)
                found[table.name] = [
                    _opened(connection, row, runs) for row in connection.execute(query).mappings()
                ]
            for table in (*part.blanked, *part.mentioning):
                own = list(_own_entries(connection, table, student_id))
                found[table.name] = found.get(table.name) or own
    return {name: rows for name, rows in found.items() if rows}


def volumes(engine: Engine) -> dict[str, int]:
    """Rows of every table that tells of pupils, by what people call it; empty ones are left out."""
    tables = {table for part in PARTS.values() for table in part.tables}
    with reading(engine) as connection:
        counts = {
            table.name: int(connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)
            for table in tables
        }
    return {
        title.split("（")[0]: counts[name] for name, title in TITLES.items() if counts.get(name)
    }


def _runs(connection: Connection) -> dict[int, dict[str, Any]]:
    query = sa.select(t.runs.c.id, t.runs.c.as_of, t.runs.c.model)
    return {row.id: {"as_of": row.as_of, "model": row.model} for row in connection.execute(query)}


def _opened(
    connection: Connection, row: RowMapping, runs: Mapping[int, Mapping[str, Any]]
) -> dict[str, Any]:
    clear = {
        name: unseal(connection, value) if isinstance(value, str) else value
        for name, value in row.items()
        if name != BODY
    }
    body = json.loads(unseal(connection, row[BODY])) if BODY in row else {}
    return dict(runs.get(row.get("run_id", 0), {})) | clear | body


def _own_entries(
    connection: Connection, table: sa.Table, student_id: str
) -> Iterator[dict[str, Any]]:
    """Of each row that is about many, the entries that name the pupil."""
    for row in connection.execute(sa.select(table).order_by(table.c.id)).mappings():
        body = json.loads(unseal(connection, row[BODY]))
        for entry in _entries(body, student_id):
            yield {name: value for name, value in row.items() if name != BODY} | entry


def _entries(content: Any, student_id: str) -> Iterator[dict[str, Any]]:
    """Objects within ``content`` that name the pupil themselves."""
    if isinstance(content, dict) and student_id in content.values():
        yield content
    elif isinstance(content, (dict, list)):
        for item in content.values() if isinstance(content, dict) else content:
            yield from _entries(item, student_id)


def mentioned(content: Any, pupils: Collection[str]) -> Iterator[str]:
    """Those of ``pupils`` that stand anywhere in ``content``.

    >>> list(mentioned({"absences": [{"student_id": "a"}, {"student_id": "b"}]}, {"b"}))
    ['b']
    """
    if isinstance(content, list):
        for item in content:
            yield from mentioned(item, pupils)
    elif isinstance(content, dict):
        yield from mentioned([*content, *content.values()], pupils)
    elif isinstance(content, str) and content in pupils:
        yield content


def titled(counts: Mapping[str, int]) -> dict[str, int]:
    """Counts under the names that people use.

    >>> titled({"visits": 2})
    {'走访': 2}
    """
    return {TITLES.get(name, name): number for name, number in counts.items()}
