"""四不两直: whom an unannounced inspection looks up, by lot, and what it checks (rule 109)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from kongchuo_risk.reports.ledgers.away import away_on
from kongchuo_risk.reports.ledgers.material import Scope, Snapshot
from kongchuo_risk.reports.ledgers.roll import IN_EDUCATION
from kongchuo_risk.reports.ledgers.school_age import key_groups

SAMPLE_COLUMNS = (
    "学校",
    "班级",
    "student_id",
    "学段",
    "抽样层",
    "重点类别",
    "是否在校",
    "核实情况",
)
CHECKS = (
    ("到校", "现场点名，与当天点名表核对", "49、51"),
    ("到校", "抽到的学生是否本人在校；不在校的，原因和去向", "99、139"),
    ("台账", "三本台账是否齐全，与花名册人数是否相符", "122、123"),
    ("台账", "每次劝返是否有日期、人员、结果和签字", "94、122"),
    ("台账", "销号是否有依据、有第二人复核", "123"),
    ("走访", "抽查一份家访记录，打电话或上门核实", "94、95"),
    ("责任", "包保名册、责任书是否签到人", "25、26、36"),
    ("手续", "转学、休学、复学手续是否齐全", "121、124"),
    ("资助", "困难学生是否应助尽助，是否按时发放", "193、196"),
    ("关爱", "留守、残疾、孤儿等重点学生的档案和关爱记录", "163、173"),
    ("收费", "有没有乱收费", "197、198"),
)
"""What is looked at: subject, question, seed rules."""
AWAY, KEY, OTHERS = "在台账", "重点学生", "其他学生"


@dataclass(frozen=True, slots=True)
class SampleSize:
    """How many are drawn: schools of the scope, classes of a school, pupils of a class by layer."""

    schools: int = 3
    classes: int = 2
    away: int = 2
    key: int = 2
    others: int = 3


def inspection_sample(
    snapshot: Snapshot, scope: Scope, *, seed: str, size: SampleSize | None = None
) -> pd.DataFrame:
    """Schools, classes and pupils drawn by lot.

    Parameters
    ----------
    snapshot, scope
        Whose roll on which day.
    seed
        Any words, written down before the draw (a date and who draws): anybody can repeat the
        draw with them, and nobody can choose the result.
    size
        Per layer; of a layer with fewer everybody is taken.

    Returns
    -------
    DataFrame
        :data:`SAMPLE_COLUMNS`, the last two empty for the inspectors. Primary and junior high
        schools are drawn in turn, so that neither is left out. A pupil's lot does not depend on
        who else is on the roll: one who is added later leaves the order of the others as it is.
    """
    draw = size or SampleSize()
    roll = scope.of(snapshot.roll[snapshot.roll["standing"].isin(IN_EDUCATION)])
    away = {spell.case.student_id for spell in away_on(snapshot, scope)}
    pupils = roll.assign(
        lot=[_lot(seed, pupil) for pupil in roll.index],
        layer=[AWAY if pupil in away else "" for pupil in roll.index],
        groups=key_groups(roll),
    )
    pupils["layer"] = pupils["layer"].where(
        pupils["layer"] != "", pupils["groups"].map(lambda words: KEY if words else OTHERS)
    )
    rows = [
        row for school in _schools(pupils, seed, draw) for row in _of_school(school, seed, draw)
    ]
    return pd.DataFrame(rows, columns=list(SAMPLE_COLUMNS))


def checklist() -> pd.DataFrame:
    """What the inspectors look at, with room for what they find."""
    table = pd.DataFrame(CHECKS, columns=["内容", "查什么", "规则"])
    return table.assign(查看结果="", 问题及整改期限="")


def _lot(seed: str, name: str) -> str:
    return hashlib.sha256(f"{seed}\n{name}".encode()).hexdigest()


def _schools(pupils: pd.DataFrame, seed: str, draw: SampleSize) -> list[pd.DataFrame]:
    """Schools in turn by the stage of most of their pupils."""
    found = [part for _, part in pupils.groupby("school_code", sort=True)]
    queues: dict[str, list[pd.DataFrame]] = {}
    for school in sorted(found, key=lambda part: _lot(seed, str(part["school_code"].iloc[0]))):
        queues.setdefault(str(school["stage"].mode().iloc[0]), []).append(school)
    chosen: list[pd.DataFrame] = []
    while len(chosen) < draw.schools and any(queues.values()):
        for stage in sorted(queues):
            if queues[stage] and len(chosen) < draw.schools:
                chosen.append(queues[stage].pop(0))
    return chosen


def _of_school(school: pd.DataFrame, seed: str, draw: SampleSize) -> Iterator[dict[str, object]]:
    classes = [part for _, part in school.groupby("class_id", sort=True)]
    drawn = sorted(classes, key=lambda part: _lot(seed, str(part["class_id"].iloc[0])))
    for pupils in drawn[: draw.classes]:
        for layer, number in ((AWAY, draw.away), (KEY, draw.key), (OTHERS, draw.others)):
            chosen = pupils[pupils["layer"] == layer].sort_values("lot").head(number)
            yield from (_row(str(pupil), row) for pupil, row in chosen.iterrows())


def _row(pupil: str, row: pd.Series) -> dict[str, object]:
    return {
        "学校": row["school_code"],
        "班级": row["class_id"],
        "student_id": pupil,
        "学段": row["stage"],
        "抽样层": row["layer"],
        "重点类别": row["groups"],
        "是否在校": "",
        "核实情况": "",
    }
