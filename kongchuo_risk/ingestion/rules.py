"""What a row must be besides readable: it points to what exists, and its values can be true."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.tables import STUDENT_KEY, Table
from kongchuo_risk.ingestion.cells import plain_text
from kongchuo_risk.ingestion.headers import Layout
from kongchuo_risk.ingestion.parsing import Work
from kongchuo_risk.ingestion.raw import RawChunk, RawColumn
from kongchuo_risk.ingestion.roster import Roster

FULL_SCORE = 100.0
"""Full mark of a score whose row names none."""
_PLANNED_AHEAD = frozenset({"calendar", "exams"})
"""Tables that may speak of days to come."""
_HAPPENS_FIRST = frozenset({"attendance", "behaviour", "observations", "psych_screen", "visits"})
"""Tables whose rows cannot be known before their day."""
_NO_SCORE = "分数与等第至少填一项；缺考请在“缺考”列填 是"
_ABSENT_WORDS = frozenset({"缺考", "缺", "未考", "请假"})


def check(work: Work, roster: Roster, today: pd.Timestamp) -> None:
    """Refuse rows that point to nothing or cannot be true."""
    _check_references(work, roster)
    _check_days(work, today)
    if work.layout.table.name == "scores":
        _check_scores(work)


def _check_references(work: Work, roster: Roster) -> None:
    for key in work.layout.table.foreign_keys:
        target, name = key.reference.resource, key.fields[0]
        if name == STUDENT_KEY:
            continue
        if target == "classes":
            roster.find_classes(work, name)
        unknown = roster.unknown(target, work.frame[name]) & ~work.bad
        work.refuse(unknown, name, _UNKNOWN[target])


_UNKNOWN = {
    "schools": "学校表中没有这个学校标识码；请先导入学校表，或核对代码",
    "classes": "班级表中没有这个班级；请先导入班级表，或填班级代码",
    "exams": "考试表中没有这个考试编号；请先导入考试表，或核对编号",
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
    work.refuse(above, "score", "分数高于满分；请核对分数，或在“满分”列填写卷面满分")


def with_score_columns(layout: Layout) -> Layout:
    """A layout of ``scores`` that always has places for bands and absence."""
    if layout.table.name != "scores" or "score" not in layout.columns:
        return layout
    columns, width = dict(layout.columns), layout.width
    for name in ("band", "absent"):
        if name not in columns:
            columns[name], width = width, width + 1
    return replace(layout, columns=columns, width=width)


def split_scores(chunk: RawChunk, layout: Layout, bands: Collection[str]) -> RawChunk:
    """Bands and 缺考 that stand in the score column go where they belong."""
    empty = RawColumn.empty(len(chunk))
    parts = [*chunk.columns, *[empty] * (layout.width - len(chunk.columns))]
    at = {name: layout.columns[name] for name in ("score", "band", "absent")}
    score = parts[at["score"]]
    words = [plain_text(value).lower() if isinstance(value, str) else "" for value in score.values]
    is_band = np.array([word in bands for word in words] + [False])[score.codes]
    is_absent = np.array([word in _ABSENT_WORDS for word in words] + [False])[score.codes]
    extra_band = RawColumn(np.where(is_band, score.codes, -1), score.values)
    extra_absent = RawColumn(np.where(is_absent, 0, -1), ["是"])
    parts[at["score"]] = RawColumn(np.where(is_band | is_absent, -1, score.codes), score.values)
    parts[at["band"]] = _filled(parts[at["band"]], extra_band)
    parts[at["absent"]] = _filled(parts[at["absent"]], extra_absent)
    return RawChunk(parts, chunk.rows)


def _filled(own: RawColumn, extra: RawColumn) -> RawColumn:
    """The column with ``extra`` where it is empty."""
    shifted = np.where(extra.codes < 0, -1, extra.codes + len(own.values))
    codes = np.where(own.codes < 0, shifted, own.codes)
    return RawColumn(codes, [*own.values, *extra.values])


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
