"""Takes pupils out of the case database for good; what remains are counts and pseudonyms."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from kongchuo_risk.cases import tables as t
from kongchuo_risk.cases.audit import canonical_json, write_audit
from kongchuo_risk.cases.engine import reading, writing
from kongchuo_risk.cases.holdings import PARTS, mentioned
from kongchuo_risk.cases.rows import chunks
from kongchuo_risk.cases.sealed import BODY, seal, unseal
from kongchuo_risk.domain.attendance import SuspicionState
from kongchuo_risk.domain.case import CaseStatus

GONE = "已删除"
"""Stands for a pupil where a row stays because it counts heads, such as the sheet of a class."""
_FREE_TEXT = ("note", "reason")
_Condition: TypeAlias = sa.ColumnElement[bool]


class Eraser:
    """One unit of work that deletes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def held(self) -> dict[str, str]:
        """Pupils of whom nothing may go, and why: an open case, or a suspicion to be judged."""
        cases, doubts = t.cases.c, t.suspicions.c
        waiting = sa.select(doubts.student_id).where(doubts.state == str(SuspicionState.HELD))
        open_ = sa.select(cases.student_id).where(cases.status != str(CaseStatus.CLOSED))
        found = dict.fromkeys(self._connection.scalars(waiting), "有待判断的疑似线索")
        return found | dict.fromkeys(self._connection.scalars(open_), "有未结案件")

    def named(self, part: str, pupils: Collection[str]) -> set[str]:
        """Those of ``pupils`` of whom ``part`` holds something."""
        found: set[str] = set()
        for column in PARTS[part].rows.values():
            for wanted in chunks(sorted(pupils)):
                found |= set(self._connection.scalars(sa.select(column).where(column.in_(wanted))))
        for table in (*PARTS[part].blanked, *PARTS[part].mentioning):
            for _, names in self._named_in(table, pupils):
                found |= names
        return found

    def oldest(self, part: str, last: date) -> dict[str, date]:
        """Pupil → day of the oldest row of ``part`` from ``last`` or before.

        The comparisons of rosters are nobody's own: they come under an empty name.
        """
        found = self._connection.execute(_DATED[part](last))
        return {row.pupil: row.day for row in found if row.day is not None}

    def erase(self, part: str, pupils: Collection[str]) -> Counter[str]:
        """Delete the rows of these pupils, table by table."""
        gone: Counter[str] = Counter()
        for table, column in PARTS[part].rows.items():
            for wanted in chunks(sorted(pupils)):
                gone[table.name] += self._delete(table, column.in_(wanted))
        for table in PARTS[part].blanked:
            gone[table.name] += self._blank(table, pupils)
        for table in PARTS[part].mentioning:
            for ids in chunks([row_id for row_id, _ in self._named_in(table, pupils)]):
                gone[table.name] += self._delete(table, table.c.id.in_(ids))
        return +gone

    def erase_whole(self, pupils: Collection[str]) -> Counter[str]:
        """Delete all of these pupils: every part, and their traces in rows that stay."""
        gone: Counter[str] = Counter()
        for part in PARTS:
            gone += self.erase(part, pupils)
        for wanted in chunks(sorted(pupils)):
            self._forget_references(wanted)
            gone["issued_documents"] += self._unname_documents(wanted)
        gone["planning_reports"] += self._blank_reports(pupils)
        gone["school_records"] += self._blank(t.school_records, pupils)
        return +gone

    def erase_before(self, part: str, last: date, spared: Collection[str]) -> Counter[str]:
        """Delete the rows of ``part`` from ``last`` or before, but none of those ``spared``."""
        if part == "comparisons":
            return self._old_comparisons(last)
        gone: Counter[str] = Counter()
        for pupils in chunks(sorted(set(self.oldest(part, last)) - set(spared))):
            for table in PARTS[part].rows:
                theirs = table.c.student_id.in_(pupils)
                gone[table.name] += self._delete(table, theirs, _is_old(table, last))
        return +gone

    def note(self, actor: str, action: str, subject: str, **detail: object) -> None:
        """Append a row to the audit log, in the same transaction."""
        write_audit(self._connection, actor=actor, action=action, subject=subject, **detail)

    def _delete(self, table: sa.Table, *conditions: _Condition) -> int:
        return self._connection.execute(table.delete().where(*conditions)).rowcount

    def _old_comparisons(self, last: date) -> Counter[str]:
        ids = list(
            self._connection.scalars(
                sa.select(t.comparisons.c.id).where(t.comparisons.c.day <= last)
            )
        )
        gone: Counter[str] = Counter()
        for wanted in chunks(ids):
            for table in (t.comparison_pairs, t.comparison_findings):
                gone[table.name] += self._delete(table, table.c.comparison_id.in_(wanted))
            gone["comparisons"] += self._delete(t.comparisons, t.comparisons.c.id.in_(wanted))
        return +gone

    def _forget_references(self, pupils: list[str]) -> None:
        """Take them out of pairs that are somebody else's."""
        helped = t.peer_pairs.c.helper_id.in_(pupils)
        self._connection.execute(t.peer_pairs.update().where(helped).values(helper_id=None))
        self._delete(t.assignment_rules, t.assignment_rules.c.other_student.in_(pupils))

    def _unname_documents(self, pupils: list[str]) -> int:
        theirs = t.issued_documents.c.subject.in_(pupils)
        statement = t.issued_documents.update().where(theirs).values(subject=GONE)
        return self._connection.execute(statement).rowcount

    def _named_in(self, table: sa.Table, pupils: Collection[str]) -> Iterator[tuple[int, set[str]]]:
        """Id of each row that names some of ``pupils``, and which."""
        query = sa.select(table.c.id, table.c[BODY])
        for row_id, body in self._connection.execute(query).all() if pupils else ():
            names = set(mentioned(json.loads(unseal(self._connection, body)), pupils))
            if names:
                yield row_id, names

    def _blank(self, table: sa.Table, pupils: Collection[str]) -> int:
        """Reseal the rows that name one of ``pupils`` without the name."""
        changed = 0
        for row_id, body in self._connection.execute(sa.select(table.c.id, table.c[BODY])).all():
            text = unseal(self._connection, body)
            blank = without(json.loads(text), pupils)
            if canonical_json(blank) != canonical_json(json.loads(text)):
                sealed = {BODY: seal(self._connection, canonical_json(blank))}
                self._connection.execute(table.update().where(table.c.id == row_id).values(sealed))
                changed += 1
        return changed

    def _blank_reports(self, pupils: Collection[str]) -> int:
        changed, reports = 0, t.planning_reports
        for row in self._connection.execute(sa.select(reports)).all():
            blank = without(row.content, pupils)
            if blank != row.content:
                same = sa.and_(reports.c.run_id == row.run_id, reports.c.kind == row.kind)
                self._connection.execute(reports.update().where(same).values(content=blank))
                changed += 1
        return changed


@contextmanager
def erasing(engine: Engine) -> Iterator[Eraser]:
    """A unit of work that deletes; all of it is kept, or none.

    SQLite overwrites what is deleted, and its journal is emptied afterwards: nothing can be read
    back from the file. On PostgreSQL the administrator's ``VACUUM`` does that.
    """
    with writing(engine) as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA secure_delete=ON")
        yield Eraser(connection)
    if engine.dialect.name == "sqlite":
        _empty_journal(engine)


@contextmanager
def looking(engine: Engine) -> Iterator[Eraser]:
    """A unit of work that only looks at what could be deleted."""
    with reading(engine) as connection:
        yield Eraser(connection)


def _empty_journal(engine: Engine) -> None:
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        raw.close()


def without(content: Any, pupils: Collection[str]) -> Any:
    """``content`` with :data:`GONE` in place of these pupils, and no remark beside them.

    >>> without([{"student_id": "a", "kind": "sick", "note": "…"}], {"a"})
    [{'student_id': '已删除', 'kind': 'sick', 'note': ''}]
    """
    if isinstance(content, list):
        return [without(item, pupils) for item in content]
    if isinstance(content, dict):
        named = any(isinstance(value, str) and value in pupils for value in content.values())
        return {
            (GONE if key in pupils else key): _emptied(value)
            if named and key in _FREE_TEXT
            else without(value, pupils)
            for key, value in content.items()
        }
    return GONE if isinstance(content, str) and content in pupils else content


def _emptied(value: Any) -> Any:
    return "" if isinstance(value, str) else None


def _is_old(table: sa.Table, last: date) -> _Condition:
    if "day" in table.c:
        return table.c.day <= last
    old_runs = sa.select(t.runs.c.id).where(t.runs.c.as_of <= last, t.runs.c.is_current.is_(False))
    return table.c.run_id.in_(old_runs)


def _oldest_lists(last: date) -> sa.Executable:
    joined = t.worklist.join(t.runs, t.runs.c.id == t.worklist.c.run_id)
    pupil = t.worklist.c.student_id
    query = sa.select(pupil.label("pupil"), sa.func.min(t.runs.c.as_of).label("day"))
    old = (t.runs.c.as_of <= last, t.runs.c.is_current.is_(False))
    return query.select_from(joined).where(*old).group_by(pupil)


def _oldest_observations(last: date) -> sa.Executable:
    table = t.observations.c
    query = sa.select(table.student_id.label("pupil"), sa.func.min(table.day).label("day"))
    return query.where(table.day <= last).group_by(table.student_id)


def _oldest_comparisons(last: date) -> sa.Executable:
    day = t.comparisons.c.day
    return sa.select(sa.literal("").label("pupil"), sa.func.min(day).label("day")).where(
        day <= last
    )


_DATED: Mapping[str, Callable[[date], sa.Executable]] = {
    "lists": _oldest_lists,
    "observations": _oldest_observations,
    "comparisons": _oldest_comparisons,
}
"""Parts whose rows age by themselves."""
DATED = frozenset(_DATED)
