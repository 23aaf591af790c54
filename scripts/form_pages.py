"""The one-page forms: the letter to parents and the page for the teacher."""

from __future__ import annotations

from docx.document import Document as Paper
from docx.table import _Cell

from scripts.form_parts import (
    CELL,
    CENTRE,
    FIRST,
    LIST,
    RIGHT,
    SMALL,
    Look,
    Type,
    add_head,
    add_lines,
    add_loop,
    add_row,
    add_table,
    blank_paper,
    end_after_table,
    merge,
)
from scripts.form_phrases import HOW, NOT_A_CAUSE, OWNER, SIGNED, TICKS

LETTER_LOOK = Look(margin_cm=(1.7, 2.0), heading=Type(12, 19, "黑体", before=3), body=Type(12, 18))
PAGE_LOOK = Look(
    margin_cm=(1.5, 2.0),
    title=Type(18, 22, "黑体", after=1, align=CENTRE),
    heading=Type(10.5, 15, "黑体", before=3),
    body=Type(10.5, 14),
    cell=Type(9, 12.5),
)
PAGE_LOOK = Look(
    margin_cm=(1.5, 2.0),
    title=Type(18, 22, "黑体", after=1, align=CENTRE),
    heading=Type(10.5, 15, "黑体", before=3),
    body=Type(10.5, 14),
    cell=Type(9, 12.5),
)
INTERNAL = "{{ 开始 }}至{{ 结束 }}　内部资料：不张贴、不转发、不让其他学生看到"


def parent_letter() -> Paper:
    """致家长一封信: one page, with a slip to cut off."""
    paper = blank_paper("致家长的一封信", LETTER_LOOK)
    add_lines(paper, "致家长的一封信", style="Title")
    add_lines(paper, "尊敬的家长：", style="Normal")
    add_lines(
        paper,
        "您好！{{ 学生姓名 }}在{{ 学校名称 }}{{ 班级 }}读书。我们想和您一起，让孩子在学校学得安心、"
        "过得踏实。从{{ 开始 }}到{{ 结束 }}，学校和家里可以一起做下面这些事。",
        style=FIRST,
    )
    add_lines(paper, "学校会做的事", style="Heading 1")
    add_lines(
        paper,
        "{%p for 项 in 安排 %}",
        "{{ 项.序号 }}.\t{{ 项.内容 }}{% if 项.学校职责 %}※{% endif %}",
        "{%p endfor %}",
        style=LIST,
    )
    add_lines(paper, "想请您一起做的事", style="Heading 1")
    add_lines(paper, "{%p for 条 in 家庭可做 %}", "·\t{{ 条 }}", "{%p endfor %}", style=LIST)
    _contact_and_rights(paper)
    add_lines(paper, "{{ 学校名称 }}　{{ 日期 }}", style="Normal", align=RIGHT)
    _reply_slip(paper)
    return paper


def _contact_and_rights(paper: Paper) -> None:
    """Whom to ask; and 个人信息保护法 24 (reasons), 45 (see) and 46 (correct) in plain words."""
    add_lines(paper, "有事找谁", style="Heading 1")
    add_lines(
        paper,
        "班主任{{ 班主任 }}老师{% if 班主任电话 %}，电话{{ 班主任电话 }}{% endif %}"
        "{% if 联系老师 %}；平时常和孩子在一起的是{{ 联系老师 }}老师{% endif %}。"
        "上课的日子都可以联系，也可以约时间当面谈。{% if 复核日期 %}"
        "我们打算{{ 复核日期 }}前后再和您一起看看，哪些有用，哪些要改。{% endif %}",
        style=FIRST,
    )
    add_lines(paper, "您的权利", style="Heading 1")
    add_lines(
        paper,
        "怎样帮助孩子由老师商量决定，不由电脑决定；您可以请我们说明为什么这样安排。"
        "您可以查看、复制学校记录的孩子的情况，不准确、不完整的可以要求更正、补充。"
        "{% if 有学校职责 %}标※的是法律规定学校应当做的；其余各项，{% else %}以上各项，{% endif %}"
        "您不同意的可以不做，孩子不会因此受影响。",
        style=FIRST,
    )


def _reply_slip(paper: Paper) -> None:
    line = "- " * 16
    add_lines(paper, f"{line}✂ 回执（请交给班主任）{line}".strip(), style=SMALL, align=CENTRE)
    table = add_table(paper, (2.6, 6.0, 2.6, 5.8))
    add_row(table, "学生", "{{ 学生姓名 }}", "班级", "{{ 班级 }}", strong=(0, 2))
    opinion = (
        "☐ 同意以上安排　　☐ 想当面再谈谈　　☐ 有几项不同意，是第（　　　　）项",
        "想说的话：",
    )
    row = add_row(table, "家长意见", "", "", "", strong=(0,), height_cm=1.7)
    merge(row, 1, 3)
    _fill(row.cells[1], *opinion)
    add_row(table, "家长签名", "", "日期", SIGNED, strong=(0, 2), height_cm=0.9)
    end_after_table(paper)


def teacher_page() -> Paper:
    """教师帮扶页: one page that a teacher keeps and writes on."""
    paper = blank_paper("教师帮扶页", PAGE_LOOK)
    add_lines(paper, "教师帮扶页", style="Title")
    add_lines(
        paper,
        "{{ 学校名称 }}　{{ 班级 }}　{{ 学生姓名 }}",
        "班主任：{{ 班主任 }}　　包保教师：{{ 包保教师 }}",
        style="Normal",
        align=CENTRE,
    )
    add_lines(paper, INTERNAL, style=SMALL, align=CENTRE)
    _strengths_and_facts(paper)
    add_lines(paper, "要做的事", style="Heading 1")
    table = add_table(paper, (0.7, 11.3, 3.1, 1.9))
    add_head(table, "☐", "措施、频次和表册", "谁", "最迟")
    title = "{{ 项.措施 }}　{{ 项.频次 }}　记入：{{ 项.表册 }}"
    todo = (title, HOW, "{%p if 项.清单 %}", TICKS, "{%p endif %}")
    add_loop(table, "项 in 措施", "☐", todo, OWNER, "{{ 项.期限 }}", centred=(0, 3))
    add_lines(paper, "{%p if 候补 %}", "轮候中：{{ 候补 }}。", "{%p endif %}", style=SMALL)
    _first_talk(paper)
    _record(paper)
    return paper


def _strengths_and_facts(paper: Paper) -> None:
    add_lines(paper, "先看长处", style="Heading 1")
    add_lines(
        paper,
        "{% for 条 in 长处 %}· {{ 条 }}　{% else %}"
        "还没有记录：第一次谈话时请记下一条。{% endfor %}",
        style="Normal",
    )
    add_lines(paper, "需要了解的情况", style="Heading 1")
    add_lines(paper, "{%p for 条 in 情况 %}", "· {{ 条 }}", "{%p endfor %}", style="Normal")
    add_lines(paper, NOT_A_CAUSE, style=SMALL)


def _first_talk(paper: Paper) -> None:
    add_lines(paper, "怎么谈", style="Heading 1")
    table = add_table(paper, (7.6, 9.4))
    add_head(table, "第一次谈话：先听，少说，不批评", "不要做")
    row = add_row(table, "", "")
    _fill(
        row.cells[0],
        "1. 最近在学校，哪件事让你觉得还不错？",
        "2. 哪件事最难？如果能先变一样，你想先变哪一样？",
        "3. 你希望谁来帮你，怎么帮？",
    )
    _fill(
        row.cells[1],
        "不公开：不点名、不张贴、不在班上说。",
        "不比较：不和别的学生、兄弟姐妹比。",
        "不许诺：资助、名额、免处分都不由一个人答应。",
        "不追问伤心事。有伤害、有危险，当天报学校（强制报告）。",
    )


def _fill(cell: _Cell, first: str, *others: str) -> None:
    cell.paragraphs[0].text = first
    add_lines(cell, *others, style=CELL)


def _record(paper: Paper) -> None:
    add_lines(paper, "落实记录（写不下的写在背面）", style="Heading 1")
    table = add_table(paper, (2.2, 5.2, 2.6, 4.8, 2.2))
    add_head(table, "日期", "做了什么", "次数和时长", "孩子怎么说、有什么变化", "签名")
    for _ in range(3):
        add_row(table, "", "", "", "", "", height_cm=0.62)
    end_after_table(paper)
