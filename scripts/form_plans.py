"""The plans: 一生一案 with its variants, and 一校一案."""

from __future__ import annotations

from collections.abc import Mapping

from docx.document import Document as Paper

from scripts.form_parts import (
    FIRST,
    SMALL,
    STATE,
    Look,
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
from scripts.form_phrases import HOW, NOT_A_CAUSE, OWNER, SIGNED, STEPS

PLAN_LOOK = Look()


def pupil_plan() -> Paper:
    """一生一案 with the sections of its variants."""
    paper = blank_paper("一生一案", PLAN_LOOK)
    _official_head(paper, "{{ 学校名称 }}", "{{ 计划名称 }}")
    _basics(paper)
    _needs_and_goal(paper)
    _returner(paper)
    _disability(paper)
    _measures(paper)
    _reviews(paper)
    _approval(paper)
    add_footer(paper, "{{ 计划名称 }}　{{ 版本 }}（{{ 计划状态 }}）　内部资料")
    return paper


def _official_head(paper: Paper, *title: str) -> None:
    """文号 and 签发人 as on official papers (rule 144), the title, and how far the paper is."""
    add_apart(paper, "文号：__________________", "签发人：______________", PLAN_LOOK)
    add_lines(paper, *title, style="Title")
    add_lines(
        paper,
        "【{{ 计划状态 }}】{{ 版本 }}{% if 草案 %}　未经批准，不得执行{% endif %}",
        style=STATE,
    )


def _basics(paper: Paper) -> None:
    add_lines(paper, "基本情况", style="Heading 1")
    table = add_table(paper, (2.4, 6.1, 2.4, 6.1))
    for left, right in (
        (("姓名", "{{ 学生姓名 }}"), ("班级", "{{ 班级 }}")),
        (("班主任", "{{ 班主任 }}"), ("包保教师", "{{ 包保教师 }}")),
        (("学期", "{{ 学期 }}"), ("制表日期", "{{ 日期 }}")),
    ):
        add_row(table, *left, *right, strong=(0, 2))
    row = add_row(table, "计划期间", "{{ 开始 }}至{{ 结束 }}", "", "", strong=(0,))
    merge(row, 1, 3)


def _needs_and_goal(paper: Paper) -> None:
    add_lines(paper, "需要帮助的方面", style="Heading 1")
    table = add_table(paper, (3.0, 14.0))
    add_head(table, "方面", "情况")
    add_loop(table, "项 in 需求", "{{ 项.方面 }}", "{{ 项.情况 }}", centred=(0,))
    add_lines(paper, NOT_A_CAUSE, style=SMALL)
    add_lines(paper, "目标", style="Heading 1")
    add_lines(paper, "{{ 目标 }}", style=FIRST)


def _returner(paper: Paper) -> None:
    """The four modules of rule 153 and the three strands of rule 146."""
    add_lines(paper, "{%p if 复学 %}", style="Normal")
    add_lines(paper, "复学课程与三条线", style="Heading 1")
    table = add_table(paper, (5.6, 5.8, 2.8, 2.8))
    add_head(table, "课程模块", "内容与课时", "任课教师", "完成日期")
    for module in ("义务教育基本课程及基础知识", "法律法规常识", "社交与礼仪", "生活技能"):
        add_row(table, module, "", "", "", height_cm=0.9)
    add_lines(paper, "", style=SMALL)
    _strands(paper, {name: name for name in ("心理疏导", "学业辅导", "生活指导")}, "三条线")
    add_lines(paper, "{%p endif %}", style="Normal")


def _disability(paper: Paper) -> None:
    """Placement (残疾人教育条例 17, 20) and the three kinds of support of rule 163."""
    add_lines(paper, "{%p if 残疾 %}", style="Normal")
    add_lines(paper, "安置与支持", style="Heading 1")
    table = add_table(paper, (3.0, 14.0))
    placements = "☐普通学校随班就读　☐特殊教育班　☐特殊教育学校　☐送教上门或远程教育（保留学籍）"
    add_row(table, "安置方式", placements, strong=(0,))
    committee = (
        "残疾人教育专家委员会（残疾人教育条例第二十条）",
        "评估日期：　　　　　　　　　　复评日期：",
    )
    add_row(table, "专家评估", (*committee, "评估意见："), strong=(0,), height_cm=2.2)
    add_row(table, "家长和本人意见", "", strong=(0,), height_cm=1.2)
    add_lines(paper, "", style=SMALL)
    support = {"生活": "生活指导", "学习": "学业辅导", "心理": "心理疏导"}
    _strands(paper, support, "支持")
    add_lines(paper, "{%p endif %}", style="Normal")


def _strands(paper: Paper, fields: Mapping[str, str], title: str) -> None:
    table = add_table(paper, (3.0, 7.6, 3.0, 3.4))
    add_head(table, title, "已列入的措施", "负责人", "落实情况")
    for name, field in fields.items():
        add_row(table, name, f"{{{{ {field} }}}}", "", "", centred=(0,), height_cm=0.9)


def _measures(paper: Paper) -> None:
    add_lines(paper, "措施", style="Heading 1")
    table = add_table(paper, (0.9, 5.4, 1.2, 2.2, 2.5, 1.8, 1.8, 1.2))
    add_head(table, "序号", "措施", "控辍维度", "责任人", "开始／期限", "频次", "表册", "状态")
    days = "{% if 项.开始 %}{{ 项.开始 }}起\n{% endif %}{{ 项.期限 }}前"
    add_loop(
        table, "项 in 措施",
        "{{ 项.序号 }}", ("{{ 项.措施 }}", HOW, *STEPS), "{{ 项.维度 }}", OWNER, days,
        "{{ 项.频次 }}", "{{ 项.表册 }}", "{{ 项.状态 }}",
        centred=(0, 2, 4, 7),
    )  # fmt: skip
    add_lines(
        paper,
        "依据：{% for 项 in 措施 %}{{ 项.序号 }}.{{ 项.措施 }}：{{ 项.依据 }}。{% endfor %}",
        style=SMALL,
    )
    _others(paper, "候补", "候补措施（名额不足，有空位时补上）")
    _others(paper, "可选", "可选措施（需要时由学校另行采用）")


def _others(paper: Paper, field: str, title: str) -> None:
    named = "{{ 项.措施 }}（{{ 项.岗位 }}）{% if not loop.last %}、{% endif %}"
    add_lines(paper, f"{{%p if {field} %}}", style="Normal")
    add_lines(paper, title, style="Heading 1")
    add_lines(paper, f"{{% for 项 in {field} %}}{named}{{% endfor %}}", style=FIRST)
    add_lines(paper, "{%p endif %}", style="Normal")


def _reviews(paper: Paper) -> None:
    add_lines(paper, "复核", style="Heading 1")
    table = add_table(paper, (1.2, 3.4, 5.0, 4.8, 2.6))
    add_head(table, "次", "日期", "落实情况和变化", "结论（继续／调整／结束）", "复核人")
    add_loop(table, "项 in 复核", "{{ 项.序号 }}", "{{ 项.日期 }}", "", "", "", centred=(0, 1))


def _approval(paper: Paper) -> None:
    add_lines(paper, "意见与签字", style="Heading 1")
    table = add_table(paper, (3.4, 6.2, 3.4, 4.0))
    add_head(table, "谁", "意见", "签字", "日期")
    for who in ("学生和家长", "班主任", "包保教师", "校长"):
        add_row(table, who, "", "", SIGNED, centred=(0, 3), height_cm=1.0)
    keep_together(table)
    end_after_table(paper)


def school_plan() -> Paper:
    """一校一案: figures, tasks by date, signatures."""
    paper = blank_paper("一校一案", PLAN_LOOK)
    _official_head(paper, "{{ 学校名称 }}", "{{ 学期 }}控辍保学一校一案")
    add_lines(paper, "基本数字", style="Heading 1")
    table = add_table(paper, (6.0, 2.5, 6.0, 2.5))
    add_head(table, "项目", "数量", "项目", "数量")
    pair = ("{{ 项.左名 }}", "{{ 项.左数 }}", "{{ 项.右名 }}", "{{ 项.右数 }}")
    add_loop(table, "项 in 数字", *pair, centred=(1, 3))
    add_lines(paper, "任务和清单（按期限先后）", style="Heading 1")
    table = add_table(paper, (0.9, 6.3, 1.2, 2.4, 2.2, 2.0, 2.0))
    add_head(table, "序号", "任务", "控辍维度", "责任人", "期限", "表册", "完成")
    note = ("{%p if 项.备注 %}", "（{{ 项.备注 }}）", "{%p endif %}")
    add_loop(
        table, "项 in 任务",
        "{{ 项.序号 }}", ("{{ 项.任务 }}", *STEPS, *note), "{{ 项.维度 }}",
        ("{{ 项.责任人 }}", "{{ 项.岗位 }}"), "{{ 项.期限 }}", "{{ 项.表册 }}", "{{ 项.完成 }}",
        centred=(0, 2, 4, 6),
    )  # fmt: skip
    add_lines(
        paper,
        "依据：{% for 项 in 任务 %}{{ 项.序号 }}.{{ 项.任务 }}：{{ 项.依据 }}。{% endfor %}",
        style=SMALL,
    )
    _school_signatures(paper)
    add_footer(paper, "一校一案　{{ 学期 }}　{{ 版本 }}（{{ 计划状态 }}）")
    return paper


def _school_signatures(paper: Paper) -> None:
    add_lines(paper, "签字", style="Heading 1")
    table = add_table(paper, (3.4, 6.2, 3.4, 4.0))
    add_head(table, "谁", "意见", "签字", "日期")
    for who in ("制表人", "分管负责人", "校长（盖章）"):
        add_row(table, who, "", "", SIGNED, centred=(0, 3), height_cm=1.1)
    keep_together(table)
    end_after_table(paper)
