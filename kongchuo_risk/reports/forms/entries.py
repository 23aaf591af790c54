"""What is known of one form: its place in the inventory, who writes it, who reads it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kongchuo_risk.domain.actor import Role
from kongchuo_risk.errors import ContractError
from kongchuo_risk.reports.templates import Field, Form


class About(StrEnum):
    """What one sheet of a form is about."""

    PUPIL = "学生"
    CASE = "案件"
    CLASS = "班级"
    SCHOOL = "学校"
    OFFICE = "学区"


class FileKind(StrEnum):
    """The program that a school opens it with; the value is the file's ending."""

    WORD = "docx"
    EXCEL = "xlsx"


@dataclass(frozen=True, slots=True)
class FormEntry:
    """One form of the catalogue."""

    number: int
    """Place in the inventory, 1 to 35; forms of one family share theirs (返校通知书)."""
    name: str
    """Unique; of a Word form also its template's name."""
    about: About
    writer: Role
    """Who fills it in."""
    reader: str
    """Who gets it: a role's name, or somebody outside the school such as 监护人."""
    file_kind: FileKind
    sources: tuple[str, ...]
    """Numbers of seed rules, laws and notices that ask for it."""
    numbered: bool = False
    """Whether it is issued under a 文号 by a 签发人 (rule 144)."""
    form: Form | None = None
    """Its template; of a workbook made by code there is none."""
    aliases: tuple[str, ...] = ()
    """Names that other places use for it."""
    columns: tuple[Field, ...] = ()
    """Of a workbook: what stands in its columns."""

    def __post_init__(self) -> None:
        if self.form is not None and self.form.name != self.name:
            raise ValueError(f"表册“{self.name}”与模板“{self.form.name}”不同名")

    @property
    def file_name(self) -> str:
        """Name of an unfilled file."""
        return f"{self.name}.{self.file_kind}"

    @property
    def template(self) -> Form:
        """Its Word template.

        Raises
        ------
        ContractError
            When it is a workbook, which has none.
        """
        if self.form is None:
            raise ContractError(f"“{self.name}”是 Excel 表册，没有 Word 模板")
        return self.form

    @property
    def fields(self) -> tuple[Field, ...]:
        """What it is filled with, whichever program it is for."""
        return self.form.fields if self.form is not None else self.columns

    def is_called(self, name: str) -> bool:
        """Whether ``name`` is its name or another name of it."""
        return name == self.name or name in self.aliases
