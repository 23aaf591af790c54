"""Sheets that are filled by hand and typed in afterwards: their columns are read back by name."""

from __future__ import annotations

from kongchuo_risk.domain.visit import Attitude, StepKind, VisitMode, VisitResult
from kongchuo_risk.reports.forms.ledger_book import YES_NO, Column, Ledger

CODE = Column("学生代码", 10, "系统里的学生代码；同班同名时必须填")
PUPIL = (Column("班级", 11), Column("姓名", 8), CODE)
"""Who it is about: name within a class is enough, the code decides between namesakes."""
DAY = Column("日期", 11, "例如 2025-09-08", is_day=True)
TIME = Column("时间", 7, "例如 14:30；也可写 上午、下午、晚上")
TYPED_STEPS = tuple(kind for kind in StepKind if kind is not StepKind.OBSERVED)
_SAME_TWICE = "同一张表导入两次不会重复。"
_WHO = "班级、姓名照花名册写；同班同名的再写学生代码。"

VISITS = Ledger(
    "走访登记表",
    (
        *PUPIL, DAY, TIME, Column("方式", 6, choices=tuple(VisitMode)),
        Column("走访人", 15, "姓名（身份），几个人用顿号隔开"),
        Column("见到学生", 6, choices=YES_NO), Column("见到监护人", 6, choices=YES_NO),
        Column("监护人", 10, "见到谁：姓名和关系"), Column("谈话内容", 24),
        Column("学生态度", 8, choices=tuple(Attitude)), Column("监护人意见", 14),
        Column("困难", 11), Column("结果", 8, choices=tuple(VisitResult)),
        Column("承诺返校日", 11, is_day=True), Column("下一步", 13),
    ),
    f"上门、电话、线上都登记，一次一行。走访人写成“姓名（身份）”，几个人用顿号隔开。{_WHO}{_SAME_TWICE}",
    is_typed=True, blank_rows=12, blank_height=40,
)  # fmt: skip
OBSERVED = Ledger(
    "跟踪观察表",
    (
        *PUPIL, DAY, Column("正常到校", 8, choices=YES_NO),
        Column("学生态度", 10, choices=tuple(Attitude)),
        Column("学习和生活情况", 34), Column("观察人", 10),
    ),
    f"复学后按期观察，每次一行（规则101、117）。只登记有未销号案件的学生。{_WHO}{_SAME_TWICE}",
    is_typed=True, blank_rows=14,
)  # fmt: skip
PROGRESS = Ledger(
    "劝返进展登记表",
    (
        *PUPIL, DAY, TIME, Column("事项", 13, choices=TYPED_STEPS),
        Column("办理人", 10), Column("情况", 34), Column("材料", 18, "收到手续时写材料名称"),
    ),
    f"走访以外的每一步：上报、通知、联系、核实、收到手续，一步一行。只登记有未销号案件的学生。{_WHO}{_SAME_TWICE}",
    is_typed=True,
)  # fmt: skip
SIGNS = Ledger(
    "苗头登记表",
    (
        *PUPIL, DAY, Column("苗头", 16, codes="observation_tag"),
        Column("程度", 6, "轻、中、重；可以不填", codes="level3"),
        Column("情况", 36, "看到、听到的事实，不作评判"), Column("登记人", 10),
    ),
    f"发现苗头或好转当天登记，不过夜（规则55、63—65）。怀疑孩子受到伤害的，当天口头报告校长。{_WHO}{_SAME_TWICE}",
    is_typed=True, blank_rows=14,
)  # fmt: skip
TYPED = (VISITS, OBSERVED, PROGRESS, SIGNS)
