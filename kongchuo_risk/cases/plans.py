"""Plans that people edit and approve, every version kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, fields, replace
from datetime import date
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from kongchuo_risk.cases.audit import utc_now, write_audit
from kongchuo_risk.cases.rows import CHUNK_ROWS, plain_item, plan_item
from kongchuo_risk.cases.sealed import with_opened, with_sealed
from kongchuo_risk.cases.tables import pupil_plan_items, pupil_plans, school_plans
from kongchuo_risk.domain.plan import Need, PlanKind, PlanState, PupilPlan, SchoolPlan, SchoolTask
from kongchuo_risk.errors import PlanError

_PLAN_FIELDS = tuple(field.name for field in fields(PupilPlan) if field.name != "items")
_TEXTS = ("goal", "note")
"""What people write freely is sealed."""


class PlanBook:
    """Plans of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, plan: PupilPlan, *, by: str) -> PupilPlan:
        """Store the next version of a pupil's plan.

        Raises
        ------
        PlanError
            When somebody else stored a version since ``plan`` was read.
        """
        newest = self._newest_version(plan.student_id, plan.term)
        if newest != plan.version:
            raise PlanError("这份计划已被他人修改，请刷新后重试")
        stored = replace(plan, version=newest + 1, by=by, at=utc_now())
        plan_id = self._connection.scalar(
            pupil_plans.insert().returning(pupil_plans.c.id),
            with_sealed(self._connection, _head(stored), *_TEXTS),
        )
        lines = [
            {"plan_id": plan_id, "position": position, **plain_item(item)}
            for position, item in enumerate(stored.items)
        ]
        if lines:
            self._connection.execute(pupil_plan_items.insert(), lines)
        self._note(by, "保存计划", stored.student_id, stored)
        return stored

    def latest(self, student_id: str, term: str | None = None) -> PupilPlan | None:
        """The newest version of a pupil's plan, of one term or of the last that has one."""
        query = sa.select(pupil_plans).where(pupil_plans.c.student_id == student_id)
        if term is not None:
            query = query.where(pupil_plans.c.term == term)
        order = (pupil_plans.c.term.desc(), pupil_plans.c.version.desc())
        rows = list(self._connection.execute(query.order_by(*order).limit(1)).mappings())
        return next(iter(self._plans(rows)), None)

    def history(self, student_id: str, term: str) -> list[PupilPlan]:
        """Every version of a pupil's plan in a term, oldest first."""
        query = sa.select(pupil_plans).where(
            pupil_plans.c.student_id == student_id, pupil_plans.c.term == term
        )
        rows = self._connection.execute(query.order_by(pupil_plans.c.version)).mappings()
        return list(self._plans(list(rows)))

    def of_school(
        self, school_code: str, term: str, *, states: Iterable[PlanState] = tuple(PlanState)
    ) -> list[PupilPlan]:
        """Newest version of every plan of a school in a term, if it is in one of ``states``."""
        newest = (
            sa.select(pupil_plans.c.student_id, sa.func.max(pupil_plans.c.version).label("version"))
            .where(pupil_plans.c.school_code == school_code, pupil_plans.c.term == term)
            .group_by(pupil_plans.c.student_id)
            .subquery()
        )
        query = sa.select(pupil_plans).join(
            newest,
            sa.and_(
                pupil_plans.c.student_id == newest.c.student_id,
                pupil_plans.c.version == newest.c.version,
                pupil_plans.c.term == term,
            ),
        )
        query = query.where(pupil_plans.c.state.in_([str(state) for state in states]))
        rows = self._connection.execute(query.order_by(pupil_plans.c.student_id)).mappings()
        return list(self._plans(list(rows)))

    def add_school(self, plan: SchoolPlan, *, by: str) -> SchoolPlan:
        """Store the next version of a school's plan; raises as :meth:`add` does."""
        before = self.latest_school(plan.school_code, plan.term)
        if (before.version if before else 0) != plan.version:
            raise PlanError("这份学校方案已被他人修改，请刷新后重试")
        stored = replace(plan, version=plan.version + 1, by=by, at=utc_now())
        row = with_sealed(self._connection, _school_row(stored), "note")
        self._connection.execute(school_plans.insert(), row)
        self._note(by, "保存学校方案", f"学校{stored.school_code}", stored)
        return stored

    def latest_school(self, school_code: str, term: str) -> SchoolPlan | None:
        """The newest version of a school's plan of a term."""
        query = sa.select(school_plans).where(
            school_plans.c.school_code == school_code, school_plans.c.term == term
        )
        row = self._connection.execute(
            query.order_by(school_plans.c.version.desc()).limit(1)
        ).mappings()
        opened = (with_opened(self._connection, found, "note") for found in row)
        return next((_school_plan(found) for found in opened), None)

    def _newest_version(self, student_id: str, term: str) -> int:
        query = sa.select(sa.func.max(pupil_plans.c.version)).where(
            pupil_plans.c.student_id == student_id, pupil_plans.c.term == term
        )
        return int(self._connection.scalar(query) or 0)

    def _plans(self, rows: list[RowMapping]) -> Iterator[PupilPlan]:
        items: dict[int, list[Any]] = {}
        ids = iter([row["id"] for row in rows])
        while chunk := list(islice(ids, CHUNK_ROWS)):
            query = sa.select(pupil_plan_items).where(pupil_plan_items.c.plan_id.in_(chunk))
            order = (pupil_plan_items.c.plan_id, pupil_plan_items.c.position)
            for line in self._connection.execute(query.order_by(*order)).mappings():
                items.setdefault(line["plan_id"], []).append(plan_item(line))
        opened = (with_opened(self._connection, row, *_TEXTS) for row in rows)
        return (_plan(row, items.get(row["id"], ())) for row in opened)

    def _note(self, by: str, action: str, subject: str, plan: PupilPlan | SchoolPlan) -> None:
        write_audit(
            self._connection,
            actor=by,
            action=action,
            subject=subject,
            term=plan.term,
            version=plan.version,
            state=plan.state,
        )


def _head(plan: PupilPlan) -> dict[str, Any]:
    values = {name: getattr(plan, name) for name in _PLAN_FIELDS}
    return values | {
        "needs": [asdict(need) for need in plan.needs],
        "reviews": [day.isoformat() for day in plan.reviews],
    }


def _plan(row: Mapping[str, Any], items: Iterable[Any]) -> PupilPlan:
    values: dict[str, Any] = {name: row[name] for name in _PLAN_FIELDS}
    return PupilPlan(
        **values
        | {
            "kind": PlanKind(row["kind"]),
            "state": PlanState(row["state"]),
            "needs": tuple(Need(need["dimension"], tuple(need["texts"])) for need in row["needs"]),
            "reviews": tuple(map(date.fromisoformat, row["reviews"])),
            "items": tuple(items),
        }
    )


def _school_row(plan: SchoolPlan) -> dict[str, Any]:
    values = {field.name: getattr(plan, field.name) for field in fields(SchoolPlan)}
    return values | {
        "figures": dict(plan.figures),
        "tasks": [_plain_task(task) for task in plan.tasks],
    }


def _plain_task(task: SchoolTask) -> dict[str, Any]:
    done = task.done_on.isoformat() if task.done_on else None
    return asdict(task) | {"due": task.due.isoformat(), "done_on": done}


def _school_plan(row: Mapping[str, Any]) -> SchoolPlan:
    values = {field.name: row[field.name] for field in fields(SchoolPlan)}
    tasks = tuple(_task(task) for task in row["tasks"])
    return SchoolPlan(**values | {"state": PlanState(row["state"]), "tasks": tasks})


def _task(plain: Mapping[str, Any]) -> SchoolTask:
    return SchoolTask(
        **{
            **plain,
            "due": date.fromisoformat(plain["due"]),
            "done_on": date.fromisoformat(plain["done_on"]) if plain["done_on"] else None,
            "checklist": tuple(plain["checklist"]),
            "sources": tuple(plain["sources"]),
        }
    )
