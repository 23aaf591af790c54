"""Who took part, what was late, village by village: lists that stay within the school and 学区."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from kongchuo_risk.domain.clock import CHINA, day_of, shown
from kongchuo_risk.domain.task import TaskState
from kongchuo_risk.reports.ledgers.material import Scope
from kongchuo_risk.reports.ledgers.window import Window

JOINED_COLUMNS = ("走访人", "身份", "参加走访", "其中上门", "涉及学生")
LATE_COLUMNS = ("学校", "班级", "student_id", "事项", "责任岗位", "期限", "完成", "状态", "依据")
VILLAGE_COLUMNS = ("居住村", "在籍学生", "疑似辍学", "辍学", "未入学")
_NOT_IN_TIME = frozenset({TaskState.LATE, TaskState.DONE_LATE, TaskState.MISSED})
_UNKNOWN = "未填"


def visits_joined(window: Window, scope: Scope) -> pd.DataFrame:
    """How often each visitor went along in the period (seed rules 81, 83).

    Returns
    -------
    DataFrame
        :data:`JOINED_COLUMNS`, by name. Credit belongs to those who took part; nothing is computed
        from it.
    """
    joined: Counter[tuple[str, str]] = Counter()
    at_home: Counter[tuple[str, str]] = Counter()
    pupils: dict[tuple[str, str], set[str]] = {}
    roll = scope.of(window.after.roll)
    cases = {c.id for c in window.after.history.cases if scope.covers(c.school_code, c.class_id)}
    for visit in window.after.history.visits:
        own = visit.student_id in roll.index or visit.case_id in cases
        if not (own and window.holds(visit.day)):
            continue
        for visitor in visit.visitors:
            who = visitor.name, str(visitor.role)
            joined[who] += 1
            at_home[who] += visit.at_home
            pupils.setdefault(who, set()).add(visit.student_id)
    rows = [(*who, joined[who], at_home[who], len(pupils[who])) for who in sorted(joined)]
    return pd.DataFrame(rows, columns=list(JOINED_COLUMNS))


def late_tasks(window: Window, scope: Scope) -> pd.DataFrame:
    """What fell due in the period and was not done in time (seed rules 24, 100).

    Returns
    -------
    DataFrame
        :data:`LATE_COLUMNS`, by deadline.
    """
    tasks = [
        task
        for task in window.material.tasks
        if task.state in _NOT_IN_TIME
        and window.holds(day_of(task.due))
        and scope.covers(task.school_code, task.class_id)
    ]
    rows = [
        (
            task.school_code, task.class_id or "", task.student_id or "", task.title,
            str(task.owner_role), shown(task.due),
            task.done_at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M") if task.done_at else "",
            str(task.state), "；".join(task.sources),
        )
        for task in sorted(tasks, key=lambda task: (task.due, task.key))
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(LATE_COLUMNS))


def by_village(window: Window, scope: Scope) -> pd.DataFrame:
    """Pupils on the roll, and those who stay away, by village of residence (seed rule 42)."""
    roll = scope.of(window.moves.closing)
    village = roll["village"].astype("object").where(roll["village"].notna(), _UNKNOWN)
    numbers = {"在籍学生": Counter(village)}
    for title, stock in (("疑似辍学", window.suspected), ("辍学", window.dropout)):
        away = scope.of(window.placed(stock.closing))["student_id"]
        numbers[title] = Counter(village.reindex(away).fillna(_UNKNOWN))
    children = (c for c in window.after.unenrolled if scope.covers(c.school_code))
    numbers["未入学"] = Counter(child.village or _UNKNOWN for child in children)
    names = sorted({name for counter in numbers.values() for name in counter})
    rows = [(name, *(numbers[title][name] for title in VILLAGE_COLUMNS[1:])) for name in names]
    return pd.DataFrame(rows, columns=list(VILLAGE_COLUMNS))
