"""Forms of the day and of the week: who is at school, who is not, who moved."""

from __future__ import annotations

from kongchuo_risk.reports.templates import Field, Form, Kind

NUMBER = Field("序号", "1、2、3 …；空行没有序号")
HEADING = (
    Field("单位名称", "学校或中心校全称；没有时留空线"),
    Field("期间", "例如 2025年9月；没有时留空线"),
    Field("日期", "填报日期；没有时留空线"),
)
ISSUED = (
    Field("文号", "发文编号；没有时留空线（规则144）"),
    Field("签发人", "签发人姓名；没有时留空线（规则144）"),
)
FIGURES = Field(
    "数字",
    "指标；空白表上只印名称",
    Kind.ENTRIES,
    (
        Field("项目", "指标名称"),
        Field("数", "例如 12 或 571／600（分子／分母）"),
        Field("比例", "例如 95.2%；只有数量的为空"),
        Field("目标", "目标；没有时为空"),
        Field("说明", "口径；没有时为空"),
    ),
)


def table(name: str, meaning: str, *columns: str) -> Field:
    """A numbered table; a column may say more after a colon."""
    parts = [column.partition("：") for column in columns]
    fields = (Field(title, meant or title) for title, _, meant in parts)
    return Field(name, meaning, Kind.ENTRIES, (NUMBER, *fields))


CLASS_DAY = Form(
    "到校日报（班级）",
    "班主任每天上午、下午点名后填报：应到、实到、缺席和原因（规则49—52）。",
    (
        *HEADING,
        Field("班级", "例如 七年级2班"),
        Field("班主任", "班主任姓名"),
        table(
            "时段", "上午、下午各一行", "时段", "应到", "实到", "缺席", "迟到早退", "点名人",
            "填报时间",
        ),
        table(
            "缺席", "每名没有按时到校的学生一行", "时段", "姓名", "类型", "原因",
            "联系家长：几时、怎样联系的", "处理",
        ),
    ),
)  # fmt: skip
SCHOOL_DAY = Form(
    "到校日报（学校）",
    "教务处每天汇总各班：上午、下午的应到、实到、缺席，还没有填报的班，无故缺席的学生。",
    (
        *HEADING,
        table(
            "班级", "每班一行，最后一行合计", "班级", "班主任", "上午应到", "上午实到", "上午缺席",
            "下午应到", "下午实到", "下午缺席", "无故：无故缺席的人数",
        ),
        Field("未报", "还没有填报的班级和时段；都报了时为“无”"),
        table("缺席", "无故缺席的学生", "班级", "姓名", "时段", "已知情况", "处理"),
    ),
)  # fmt: skip
DROPOUT_DAY = Form(
    "辍学动态及劝返日报",
    "学校每天向中心校报告：新发现、劝返进展、返校（规则51、103、106、108）。没有新情况也报。",
    (
        *HEADING, *ISSUED, FIGURES,
        table(
            "动态", "每名疑似辍学或辍学的学生一行", "班级", "姓名", "状态", "未到校",
            "今日工作：谁、怎样劝返", "结果", "下一步",
        ),
        Field("说明", "其他情况"),
    ),
)  # fmt: skip
CHANGE_WEEK = Form(
    "学生变动周报",
    "学校每周上报学生变动：数字准确、去向清楚、手续完备（规则104、119、121、123）。",
    (
        *HEADING, *ISSUED, FIGURES,
        table(
            "变动", "每名变动的学生一行", "日期", "班级", "姓名", "类别", "去向或来源",
            "手续：已齐，或缺什么", "备注",
        ),
        Field("说明", "其他情况"),
    ),
)  # fmt: skip
DAY_REPORTS = (CLASS_DAY, SCHOOL_DAY, DROPOUT_DAY, CHANGE_WEEK)
