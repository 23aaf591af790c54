"""Forms on which a school records what it did: meetings, publicity, inspections."""

from __future__ import annotations

from kongchuo_risk.reports.forms.day_reports import HEADING, ISSUED, table
from kongchuo_risk.reports.forms.filling import ticked
from kongchuo_risk.reports.templates import Field, Form

CHANNELS = (
    "致家长一封信", "家长会", "校会", "班会", "入户宣讲", "校园广播", "板报橱窗", "标语横幅",
    "网络与新媒体", "电视", "文艺演出", "其他",
)  # fmt: skip
"""Ways of publicity that the seeds name (rules 207, 209, 211)."""
MEETINGS = ("领导小组会议", "工作会议", "经验交流会", "其他")
"""Rules 46, 110, 111."""
UNANNOUNCED = (
    "不发通知", "不打招呼", "不听汇报", "不用陪同接待", "直奔基层", "直插现场",
)  # fmt: skip
"""四不两直 (rule 109)."""

MEETING = Form(
    "会议记录",
    "控辍保学领导小组会、工作会、经验交流会的记录（规则46、110、111、135）。",
    (
        *HEADING,
        Field("类别", "可打钩：" + "、".join(MEETINGS)),
        Field("名称", "会议名称"),
        Field("时间", "会议时间"),
        Field("地点", "会议地点"),
        Field("主持人", "主持人"),
        Field("记录人", "记录人"),
        Field("出席", "出席的人和职务"),
        Field("缺席", "请假和缺席的人"),
        Field("议题", "议题"),
        Field("内容", "发言和讨论"),
        table("决定", "议定的事，各有责任人和期限", "事项", "责任人", "期限", "完成"),
    ),
)
PUBLICITY = Form(
    "宣传记录",
    "宣传月（3月、9月）和每学期初的宣传：渠道、覆盖到村到户到班到人、内容（规则112—114、207—212）。",
    (
        *HEADING,
        Field("主题", "宣传主题"),
        Field("时间", "起止时间"),
        Field("地点", "地点"),
        Field("渠道", "可打钩：" + "、".join(CHANNELS)),
        Field("对象", "宣传对象"),
        table("覆盖", "到村、到户、到班、到人各一行", "范围", "应到：应覆盖多少", "实到：实际多少",
              "说明"),
        Field("内容", "宣传了什么"),
        Field("资料", "发放的资料和数量、照片存放处"),
        Field("反映", "群众反映的问题和答复"),
        Field("记录人", "记录人"),
    ),
)  # fmt: skip
INSPECTION = Form(
    "督查记录",
    "中心校或学校的督查，采用“四不两直”方式：抽查、核对、问题、整改（规则24、109、155、156、197）。",
    (
        *HEADING, *ISSUED,
        Field("方式", "可打钩：" + "、".join(UNANNOUNCED)),
        Field("对象", "被督查的单位"),
        Field("督查人", "督查人和职务"),
        Field("时间", "到达和离开的时间"),
        table("抽查", "随机抽取的班级或学生", "班级", "对象", "核对什么", "结果"),
        Field("总体", "总体情况"),
        table("问题", "发现的问题，各有整改期限", "问题", "整改要求", "责任人", "期限", "复查"),
    ),
)  # fmt: skip
RECORD_SHEETS = (MEETING, PUBLICITY, INSPECTION)

BOXES = {
    (MEETING.name, "类别"): MEETINGS,
    (PUBLICITY.name, "渠道"): CHANNELS,
    (INSPECTION.name, "方式"): UNANNOUNCED,
}
"""Fields of a form that are boxes to tick: the choices."""


def boxes(form: str, field: str, text: str) -> str | None:
    """The boxes of a field with those ticked that ``text`` names; ``None`` when it has none.

    >>> boxes("会议记录", "类别", "经验交流会")
    '☐领导小组会议　☐工作会议　☑经验交流会　☐其他'
    """
    choices = BOXES.get((form, field))
    return None if choices is None else ticked(choices, text.split("、"))
