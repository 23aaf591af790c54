"""留守儿童摸排统计: 数量, 比例, 构成, 分布, 特点 (seed rule 172)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pandas as pd

from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.reports.ledgers.material import STAGES, Scope, Snapshot
from kongchuo_risk.reports.ledgers.roll import registered

COLUMNS = ("方面", "项目", "小学", "初中", "合计", "占留守儿童")
_ONE, _BOTH = "1", "2"
_SPREAD = {"分布·村": "village", "分布·学校": "school_code", "分布·年级": "grade"}
_MAKE_UP = {"构成·性别": "sex", "构成·照料人": "caregiver", "特点·就读方式": "boarding"}


def left_behind_statistics(snapshot: Snapshot, scope: Scope) -> pd.DataFrame:
    """How many children on the roll are left behind, who they are and where.

    Returns
    -------
    DataFrame
        :data:`COLUMNS`; ``占留守儿童`` is the share of all left-behind children, of 比例 the share
        of all pupils on the roll; missing where there are none.

    Notes
    -----
    留守 is the definition of the registration system: one or both parents away for three months or
    more. 民政 counts otherwise (both away, or the other unable to care; under 16).
    """
    roll = registered(scope.of(snapshot.roll))
    left = roll[roll["left_behind"].isin([_ONE, _BOTH])]
    rows = [*_numbers(roll, left), *_parts(left)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _numbers(roll: pd.DataFrame, left: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    yield _row("数量", "在籍学生", roll, None)
    yield _row("数量", "留守儿童", left, len(left))
    for code, label in ((_ONE, "单亲留守"), (_BOTH, "双亲留守")):
        yield _row("数量", label, left[left["left_behind"] == code], len(left))
    unknown = roll[roll["left_behind"].isna()]
    yield _row("数量", "没有填写", unknown, None)
    shares = [_share(len(_of(left, stage)), len(_of(roll, stage))) for stage in (*STAGES[:2], None)]
    yield ("比例", "占在籍学生", *shares, None)


def _parts(left: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    for title, column in (_MAKE_UP | _SPREAD).items():
        aspect, name = title.split("·")
        words = left[column].astype("object").where(left[column].notna(), None).map(_words(column))
        for word in sorted(set(words)):
            yield _row(aspect, f"{name}：{word}", left[words == word], len(left))
    for label, test in _FEATURES.items():
        yield _row("特点", label, left[test(left)], len(left))


def _words(column: str) -> Callable[[object], str]:
    schema = load_schema()
    if column in schema.codes:
        return lambda code: schema.codes[column].label(str(code)) if code is not None else "未填"
    return lambda value: "未填" if value is None else str(value)


_FEATURES: dict[str, Callable[[pd.DataFrame], pd.Series]] = {
    "家庭困难": lambda left: left["poverty_type"].notna() & (left["poverty_type"] != "none"),
    "残疾": lambda left: left["disability_type"].notna() & (left["disability_type"] != "0"),
    "无人照料": lambda left: (left["caregiver"] == "self").fillna(False).astype(bool),
    "在台账（流失）": lambda left: left["standing"] == "已辍学或流失",
}


def _row(aspect: str, label: str, rows: pd.DataFrame, of: int | None) -> tuple[object, ...]:
    by_stage = [len(_of(rows, stage)) for stage in STAGES[:2]]
    share = None if of is None else _share(len(rows), of)
    return (aspect, label, *by_stage, len(rows), share)


def _of(rows: pd.DataFrame, stage: str | None) -> pd.DataFrame:
    return rows if stage is None else rows[rows["stage"] == stage]


def _share(part: int, of: int) -> str | None:
    return f"{100 * part / of:.1f}%" if of else None
