"""Templates of a school's days and records: who is at school, meetings, publicity, inspections."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from docx.document import Document as Paper

from kongchuo_risk.reports.forms.day_reports import (
    CHANGE_WEEK,
    CLASS_DAY,
    DROPOUT_DAY,
    SCHOOL_DAY,
)
from kongchuo_risk.reports.forms.record_sheets import INSPECTION, MEETING, PUBLICITY
from kongchuo_risk.reports.templates import Form
from scripts.form_duties import DUTY_MAKERS
from scripts.form_parts import (
    CENTRE,
    SMALL,
    Look,
    Type,
    add_apart,
    add_footer,
    add_head,
    add_lines,
    add_loop,
    add_row,
    add_table,
    blank_paper,
    end_after_table,
    keep_together,
    merge,
)
from scripts.form_phrases import SIGNED
from scripts.form_reports import REPORT_MAKERS, text_box

RECORD_LOOK = Look(
    margin_cm=(1.8, 2.0),
    title=Type(18, 26, "黑体", after=3, align=CENTRE),
    heading=Type(12, 19, "黑体", before=6, after=2),
    body=Type(11, 17),
    small=Type(9, 13, before=3, after=2),
)
DAY_NOTE = "内部资料：只供学校工作使用，不张贴、不转发。"


def opened(form: Form, title: str, *, numbered: bool = False) -> Paper:
    """A paper with its number and signer where it has them, unit, title, period and day."""
    paper = blank_paper(form.name, RECORD_LOOK)
    if numbered:
        add_apart(paper, "文号：{{ 文号 }}", "签发人：{{ 签发人 }}", RECORD_LOOK)
    add_lines(paper, title, style="Title")
    add_apart(paper, "单位：{{ 单位名称 }}", "{{ 日期 }}", RECORD_LOOK)
    return paper


def listed(
    paper: Paper, form: Form, name: str, widths_cm: Sequence[float], *, height_cm: float = 0.75
) -> None:
    """A table of the form with all its columns, numbered."""
    parts = next(field.parts for field in form.fields if field.name == name)
    table = add_table(paper, widths_cm)
    add_head(table, *(TITLES.get(part.name, part.name) for part in parts))
    cells = (f"{{{{ 项.{part.name} }}}}" for part in parts)
    short = [place for place, width in enumerate(widths_cm) if width <= 2.0]
    add_loop(table, f"项 in {name}", *cells, centred=short, height_cm=height_cm)


TITLES = {
    "无故": "无故\n缺席",
    **{
        f"{half}{what}": f"{half}\n{what}"
        for half in ("上午", "下午")
        for what in ("应到", "实到", "缺席")
    },
}
"""Titles that stand in two lines, or say more than the field's name."""


def signed_by(paper: Paper, *who: str) -> None:
    """A last line of signatures."""
    table = add_table(paper, [17.0 / len(who)] * len(who))
    add_row(table, *who, height_cm=1.0)
    end_after_table(paper)


def class_day() -> Paper:
    """到校日报 of a class."""
    paper = opened(CLASS_DAY, "班级到校日报")
    add_apart(paper, "班级：{{ 班级 }}", "班主任：{{ 班主任 }}", RECORD_LOOK)
    add_lines(paper, "点名", style="Heading 1")
    listed(paper, CLASS_DAY, "时段", (1.2, 1.8, 1.8, 1.8, 1.8, 2.2, 3.0, 3.4), height_cm=0.9)
    add_lines(paper, "没有按时到校的学生", style="Heading 1")
    listed(paper, CLASS_DAY, "缺席", (1.2, 1.6, 2.2, 2.2, 2.8, 3.6, 3.4), height_cm=0.9)
    add_lines(paper, "无故未到的，当天联系监护人并上报，不过夜。" + DAY_NOTE, style=SMALL)
    signed_by(paper, "班主任（签字）：", "教务处收（签字、时间）：")
    add_footer(paper, "班级到校日报　{{ 班级 }}　{{ 日期 }}")
    return paper


def school_day() -> Paper:
    """到校日报 of a school."""
    paper = opened(SCHOOL_DAY, "学校到校日报")
    add_lines(paper, "各班到校情况", style="Heading 1")
    widths = (1.1, 2.9, 2.4, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.6)
    listed(paper, SCHOOL_DAY, "班级", widths, height_cm=0.6)
    add_lines(paper, "还没有填报：{{ 未报 }}", style=SMALL)
    add_lines(paper, "无故缺席的学生", style="Heading 1")
    listed(paper, SCHOOL_DAY, "缺席", (1.1, 2.8, 2.2, 1.8, 4.6, 4.5))
    add_lines(paper, DAY_NOTE, style=SMALL)
    signed_by(paper, "填报人：", "教导主任：", "校长：")
    add_footer(paper, "学校到校日报　{{ 单位名称 }}　{{ 日期 }}")
    return paper


def dropout_day() -> Paper:
    """日报 of cases and of persuasion."""
    paper = opened(DROPOUT_DAY, "辍学动态及劝返日报", numbered=True)
    _figures(paper, "今日数字")
    add_lines(paper, "劝返动态", style="Heading 1")
    listed(paper, DROPOUT_DAY, "动态", (1.1, 2.2, 1.9, 1.9, 1.9, 3.6, 1.9, 2.5), height_cm=0.9)
    _said(paper, "说明", "其他情况", 1.6)
    add_lines(paper, "没有新情况也要报。" + DAY_NOTE, style=SMALL)
    signed_by(paper, "填报人：", "教导主任：", "校长：")
    add_footer(paper, "辍学动态及劝返日报　{{ 单位名称 }}　{{ 日期 }}")
    return paper


def change_week() -> Paper:
    """周报 of pupils who came, left, or changed their registration."""
    paper = opened(CHANGE_WEEK, "学生变动周报", numbered=True)
    add_apart(paper, "期间：{{ 期间 }}", "", RECORD_LOOK)
    _figures(paper, "人数")
    add_lines(paper, "变动的学生", style="Heading 1")
    listed(paper, CHANGE_WEEK, "变动", (1.1, 1.9, 2.2, 1.9, 1.7, 3.4, 3.0, 1.8), height_cm=0.9)
    _said(paper, "说明", "其他情况", 1.4)
    add_lines(paper, "数字准确、去向清楚、手续完备。" + DAY_NOTE, style=SMALL)
    signed_by(paper, "填报人：", "学籍管理员：", "校长：")
    add_footer(paper, "学生变动周报　{{ 单位名称 }}　{{ 期间 }}")
    return paper


def _figures(paper: Paper, title: str) -> None:
    add_lines(paper, title, style="Heading 1")
    table = add_table(paper, (5.2, 3.2, 2.2, 6.4))
    add_head(table, "项目", "数", "比例", "说明")
    cells = ("{{ 项.项目 }}", "{{ 项.数 }}", "{{ 项.比例 }}", "{{ 项.说明 }}")
    add_loop(table, "项 in 数字", *cells, centred=(1, 2), height_cm=0.6)


def _said(paper: Paper, field: str, title: str, height_cm: float) -> None:
    add_lines(paper, title, style="Heading 1")
    text_box(paper, f"{{{{ {field} }}}}", height_cm)


def _basics(paper: Paper, *pairs: tuple[str, str], wide: Sequence[tuple[str, str]] = ()) -> None:
    """A table of labels and values; each of ``wide`` takes a row of its own."""
    table = add_table(paper, (2.4, 6.1, 2.4, 6.1))
    for left, right in zip(pairs[::2], pairs[1::2], strict=True):
        cells = (left[0], f"{{{{ {left[1]} }}}}", right[0], f"{{{{ {right[1]} }}}}")
        add_row(table, *cells, strong=(0, 2), height_cm=0.8)
    for label, field in wide:
        row = add_row(table, label, f"{{{{ {field} }}}}", "", "", strong=(0,), height_cm=0.9)
        merge(row, 1, 3)


def meeting() -> Paper:
    """会议记录."""
    paper = opened(MEETING, "控辍保学会议记录")
    _basics(
        paper,
        ("会议名称", "名称"), ("时间", "时间"), ("地点", "地点"), ("主持人", "主持人"),
        wide=(("类别", "类别"), ("出席", "出席"), ("缺席", "缺席"), ("议题", "议题")),
    )  # fmt: skip
    _said(paper, "内容", "发言和讨论", 7.0)
    add_lines(paper, "议定的事", style="Heading 1")
    listed(paper, MEETING, "决定", (1.2, 7.6, 2.8, 2.8, 2.6))
    add_lines(paper, "签字", style="Heading 1")
    signed_by(paper, "记录人：{{ 记录人 }}", "主持人（签字）：")
    add_footer(paper, "会议记录　{{ 单位名称 }}　{{ 日期 }}")
    return paper


def publicity() -> Paper:
    """宣传记录."""
    paper = opened(PUBLICITY, "控辍保学宣传记录")
    _basics(
        paper, ("主题", "主题"), ("时间", "时间"), ("地点", "地点"), ("对象", "对象"),
        wide=(("渠道", "渠道"),),
    )  # fmt: skip
    add_lines(paper, "覆盖：到村、到户、到班、到人", style="Heading 1")
    listed(paper, PUBLICITY, "覆盖", (1.2, 3.6, 3.0, 3.0, 6.2))
    _said(paper, "内容", "宣传内容", 4.0)
    _said(paper, "资料", "发放的资料和数量、照片存放处", 2.0)
    _said(paper, "反映", "群众反映的问题和答复", 2.0)
    add_lines(
        paper, "报道好的做法；不公开任何学生的姓名、照片和情况，不点名曝光家庭。", style=SMALL
    )
    signed_by(paper, "记录人：{{ 记录人 }}", "负责人（签字）：")
    add_footer(paper, "宣传记录　{{ 单位名称 }}　{{ 日期 }}")
    return paper


CHECKS = (
    ("到校", "随机进班点名，与当天到校日报、座位逐一核对"),
    ("学籍", "学籍系统、花名册、在校学生三者一致；有无名在人不在"),
    ("台账", "适龄儿童、疑似辍学、辍学三本台账齐全，去向清楚、手续完备"),
    ("走访", "抽查家访记录，电话回访家长：去了没有、几次、谁去的"),
    ("责任", "责任书签订到人，包保名册与学生知道的一致"),
    ("帮扶", "一生一案有人做、有记录；复学学生跟得上、融得进"),
    ("资助", "应助尽助，按时发放；没有乱收费、乱征订、乱摊派"),
    ("教学", "开齐课程、开足课时；作业和考试不过量；没有体罚和歧视"),
    ("信息", "学生信息保管妥当，没有张贴、外传"),
)
"""What an inspector looks at (rules 24, 109, 123, 155, 156, 179, 180, 197, 198)."""


def inspection() -> Paper:
    """督查记录."""
    paper = opened(INSPECTION, "控辍保学督查记录", numbered=True)
    _basics(
        paper, ("被督查单位", "对象"), ("时间", "时间"),
        wide=(("督查人", "督查人"), ("四不两直", "方式")),
    )  # fmt: skip
    add_lines(paper, "随机抽查", style="Heading 1")
    listed(paper, INSPECTION, "抽查", (1.2, 3.0, 3.0, 5.4, 4.4), height_cm=0.65)
    add_lines(paper, "核查清单", style="Heading 1")
    table = add_table(paper, (1.4, 9.8, 2.6, 3.2))
    add_head(table, "方面", "核查什么", "结论", "情况")
    for aspect, check in CHECKS:
        add_row(table, aspect, check, "☐是　☐否", "", strong=(0,), centred=(2,))
    _said(paper, "总体", "总体情况", 2.0)
    add_lines(paper, "问题和整改", style="Heading 1")
    listed(paper, INSPECTION, "问题", (1.2, 5.0, 4.6, 2.2, 2.2, 1.8), height_cm=0.8)
    add_lines(paper, "如实报告的问题以整改为主；抽到的学生只核对，不追问、不公开。", style=SMALL)
    add_lines(paper, "签字", style="Heading 1")
    table = add_table(paper, (5.6, 5.7, 5.7))
    add_head(table, "督查人", "被督查单位负责人", "复查人")
    add_row(table, "", "", "", height_cm=1.0)
    add_row(table, SIGNED, SIGNED, SIGNED, centred=(0, 1, 2))
    keep_together(table)
    end_after_table(paper)
    add_footer(paper, "督查记录　{{ 对象 }}　{{ 日期 }}")
    return paper


SCHOOL_MAKERS: Mapping[str, Callable[[], Paper]] = {
    **DUTY_MAKERS,
    CLASS_DAY.file_name: class_day,
    SCHOOL_DAY.file_name: school_day,
    DROPOUT_DAY.file_name: dropout_day,
    CHANGE_WEEK.file_name: change_week,
    **REPORT_MAKERS,
    MEETING.file_name: meeting,
    PUBLICITY.file_name: publicity,
    INSPECTION.file_name: inspection,
}
"""Name of the file → what makes it."""
