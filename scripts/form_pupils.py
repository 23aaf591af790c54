"""The files and plans of one pupil."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from docx.document import Document as Paper

from kongchuo_risk.reports.forms import dossiers, pupil_pages
from scripts.form_blocks import (
    add_entries,
    add_gap,
    add_papers,
    add_pupil,
    add_signatures,
    add_texts,
    add_visits,
    new_sheet,
)
from scripts.form_parts import (
    SMALL,
    add_head,
    add_lines,
    add_loop,
    add_row,
    add_table,
    merge,
)

STRENGTHS = "{% for 条 in 长处 %}{{ 条 }}{% if not loop.last %}；{% endif %}{% endfor %}"
CARE_LAW = (
    "父母或者其他监护人外出不能完全履行监护职责的，应当委托有照护能力的成年人照护，书面告知学校，"
    "并与孩子、被委托人至少每周联系一次（未成年人保护法第二十二条、第二十三条）。"
)


def pupil_file() -> Paper:
    """一生一档 with the parts of its variants."""
    paper = new_sheet("一生一档")
    add_lines(paper, "基本情况", style="Heading 1")
    add_pupil(paper, ("就读方式", "就读方式"), ("包保教师", "包保教师"))
    add_gap(paper)
    add_texts(paper, ("关爱群体", "{{ 群体 }}", 0.8), ("长处和兴趣", STRENGTHS, 1.0))
    for title, field, heads in (
        ("到校情况", "考勤", ("学期", "到校情况", "备注")),
        ("学业情况（只和自己比，不排名）", "学业", ("时间", "学业情况", "备注")),
        ("学籍异动", "异动", ("日期", "类别和去向", "备注")),
    ):
        add_lines(paper, title, style="Heading 1")
        add_entries(paper, field, *heads)
    _poor(paper)
    add_lines(paper, "走访和联系", style="Heading 1")
    add_visits(paper, talk=True)
    add_lines(paper, "帮扶计划", style="Heading 1")
    add_entries(paper, "计划", "学期", "计划和目标", "状态")
    _dropout(paper)
    _returned(paper)
    add_lines(paper, "归档", style="Heading 1")
    add_signatures(paper, "班主任", "档案管理人", height_cm=0.9)
    return paper


def _poor(paper: Paper) -> None:
    add_lines(paper, "{%p if 贫困 %}", style="Normal")
    add_lines(paper, "资助（家庭经济困难学生）", style="Heading 1")
    add_entries(paper, "资助", "学期", "项目和金额", "发放日期")
    add_lines(paper, "{%p endif %}", style="Normal")


def _dropout(paper: Paper) -> None:
    add_lines(paper, "{%p if 辍学 %}", style="Normal")
    add_lines(paper, "疑似辍学与劝返", style="Heading 1")
    add_texts(
        paper,
        ("未到校起", "{{ 未到校起 }}", 0.8),
        ("原因", "{{ 原因 }}", 0.9),
        ("去向", "{{ 去向 }}", 1.2),
        ("包案人", "{{ 包案人 }}", 0.8),
    )
    add_gap(paper)
    table = add_table(paper, (1.1, 2.2, 4.5, 3.6, 5.6))
    add_head(table, "序号", "日期", "办理经过", "经办", "说明")
    add_loop(
        table, "项 in 经过",
        "{{ 项.序号 }}", "{{ 项.日期 }}", "{{ 项.状态 }}", "{{ 项.经办 }}", "{{ 项.说明 }}",
        centred=(0, 1), height_cm=0.8,
    )  # fmt: skip
    add_gap(paper)
    add_papers(paper)
    add_lines(paper, "{%p endif %}", style="Normal")


def _returned(paper: Paper) -> None:
    add_lines(paper, "{%p if 返校 %}", style="Normal")
    add_lines(paper, "返校以后（返校日期：{{ 返校日期 }}）", style="Heading 1")
    table = add_table(paper, (1.0, 2.4, 2.0, 2.4, 6.4, 2.8))
    add_head(table, "次", "日期", "到校", "学生态度", "情况", "观察人")
    add_loop(
        table, "项 in 观察",
        "{{ 项.序号 }}", "{{ 项.日期 }}", "{{ 项.到校 }}", "{{ 项.态度 }}", "{{ 项.情况 }}",
        "{{ 项.观察人 }}", centred=(0, 1, 2, 3), height_cm=0.8,
    )  # fmt: skip
    add_lines(paper, "{%p endif %}", style="Normal")


def left_behind() -> Paper:
    """留守儿童档案."""
    paper = new_sheet("留守儿童档案")
    add_pupil(paper, ("就读方式", "就读方式"), ("包保教师", "包保教师"), ("留守类型", "留守类型"))
    add_lines(paper, "外出的父母", style="Heading 1")
    table = add_table(paper, (2.2, 2.8, 3.6, 4.8, 3.6))
    add_head(table, "关系", "姓名", "电话", "务工地点", "备注")
    add_loop(
        table, "项 in 外出",
        "{{ 项.关系 }}", "{{ 项.姓名 }}", "{{ 项.电话 }}", "{{ 项.地点 }}", "{{ 项.备注 }}",
        centred=(0, 1), height_cm=0.8,
    )  # fmt: skip
    _carer(paper)
    add_lines(paper, "“五个一”", style="Heading 1")
    table = add_table(paper, (1.4, 6.6, 3.0, 6.0))
    add_head(table, "已有", "内容", "日期", "谁负责、怎样落实")
    add_loop(
        table, "项 in 五个一", "{{ 项.框 }}", "{{ 项.内容 }}", "", "", centred=(0,), height_cm=0.75
    )
    add_lines(paper, "与父母的联系（每周至少一次）", style="Heading 1")
    add_entries(paper, "联系", "日期", "怎样联系、孩子怎么样", "备注", height_cm=0.75)
    add_lines(paper, "走访", style="Heading 1")
    add_visits(paper, talk=True)
    add_lines(paper, "签字", style="Heading 1")
    add_signatures(paper, "班主任", "包保教师", "学校负责人", height_cm=0.9)
    return paper


def _carer(paper: Paper) -> None:
    add_lines(paper, "委托照护人", style="Heading 1")
    table = add_table(paper, (2.3, 6.2, 2.3, 6.2))
    for left, right in (("姓名", "关系"), ("电话", "地点")):
        texts = (left, f"{{{{ 照护人{left} }}}}", right, f"{{{{ 照护人{right} }}}}")
        shown = tuple("住址" if text == "地点" else text for text in texts)
        add_row(table, *shown, strong=(0, 2), height_cm=0.8)
    row = ("书面委托", "{{ 书面委托 }}", "备注", "{{ 照护人备注 }}")
    add_row(table, *row, strong=(0, 2), height_cm=0.8)
    add_lines(paper, CARE_LAW, style=SMALL)


def help_plan() -> Paper:
    """帮教（转化）计划."""
    paper = new_sheet("帮教计划")
    add_pupil(paper, ("包保教师", "包保教师"))
    add_gap(paper)
    add_texts(
        paper,
        ("学期和期间", "{{ 学期 }}　{{ 开始 }}至{{ 结束 }}", 0.8),
        ("长处和兴趣", STRENGTHS, 1.2),
    )
    add_lines(paper, "需要帮助的方面", style="Heading 1")
    table = add_table(paper, (2.8, 14.2))
    add_head(table, "方面", "情况（先听孩子怎么说）")
    add_loop(table, "项 in 需求", "{{ 项.方面 }}", "{{ 项.情况 }}", centred=(0,), height_cm=0.95)
    add_gap(paper)
    add_texts(paper, ("目标", "{{ 目标 }}", 1.2))
    add_lines(paper, "措施", style="Heading 1")
    table = add_table(paper, (1.1, 3.4, 6.0, 2.2, 2.2, 2.1))
    add_head(table, "序号", "措施", "做法", "责任人", "频次", "期限")
    add_loop(
        table, "项 in 措施",
        "{{ 项.序号 }}", "{{ 项.措施 }}", "{{ 项.做法 }}", "{{ 项.责任人 }}", "{{ 项.频次 }}",
        "{{ 项.期限 }}", centred=(0, 3, 5), height_cm=0.95,
    )  # fmt: skip
    _peers(paper)
    add_lines(paper, "复核", style="Heading 1")
    table = add_table(paper, (1.0, 2.6, 6.6, 4.2, 2.6))
    add_head(table, "次", "日期", "变化（和他自己以前比）", "继续、调整或结束", "复核人")
    add_loop(
        table, "项 in 复核", "{{ 项.序号 }}", "{{ 项.日期 }}", "", "", "",
        centred=(0, 1), height_cm=0.85,
    )  # fmt: skip
    add_lines(paper, "签字", style="Heading 1")
    add_signatures(paper, "教师", "学生和家长", "教务处", height_cm=0.9)
    return paper


def _peers(paper: Paper) -> None:
    """Rules 176, 177, 183: peers help because they want to."""
    add_lines(paper, "同伴互助（双方自愿，家长同意；不收费，不占用休息）", style="Heading 1")
    table = add_table(paper, (2.8, 5.7, 2.8, 5.7))
    add_row(table, "互助同学", "", "时间和内容", "", strong=(0, 2), height_cm=0.85)


def needs_sheet() -> Paper:
    """学习需求评估 in four dimensions (rule 168)."""
    paper = new_sheet("学习需求评估")
    add_pupil(paper)
    add_gap(paper)
    add_texts(paper, ("长处和兴趣", STRENGTHS, 1.2))
    add_lines(paper, "四个方面", style="Heading 1")
    table = add_table(paper, (2.4, 5.8, 8.8))
    add_head(table, "方面", "问什么", "了解到的情况")
    asked = "{% for 问 in 项.问题 %}· {{ 问 }}{% if not loop.last %}\n{% endif %}{% endfor %}"
    add_loop(
        table, "项 in 需求", "{{ 项.方面 }}", asked, "{{ 项.情况 }}",
        centred=(0,), height_cm=2.2,
    )  # fmt: skip
    add_gap(paper)
    add_texts(
        paper,
        ("孩子怎么说", "", 2.0),
        ("最先帮哪一样", "", 1.4),
        ("需要转介", "☐ 不需要　☐ 心理教师　☐ 医院检查　☐ 资助　☐ 其他：", 0.9),
    )
    add_lines(
        paper,
        "评估是为了知道怎样帮，不用来排名、分班或者劝退；不给孩子贴标签，不公开。",
        style=SMALL,
    )
    add_signatures(paper, "评估教师", "班主任", height_cm=0.9)
    return paper


def change_papers() -> Paper:
    """学籍异动手续清单."""
    paper = new_sheet("学籍异动手续清单", numbered=True)
    add_pupil(paper)
    add_gap(paper)
    table = add_table(paper, (2.8, 5.7, 2.8, 5.7))
    merge(add_row(table, "异动类别", "{{ 类别 }}", "", "", strong=(0,), height_cm=1.2), 1, 3)
    for left, right in (("生效日期", "申请人"), ("转出学校", "转入学校")):
        texts = (left, f"{{{{ {left} }}}}", right, f"{{{{ {right} }}}}")
        add_row(table, *texts, strong=(0, 2), height_cm=0.8)
    merge(add_row(table, "理由", "{{ 理由 }}", "", "", strong=(0,), height_cm=1.4), 1, 3)
    add_lines(paper, "材料", style="Heading 1")
    table = add_table(paper, (1.4, 9.0, 3.2, 3.4))
    add_head(table, "已收", "材料", "收到日期", "备注")
    add_loop(
        table, "项 in 材料", "{{ 项.框 }}", "{{ 项.内容 }}", "", "", centred=(0,), height_cm=0.8
    )
    add_lines(paper, "审批", style="Heading 1")
    table = add_table(paper, (2.8, 5.7, 2.8, 5.7))
    add_row(table, "结果", "{{ 审批 }}", "审批人", "{{ 审批人 }}", strong=(0, 2), height_cm=0.8)
    merge(add_row(table, "说明", "{{ 审批说明 }}", "", "", strong=(0,), height_cm=1.0), 1, 3)
    add_lines(
        paper,
        "本清单是学校自己的手续记录；学籍变动仍在全国学籍系统里办理。没有客观合理的理由不办转学。",
        style=SMALL,
    )
    add_signatures(paper, "学籍管理员", "校长", "中心校（学区）", height_cm=1.0)
    return paper


PUPIL_MAKERS: Mapping[str, Callable[[], Paper]] = {
    dossiers.PUPIL_FILE.file_name: pupil_file,
    dossiers.LEFT_BEHIND.file_name: left_behind,
    pupil_pages.HELP_PLAN.file_name: help_plan,
    pupil_pages.NEEDS_SHEET.file_name: needs_sheet,
    pupil_pages.CHANGE_PAPERS.file_name: change_papers,
}
"""Name of the file → what makes it."""
