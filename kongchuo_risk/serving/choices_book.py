"""计划参数.xlsx: caps, assumed effects and wishes, filled in by a school and read back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd

from kongchuo_risk.contracts.policy import Policy
from kongchuo_risk.domain.assignment import AssignmentRule, RuleKind
from kongchuo_risk.domain.choices import AssumedEffect, CapLimit, PlanningChoices
from kongchuo_risk.ingestion.dates import parse_day
from kongchuo_risk.ingestion.problems import Problem
from kongchuo_risk.serving.tables_book import Row, Sheet, read_rows, workbook

CAPS, EFFECTS, WISHES = "名额", "效果假设", "包保约定"
_CAP_COLUMNS = ("学校标识码", "学校", "名额编号", "名额", "单位", "默认", "本学期", "说明")
_EFFECT_COLUMNS = ("措施编号", "措施", "低", "中", "高", "依据")
_WISH_COLUMNS = ("类别", "学籍号", "工号", "另一学生学籍号", "要求", "开始", "结束", "理由")
_CAP_NOTE = "只改“本学期”一列（黄色）；空着表示用默认数。学校标识码空着的一行管全县。"
_EFFECT_NOTE = (
    "措施使离校风险降低的比例（0.1 即降一成），只用来在名额不够时排先后，不是研究结论。"
    "改动时请写明依据。"
)
_WISH_NOTE = (
    "类别：指定、回避、请假、要求性别、要求语言、自愿帮助、不宜结对。"
    "请假只填工号和起止日期；自愿帮助填帮助的同学。每一行都要写理由。"
)
_NEEDS: Mapping[RuleKind, tuple[str, ...]] = {
    RuleKind.FIX: ("学籍号", "工号"),
    RuleKind.VETO: ("学籍号", "工号"),
    RuleKind.ABSENCE: ("工号", "开始"),
    RuleKind.ASK_SEX: ("学籍号", "要求"),
    RuleKind.ASK_LANGUAGE: ("学籍号", "要求"),
    RuleKind.CONSENT: ("学籍号",),
    RuleKind.RIVAL: ("学籍号", "另一学生学籍号"),
}
"""Columns that a kind of wish must fill, beside the reason."""


@dataclass
class FilledChoices:
    """What a workbook says, and the rows that could not be read."""

    limits: list[CapLimit] = field(default_factory=list)
    effects: list[AssumedEffect] = field(default_factory=list)
    rules: list[AssignmentRule] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def choices_workbook(
    policy: Policy,
    supply: pd.DataFrame,
    schools: Mapping[str, str],
    choices: PlanningChoices,
    effects: Mapping[str, tuple[float, float, float, str]],
) -> bytes:
    """The workbook to fill.

    Parameters
    ----------
    policy
        Caps and measures.
    supply : DataFrame
        ``school_code, cap, supply``: what is assumed where a school says nothing.
    schools
        Code → name.
    choices
        What was set already.
    effects
        Measure id → (low, expected, high, basis) in force.
    """
    return workbook(
        [
            Sheet(
                CAPS, _caps_table(policy, supply, schools, choices), _CAP_NOTE, ("本学期", "说明")
            ),
            Sheet(
                EFFECTS, _effects_table(policy, effects), _EFFECT_NOTE, ("低", "中", "高", "依据")
            ),
            Sheet(WISHES, pd.DataFrame(columns=list(_WISH_COLUMNS)), _WISH_NOTE, _WISH_COLUMNS),
        ]
    )


def _caps_table(
    policy: Policy, supply: pd.DataFrame, schools: Mapping[str, str], choices: PlanningChoices
) -> pd.DataFrame:
    columns = (supply[name].tolist() for name in ("school_code", "cap", "supply"))
    given = {(code, cap): amount for code, cap, amount in zip(*columns, strict=True)}
    keys = [(code, cap) for code in schools for cap in policy.caps]
    keys += [("", cap) for cap in policy.caps]
    rows = [
        (
            code,
            schools.get(code, "全县"),
            cap.id,
            cap.label,
            cap.unit if cap.unit.endswith(cap.per) else f"{cap.unit}/{cap.per}",
            given.get((code, cap.id)),
            choices.limits.get((code, cap.id)),
            "",
        )
        for code, cap in keys
    ]
    return pd.DataFrame(rows, columns=list(_CAP_COLUMNS))


def _effects_table(
    policy: Policy, effects: Mapping[str, tuple[float, float, float, str]]
) -> pd.DataFrame:
    rows = [
        (name, policy.by_id[name].label, low, expected, high, basis)
        for name, (low, expected, high, basis) in effects.items()
    ]
    return pd.DataFrame(rows, columns=list(_EFFECT_COLUMNS))


def read_choices(
    path: Path,
    policy: Policy,
    *,
    schools: Iterable[str],
    effects: Mapping[str, tuple[float, float, float, str]],
    limits: Mapping[tuple[str, str], float],
    pupil_of: Callable[[str], str | None],
    staff: Iterable[str],
) -> FilledChoices:
    """What people changed in the workbook; rows that cannot be read are named, good ones kept.

    Parameters
    ----------
    path
        The filled workbook.
    policy
        Caps and measures that may be named.
    schools, staff
        Codes and numbers that exist.
    effects, limits
        What holds now: equal rows are no change.
    pupil_of
        学籍号 or 身份证号 → ``student_id``; ``None`` when there is no such pupil.
    """
    found = FilledChoices()
    reader = _Reader(path, found)
    reader.caps(policy, set(schools), limits)
    reader.effects(policy, effects)
    reader.wishes(pupil_of, set(staff))
    return found


class _Reader:
    def __init__(self, path: Path, found: FilledChoices) -> None:
        self._path, self._found = path, found

    def caps(
        self, policy: Policy, schools: set[str], limits: Mapping[tuple[str, str], float]
    ) -> None:
        for row in read_rows(self._path, CAPS, ("学校标识码", "名额编号", "本学期")):
            code, cap = row.text("学校标识码"), row.text("名额编号")
            if not row.text("本学期"):
                continue
            amount = _number(row.cells.get("本学期"))
            if code and code not in schools:
                self._refuse(CAPS, row, "学校标识码", "没有这所学校；全县的一行请空着")
            elif cap not in policy.cap_by_id:
                self._refuse(CAPS, row, "名额编号", f"应为：{'、'.join(policy.cap_by_id)}")
            elif amount is None or amount < 0:
                self._refuse(CAPS, row, "本学期", "应为 0 或正数")
            elif limits.get((code, cap)) != amount:
                self._found.limits.append(CapLimit(code, cap, amount, row.text("说明")))

    def effects(
        self, policy: Policy, effects: Mapping[str, tuple[float, float, float, str]]
    ) -> None:
        for row in read_rows(self._path, EFFECTS, _EFFECT_COLUMNS):
            name = row.text("措施编号")
            shares = [_number(row.cells.get(column)) for column in ("低", "中", "高")]
            known = [share for share in shares if share is not None and -1 <= share <= 1]
            if name not in effects:
                self._refuse(EFFECTS, row, "措施编号", "没有这项措施，或它不需要效果假设")
            elif len(known) != len(shares) or known != sorted(known):
                self._refuse(EFFECTS, row, "低、中、高", "应为 -1 到 1 之间的数，且低 ≤ 中 ≤ 高")
            elif (low_mid_high := (known[0], known[1], known[2])) != effects[name][:3]:
                basis = row.text("依据")
                if not basis or basis == effects[name][3]:
                    self._refuse(EFFECTS, row, "依据", "改了数字，请写明新的依据")
                else:
                    self._found.effects.append(AssumedEffect(name, *low_mid_high, basis))

    def wishes(self, pupil_of: Callable[[str], str | None], staff: set[str]) -> None:
        for row in read_rows(self._path, WISHES, ("类别", "理由")):
            problems = list(_wish_problems(row, pupil_of, staff))
            for column, advice in problems:
                self._refuse(WISHES, row, column, advice)
            if not problems:
                self._found.rules.append(_wish(row, pupil_of))

    def _refuse(self, sheet: str, row: Row, column: str, advice: str) -> None:
        shown = row.text(column) if "学籍号" not in column else "（略）"
        problem = Problem(self._path.name, sheet, row.number, column, shown, advice)
        self._found.problems.append(problem)


def _wish_problems(
    row: Row, pupil_of: Callable[[str], str | None], staff: set[str]
) -> Iterator[tuple[str, str]]:
    kinds = {str(kind): kind for kind in RuleKind}
    kind = kinds.get(row.text("类别"))
    if kind is None:
        yield "类别", f"应为：{'、'.join(kinds)}"
        return
    for column in (*_NEEDS[kind], "理由"):
        if not row.text(column):
            yield column, f"“{kind}”必须填写{column}"
    for column in ("学籍号", "另一学生学籍号"):
        if row.text(column) and pupil_of(row.text(column)) is None:
            yield column, "没有这名学生；请填学籍号或身份证号"
    if row.text("工号") and row.text("工号") not in staff:
        yield "工号", "教职工表里没有这个工号"
    for column in ("开始", "结束"):
        if row.text(column) and parse_day(row.cells[column]) is None:
            yield column, "应为日期，如 2026-03-01"


def _wish(row: Row, pupil_of: Callable[[str], str | None]) -> AssignmentRule:
    def day(column: str) -> date | None:
        return parse_day(row.cells[column]) if row.text(column) else None

    def pupil(column: str) -> str:
        return (pupil_of(row.text(column)) or "") if row.text(column) else ""

    return AssignmentRule(
        kind=RuleKind(row.text("类别")),
        student_id=pupil("学籍号"),
        staff_no=row.text("工号"),
        other_student=pupil("另一学生学籍号"),
        value=row.text("要求"),
        first=day("开始"),
        last=day("结束"),
        why=row.text("理由"),
    )


def _number(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return float(value)
    try:
        return float(str(value).strip())
    except ValueError:
        return None
