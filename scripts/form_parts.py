"""What every form is built of: A4 paper, Chinese type, numbered headings, thin tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from docx import Document
from docx.document import Document as Paper
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table, _Cell, _Row

SONG, HEI, LATIN = "宋体", "黑体", "Times New Roman"
MADE_ON = datetime(2026, 1, 1, tzinfo=UTC)
"""Written into every template, so that making them again changes nothing."""
A4_CM = (21.0, 29.7)
GREY = RGBColor(0x59, 0x59, 0x59)
CELL_PADDING_CM = {"top": 0.05, "left": 0.14, "bottom": 0.05, "right": 0.14}
TABLE_STYLES = ("Normal Table", "Table Grid")
UNUSED_PARTS = ("/stylesWithEffects", "/thumbnail")
NUMBERING = 90
"""Id of the headings' numbering, beyond those of the blank document."""
FIRST, LIST, CELL, CELL_STRONG, SMALL, STATE = (
    "首行缩进", "条目", "表格文字", "表格要点", "小字", "状态行",
)  # fmt: skip
LEFT, CENTRE, RIGHT = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT


@dataclass(frozen=True, slots=True)
class Type:
    """Size and line of one style, in points; exact lines keep a page's length on any computer."""

    size: float
    line: float
    font: str = SONG
    bold: bool = False
    before: float = 0
    after: float = 0
    align: WD_ALIGN_PARAGRAPH = LEFT


@dataclass(frozen=True, slots=True)
class Look:
    """What differs between a letter and a form full of tables."""

    margin_cm: tuple[float, float] = (2.2, 2.0)
    """Above and below; left and right."""
    title: Type = Type(18, 28, HEI, after=4, align=CENTRE)
    heading: Type = Type(14, 22, HEI, before=8, after=3)
    body: Type = Type(12, 20)
    cell: Type = Type(10.5, 15)
    small: Type = Type(9, 13)
    state: Type = Type(14, 22, HEI, align=CENTRE)

    @property
    def width_cm(self) -> float:
        """Of what is printed."""
        return A4_CM[0] - 2 * self.margin_cm[1]


def blank_paper(title: str, look: Look) -> Paper:
    """An empty A4 document with the styles of the forms, named in Chinese for those who edit it."""
    paper = Document()
    section = paper.sections[0]
    section.page_width, section.page_height = Cm(A4_CM[0]), Cm(A4_CM[1])
    section.top_margin = section.bottom_margin = Cm(look.margin_cm[0])
    section.left_margin = section.right_margin = Cm(look.margin_cm[1])
    section.header_distance = section.footer_distance = Cm(1.2)
    _say_when(paper, title)
    _leave_out(paper)
    _define_styles(paper, look)
    return paper


def _say_when(paper: Paper, title: str) -> None:
    about = paper.core_properties
    about.title, about.author, about.comments, about.last_modified_by = title, "", "", ""
    about.language = "zh-CN"
    # Word wants the time without a zone.
    about.created = about.modified = MADE_ON.replace(tzinfo=None)


def _leave_out(paper: Paper) -> None:
    """What no form uses of the library's blank document: ninety table styles, a picture of it."""
    for holder in (paper.part.rels, paper.part.package.rels):
        for key in [key for key, link in holder.items() if link.reltype.endswith(UNUSED_PARTS)]:
            del holder[key]
    for style in list(paper.styles):
        if style.type is WD_STYLE_TYPE.TABLE and style.name not in TABLE_STYLES:
            style.delete()


def _define_styles(paper: Paper, look: Look) -> None:
    body, cell = look.body, look.cell
    _set_type(paper.styles["Normal"], body)
    _set_type(paper.styles["Title"], look.title)
    _set_type(paper.styles["Heading 1"], look.heading)
    for name in ("Header", "Footer"):
        _set_type(paper.styles[name], Type(9, 12.5, align=CENTRE))
    _add_style(paper, FIRST, body).paragraph_format.first_line_indent = Pt(2 * body.size)
    entry = _add_style(paper, LIST, body).paragraph_format
    # What follows the number's tab stands where the next lines begin.
    entry.left_indent, entry.first_line_indent = Pt(2 * body.size), Pt(-1.25 * body.size)
    _add_style(paper, CELL, cell)
    _add_style(paper, CELL_STRONG, Type(cell.size, cell.line, HEI))
    _add_style(paper, SMALL, look.small)
    _add_style(paper, STATE, look.state).font.color.rgb = GREY
    _number_headings(paper)


def _add_style(paper: Paper, name: str, kind: Type) -> Any:
    style = paper.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = paper.styles["Normal"]
    style.quick_style = True
    _set_type(style, kind)
    return style


def _set_type(style: Any, kind: Type) -> None:
    properties = style.element.get_or_add_rPr()
    for old in ("w:rFonts", "w:color", "w:spacing", "w:kern", "w:lang"):
        for element in properties.findall(qn(old)):
            properties.remove(element)
    style.font.name = LATIN
    # Word sets Chinese in the font named here, not in the one above.
    properties.rFonts.set(qn("w:eastAsia"), kind.font)
    style.font.size, style.font.bold = Pt(kind.size), kind.bold
    properties.append(parse_xml(f'<w:lang {nsdecls("w")} w:val="en-US" w:eastAsia="zh-CN"/>'))
    _set_lines(style, kind)


def _set_lines(style: ParagraphStyle, kind: Type) -> None:
    lines = style.paragraph_format
    lines.line_spacing_rule, lines.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(kind.line)
    lines.space_before, lines.space_after = Pt(kind.before), Pt(kind.after)
    lines.alignment = kind.align
    border = style.element.get_or_add_pPr().find(qn("w:pBdr"))
    if border is not None:
        border.getparent().remove(border)


def _number_headings(paper: Paper) -> None:
    """一、二、三 … by Word itself: a section that is left out or added renumbers the rest."""
    numbering = paper.part.numbering_part.element
    numbering.insert(0, parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{NUMBERING}">'
        '<w:multiLevelType w:val="singleLevel"/><w:lvl w:ilvl="0"><w:start w:val="1"/>'
        '<w:numFmt w:val="chineseCountingThousand"/><w:pStyle w:val="Heading1"/>'
        '<w:suff w:val="nothing"/><w:lvlText w:val="%1、"/><w:lvlJc w:val="left"/></w:lvl>'
        "</w:abstractNum>"
    ))  # fmt: skip
    numbering.append(parse_xml(
        f'<w:num {nsdecls("w")} w:numId="{NUMBERING}">'
        f'<w:abstractNumId w:val="{NUMBERING}"/></w:num>'
    ))  # fmt: skip
    properties = paper.styles["Heading 1"].element.get_or_add_pPr()
    properties.get_or_add_numPr().get_or_add_numId().val = NUMBERING


def add_lines(paper: Paper | _Cell, *lines: str, style: str, align: Any = None) -> None:
    """One paragraph per line."""
    for line in lines:
        paragraph = paper.add_paragraph(line, style=style)
        if align is not None:
            paragraph.alignment = align


def add_apart(paper: Paper, left: str, right: str, look: Look) -> None:
    """One line with a text at either edge."""
    paragraph = paper.add_paragraph(f"{left}\t{right}", style=CELL)
    edge = Cm(look.width_cm)
    paragraph.paragraph_format.tab_stops.add_tab_stop(edge, WD_TAB_ALIGNMENT.RIGHT)


def add_table(paper: Paper, widths_cm: Sequence[float]) -> Table:
    """An empty table with thin lines and these widths."""
    table = paper.add_table(rows=0, cols=len(widths_cm))
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    padding = "".join(
        f'<w:{side} w:w="{Cm(width).twips}" w:type="dxa"/>'
        for side, width in CELL_PADDING_CM.items()
    )
    table._tblPr.append(parse_xml(f"<w:tblCellMar {nsdecls('w')}>{padding}</w:tblCellMar>"))
    for column, width in zip(table.columns, widths_cm, strict=True):
        column.width = Cm(width)
    return table


def add_row(
    table: Table,
    *cells: str | Sequence[str],
    strong: Sequence[int] = (),
    centred: Sequence[int] = (),
    height_cm: float = 0,
) -> _Row:
    """A row that stays on one page.

    Parameters
    ----------
    table
        Where it is added.
    *cells
        Text of each cell; several texts are several paragraphs, the first of them strong.
    strong
        Places of the cells that are labels.
    centred
        Places of the cells with short texts, set in the middle.
    height_cm
        At least this high, for what is written by hand.
    """
    row = table.add_row()
    row.height = Cm(height_cm) if height_cm else None
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    for place, (cell, column, text) in enumerate(zip(row.cells, table.columns, cells, strict=True)):
        cell.width = column.width
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
        align = CENTRE if place in strong or place in centred else LEFT
        _write(cell, text, label=place in strong, align=align)
    return row


def _write(
    cell: _Cell, text: str | Sequence[str], *, label: bool, align: WD_ALIGN_PARAGRAPH
) -> None:
    lines = [text] if isinstance(text, str) else list(text)
    first = cell.paragraphs[0]
    first.text, first.style = lines[0], CELL_STRONG if len(lines) > 1 or label else CELL
    first.alignment = align
    add_lines(cell, *lines[1:], style=CELL, align=align)


def add_head(table: Table, *titles: str) -> None:
    """The row of titles, repeated on every page."""
    row = add_row(table, *titles, strong=range(len(titles)))
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def add_loop(
    table: Table,
    over: str,
    *cells: str | Sequence[str],
    centred: Sequence[int] = (),
    height_cm: float = 0,
) -> None:
    """A row for each entry of a list, written as ``项 in 措施``."""
    _add_tag(table, f"{{%tr for {over} %}}")
    add_row(table, *cells, centred=centred, height_cm=height_cm)
    _add_tag(table, "{%tr endfor %}")


def _add_tag(table: Table, tag: str) -> None:
    """A row that holds an instruction; it vanishes when the form is filled."""
    row = table.add_row()
    row.cells[0].paragraphs[0].text = tag


def keep_together(table: Table) -> None:
    """Signatures stand on one page, below their titles."""
    for row in table.rows[:-1]:
        for cell in row.cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = True


def end_after_table(paper: Paper) -> None:
    """The line that Word wants after a last table, too low to open another page."""
    line = paper.add_paragraph(style=SMALL).paragraph_format
    line.line_spacing = Pt(1)


def merge(row: _Row, first: int, last: int) -> None:
    """One cell out of neighbours; the text is that of the first."""
    for cell in row.cells[first + 1 : last + 1]:
        cell.paragraphs[0].text = ""
    merged = row.cells[first].merge(row.cells[last])
    for empty in merged.paragraphs[1:]:
        if not empty.text:
            empty._p.getparent().remove(empty._p)


def add_footer(paper: Paper, text: str) -> None:
    """What stands below every page, with the page's number."""
    paragraph = paper.sections[0].footer.paragraphs[0]
    paragraph.add_run(f"{text}　第 ")
    for code, after in (("PAGE", " 页　共 "), ("NUMPAGES", " 页")):
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), code)
        paragraph._p.append(field)
        paragraph.add_run(after)
