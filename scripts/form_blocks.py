"""Blocks that the forms of the procedure share: heads, the pupil's table, signatures, receipts."""

from __future__ import annotations

from collections.abc import Sequence

from docx.document import Document as Paper
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt
from docx.table import Table

from scripts.form_parts import (
    CENTRE,
    RIGHT,
    SMALL,
    Look,
    Type,
    add_apart,
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

SHEET = Look(
    margin_cm=(1.8, 2.0),
    title=Type(18, 26, "黑体", after=2, align=CENTRE),
    heading=Type(12, 20, "黑体", before=7, after=2),
    body=Type(12, 20),
    cell=Type(10.5, 15),
    small=Type(9, 13, before=2, after=3),
)
"""A form of tables."""
LETTER = Look(
    margin_cm=(2.2, 2.0),
    title=Type(20, 32, "黑体", before=6, after=8, align=CENTRE),
    heading=Type(12, 20, "黑体", before=7, after=2),
    body=Type(14, 26),
    cell=Type(10.5, 15),
)
"""A letter under a number, in the size of official papers."""
INTERNAL = "{{ 密级 }}：含个人信息，妥善保管，不张贴、不转发"
WHERE = "{{ 去向 }}{% if 去向说明 %}\n说明：{{ 去向说明 }}{% endif %}"
EFFORT = "共 {{ 走访总数 }} 次，其中上门 {{ 上门次数 }} 次、校领导参加 {{ 校领导参加次数 }} 次"
PUPIL_WIDTHS = (2.3, 3.5, 2.5, 2.9, 2.5, 3.3)
TEXT_ROW = (2.8, 14.2)
ENTRY_CELLS = ("{{ 项.序号 }}", "{{ 项.时间 }}", "{{ 项.内容 }}", "{{ 项.备注 }}")


def new_sheet(name: str, *, numbered: bool = False) -> Paper:
    """A form of tables with its head: number and signer where it has them, school, title, day."""
    paper = blank_paper(name, SHEET)
    if numbered:
        add_number(paper, SHEET)
    add_lines(paper, name, style="Title")
    add_apart(paper, "学校：{{ 学校名称 }}", "日期：{{ 日期 }}", SHEET)
    add_page_footer(paper, f"{name}　{INTERNAL}")
    return paper


def new_letter(name: str) -> Paper:
    """A numbered letter with the school's name above its title."""
    paper = blank_paper(name, LETTER)
    add_number(paper, LETTER)
    add_lines(paper, name, style="Title")
    return paper


def add_number(paper: Paper, look: Look) -> None:
    """文号 and 签发人 as on official papers (rule 144)."""
    add_apart(paper, "文号：{{ 文号 }}", "签发人：{{ 签发人 }}", look)


def add_page_footer(paper: Paper, text: str) -> None:
    """What stands below every page; no total, so that sheets of a class can be printed as one."""
    paragraph = paper.sections[0].footer.paragraphs[0]
    paragraph.add_run(f"{text}　第 ")
    number = OxmlElement("w:fldSimple")
    number.set(qn("w:instr"), "PAGE")
    paragraph._p.append(number)
    paragraph.add_run(" 页")


def add_pupil(paper: Paper, *further: tuple[str, str]) -> Table:
    """Who it is about; further pairs of title and field, three to a row."""
    table = add_table(paper, PUPIL_WIDTHS)
    pairs = (
        ("姓名", "学生姓名"), ("性别", "性别"), ("出生年月", "出生年月"),
        ("班级", "班级"), ("班主任", "班主任"), ("监护人", "监护人"),
        ("与学生关系", "与学生关系"), ("监护人电话", "监护人电话"),
    )  # fmt: skip
    cells = [text for title, field in (*pairs, *further) for text in (title, f"{{{{ {field} }}}}")]
    for first in range(0, len(cells), 6):
        _add_pairs(table, cells[first : first + 6])
    _add_pairs(table, ["家庭住址", "{{ 家庭住址 }}"])
    return table


def _add_pairs(table: Table, cells: Sequence[str]) -> None:
    """Titles and texts; the last text takes the rest of the row."""
    texts = (*cells, *[""] * (6 - len(cells)))
    row = add_row(table, *texts, strong=range(0, len(cells), 2), height_cm=0.8)
    merge(row, len(cells) - 1, 5)


def add_texts(paper: Paper, *rows: tuple[str, str, float]) -> Table:
    """A table of titles and long texts: title, text, height in centimetres."""
    table = add_table(paper, TEXT_ROW)
    for title, text, height in rows:
        add_row(table, title, text, strong=(0,), height_cm=height)
    return table


def absence_and_effort(paper: Paper) -> None:
    """Since when, why, where, and what was tried."""
    add_texts(
        paper,
        ("未到校起", "{{ 未到校起 }}", 0.8),
        ("原因", "{{ 原因 }}", 1.0),
        ("去向", WHERE, 1.3),
        ("走访和联系", EFFORT, 0.8),
        ("学生态度", "{{ 学生态度 }}", 0.8),
        ("监护人意见", "{{ 监护人意见 }}", 1.2),
        ("包案人", "{{ 包案人 }}", 0.8),
    )


def add_gap(paper: Paper) -> None:
    """A little room between two tables."""
    add_lines(paper, "", style=SMALL)


def add_visits(paper: Paper, *, talk: bool = False) -> Table:
    """Every contact with the family; with ``talk`` also what was said."""
    table = add_table(paper, (1.0, 2.1, 1.5, 3.8, 1.8, 6.8))
    add_head(table, "次", "日期", "方式", "走访人", "结果", "谈话、意见和打算" if talk else "情况")
    opinion = (
        "{% if 项.态度 %}学生{{ 项.态度 }}。{% endif %}"
        "{% if 项.监护人意见 %}监护人：{{ 项.监护人意见 }}。{% endif %}"
    )
    said = (
        "{% if 项.谈话 %}谈话：{{ 项.谈话 }}。{% endif %}"
        "{% if 项.困难 %}困难：{{ 项.困难 }}。{% endif %}"
        "{% if 项.下一步 %}下一步：{{ 项.下一步 }}。{% endif %}"
    )
    add_loop(
        table, "项 in 走访",
        "{{ 项.序号 }}", "{{ 项.日期 }}", "{{ 项.方式 }}", "{{ 项.走访人 }}", "{{ 项.结果 }}",
        opinion + (said if talk else ""),
        centred=(0, 1, 2, 4), height_cm=0.9,
    )  # fmt: skip
    return table


def add_papers(paper: Paper) -> Table:
    """Papers that were issued, and how each arrived."""
    table = add_table(paper, (1.1, 4.4, 4.5, 2.2, 4.8))
    add_head(table, "序号", "文书", "文号", "发出日期", "送达（方式、日期、凭证）")
    add_loop(
        table, "项 in 文书",
        "{{ 项.序号 }}", "{{ 项.名称 }}", "{{ 项.文号 }}", "{{ 项.日期 }}", "{{ 项.送达 }}",
        centred=(0, 3), height_cm=0.8,
    )  # fmt: skip
    return table


def add_entries(paper: Paper, field: str, *titles: str, height_cm: float = 0.8) -> Table:
    """A table of entries: number, when, what, remark."""
    table = add_table(paper, (1.1, 3.4, 7.5, 5.0))
    add_head(table, "序号", *titles)
    add_loop(table, f"项 in {field}", *ENTRY_CELLS, centred=(0, 1), height_cm=height_cm)
    return table


def add_signatures(paper: Paper, *who: str, height_cm: float = 1.3) -> None:
    """Opinions and signatures, kept on one page, at the end of the form."""
    table = add_table(paper, (3.7, 6.9, 3.0, 3.4))
    add_head(table, "谁", "意见", "签字（盖章）", "日期")
    for name in who:
        add_row(table, name, "", "", SIGNED, strong=(0,), centred=(3,), height_cm=height_cm)
    keep_together(table)
    end_after_table(paper)


def add_issuer(paper: Paper) -> None:
    """School, seal and day below a letter."""
    add_lines(paper, "{{ 学校名称 }}（盖章）", "{{ 日期 }}", style="Normal", align=RIGHT)


def add_receipt(paper: Paper, *replies: tuple[str, str]) -> None:
    """送达回证: how the letter arrived; further rows of title and text before it."""
    line = "- " * 15
    add_lines(paper, f"{line}✂ 送达回证（学校存档）{line}".strip(), style=SMALL, align=CENTRE)
    paper.paragraphs[-1].paragraph_format.space_before = Pt(18)
    table = add_table(paper, (2.6, 5.9, 2.6, 5.9))
    for title, text in replies:
        merge(add_row(table, title, text, "", "", strong=(0,), height_cm=0.9), 1, 3)
    merge(add_row(table, "送达方式", "{{ 送达方式 }}", "", "", strong=(0,), height_cm=0.8), 1, 3)
    add_row(
        table, "送达日期", "{{ 送达日期 }}", "签收人或凭证", "{{ 签收 }}",
        strong=(0, 2), height_cm=0.8,
    )  # fmt: skip
    add_row(table, "送达人", "", "见证人", "", strong=(0, 2), height_cm=0.8)
    end_after_table(paper)
