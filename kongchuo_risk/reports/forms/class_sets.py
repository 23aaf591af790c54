"""A form for a whole class at once: one Word file per pupil, and one of all of them to print."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from kongchuo_risk.errors import ContractError
from kongchuo_risk.reports.templates import Form, sealed

PRINT_FILE = "全部（打印用）.docx"
MARGINS = ("header", "footer")
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


@dataclass(frozen=True, slots=True)
class Sheet:
    """One filled sheet of a set: whose it is, and what it is filled with."""

    title: str
    """Such as the pupil's name; becomes the file's name."""
    values: Mapping[str, object]


def fill_class(form: Form, sheets: Iterable[Sheet], *, templates: Path | None = None) -> bytes:
    """A zip of one Word file per sheet, numbered in the given order, and one of all to print.

    Equal values give equal bytes.

    Parameters
    ----------
    form
        Which form.
    sheets
        The pupils of a class, in the order of the roll.
    templates
        A school's own templates, if it has any.

    Raises
    ------
    ContractError
        When there is no sheet, or the template cannot be filled.
    """
    named = {
        f"{number:02}_{_NOT_IN_NAMES.sub('', sheet.title).strip('. ') or form.name}.docx": sheet
        for number, sheet in enumerate(sheets, start=1)
    }
    if not named:
        raise ContractError(f"没有要填“{form.name}”的学生，请先选择学生")
    filled = {name: form.fill(sheet.values, templates) for name, sheet in named.items()}
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as package:
        for name, content in {PRINT_FILE: joined(list(filled.values())), **filled}.items():
            package.writestr(zipfile.ZipInfo(name, date_time=_NO_TIME), content)
    return made.getvalue()


def joined(documents: Sequence[bytes]) -> bytes:
    """Word files made from one template as a single file, each from the top of a new page.

    Headings and, where there are page numbers, pages are counted anew in each; on paper printed on
    both sides a form of several pages then begins on a new sheet.

    Parameters
    ----------
    documents
        At least one; a picture in a header or footer whose text differs between them is lost.
    """
    whole = Document(BytesIO(documents[0]))
    above = _margins(whole)
    if any(b"PAGE" in text for text in above.values()):
        _count_pages_from_one(whole.element.body.sectPr)
    for document in documents[1:]:
        paper = Document(BytesIO(document))
        _append(whole, paper)
        here = _margins(paper)
        for name in (name for name in MARGINS if here[name] != above[name]):
            _give_own(whole, paper, name)
        above = here
    made = BytesIO()
    whole.save(made)
    return sealed(made.getvalue())


def _margins(paper: Any) -> dict[str, bytes]:
    """The XML of header and footer; empty where there is none."""
    found = {name: getattr(paper.sections[0], name) for name in MARGINS}
    return {
        name: b"" if margin.is_linked_to_previous else bytes(margin.part.blob)
        for name, margin in found.items()
    }


def _count_pages_from_one(section: Any) -> None:
    number = section.find(qn("w:pgNumType"))
    if number is None:
        number = OxmlElement("w:pgNumType")
        # Word wants the parts of a section in their order: columns come next.
        section.find(qn("w:cols")).addprevious(number)
    number.set(qn("w:start"), "1")


def _append(whole: Any, paper: Any) -> None:
    """Another document behind the whole, in a section of its own."""
    body = whole.element.body
    section = _end_section(body)
    added = [deepcopy(element) for element in paper.element.body if element.tag != section.tag]
    for element in added:
        section.addprevious(element)
    _count_headings_from_one(whole, added)


def _end_section(body: Any) -> Any:
    """End the last section at the last line, so that no empty line opens another page."""
    section = body.sectPr
    last = section.getprevious()
    if last is None or last.tag != qn("w:p"):
        last = body.add_p()
    last.set_sectPr(section.clone())
    for link in section.xpath("w:headerReference|w:footerReference"):
        section.remove(link)
    return section


def _count_headings_from_one(whole: Any, added: Iterable[Any]) -> None:
    """Give the paragraphs that Word numbers a numbering of their own."""
    by_style = {
        style.get(qn("w:styleId")): int(number)
        for style in whole.styles.element.findall(qn("w:style"))
        for number in style.xpath("w:pPr/w:numPr/w:numId/@w:val")
    }
    own: dict[int, int] = {}
    for line in (line for element in added for line in element.iter(qn("w:p"))):
        named = _number_of(line)
        number = by_style.get(line.style) if named is None else named
        if number:
            if number not in own:
                own[number] = _numbering_like(whole, number)
            line.get_or_add_pPr().get_or_add_numPr().get_or_add_numId().val = own[number]


def _number_of(line: Any) -> int | None:
    """Id of the numbering that a paragraph names itself; 0 says that it has none."""
    own = line.pPr.numPr if line.pPr is not None else None
    return own.numId.val if own is not None and own.numId is not None else None


def _numbering_like(whole: Any, number: int) -> int:
    """A new numbering of the same looks, counted from one."""
    numbering = whole.part.numbering_part.element
    like = numbering.num_having_numId(number).abstractNumId.val
    new = numbering.add_num(like)
    new.add_lvlOverride(ilvl=0).add_startOverride(1)
    return int(new.numId)


def _give_own(whole: Any, paper: Any, name: str) -> None:
    """The last section's own header or footer, where its text is not that of the one before."""
    own, known = getattr(whole.sections[-1], name), getattr(paper.sections[0], name)
    own.is_linked_to_previous = False
    target = own.part.element
    for child in list(target):
        target.remove(child)
    if not known.is_linked_to_previous:
        target.extend(deepcopy(child) for child in known.part.element)
