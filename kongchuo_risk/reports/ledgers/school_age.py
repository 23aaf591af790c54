"""适龄儿童台账: every child of school age that is known, on a roll or on none."""

from __future__ import annotations

import pandas as pd

from kongchuo_risk.reports.ledgers.away import away_on, is_dropout
from kongchuo_risk.reports.ledgers.material import Scope, Snapshot
from kongchuo_risk.reports.ledgers.roll import REGISTERED

SCHOOL_AGE_COLUMNS = (
    "student_id", "学校", "班级", "学段", "年级", "出生年月", "居住村", "就读情况", "重点类别",
    "来源",
)  # fmt: skip
NOT_ENROLLED = "未入学"
KEY_GROUPS = {
    "orphan": "孤儿", "unsupported": "事实无人抚养", "disability_type": "残疾",
    "left_behind": "留守", "migrant_child": "随迁", "poverty_type": "家庭困难",
}  # fmt: skip
_NOTHING = {"0", "none"}
"""Codes that say no."""


def school_age_ledger(snapshot: Snapshot, scope: Scope) -> pd.DataFrame:
    """Children of school age: the roll, and those whom a comparison found on none.

    Returns
    -------
    DataFrame
        :data:`SCHOOL_AGE_COLUMNS`, one row per child; ``就读情况`` is 在读, 休学, 送教上门, 疑似
        辍学, 辍学 or 未入学. Pupils who left with papers (转学, 毕业 …) are not in it. 涉案 is
        restricted and never printed here.
    """
    roll = scope.of(snapshot.roll[snapshot.roll["standing"].isin(REGISTERED)])
    away = {
        spell.case.student_id: "辍学" if is_dropout(spell, snapshot) else "疑似辍学"
        for spell in away_on(snapshot, scope)
    }
    where = roll["standing"].replace({"已辍学或流失": "辍学"})
    own = pd.Series(roll.index.map(away), index=roll.index, dtype="object")
    table = pd.DataFrame(
        {
            "student_id": roll.index,
            "学校": roll["school_code"].to_numpy(),
            "班级": roll["class_id"].to_numpy(),
            "学段": roll["stage"].to_numpy(),
            "年级": roll["grade"].to_numpy(dtype="object"),
            "出生年月": roll["birth_date"].dt.strftime("%Y-%m").to_numpy(dtype="object"),
            "居住村": roll["village"].to_numpy(dtype="object"),
            "就读情况": own.where(own.notna(), where).to_numpy(dtype="object"),
            "重点类别": key_groups(roll).to_numpy(),
            "来源": "学籍",
        }
    )
    rows = [*table.to_dict("records"), *_found(snapshot, scope)]
    ledger = pd.DataFrame(rows, columns=list(SCHOOL_AGE_COLUMNS))
    return ledger.sort_values(["学校", "班级", "student_id"], ignore_index=True)


def key_groups(roll: pd.DataFrame) -> pd.Series:
    """Key groups of 教基厅函〔2024〕15号 of each pupil, joined by 、."""
    words = pd.Series("", index=roll.index, dtype="object")
    for column, label in KEY_GROUPS.items():
        words += belongs(roll[column]).map({True: f"{label}、", False: ""})
    return words.str.rstrip("、")


def belongs(column: pd.Series) -> pd.Series:
    """Whether a flag or code says yes; an unknown one says no."""
    said = column.astype("object").where(column.notna(), None)
    return said.map(lambda value: value not in (None, False) and str(value) not in _NOTHING).astype(
        bool
    )


def _found(snapshot: Snapshot, scope: Scope) -> list[dict[str, object]]:
    return [
        {
            "student_id": child.child_id, "学校": child.school_code, "班级": "",
            "学段": child.stage, "居住村": child.village, "就读情况": NOT_ENROLLED,
            "重点类别": "残疾" if child.disabled else "", "来源": f"数据比对：{child.finding}",
        }
        for child in snapshot.unenrolled
        if scope.covers(child.school_code)
    ]  # fmt: skip
