"""The registers of a school: which columns each ledger has."""

from __future__ import annotations

from kongchuo_risk.domain.case import Destination
from kongchuo_risk.domain.visit import Attitude, VisitMode, VisitResult
from kongchuo_risk.reports.forms.ledger_book import YES_NO, Column, Ledger

_NO = Column("序号", 5)
_SCHOOL = Column("学校", 14)
_CLASS = Column("班级", 11)
_NAME = Column("姓名", 8)
_SEX = Column("性别", 5, codes="sex")
_NOTE = Column("备注", 12)
_TIMES = Column("劝返次数", 6, "上门、电话、线上合计")
_DESTINATION = Column("去向", 11, "学生现在在哪里", choices=tuple(Destination))


def _day(name: str, meaning: str = "") -> Column:
    return Column(name, 11, meaning, is_day=True)


LOST = Ledger(
    "流失学生登记表",
    (
        _NO, _CLASS, _NAME, _day("流失日期"), Column("流失原因", 14), _DESTINATION,
        Column("监护人", 9), Column("联系电话", 13), Column("家庭住址", 20), _TIMES,
        Column("知名", 5, "三知之一：知道姓名", choices=YES_NO),
        Column("知人", 5, "三知之二：找得到监护人", choices=YES_NO),
        Column("知情", 5, "三知之三：知道原因和去向", choices=YES_NO),
        Column("缺少", 11, "还要查明什么"), Column("责任人", 9, "包案教师"), _NOTE,
    ),
    "按规则132—134登记，报乡镇、村、教育行政部门时只报所需的列。含家庭住址和电话：专人保管，不张贴。",
    is_official=True,
)  # fmt: skip
PERSUASION = Ledger(
    "劝返工作台账",
    (
        _NO, _CLASS, _NAME, Column("案件编号", 6), Column("第几次", 5, "本次缺勤以来第几次"),
        _day("日期"), Column("方式", 6, choices=tuple(VisitMode)),
        Column("走访人", 18, "姓名（身份）"), Column("校领导参加", 6, choices=YES_NO),
        Column("见到学生", 6, choices=YES_NO), Column("见到监护人", 6, choices=YES_NO),
        Column("学生态度", 9, choices=tuple(Attitude)),
        Column("结果", 9, choices=tuple(VisitResult)), _day("承诺返校日"),
        Column("下一步", 20), _NOTE,
    ),
    "每次劝返一行：第几次、谁去的、结果怎样（规则83、122；教基厅函〔2024〕15号）。补录用走访登记表。",
)  # fmt: skip
AID = Ledger(
    "资助台账",
    (
        _NO, _CLASS, _NAME, Column("困难类型", 11, codes="poverty_type"),
        Column("困难证明", 14, "证明的名称（规则200）"), Column("出具单位", 12, "出具证明的单位"),
        _day("证明日期"), Column("资助项目", 13, codes="aid_item"), Column("金额（元）", 8),
        Column("来源", 12, "财政、学校、班级、单位、个人（规则201—205）"),
        _day("申请日期"), _day("发放日期"), Column("发放方式", 9), Column("签收", 9), _NOTE,
    ),
    "应助尽助、按时足额发放；名单不公开张贴，不让学生当众说困难（规则192—206）。",
    is_official=True,
)  # fmt: skip
SCHOOL_AGE = Ledger(
    "适龄儿童台账",
    (
        _NO, _NAME, Column("出生年月", 10), Column("居住村", 13), Column("监护人", 9),
        _SCHOOL, _CLASS, Column("年级", 7), Column("就读情况", 12),
        Column("重点类别", 16, "孤儿、残疾、留守、随迁等"), Column("来源", 12, "哪份名册"),
        Column("核对", 12, "核对人和日期"), _NOTE,
    ),
    "在本地户籍或居住的 6—15 周岁儿童少年，一人一行（教基厅函〔2024〕15号，规则128）。",
)  # fmt: skip
_AWAY = (
    _NO, _SCHOOL, _CLASS, _NAME, _day("登记日期"), _day("缺勤起始"),
    Column("未到校天数", 6), Column("状态", 9), Column("触发", 9, "怎样发现的"),
    Column("原因", 12), _DESTINATION, Column("包案教师", 9), Column("走访次数", 6),
    Column("上门次数", 6), _day("最近走访"), Column("最近结果", 9),
    Column("文书", 18, "报告单、通知书的名称和文号"), _NOTE,
)  # fmt: skip
SUSPECTED = Ledger(
    "疑似辍学台账",
    _AWAY,
    "动态管理：返校、核实去向或列入辍学台账后销去（教基厅函〔2024〕15号）。",
)
DROPOUTS = Ledger(
    "辍学台账",
    _AWAY,
    "一人一行；销号须有依据并由第二人复核（教基厅函〔2024〕15号）。",
    is_official=True,
)
GUARANTEE = Ledger(
    "包保名册",
    (
        _NO, _CLASS, _NAME, Column("包保教师", 10), Column("岗位", 10),
        Column("村组", 14, "学生居住的村、组"), _day("开始日期"),
        Column("联系频次", 10, "例如 每周一次"), Column("教师签名", 11), _NOTE,
    ),
    "每名学生都有一名包保教师；一名教师包几名学生见分配说明（规则26、30、33、34）。",
    is_upright=True, blank_rows=25,
)  # fmt: skip
PAIRS = Ledger(
    "结对帮扶名册",
    (
        _NO, _CLASS, Column("学生", 8), Column("帮扶教师", 10),
        Column("帮扶方面", 16, "心理疏导、学业辅导、生活指导"),
        Column("互助同学", 11, "本人和家长同意的同学；没有时为空"),
        _day("开始日期"), Column("频次", 10), Column("教师签名", 11), _NOTE,
    ),
    "一帮一、手拉手：自愿、免费、不公开困难原因（规则145—147、169、177、183、191）。",
    is_upright=True, blank_rows=25,
)  # fmt: skip
LEFT_BEHIND = Ledger(
    "留守儿童名册",
    (
        _NO, _CLASS, _NAME, _SEX, _day("出生日期"), Column("留守类型", 9, codes="left_behind"),
        Column("父亲外出地", 12), Column("母亲外出地", 12), Column("照料人", 9),
        Column("与学生关系", 9, codes="relation"), Column("联系电话", 13),
        Column("就读方式", 7, codes="boarding"), Column("包保教师", 9),
        Column("五个一", 16, "已落实的项目；项目由学校定（规则174）"), _NOTE,
    ),
    "学期初摸排，变动随时更新；留守不是过错，名册只用来安排关爱（规则149、150、172—174）。",
)  # fmt: skip
REGISTERS = (
    LOST, PERSUASION, AID, SCHOOL_AGE, SUSPECTED, DROPOUTS, GUARANTEE, PAIRS, LEFT_BEHIND,
)  # fmt: skip
