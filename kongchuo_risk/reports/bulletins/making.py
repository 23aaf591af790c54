"""Reports made from the material: which kind shows which lists, for whom, over which period."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from kongchuo_risk.procedure.periods import Kind
from kongchuo_risk.reports.bulletins.counting import count_window
from kongchuo_risk.reports.bulletins.report import Report, ReportTable, tidy
from kongchuo_risk.reports.ledgers.away import dropout_ledger, suspected_ledger
from kongchuo_risk.reports.ledgers.left_behind import left_behind_statistics
from kongchuo_risk.reports.ledgers.material import Scope
from kongchuo_risk.reports.ledgers.persuasion import persuasion_ledger, settled_ledger
from kongchuo_risk.reports.ledgers.reconciliation import reconcile
from kongchuo_risk.reports.ledgers.window import Window
from kongchuo_risk.reports.ledgers.work_lists import by_village, late_tasks, visits_joined

KINDS: dict[Kind, str] = {
    "day": "日报", "week": "周报", "month": "月报", "quarter": "季度复核", "term": "学期报",
    "year": "学年报",
}  # fmt: skip
"""Names of the periodic reports (四个一 and seed rules 103–108, 115)."""


def make_report(window: Window, scope: Scope, *, counts: pd.DataFrame | None = None) -> Report:
    """The report of a period for a class, school, 学区 or county.

    Parameters
    ----------
    window
        Period and material; 日报 of a day, 周报 of a week, and so on.
    scope
        For whom; within a school places are classes, above it schools.
    counts
        :func:`~kongchuo_risk.reports.bulletins.counting.count_window` of the same window, when
        several reports are made from it.
    """
    everything = count_window(window) if counts is None else counts
    own = scope.of(everything)
    place = "class_id" if scope.level in ("班", "校") else "school_code"
    return Report(
        KINDS[window.period.kind],
        window.period,
        window.day,
        scope.name,
        scope.level,
        scope.code,
        tidy(own.assign(place=own[place])[["place", "stage", "item", "count"]]),
        tuple(_lists(window, scope)),
    )


def _lists(window: Window, scope: Scope) -> Iterator[ReportTable]:
    kind, after, first = window.period.kind, window.after, window.period.first
    yield _named("疑似辍学台账", suspected_ledger(after, scope), "期末")
    yield _named("辍学台账", dropout_ledger(after, scope), "期末")
    yield _named("劝返工作台账", persuasion_ledger(after, scope, first=first), "期内每一次劝返")
    yield _named("动态销号", settled_ledger(after, scope, first=first), "期内从台账销出的学生")
    yield _named("逾期事项", late_tasks(window, scope), "期内到期、没有按时办完的事项")
    if kind == "day":
        return
    yield _named("学生变动", _changes(window, scope), "期内花名册增加和减少的学生")
    if kind == "week":
        return
    check = reconcile(window, scope)
    yield ReportTable("学籍核对", check.balance, "差异不为 0 的，逐人列在核对问题表。")
    yield _named("核对问题", check.faults, "数字准确、去向清楚、手续完备（规则123）")
    yield ReportTable(
        "参加走访", visits_joined(window, scope), "按姓名排列；只记谁参加了，不打分。"
    )
    if kind in ("term", "year"):
        yield ReportTable("分村", by_village(window, scope), "按学生居住的村；供与村干部共同走访。")
        statistics = left_behind_statistics(after, scope)
        yield ReportTable("留守儿童摸排", statistics, "数量、比例、构成、分布、特点（规则172）")
    if kind == "year":
        yield ReportTable("评优推荐", pd.DataFrame(_RECOMMENDATION), _RECOMMENDATION_NOTE)


_RECOMMENDATION = {
    "推荐对象": ["", "", ""], "类别": ["先进单位", "先进个人", "其他"], "主要事迹": ["", "", ""],
    "推荐意见": ["", "", ""],
}  # fmt: skip
_RECOMMENDATION_NOTE = (
    "学年末向县教体局推荐控辍保学先进单位（规则115）。由人填写；本工具不排名、不推荐，"
    "早发现、早报告的学校辍学数可能更多。"
)


def _named(title: str, table: pd.DataFrame, note: str) -> ReportTable:
    return ReportTable(title, table, f"{note}；共 {len(table)} 行", named=True)


def _changes(window: Window, scope: Scope) -> pd.DataFrame:
    came, went = scope.of(window.moves.came), scope.of(window.moves.went)
    rows = pd.concat([came.assign(way="增加"), went.assign(way="减少")]).sort_index(kind="stable")
    return pd.DataFrame(
        {
            "student_id": rows.index, "学校": rows["school_code"].to_numpy(),
            "班级": rows["class_id"].to_numpy(), "学段": rows["stage"].to_numpy(),
            "变动": rows["way"].to_numpy(), "怎样": rows["how"].to_numpy(),
        }
    )  # fmt: skip
