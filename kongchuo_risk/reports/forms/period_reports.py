"""Forms of the month, the term and the year, and the recommendation at the end of the year."""

from __future__ import annotations

from collections.abc import Mapping

from kongchuo_risk.reports.forms.day_reports import (
    CHANGE_WEEK,
    DROPOUT_DAY,
    FIGURES,
    HEADING,
    ISSUED,
    table,
)
from kongchuo_risk.reports.templates import Field, Form

UNITS = table(
    "单位", "各班或各校一行；只有一个单位时为空", "名称", "在籍学生", "疑似辍学", "辍学", "已复学",
    "走访次数", "按时完成：按时完成的期限任务", "备注",
)  # fmt: skip
LEDGERS = table(
    "台账", "三本台账各一行（教基厅函〔2024〕15号）", "名称", "期初", "新增", "核减", "期末", "说明"
)
MONTH = Form(
    "月汇总",
    "学校每月汇总，中心校再汇总各校（规则105、107、108）。率与做了多少工作并列（规则102）。",
    (
        *HEADING, *ISSUED, FIGURES, LEDGERS, UNITS,
        Field("工作", "本月做了什么"),
        Field("问题", "存在的问题"),
        Field("安排", "下月安排"),
    ),
)  # fmt: skip
TERM = Form(
    "学期全面报告",
    "每学期末的全面报告（规则107、116），随附三本台账。",
    (
        *HEADING, *ISSUED, FIGURES, LEDGERS, UNITS,
        Field("工作", "责任、宣传、走访劝返、关爱帮扶等"),
        Field("资助", "资助和困难学生的情况"),
        Field("问题", "存在的问题、没有按时完成的事及原因"),
        Field("安排", "下学期安排"),
    ),
)  # fmt: skip
YEAR = Form(
    "学年总结",
    "学年末的总结（规则107、115）。",
    (
        *HEADING, *ISSUED, FIGURES, UNITS,
        Field("工作", "一年的工作"),
        Field("经验", "可以推广的做法"),
        Field("问题", "问题与教训"),
        Field("安排", "下学年安排"),
    ),
)  # fmt: skip
RECOMMENDATION = Form(
    "评优推荐表",
    "学年末向县教体局推荐控辍保学先进单位和个人（规则115）。由人集体研究，数字只作参考。",
    (
        *HEADING, *ISSUED,
        Field("类别", "先进单位或先进个人"),
        Field("推荐对象", "单位或个人名称"),
        Field("职务", "个人的职务；单位为空"),
        FIGURES,
        Field("事迹", "做了什么、怎样做的"),
    ),
)  # fmt: skip
PERIOD_REPORTS = (MONTH, TERM, YEAR, RECOMMENDATION)

_RATES = ("在籍学生", "巩固率", "学年辍学率", "包保覆盖率", "应助尽助率")
_EFFORT = ("走访（上门）", "走访（电话、线上）", "按时完成的期限任务", "发出通知书")
BLANK_FIGURES: Mapping[str, tuple[str, ...]] = {
    DROPOUT_DAY.name: (
        "疑似辍学（现有）",
        "今日新发现",
        "今日走访",
        "今日返校",
        "辍学台账（现有）",
    ),
    CHANGE_WEEK.name: ("周初在籍", "转入", "转出", "休学", "复学", "其他减少", "周末在籍"),
    MONTH.name: (*_RATES, *_EFFORT),
    TERM.name: (*_RATES, "责任书签订率", "摸排覆盖率", "残疾儿童入学率", *_EFFORT),
    YEAR.name: (*_RATES, "责任书签订率", "残疾儿童入学率", "劝返后一学期仍在校", *_EFFORT),
    RECOMMENDATION.name: ("巩固率", "包保覆盖率", "按时完成的期限任务", "劝返后一学期仍在校"),
}
"""Names that an unfilled form asks for."""
