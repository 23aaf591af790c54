"""What a row must be besides readable: it points to what exists, and its values can be true."""

from __future__ import annotations

import re

import pandas as pd

from kongchuo_risk.contracts.tables import STUDENT_KEY, Table
from kongchuo_risk.ingestion.parsing import Work
from kongchuo_risk.ingestion.roster import Roster
from kongchuo_risk.ingestion.wide_scores import FULL_SCORE

_PLANNED_AHEAD = frozenset({"calendar", "exams"})
"""Tables that may speak of days to come."""
_HAPPENS_FIRST = frozenset({"attendance", "behaviour", "observations", "psych_screen", "visits"})
"""Tables whose rows cannot be known before their day."""
_ABOVE_FULL = "分数高于满分；请核对分数，或写明满分（“满分”列；每科一列的表写成 语文(120)）"
_STAFF_NAME = re.compile("(?:^|[、，,;；/ ])[\u4e00-\u9fff·]{2,}(?:$|[、，,;；/ ])")
_NAMES_LEFT_OUT = "“{}”表的“{}”列写的是姓名，没有入库；姓名不进数据表，请填教职工表中的工号"
_NO_SCORE = "分数与等第至少填一项；缺考请在“缺考”列填 是"


def check(work: Work, roster: Roster, today: pd.Timestamp) -> None:
    """Refuse rows that point to nothing or cannot be true, and keep names out of the tables."""
    _drop_staff_names(work)
    _check_references(work, roster)
    _check_days(work, today)
    if work.layout.table.name == "scores":
        _check_scores(work)


def _drop_staff_names(work: Work) -> None:
    """Names where a staff number belongs are personal, and join with nothing: they are left out."""
    for field in work.layout.table.fields:
        if field.title.endswith("工号") and not field.required:
            column = work.frame[field.name]
            names = [word for word in column.cat.categories if _STAFF_NAME.search(word)]
            if names:
                work.frame[field.name] = column.cat.remove_categories(names)
                work.notes.append(_NAMES_LEFT_OUT.format(work.layout.table.title, field.title))


def _check_references(work: Work, roster: Roster) -> None:
    for key in work.layout.table.foreign_keys:
        target, name = key.reference.resource, key.fields[0]
        if name == STUDENT_KEY:
            continue
        if target == "classes":
            roster.find_classes(work, name)
        if target == "exams":
            roster.find_exams(work, name)
        unknown = roster.unknown(target, work.frame[name]) & ~work.bad
        work.refuse(unknown, name, _UNKNOWN[target])


_UNKNOWN = {
    "schools": "学校表中没有这个学校标识码；请先导入学校表，或核对代码",
    "classes": "班级表中没有这个班级；请先导入班级表，或填班级代码",
    "exams": "认不出是哪场考试：考试表中没有这个编号或名称；请先导入考试表，或写明考试编号",
}


def _check_days(work: Work, today: pd.Timestamp) -> None:
    table = work.layout.table
    if table.name not in _PLANNED_AHEAD:
        days = [name for name in (table.known_from, "known_on") if _is_day(table, name)]
        for name in dict.fromkeys(days):
            future = work.frame[name].gt(today).to_numpy() & ~work.bad
            work.refuse(future, name, f"日期晚于今天（{today:%Y-%m-%d}）")
    if table.name in _HAPPENS_FIRST:
        early = work.frame["known_on"].lt(work.frame["day"]).to_numpy() & ~work.bad
        work.refuse(early, "known_on", "登记日期早于事情发生的日期")


def _is_day(table: Table, name: str) -> bool:
    return name in table.by_name and table.by_name[name].type == "date"


def _check_scores(work: Work) -> None:
    frame = work.frame
    marked = frame["score"].notna()
    frame["full_score"] = frame["full_score"].mask(frame["full_score"].isna() & marked, FULL_SCORE)
    nothing = ~marked & frame["band"].isna() & ~frame["absent"].fillna(False).astype(bool)
    work.refuse(nothing.to_numpy() & ~work.bad, "score", _NO_SCORE)
    above = frame["score"].gt(frame["full_score"]).to_numpy() & ~work.bad
    work.refuse(above, "score", _ABOVE_FULL)


def expand_whole_days(frame: pd.DataFrame) -> pd.DataFrame:
    """全天 is a morning and an afternoon; the index still names the row it came from."""
    if "session" not in frame:
        return frame
    whole = frame["session"].eq("DAY").to_numpy()
    if not whole.any():
        return frame
    session = frame["session"].astype(object)
    morning = frame.assign(session=session.where(~whole, "AM").astype("category"))
    afternoon = frame[whole].assign(session="PM")
    both = pd.concat([morning, afternoon.astype(morning.dtypes.to_dict() | {"session": "str"})])
    return both.sort_index(kind="stable").astype({"session": "category"})
