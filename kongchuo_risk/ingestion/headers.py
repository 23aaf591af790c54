"""Which table a sheet is, and which of its columns is which field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from kongchuo_risk.contracts.tables import STUDENT_KEY, Field, Schema, Table

NAME = "姓名"
CLASS = "班级"
"""Columns by which a sheet without 学籍号 may name a pupil."""
_HELPERS = {NAME: ("姓名", "学生姓名", "名字"), CLASS: ("班级", "班级名称", "班级代码", "班名")}
_MARKS = re.compile(r"[\s*★☆●▲#:：。,，、?？!！_/\\\-—]+|\(?(必填|选填|必填项)\)?")
_BRACKETED = re.compile(r"[(\[{【<《].*?[)\]}】>》]")
_BRACKETS = re.compile(r"[()\[\]{}【】<>《》]")
_NUMBERINGS = frozenset({"", "序号", "编号", "no"})
"""Titles of columns that number the rows of a sheet, and of blank ones."""
_NOT_DATA = re.compile(r"说明|代码表|填表|目录|封面|示例")


def header_word(text: object) -> str:
    """A title as it is compared: half-width, no marks, no brackets.

    >>> header_word("★ 上下学距离（公里）*")
    '上下学距离公里'
    """
    plain = unicodedata.normalize("NFKC", str(text))
    return _BRACKETS.sub("", _MARKS.sub("", plain)).lower()


def _short_word(text: object) -> str:
    """The same without what stands in brackets."""
    return header_word(_BRACKETED.sub("", unicodedata.normalize("NFKC", str(text))))


@dataclass(frozen=True)
class Layout:
    """Where the fields of a table stand in a sheet.

    Attributes
    ----------
    table
        The contract.
    columns
        Field name → position of its column.
    helpers
        :data:`NAME` and :data:`CLASS` → position, for sheets that name pupils so.
    width
        Number of columns.
    """

    table: Table
    columns: dict[str, int]
    helpers: dict[str, int]
    width: int

    @property
    def missing(self) -> list[Field]:
        """Required fields without a column that nothing else can supply."""
        return [
            field
            for field in self.table.fields
            if field.required and field.name not in self.columns and not self._supplied(field)
        ]

    def _supplied(self, field: Field) -> bool:
        return field.name == STUDENT_KEY and set(self.helpers) == {NAME, CLASS}

    @property
    def used(self) -> set[int]:
        """Positions of the columns that are read."""
        return {*self.columns.values(), *self.helpers.values()}

    def repeated(self, header: Sequence[str]) -> list[str]:
        """Titles of used columns that stand in the header once more."""
        spare = {header_word(title) for at, title in enumerate(header) if at not in self.used}
        return [header[at] for at in sorted(self.used) if header_word(header[at]) in spare]

    def unused(self, header: Sequence[str]) -> list[str]:
        """Titles that are no column of the table, without numberings and repetitions."""
        known = {header_word(header[at]) for at in self.used} | _NUMBERINGS
        spare = (title for at, title in enumerate(header) if at not in self.used)
        return [" ".join(title.split()) for title in spare if header_word(title) not in known]


def lay_out(table: Table, header: Sequence[object]) -> Layout:
    """Match a header with a table: titles first, then English names, then aliases."""
    words = [(header_word(cell), _short_word(cell)) for cell in header]
    columns: dict[str, int] = {}
    for wanted in (_titles, _names, _aliases):
        for field in table.fields:
            if field.name not in columns:
                position = _find(words, wanted(field), taken=set(columns.values()))
                if position is not None:
                    columns[field.name] = position
    helpers: dict[str, int] = {}
    if STUDENT_KEY in table.by_name and table.name != "students":
        for name, aliases in _HELPERS.items():
            position = _find(words, aliases, taken=set(columns.values()))
            if position is not None:
                helpers[name] = position
    return Layout(table, columns, helpers, len(header))


def _titles(field: Field) -> tuple[str, ...]:
    return (field.title,)


def _names(field: Field) -> tuple[str, ...]:
    return (field.name,)


def _aliases(field: Field) -> tuple[str, ...]:
    return field.aliases


def _find(
    words: Sequence[tuple[str, str]], wanted: Sequence[str], *, taken: set[int]
) -> int | None:
    for word in map(header_word, wanted):
        for form in (0, 1):
            for position, forms in enumerate(words):
                if position not in taken and forms[form] == word:
                    return position
    return None


def header_row(rows: Sequence[Sequence[object]], schema: Schema) -> int | None:
    """Position of the header among the first rows: the one with the most known titles.

    A title line such as 「××学校考勤表」 above it has at most one.
    """
    known = _known_words(schema)
    counts = [
        sum(header_word(c) in known or _short_word(c) in known for c in row if c not in (None, ""))
        for row in rows
    ]
    best = max(counts, default=0)
    return counts.index(best) if best >= 2 else None


def full_titles(header: Sequence[str], above: Sequence[object], schema: Schema) -> tuple[str, ...]:
    """Titles that occur more than once, completed by the subject in the line above them.

    >>> from kongchuo_risk.contracts.tables import load_schema
    >>> full_titles(["姓名", "分数", "等第", "分数"], ["姓名", "语文", "", "数学"], load_schema())
    ('姓名', '语文分数', '等第', '数学分数')
    """
    repeated = {title for title in header if header.count(title) > 1}
    subjects = _subject_words(schema)
    titles, subject = [], ""
    for title, over in zip(header, [*above, *[""] * len(header)], strict=False):
        if str(over).strip():
            subject = str(over).strip() if _short_word(over) in subjects else ""
        titles.append(subject + title if title in repeated else title)
    return tuple(titles)


def _subject_words(schema: Schema) -> set[str]:
    subjects = schema.codes["subject"].values.values()
    return {header_word(word) for value in subjects for word in (value.label, *value.aliases)}


def _known_words(schema: Schema) -> set[str]:
    titles = {
        word
        for table in schema.tables.values()
        for field in table.fields
        for word in (field.title, field.name, *field.aliases)
    }
    return {header_word(title) for title in titles} | _subject_words(schema)


def is_data_sheet(name: str) -> bool:
    """Whether a worksheet may hold data; explanations and code lists do not.

    >>> is_data_sheet("填写说明"), is_data_sheet("学生")
    (False, True)
    """
    return not _NOT_DATA.search(name)


def recognise(schema: Schema, names: Sequence[str], header: Sequence[object]) -> Layout | None:
    """The table of a sheet: by sheet name, then file name, then by what its columns fit best.

    A name counts only when at least two columns of that table are there.
    """
    layouts = [lay_out(table, header) for table in schema.tables.values()]
    for name in names:
        named = _named(name, layouts)
        if named is not None and len(named.columns) >= 2:
            return named
    complete = [layout for layout in layouts if not layout.missing]
    return max(complete, key=_fit, default=None)


def _named(name: str, layouts: Sequence[Layout]) -> Layout | None:
    word = header_word(name)
    for layout in layouts:
        if word in (header_word(layout.table.title), header_word(layout.table.name)):
            return layout
    within = [
        layout
        for layout in layouts
        if header_word(layout.table.title) in word or header_word(layout.table.name) in word
    ]
    complete = [layout for layout in within if not layout.missing]
    return max(complete, key=_fit, default=None)


def _fit(layout: Layout) -> tuple[int, int, int]:
    required = sum(field.required for field in layout.table.fields)
    return len(layout.columns), required, -layout.table.order
