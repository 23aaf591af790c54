"""Templates of the month, the term and the year, and of the recommendation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from docx.document import Document as Paper
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT

from kongchuo_risk.reports.forms.period_reports import MONTH, RECOMMENDATION, TERM, YEAR
from kongchuo_risk.reports.templates import Form
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
)
from scripts.form_phrases import SIGNED

REPORT_LOOK = Look(
    title=Type(18, 27, "黑体", after=3, align=CENTRE),
    heading=Type(13, 21, "黑体", before=7, after=3),
    body=Type(12, 19),
    small=Type(9, 13, before=3, after=2),
)


def month() -> Paper:
    """月汇总 of a school or of a 中心校."""
    paper = _opened(MONTH, "{{ 期间 }}控辍保学月汇总")
    _figures(paper, "主要指标")
    _ledgers(paper)
    _units(paper)
    _sections(paper, ("工作", "本月工作"), ("问题", "存在的问题"), ("安排", "下月安排"))
    return _closed(paper, "月汇总")


def term() -> Paper:
    """学期全面报告."""
    paper = _opened(TERM, "{{ 期间 }}控辍保学全面报告")
    _figures(paper, "主要指标")
    _ledgers(paper)
    _units(paper)
    _sections(
        paper, ("工作", "工作情况"), ("资助", "资助和困难学生"),
        ("问题", "问题和没有按时完成的事"), ("安排", "下学期安排"),
    )  # fmt: skip
    return _closed(paper, "学期全面报告")


def year() -> Paper:
    """学年总结."""
    paper = _opened(YEAR, "{{ 期间 }}控辍保学工作总结")
    _figures(paper, "主要指标")
    _units(paper)
    _sections(
        paper, ("工作", "一年工作"), ("经验", "可以推广的做法"), ("问题", "问题与教训"),
        ("安排", "下学年安排"),
    )  # fmt: skip
    return _closed(paper, "学年总结")


def recommendation() -> Paper:
    """评优推荐表: people decide; the figures only inform them."""
    paper = _opened(RECOMMENDATION, "{{ 期间 }}控辍保学先进推荐表")
    table = add_table(paper, (2.4, 6.1, 2.4, 6.1))
    add_row(table, "推荐对象", "{{ 推荐对象 }}", "类别", "{{ 类别 }}", strong=(0, 2), height_cm=0.9)
    add_row(table, "职务", "{{ 职务 }}", "推荐单位", "{{ 单位名称 }}", strong=(0, 2), height_cm=0.9)
    _sections(paper, ("事迹", "主要事迹"), height_cm=6.0)
    _figures(paper, "参考数字")
    add_lines(
        paper,
        "数字只供参考，由集体研究决定。如实报告辍学、及时劝返的不影响推荐；瞒报、漏报的不推荐。",
        style=SMALL,
    )
    add_lines(paper, "意见", style="Heading 1")
    table = add_table(paper, (3.0, 8.0, 2.6, 3.4))
    add_head(table, "谁", "意见", "签字（盖章）", "日期")
    for who in ("推荐单位", "中心校（学区）", "县教体局"):
        add_row(table, who, "", "", SIGNED, centred=(0, 3), height_cm=1.5)
    keep_together(table)
    end_after_table(paper)
    add_footer(paper, "评优推荐表　{{ 期间 }}")
    return paper


def _opened(form: Form, title: str) -> Paper:
    paper = blank_paper(form.name, REPORT_LOOK)
    add_apart(paper, "文号：{{ 文号 }}", "签发人：{{ 签发人 }}", REPORT_LOOK)
    add_lines(paper, "{{ 单位名称 }}", title, style="Title")
    return paper


def _figures(paper: Paper, title: str) -> None:
    add_lines(paper, title, style="Heading 1")
    table = add_table(paper, (4.6, 3.5, 1.9, 2.4, 4.6))
    add_head(table, "指标", "数（分子／分母）", "比例", "目标", "口径")
    names = ("项目", "数", "比例", "目标", "说明")
    cells = (f"{{{{ 项.{name} }}}}" for name in names)
    add_loop(table, "项 in 数字", *cells, centred=(1, 2, 3), height_cm=0.6)
    add_lines(paper, "人数很少、会认出个人的数字，对外时写“少于5”或不写。", style=SMALL)


def _ledgers(paper: Paper) -> None:
    add_lines(paper, "{%p if 台账 %}", style="Normal")
    add_lines(paper, "三本台账", style="Heading 1")
    _listed(paper, "台账", ("名称", "期初", "新增", "核减", "期末", "说明"),
            (4.0, 2.0, 2.0, 2.0, 2.0, 5.0))  # fmt: skip
    add_lines(paper, "{%p endif %}", style="Normal")


def _units(paper: Paper) -> None:
    columns = ("名称", "在籍学生", "疑似辍学", "辍学", "已复学", "走访次数", "按时完成", "备注")
    add_lines(paper, "{%p if 单位 %}", style="Normal")
    add_lines(paper, "各单位情况", style="Heading 1")
    _listed(paper, "单位", columns, (3.9, 1.8, 1.8, 1.5, 1.6, 1.8, 2.2, 2.4))
    add_lines(paper, "{%p endif %}", style="Normal")


def _listed(paper: Paper, name: str, columns: Sequence[str], widths: Sequence[float]) -> None:
    table = add_table(paper, widths)
    add_head(table, *columns)
    cells = (f"{{{{ 项.{column} }}}}" for column in columns)
    add_loop(table, f"项 in {name}", *cells, centred=range(1, len(columns) - 1), height_cm=0.6)


def _sections(paper: Paper, *sections: tuple[str, str], height_cm: float = 3.0) -> None:
    for field, title in sections:
        add_lines(paper, title, style="Heading 1")
        text_box(paper, f"{{{{ {field} }}}}", height_cm)


def text_box(paper: Paper, text: str, height_cm: float) -> None:
    """A frame with a text, which grows with it and leaves room to write on an empty form."""
    row = add_row(add_table(paper, (17.0,)), text, height_cm=height_cm)
    row.cells[0].vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.TOP


def _closed(paper: Paper, name: str) -> Paper:
    add_lines(paper, "签字", style="Heading 1")
    table = add_table(paper, (4.2, 4.3, 4.3, 4.2))
    add_head(table, "填报人", "审核人", "负责人（盖章）", "日期")
    add_row(table, "", "", "", "{{ 日期 }}", centred=(3,), height_cm=1.2)
    keep_together(table)
    end_after_table(paper)
    add_footer(paper, f"{name}　{{{{ 单位名称 }}}}　{{{{ 期间 }}}}")
    return paper


REPORT_MAKERS: Mapping[str, Callable[[], Paper]] = {
    MONTH.file_name: month,
    TERM.file_name: term,
    YEAR.file_name: year,
    RECOMMENDATION.file_name: recommendation,
}
"""Name of the file → what makes it."""
