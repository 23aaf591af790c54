"""Registers of the departments with the roll: who of school age is on none (户籍 × 学籍).

Rules 58–62 and 140 of the seeds; 教基厅函〔2024〕15号. Nothing found here is a verdict: every
finding is a child whom somebody has to go and see.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from kongchuo_risk.domain.match import (
    Comparison,
    FindingKind,
    Person,
    RegisterFinding,
    RosterKind,
)
from kongchuo_risk.registers.ages import FIRST_AGE, LAST_AGE, school_age
from kongchuo_risk.registers.evidence import persons, review_queue
from kongchuo_risk.registers.linking import Decisions, Links, link
from kongchuo_risk.registers.sorting import AT_SCHOOL, REVIEW, ROLL, Joined

EXCLUDED = ("死亡", "迁出", "出国（境）", "已毕业")
"""What has become of people of whom no school is to be asked any more."""
NO_CATEGORY = frozenset({"", "无", "一般户", "一般农户"})
"""Words that say of a household that it is in no category."""
_GONE = frozenset({"死亡", "失学", "辍学"})
"""What a register cannot say of a pupil who is at school."""
_LEFT = frozenset({"流失", "退学", "下落不明"})
"""Words of the roll for pupils who have left without a new school."""


def compare_household_with_roll(
    household: pd.DataFrame, roll: pd.DataFrame, *, day: date, decided: Decisions | None = None
) -> Comparison:
    """户籍 × 学籍: children of school age who are on no roll (失学疑似, 应入学未入学)."""
    return compare_with_roster(RosterKind.HOUSEHOLD, household, roll, day=day, decided=decided)


def compare_with_roster(
    kind: RosterKind,
    roster: pd.DataFrame,
    roll: pd.DataFrame,
    *,
    day: date,
    decided: Decisions | None = None,
) -> Comparison:
    """A department's register, or the list of 入学通知书, with the roll.

    Parameters
    ----------
    kind
        Which register.
    roster, roll : DataFrame
        Person frames, see :data:`~kongchuo_risk.domain.match.PERSON_COLUMNS`.
    day
        School age is counted for the school year of this day.
    decided
        Decisions of earlier reviews.

    Returns
    -------
    Comparison
        Every row of the roster is counted once: on the roll, excluded (died, moved away, abroad,
        graduated), not of age, waiting for review, or a finding. Pupils of whom the department
        knows a category that the school does not (类别漏登) are findings besides.
    """
    links = link(roster, roll, decided=decided)
    status = links.left["status"].fillna("").astype(object)
    there = links.partners("status")
    age = school_age(links.left["birth"], day)
    rows = Joined.of(links, left=kind, right=ROLL)
    _mark_enrolled(rows, status, there)
    rows.mark(status.isin(EXCLUDED).to_numpy(), status)
    _mark_other_ages(rows, age)
    concerned = rows.is_open
    rows.mark(links.is_waiting(), REVIEW)
    is_new = age.eq(FIRST_AGE).to_numpy(dtype=bool, na_value=False) | (kind is RosterKind.NOTICES)
    rows.mark(is_new, FindingKind.NOT_ENROLLED)
    rows.mark(rows.is_open, FindingKind.NOT_ON_ROLL)
    missing = [f"{kind}名单中有（{_years(years)}），学籍中没有找到；请核实去向" for years in age]
    findings = [
        *rows.findings(FindingKind.NOT_ON_ROLL, missing),
        *rows.findings(FindingKind.NOT_ENROLLED, missing),
        *rows.paired(FindingKind.NOT_AT_SCHOOL, [f"学籍状态为{word}" for word in there]),
        *rows.paired(FindingKind.CONTRADICTION, _both(kind, status, there)),
        *_untagged(links, kind),
    ]
    queue = review_queue(links, left=kind, right=ROLL, rows=concerned)
    return rows.comparison(f"{kind}比对学籍", day, findings, queue)


def _mark_enrolled(rows: Joined, status: pd.Series, there: pd.Series) -> None:
    at_school = there.isin(AT_SCHOOL).to_numpy()
    rows.mark(at_school & status.isin(_GONE).to_numpy(), FindingKind.CONTRADICTION)
    rows.mark(at_school, "在学籍")
    rows.mark(there.isin(_LEFT).to_numpy(), FindingKind.NOT_AT_SCHOOL)
    rows.mark(there.notna().to_numpy(), "学籍状态：" + there.fillna(""))


def _mark_other_ages(rows: Joined, age: pd.Series) -> None:
    rows.mark(age.isna().to_numpy(), "出生日期不明")
    years = age.fillna(FIRST_AGE)
    rows.mark(np.asarray(years < FIRST_AGE, dtype=bool), "未到入学年龄")
    rows.mark(np.asarray(years > LAST_AGE, dtype=bool), "已过义务教育年龄")


def _years(age: object) -> str:
    return "年龄不明" if pd.isna(age) else f"8 月 31 日满 {age} 岁"  # type: ignore[call-overload]


def _both(kind: RosterKind, status: pd.Series, roll: pd.Series) -> list[str]:
    pairs = zip(status, roll.fillna(""), strict=True)
    return [f"{kind}名单写“{there}”，学籍为“{here or '在读'}”；请核实" for there, here in pairs]


def _untagged(links: Links, kind: RosterKind) -> list[RegisterFinding]:
    """Pupils of whom a department knows a category (孤儿, 残疾 …) that the roll lacks."""
    categories = links.right["category"].fillna("").to_numpy()[links.accepted["right"]]
    known = links.left["category"].fillna("").to_numpy()[links.accepted["left"]]
    pairs = zip(known, categories, strict=True)
    rows = links.accepted[[bool(_lacking(there, here)) for there, here in pairs]].sort_values(
        "left"
    )
    lefts = persons(links.left.iloc[rows["left"]], kind)
    rights = persons(links.right.iloc[rows["right"]], ROLL)
    return [
        _untagged_pupil(left, right, kind)
        for left, right in zip(lefts, rights, strict=True)
        if right.status in AT_SCHOOL
    ]


def _untagged_pupil(left: Person, right: Person, kind: RosterKind) -> RegisterFinding:
    words = "、".join(sorted(_lacking(left.category, right.category)))
    detail = f"{kind}登记为{words}，学校没有登记；请核对应享受的保障"
    return RegisterFinding(FindingKind.UNTAGGED, left, detail, right)


def _lacking(there: str, here: str) -> set[str]:
    return set(there.split("、")) - set(here.split("、")) - NO_CATEGORY
