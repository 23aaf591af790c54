"""What a row must be besides readable: it points to what exists, and its values can be true."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.tables import STUDENT_KEY, Schema
from kongchuo_risk.ingestion.cells import CodeReader, plain_text
from kongchuo_risk.ingestion.parsing import Work
from kongchuo_risk.ingestion.raw import RawChunk, RawColumn
from kongchuo_risk.ingestion.roster import Roster

FULL_SCORE = 100.0
"""Full mark of a score whose row names none."""
_PLANNED_AHEAD = frozenset({"calendar", "exams"})
"""Tables that may speak of days to come."""
_HAPPENS_FIRST = frozenset({"attendance", "behaviour", "observations", "psych_screen", "visits"})
"""Tables whose rows cannot be known before their day."""
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
        for name in {table.known_from, "known_on"} & set(work.frame):
            future = work.frame[name].gt(today).to_numpy() & ~work.bad
            work.refuse(future, name, f"日期晚于今天（{today:%Y-%m-%d}）")
    if table.name in _HAPPENS_FIRST:
        early = work.frame["known_on"].lt(work.frame["day"]).to_numpy() & ~work.bad
        work.refuse(early, "known_on", "登记日期早于事情发生的日期")


def _check_scores(work: Work) -> None:
    frame = work.frame
    marked = frame["score"].notna()
    frame["full_score"] = frame["full_score"].mask(frame["full_score"].isna() & marked, FULL_SCORE)
    nothing = ~marked & frame["band"].isna() & ~frame["absent"].fillna(False).astype(bool)
    work.refuse(nothing.to_numpy() & ~work.bad, "score", "分数与等第至少填一项；缺考请在“缺考”列填 是")
    above = frame["score"].gt(frame["full_score"]).to_numpy() & ~work.bad
    work.refuse(above, "score", "分数高于满分；请核对分数，或在“满分”列填写卷面满分")


def split_scores(chunk: RawChunk, columns: dict[str, int], schema: Schema) -> RawChunk:
    """Bands and 缺考 that stand in the score column go where they belong.

    ``columns`` gains the columns that the sheet did not have.
    """
    at = columns.get("score")
    if at is None:
        return chunk
    score = chunk.columns[at]
    bands = CodeReader.of(schema.codes["score_band"]).words
    words = [plain_text(value).lower() if isinstance(value, str) else "" for value in score.values]
    is_band = np.array([word in bands for word in words] + [False])[score.codes]
    is_absent = np.array([word in _ABSENT_WORDS for word in words] + [False])[score.codes]
    if not (is_band.any() or is_absent.any()):
        return chunk
    parts = list(chunk.columns)
    parts[at] = RawColumn(np.where(is_band | is_absent, -1, score.codes), score.values)
    _fill(parts, columns, "band", RawColumn(np.where(is_band, score.codes, -1), score.values))
    _fill(parts, columns, "absent", RawColumn(np.where(is_absent, 0, -1), ["是"]))
    return RawChunk(parts, chunk.rows)


def _fill(parts: list[RawColumn], columns: dict[str, int], name: str, extra: RawColumn) -> None:
    """Use ``extra`` where the sheet's own column is empty."""
    at = columns.get(name)
    if at is None:
        columns[name] = len(parts)
        parts.append(extra)
        return
    own = parts[at]
    shifted = np.where(extra.codes < 0, -1, extra.codes + len(own.values))
    codes = np.where(own.codes < 0, shifted, own.codes)
    parts[at] = RawColumn(codes, [*own.values, *extra.values])


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
