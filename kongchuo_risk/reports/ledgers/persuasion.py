"""劝返工作台账: every attempt with its number, day, people and result (seed rule 122)."""

from __future__ import annotations

from datetime import date

import pandas as pd

from kongchuo_risk.domain.visit import Visit
from kongchuo_risk.reports.ledgers.away import of_spell
from kongchuo_risk.reports.ledgers.history import Spell
from kongchuo_risk.reports.ledgers.material import Scope, Snapshot

ATTEMPT_COLUMNS = (
    "student_id", "学校", "班级", "学段", "案件编号", "第几次", "日期", "方式", "走访人",
    "校领导参加", "见到学生", "见到监护人", "学生态度", "结果", "承诺返校日", "下一步",
)  # fmt: skip
SETTLED_COLUMNS = (
    "student_id", "学校", "班级", "学段", "案件编号", "登记日期", "缺勤起始", "销出日期",
    "销出情况", "去向", "劝返次数", "销号日期",
)  # fmt: skip


def persuasion_ledger(
    snapshot: Snapshot, scope: Scope, *, first: date | None = None
) -> pd.DataFrame:
    """Every attempt to bring a pupil back, from ``first`` (or ever) to the day.

    Returns
    -------
    DataFrame
        :data:`ATTEMPT_COLUMNS`. ``第几次`` counts the attempts within one absence; after a relapse
        the count begins again.
    """
    rows = [
        _attempt(spell, number, visit, snapshot)
        for spell in _of_scope(snapshot, scope)
        for number, visit in enumerate(_visits(spell, snapshot), start=1)
        if first is None or visit.day >= first
    ]
    return pd.DataFrame(rows, columns=list(ATTEMPT_COLUMNS))


def settled_ledger(snapshot: Snapshot, scope: Scope, *, first: date | None = None) -> pd.DataFrame:
    """动态销号: who came off the ledgers from ``first`` to the day, and how.

    Returns
    -------
    DataFrame
        :data:`SETTLED_COLUMNS`; ``销出情况`` is the status that ended the absence (已复学, 核实转学
        …), ``销号日期`` the day on which the case was closed, when it is.
    """
    closed = {case.id: case.closed_on for case in snapshot.history.cases}
    rows = [
        {
            **_pupil(spell, snapshot),
            "登记日期": spell.began,
            "缺勤起始": spell.since,
            "销出日期": spell.ended,
            "销出情况": str(spell.ended_as),
            "去向": str(spell.case.destination or ""),
            "劝返次数": len(_visits(spell, snapshot)),
            "销号日期": closed.get(spell.case.id),
        }
        for spell in _of_scope(snapshot, scope)
        if spell.ended is not None and (first is None or spell.ended >= first)
    ]
    return pd.DataFrame(rows, columns=list(SETTLED_COLUMNS))


def _of_scope(snapshot: Snapshot, scope: Scope) -> list[Spell]:
    spells = snapshot.history.spells
    own = [s for s in spells if scope.covers(s.case.school_code, s.case.class_id)]
    return sorted(own, key=lambda s: (s.case.school_code, s.case.student_id, s.began))


def _visits(spell: Spell, snapshot: Snapshot) -> list[Visit]:
    return of_spell(snapshot.history.visits_of.get(spell.case.id or 0, []), spell)


def _pupil(spell: Spell, snapshot: Snapshot) -> dict[str, object]:
    case = spell.case
    return {
        "student_id": case.student_id,
        "学校": case.school_code,
        "班级": case.class_id,
        "学段": snapshot.stage_of(case.student_id),
        "案件编号": case.id or 0,
    }


def _attempt(spell: Spell, number: int, visit: Visit, snapshot: Snapshot) -> dict[str, object]:
    people = "、".join(f"{visitor.name}（{visitor.role}）" for visitor in visit.visitors)
    return {
        **_pupil(spell, snapshot),
        "第几次": number,
        "日期": visit.day,
        "方式": str(visit.mode),
        "走访人": people,
        "校领导参加": _yes(visit.has_leader),
        "见到学生": _yes(visit.met_student),
        "见到监护人": _yes(visit.met_guardian),
        "学生态度": str(visit.attitude or ""),
        "结果": str(visit.result),
        "承诺返校日": visit.promise,
        "下一步": visit.next_step,
    }


def _yes(said: bool) -> str:
    return "是" if said else "否"
