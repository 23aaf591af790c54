"""The reports and records of a case."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from docx.document import Document as Paper

from kongchuo_risk.reports.forms import case_reports as reports
from kongchuo_risk.reports.forms import safeguarding, visit_records
from scripts.form_blocks import (
    EFFORT,
    INTERNAL,
    WHERE,
    absence_and_effort,
    add_gap,
    add_issuer,
    add_page_footer,
    add_papers,
    add_pupil,
    add_signatures,
    add_texts,
    add_visits,
    new_letter,
    new_sheet,
)
from scripts.form_parts import (
    FIRST,
    SMALL,
    add_head,
    add_lines,
    add_loop,
    add_row,
    add_table,
    end_after_table,
)

KINDS_OF_HARM = (
    "☐ 身体伤害　☐ 性侵害（含疑似）　☐ 欺凌　☐ 虐待、遗弃、无人照料　☐ 童工、有害劳动　"
    "☐ 早婚、被拐卖　☐ 失踪、找不到　☐ 其他：____________"
)
CAUSE_NOTE = "原因是目前了解到的情况，要听孩子和家长自己怎么说；不要填写无法核实的话。"


def suspected_report() -> Paper:
    """疑似辍学报告: one page, the same day."""
    paper = new_sheet("疑似辍学报告")
    add_pupil(paper)
    add_gap(paper)
    add_texts(
        paper,
        ("未到校起", "{{ 未到校起 }}", 0.9),
        ("怎样发现", "{{ 发现方式 }}", 0.9),
        ("联系监护人", "{{ 联系监护人 }}", 1.5),
        ("去向", WHERE, 1.5),
        ("初步原因", "{{ 原因 }}", 1.3),
        ("通知科任教师", "{{ 通知科任教师 }}", 0.9),
        ("下一步打算", "{{ 下一步 }}", 1.8),
        ("报告时间", "{{ 报告时间 }}", 0.9),
    )
    add_lines(
        paper,
        f"{CAUSE_NOTE}当天向学校和中心校（学区）报告；发现伤害、侵害或者危险的，另按强制报告办理。",
        style=SMALL,
    )
    add_signatures(paper, "班主任（报告人）", "学校负责人", "中心校接报人", height_cm=1.4)
    return paper


def dropout_report() -> Paper:
    """辍学报告单: class teacher → school → departments."""
    paper = new_sheet("辍学报告单", numbered=True)
    add_pupil(paper)
    add_gap(paper)
    absence_and_effort(paper)
    add_lines(paper, "走访和联系", style="Heading 1")
    add_visits(paper)
    add_lines(paper, CAUSE_NOTE, style=SMALL)
    add_lines(paper, "意见", style="Heading 1")
    add_signatures(paper, "班主任", "教务处", "校长")
    return paper


def cause_report() -> Paper:
    """流失原因及动员情况书面报告: what was heard and tried."""
    paper = new_sheet("流失原因及动员情况书面报告", numbered=True)
    add_pupil(paper)
    add_gap(paper)
    absence_and_effort(paper)
    add_lines(paper, "动员经过", style="Heading 1")
    add_visits(paper, talk=True)
    add_lines(paper, CAUSE_NOTE, style=SMALL)
    add_lines(paper, "还需要学校做什么", style="Heading 1")
    add_signatures(paper, "班主任", "参加动员的教师", "教务处", "德育（政教）处", height_cm=1.2)
    return paper


def bureau_report() -> Paper:
    """辍学书面报告: a letter to the education bureau (未成年人保护法 28)."""
    paper = new_letter("关于学生辍学及劝返情况的书面报告")
    add_lines(paper, "{{ 主送 }}：", style="Normal")
    add_lines(
        paper,
        "我校下列学生未完成义务教育而未到校。学校已于{{ 立案日期 }}登记，并多次劝返，目前劝返无效。"
        "依照《中华人民共和国未成年人保护法》第二十八条，现书面报告如下。",
        style=FIRST,
    )
    add_pupil(paper)
    add_gap(paper)
    absence_and_effort(paper)
    add_lines(paper, "劝返经过", style="Heading 1")
    add_visits(paper)
    add_lines(paper, "已发出的文书", style="Heading 1")
    add_papers(paper)
    add_lines(
        paper,
        "学校继续劝返，并请依法组织、督促其监护人送孩子入学（义务教育法第十三条、第五十八条）。"
        "附：家访记录、动员记录、通知书和送达回证的复印件。",
        style=FIRST,
    )
    add_issuer(paper)
    add_gap(paper)
    add_signatures(paper, "班主任", "校长", "教育行政部门收件人", height_cm=1.2)
    add_page_footer(paper, f"辍学书面报告　{INTERNAL}")
    return paper


def visit_record() -> Paper:
    """家访记录: one visit on one page."""
    paper = new_sheet("家访记录")
    add_pupil(paper)
    add_gap(paper)
    table = add_table(paper, (2.8, 5.7, 2.8, 5.7))
    add_row(table, "时间", "{{ 时间 }}", "本案第几次", "{{ 次数 }}", strong=(0, 2), height_cm=0.8)
    add_row(table, "方式", "{{ 方式 }}", "记录人", "{{ 记录人 }}", strong=(0, 2), height_cm=0.8)
    add_row(
        table, "见到学生", "{{ 见到学生 }}", "见到监护人",
        "{{ 见到监护人 }}{% if 见到的监护人 %}　{{ 见到的监护人 }}{% endif %}",
        strong=(0, 2), height_cm=0.8,
    )  # fmt: skip
    add_gap(paper)
    add_texts(
        paper,
        ("走访人和身份", "{{ 走访人 }}", 1.0),
        ("谈话内容", "{{ 谈话 }}", 3.6),
        ("学生态度", "{{ 态度 }}", 0.8),
        ("监护人意见", "{{ 意见 }}", 1.6),
        ("困难", "{{ 困难 }}", 1.4),
        ("结果", "{{ 结果 }}", 0.9),
        ("承诺返校日期", "{{ 承诺日期 }}", 0.8),
        ("下一步打算", "{{ 下一步 }}", 1.6),
        ("照片、签字件", "{{ 附件 }}", 0.8),
    )
    add_lines(
        paper, "先听后说，不批评、不许诺；发现伤害、侵害或者危险的，当天报学校。", style=SMALL
    )
    add_signatures(
        paper, "走访人", "学生或监护人",
        "审阅{% if 审阅人 %}：{{ 审阅人 }}{% endif %}", height_cm=1.0,
    )  # fmt: skip
    return paper


def mobilisation_record() -> Paper:
    """动员记录: everything that was tried, for the office that counts it."""
    paper = new_sheet("动员记录")
    add_pupil(paper)
    add_gap(paper)
    add_texts(paper, ("包案人", "{{ 包案人 }}", 0.8), ("走访和联系", EFFORT, 0.8))
    add_lines(paper, "动员经过", style="Heading 1")
    add_visits(paper, talk=True)
    add_lines(
        paper,
        "按实际参加的人记；电话、线上联系同样算一次。每页由参加人核对后交德育（政教）处统计。",
        style=SMALL,
    )
    add_signatures(paper, "班主任", "参加动员的人", "德育（政教）处", height_cm=1.0)
    return paper


def mandatory_report() -> Paper:
    """强制报告记录: facts only, on one page."""
    paper = new_sheet("强制报告记录")
    add_pupil(paper)
    add_gap(paper)
    add_texts(
        paper,
        ("什么情形", KINDS_OF_HARM, 1.6),
        ("看到、听到的事实", "{{ 情况 }}", 4.0),
        (
            "当时怎样处置",
            "☐ 送医　☐ 脱离危险　☐ 有人陪伴　☐ 通知监护人（监护人涉嫌侵害的不通知）",
            1.3,
        ),
        ("向谁报告", "☐ 公安（110）　☐ 教育行政部门　☐ 民政部门　☐ 其他：____________", 0.9),
        ("报告时间", "{{ 报告时间 }}", 0.9),
        ("报告人", "{{ 报告人 }}", 0.9),
        ("接报人和回执", "", 1.2),
        ("后续", "", 1.8),
    )
    add_lines(
        paper,
        "只写事实，不自行调查，不反复询问孩子；报告不以查清为前提。单独密封，专人保管，不进一般档案。",
        style=SMALL,
    )
    add_signatures(paper, "报告人", "校长", height_cm=1.1)
    return paper


def tracking_record() -> Paper:
    """跟踪记录: while away, and after return."""
    paper = new_sheet("跟踪记录")
    add_pupil(paper, ("包案人", "包案人"))
    add_gap(paper)
    add_texts(
        paper,
        ("未到校起", "{{ 未到校起 }}", 0.8),
        ("原因", "{{ 原因 }}", 0.9),
        ("去向", WHERE, 1.2),
    )
    add_lines(paper, "离校期间的跟踪", style="Heading 1")
    table = add_table(paper, (1.1, 2.1, 2.7, 4.4, 1.8, 2.9, 2.0))
    add_head(table, "序号", "日期", "事项", "了解到的情况", "思想动态", "监护人意见", "记录人")
    add_loop(
        table, "项 in 跟踪",
        "{{ 项.序号 }}", "{{ 项.日期 }}", "{{ 项.事项 }}", "{{ 项.情况 }}", "{{ 项.态度 }}",
        "{{ 项.监护人意见 }}", "{{ 项.记录人 }}", centred=(0, 1, 4), height_cm=0.9,
    )  # fmt: skip
    add_lines(paper, "返校以后的观察（返校日期：{{ 返校日期 }}）", style="Heading 1")
    table = add_table(paper, (0.9, 2.4, 2.0, 2.2, 6.9, 2.6))
    add_head(table, "次", "日期", "到校", "学生态度", "情况", "观察人")
    add_loop(
        table, "项 in 观察",
        "{{ 项.序号 }}", "{{ 项.日期 }}", "{{ 项.到校 }}", "{{ 项.态度 }}", "{{ 项.情况 }}",
        "{{ 项.观察人 }}", centred=(0, 1, 2, 3), height_cm=0.9,
    )  # fmt: skip
    add_lines(
        paper, "观察的次数和间隔按本地规则（默认四次，每次隔 60 天）；全部正常才能销号。",
        style=SMALL,
    )  # fmt: skip
    end_after_table(paper)
    return paper


CASE_MAKERS: Mapping[str, Callable[[], Paper]] = {
    reports.SUSPECTED_REPORT.file_name: suspected_report,
    reports.DROPOUT_REPORT.file_name: dropout_report,
    reports.CAUSE_REPORT.file_name: cause_report,
    reports.BUREAU_REPORT.file_name: bureau_report,
    visit_records.VISIT_RECORD.file_name: visit_record,
    visit_records.MOBILISATION_RECORD.file_name: mobilisation_record,
    visit_records.TRACKING_RECORD.file_name: tracking_record,
    safeguarding.MANDATORY_REPORT.file_name: mandatory_report,
}
"""Name of the file → what makes it."""
