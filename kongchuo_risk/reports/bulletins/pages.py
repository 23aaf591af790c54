"""A report as tables that are printed: figures first, then names, formulas and policy text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from kongchuo_risk.contracts.procedure import Target
from kongchuo_risk.reports.bulletins.items import (
    AWAY,
    CLOSING,
    LEFT_BEHIND,
    REACH,
    RETURNED,
    ROLL_IN,
    ROLL_OUT,
    WORK,
    named,
)
from kongchuo_risk.reports.bulletins.margins import KEPT_INSIDE, TOTAL, Margins
from kongchuo_risk.reports.bulletins.place_table import place_items, place_table
from kongchuo_risk.reports.bulletins.policy_texts import policy_table
from kongchuo_risk.reports.bulletins.rate_table import formula_table, rate_table
from kongchuo_risk.reports.bulletins.report import Report, ReportTable
from kongchuo_risk.reports.indicators.catalogue import Catalogue, load_indicators


@dataclass(frozen=True)
class Printing:
    """How a report is printed.

    Attributes
    ----------
    targets
        Indicator → stage (小学, 初中, 全部) → bound; as ``profile.procedure.targets``.
    leaving_school
        The report goes to readers outside the school and its authorities: small cells are hidden
        and the lists of names left out.
    place_names
        Code of a class or school → its name.
    """

    targets: Mapping[str, Mapping[str, Target]] = field(default_factory=dict)
    leaving_school: bool = False
    place_names: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    """``data_schema``, when not the packaged one."""


def pages(report: Report, printing: Printing | None = None) -> tuple[ReportTable, ...]:
    """The tables of a report in the order in which they are printed.

    Parameters
    ----------
    report
        From :func:`~kongchuo_risk.reports.bulletins.making.make_report` or
        :func:`~kongchuo_risk.reports.bulletins.adding_up.add_up`.
    printing
        Targets, names of places, and whether the report leaves the school.

    Returns
    -------
    tuple of ReportTable
        Titles are unique and at most 31 characters, as Excel asks of its sheets.
    """
    how = printing or Printing()
    catalogue = load_indicators(how.folder)
    margins = Margins(report, catalogue, place_items(catalogue), how.leaving_school)
    tables = [*_figures(margins, how, catalogue), *_lists(report, how)]
    tables.append(formula_table(report, catalogue, how.targets))
    if report.kind in _WITH_POLICY:
        tables.append(policy_table(how.folder))
    return tuple(tables)


_WITH_POLICY = ("学期报", "学年报")
_NO_NAMES = "名单不随外送的报表印出；按规定上报名单时另报台账，并登记谁看过。"


def _figures(margins: Margins, how: Printing, catalogue: Catalogue) -> Iterator[ReportTable]:
    note = _note(margins, how)
    yield ReportTable("六项数字", by_stage(margins, _SIX), note)
    for state in AWAY:
        columns = {part: named(state, part) for part in ("期初", "新增", "减少", "期末")}
        yield ReportTable(f"{state}变动", by_stage(margins, columns), _BALANCE)
    yield from _optional(margins)
    yield rate_table(margins, how.targets)
    yield ReportTable("工作情况", by_stage(margins, _work(catalogue)), _work_note(catalogue))
    if len(margins.places) > 1:
        yield place_table(margins, how.place_names, how.targets)


_SIX = {"辍学": named("辍学", CLOSING), "疑似辍学": named("疑似辍学", CLOSING), RETURNED: RETURNED}
_BALANCE = "期初 + 新增 − 减少 = 期末。按登记日期统计；减少包括复学、核实去向和转为辍学。"
_ROLL = {
    "期初在籍": named("在籍", "期初"),
    **{way: named("在籍", way) for way in (*ROLL_IN, *ROLL_OUT)},
    "期末在籍": named("在籍", CLOSING),
}
_ROLL_NOTE = (
    "期初在籍 + 新生 + 转入 + 复籍 + 无手续增加 − 转学 − 毕业 − 出国（境）− 死亡 − 无手续减少"
    " = 期末在籍。"
    "“无手续”的逐人列在核对问题表。"
)
_ATTENDANCE_NOTE = (
    "单位：人次（一人半天一次）。只算点过名的时段；没有点名表的时段为未知，不算到校。"
)


def _optional(margins: Margins) -> Iterator[ReportTable]:
    """Tables that a report has when it counted what they show."""
    kind = margins.report.kind
    if kind == "日报":
        kinds = sorted(item for item in margins.items if item.startswith("缺席·"))
        columns = {part: named("到校", part) for part in ("应到", "实到", "缺席")}
        columns |= {item.removeprefix("缺席·"): item for item in kinds}
        yield ReportTable("到校情况", by_stage(margins, columns), _ATTENDANCE_NOTE)
        return
    if margins.leaving_school:
        inside = {name: item for name, item in _ROLL.items() if item not in KEPT_INSIDE}
        yield ReportTable("在籍人数", by_stage(margins, inside))
    else:
        yield ReportTable("在籍变动", by_stage(margins, _ROLL), _ROLL_NOTE)
    yield ReportTable("转学去向", by_stage(margins, _transfers()), "转入、转出按来源和去向学校分。")
    if kind == "周报":
        return
    found = {item for item in margins.items if item.startswith("原因·")}
    causes = sorted({*found, named("原因", _POVERTY)})
    yield ReportTable("未到校原因", _causes(margins, causes), _CAUSE_NOTE)
    left = {label: named("留守", label) for label in LEFT_BEHIND.values()}
    yield ReportTable("留守儿童", by_stage(margins, left), "在籍学生；父或母、父母外出三个月以上。")


_POVERTY = "家庭贫困"
_CAUSE_NOTE = "期末两本台账里的学生，按主要原因。家庭贫困一行总是印出：不因贫困而辍学（规则17）。"


def _transfers() -> dict[str, str]:
    return {f"{word}{reach}": named(word, reach) for word in ("转出", "转入") for reach in REACH}


def by_stage(margins: Margins, columns: Mapping[str, str]) -> pd.DataFrame:
    """学段 × items, with a total."""
    rows = [
        {
            "学段": label,
            **{title: margins.printed(item, stage=stage) for title, item in columns.items()},
        }
        for label, stage in (*((stage, stage) for stage in margins.stages), (TOTAL, ""))
    ]
    return pd.DataFrame(rows, columns=["学段", *columns], dtype="object")


def _causes(margins: Margins, causes: list[str]) -> pd.DataFrame:
    rows = [
        {
            "主要原因": item.removeprefix("原因·"),
            **{stage: margins.printed(item, stage=stage) for stage in margins.stages},
            TOTAL: margins.printed(item),
        }
        for item in causes
    ]
    return pd.DataFrame(rows, columns=["主要原因", *margins.stages, TOTAL], dtype="object")


def _work(catalogue: Catalogue) -> dict[str, str]:
    return {effort.title: named(WORK, effort.id) for effort in catalogue.effort}


def _work_note(catalogue: Catalogue) -> str:
    return "；".join(f"{effort.title}：{effort.formula}" for effort in catalogue.effort)


def _note(margins: Margins, how: Printing) -> str:
    report = margins.report
    parts = [report.title, f"按 {report.day.isoformat()} 日终已登记的情况"]
    if how.leaving_school:
        parts.append(
            f"{margins.catalogue.small_cells.mark}：{margins.catalogue.small_cells.reason}"
        )
    return "。".join(part.rstrip("。") for part in parts) + "。"


def _lists(report: Report, how: Printing) -> Iterator[ReportTable]:
    if how.leaving_school:
        if report.lists:
            yield ReportTable("名单说明", pd.DataFrame({"说明": [_NO_NAMES]}))
        return
    yield from report.lists
