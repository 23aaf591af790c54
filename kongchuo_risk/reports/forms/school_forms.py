"""The Word forms of a school: letters of responsibility, reports, records; filled or blank."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kongchuo_risk.domain.actor import Role
from kongchuo_risk.errors import ContractError
from kongchuo_risk.reports.forms.class_sets import Sheet, fill_class
from kongchuo_risk.reports.forms.day_reports import (
    CHANGE_WEEK,
    CLASS_DAY,
    DAY_REPORTS,
    DROPOUT_DAY,
    SCHOOL_DAY,
)
from kongchuo_risk.reports.forms.duty_letters import DUTY_LETTERS, LetterKind
from kongchuo_risk.reports.forms.entries import About, FileKind, FormEntry
from kongchuo_risk.reports.forms.filling import day_or_line, or_line
from kongchuo_risk.reports.forms.period_reports import (
    BLANK_FIGURES,
    MONTH,
    PERIOD_REPORTS,
    RECOMMENDATION,
    TERM,
    YEAR,
)
from kongchuo_risk.reports.forms.record_sheets import (
    INSPECTION,
    MEETING,
    PUBLICITY,
    RECORD_SHEETS,
    boxes,
)
from kongchuo_risk.reports.forms.school_facts import Content, Figure, Heading, Row
from kongchuo_risk.reports.templates import Field, Form, Kind

ALL_FORMS: Mapping[str, Form] = {
    form.name: form
    for form in (*DUTY_LETTERS.values(), *DAY_REPORTS, *PERIOD_REPORTS, *RECORD_SHEETS)
}
"""Name → form."""
BLANK_ROWS = 6
"""Empty rows of a table on a form that is filled by hand, where :data:`_MORE_ROWS` has no other."""
NOTHING = "无"
"""Stands in the first cell of a table of which there was nothing to tell."""
_LINES = {"甲方": 16, "乙方": 16, "范围": 16, "学生姓名": 10, "班级": 12, "班主任": 10, "未报": 24}
"""Texts in running sentences: where they are not known, a line of so many signs stands."""


def fill_paper(name: str, content: Content, *, templates: Path | None = None) -> bytes:
    """A form of the school as a Word file; content without anything gives the empty form.

    Parameters
    ----------
    name
        A name of :data:`ALL_FORMS`.
    content
        Texts and tables by the form's own names.
    templates
        A school's own templates, if it has any.

    Raises
    ------
    ContractError
        When there is no such form, it has no such fields (all are named), or its template cannot
        be filled.
    """
    form = form_called(name)
    return form.fill(paper_values(form, content), templates)


def fill_papers(
    name: str, contents: Mapping[str, Content], *, templates: Path | None = None
) -> bytes:
    """The same form for many: a zip of a Word file each, and one of all of them to print.

    Parameters
    ----------
    name
        A name of :data:`ALL_FORMS`.
    contents
        By what each file is called, such as the pupil's or the teacher's name.
    templates
        A school's own templates, if it has any.

    Raises
    ------
    ContractError
        As :func:`fill_paper`, or when there is nobody to fill it for.
    """
    form = form_called(name)
    papers = (Sheet(title, paper_values(form, one)) for title, one in contents.items())
    return fill_class(form, papers, templates=templates)


def form_called(name: str) -> Form:
    """The form of this name; none is a :class:`ContractError`."""
    if name not in ALL_FORMS:
        raise ContractError(f"没有叫“{name}”的表册；有：{'、'.join(ALL_FORMS)}")
    return ALL_FORMS[name]


def paper_values(form: Form, content: Content) -> dict[str, object]:
    """Values for every field of a form.

    Raises
    ------
    ContractError
        Names the texts, tables and columns that the form does not have.
    """
    _require_known(form, content)
    heading = _heading_values(content.heading)
    return {field.name: _value(form, field, content, heading) for field in form.fields}


def _value(form: Form, field: Field, content: Content, heading: Mapping[str, str]) -> object:
    if field.kind is Kind.ENTRIES:
        return _rows(form, field, content)
    if field.name in heading:
        return heading[field.name]
    text = content.texts.get(field.name, "")
    ticks = boxes(form.name, field.name, text)
    return ticks if ticks is not None else or_line(text, _LINES.get(field.name, 0))


def _heading_values(heading: Heading) -> dict[str, str]:
    return {
        "单位名称": or_line(heading.unit, 16),
        "期间": or_line(heading.period, 14),
        "日期": day_or_line(heading.day),
        "文号": or_line(heading.doc_no, 16),
        "签发人": or_line(heading.signer, 10),
    }


def _rows(form: Form, field: Field, content: Content) -> list[dict[str, str]]:
    if field.name == "数字":
        named = tuple(Figure(label) for label in BLANK_FIGURES.get(form.name, ()))
        return [figure.cells for figure in content.figures or named]
    empty = {part.name: "" for part in field.parts}
    entries = content.tables.get(field.name, ())
    if content.is_blank:
        return _blank_rows(field, empty)
    if not entries and field.name in _TELLS_NOTHING:
        return [{**empty, field.parts[1].name: NOTHING}]
    return [_row(empty, number, entry) for number, entry in enumerate(entries, start=1)]


def _blank_rows(field: Field, empty: Mapping[str, str]) -> list[dict[str, str]]:
    if field.name == "指标":
        return []
    named = _BLANK_LINES.get(field.name)
    if named is None:
        return [dict(empty) for _ in range(_MORE_ROWS.get(field.name, BLANK_ROWS))]
    first = field.parts[1].name
    return [_row(empty, number, {first: name}) for number, name in enumerate(named, start=1)]


_MORE_ROWS = {"班级": 18, "缺席": 8, "动态": 10, "变动": 12}
_BLANK_LINES = {
    "台账": ("适龄儿童台账", "疑似辍学台账", "辍学台账"),
    "时段": ("上午", "下午"),
    "覆盖": ("到村", "到户", "到班", "到人"),
}
"""Tables whose lines are known beforehand."""
_TELLS_NOTHING = frozenset({"缺席", "动态", "变动", "问题", "决定"})
"""Tables that say so when they are empty; the others vanish."""


def _row(empty: Mapping[str, str], number: int, entry: Row) -> dict[str, str]:
    shown = {name: "" if cell is None else str(cell) for name, cell in entry.items()}
    return {**empty, "序号": str(number), **shown}


def _require_known(form: Form, content: Content) -> None:
    fields = {field.name: field for field in form.fields}
    unknown = [name for name in (*content.texts, *content.tables) if name not in fields]
    for name, entries in content.tables.items():
        columns = {part.name for part in fields[name].parts} if name in fields else set()
        unknown += [f"{name} → {cell}" for row in entries for cell in row if cell not in columns]
    if unknown:
        told = "、".join(dict.fromkeys(unknown))
        raise ContractError(f"《{form.name}》没有这些内容：{told}")


def _letter(kind: LetterKind, writer: Role, reader: str, *sources: str) -> FormEntry:
    form = DUTY_LETTERS[kind]
    parents = kind is LetterKind.TEACHER_PARENT
    return FormEntry(
        1, form.name, About.PUPIL if parents else About.SCHOOL, writer, reader, FileKind.WORD,
        sources, numbered=not parents, form=form, aliases=(f"责任状（{kind}）",),
    )  # fmt: skip


def _school(
    number: int,
    form: Form,
    writer: Role,
    *sources: str,
    about: About = About.SCHOOL,
    reader: str = Role.OFFICE,
    numbered: bool = False,
    aliases: tuple[str, ...] = (),
) -> FormEntry:
    return FormEntry(
        number, form.name, about, writer, reader, FileKind.WORD, sources,
        numbered=numbered, form=form, aliases=aliases,
    )  # fmt: skip


SCHOOL_FORMS: tuple[FormEntry, ...] = (
    _letter(LetterKind.OFFICE_SCHOOL, Role.OFFICE, Role.PRINCIPAL, "25", "29"),
    _letter(LetterKind.PRINCIPAL_HOMEROOM, Role.PRINCIPAL, Role.HOMEROOM, "36", "39"),
    _letter(LetterKind.SCHOOL_TEACHER, Role.PRINCIPAL, Role.SUBJECT, "25", "29", "30"),
    _letter(LetterKind.TEACHER_PARENT, Role.HOMEROOM, "监护人", "37"),
    _letter(LetterKind.TOWNSHIP_VILLAGE, Role.TOWNSHIP, Role.VILLAGE, "38", "41"),
    _school(3, CLASS_DAY, Role.HOMEROOM, "49", "50", "51", about=About.CLASS, reader=Role.DEAN),
    _school(3, SCHOOL_DAY, Role.DEAN, "50", "51", "52"),
    _school(5, DROPOUT_DAY, Role.DEAN, "103", "106", "108", numbered=True, aliases=("日报",)),
    _school(6, CHANGE_WEEK, Role.REGISTRAR, "104", "108", "123", numbered=True, aliases=("周报",)),
    _school(
        7, MONTH, Role.PRINCIPAL, "105", "107", "108", "教基厅函〔2024〕15号",
        numbered=True, aliases=("月报", "控辍保学月报"),
    ),
    _school(
        8, TERM, Role.PRINCIPAL, "107", "116", "教基厅函〔2024〕15号",
        numbered=True, aliases=("学期报",),
    ),
    _school(
        9, YEAR, Role.OFFICE, "107", "115", about=About.OFFICE, reader=Role.BUREAU,
        numbered=True, aliases=("学年报",),
    ),
    _school(
        9, RECOMMENDATION, Role.OFFICE, "115", about=About.OFFICE, reader=Role.BUREAU,
        numbered=True,
    ),
    _school(17, MEETING, Role.DEAN, "46", "110", "111", "135", reader=Role.PRINCIPAL),
    _school(28, PUBLICITY, Role.DEAN, "112", "113", "114", "207", "209", "210", "211", "212"),
    _school(
        29, INSPECTION, Role.OFFICE, "24", "46", "109", "155", "156", "179", "180", "197", "198",
        reader=Role.PRINCIPAL, numbered=True,
    ),
)  # fmt: skip
"""Entries of the catalogue."""
