"""What the forms of a school are filled with: a heading, texts, figures and rows, all plain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from kongchuo_risk.contracts.procedure import Target

Row = Mapping[str, object]
"""Cells of one line of a table, by the name of the column."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above a paper; what is empty becomes a line to write on."""

    unit: str = ""
    """学校, 中心校, or another body in whose name the paper is made."""
    period: str = ""
    """Such as ``2025年9月`` or a term's title."""
    day: date | None = None
    doc_no: str = ""
    """文号 (rule 144)."""
    signer: str = ""
    """签发人 (rule 144)."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a report: a count, or a share with both of its numbers.

    Examples
    --------
    >>> rate = Figure("巩固率", 571, 600)
    >>> rate.shown, rate.share
    ('571／600', '95.2%')
    >>> Figure("走访次数", 12).shown, Figure("走访次数").shown, Figure("疑似辍学", "少于5").shown
    ('12', '', '少于5')
    """

    label: str
    count: float | str | None = None
    """A text where the number itself may not leave the school."""
    of: int | None = None
    """What it is a share of; ``None`` for a plain count."""
    note: str = ""
    target: str = ""

    @property
    def shown(self) -> str:
        """The count, with what it is a share of."""
        if self.count is None:
            return ""
        count = self.count if isinstance(self.count, str) else f"{self.count:g}"
        return count if self.of is None else f"{count}／{self.of}"

    @property
    def share(self) -> str:
        """The share in per cent; empty for a count, for a hidden number and for none of none."""
        if not self.of or self.count is None or isinstance(self.count, str):
            return ""
        return f"{self.count / self.of:.1%}"

    @property
    def cells(self) -> dict[str, str]:
        """The figure as a row of a table."""
        return {
            "项目": self.label, "数": self.shown, "比例": self.share,
            "目标": self.target, "说明": self.note,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class PupilLine:
    """How a pupil is named on a sheet of a class, so that the sheet can be read back."""

    student_id: str
    name: str
    code: str
    """Signs of the pseudonym, enough to tell the pupil from others of the school."""
    class_name: str
    class_id: str = ""
    school_code: str = ""

    @property
    def cells(self) -> dict[str, object]:
        """The columns that every typed sheet begins with."""
        return {"班级": self.class_name, "姓名": self.name, "学生代码": self.code}


@dataclass(frozen=True, slots=True)
class Content:
    """What one paper says; one without anything is printed to be filled by hand."""

    heading: Heading = Heading()
    texts: Mapping[str, str] = field(default_factory=dict)
    """By name of the field."""
    figures: Sequence[Figure] = ()
    tables: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    """Rows by name of the table."""

    @property
    def is_blank(self) -> bool:
        return not (self.texts or self.figures or self.tables)


def target_words(target: Target) -> str:
    """A bound as it is agreed in a letter.

    >>> [target_words(Target(source=("7",), **bound))
    ...  for bound in ({"at_most": 0.0}, {"at_least": 1.0}, {"at_least": 0.95})]
    ['为 0', '100%', '不低于 95%']
    """
    if target.at_least is not None:
        return "100%" if target.at_least == 1 else f"不低于 {_per_cent(target.at_least)}"
    return f"不高于 {_per_cent(target.at_most)}" if target.at_most else "为 0"


def _per_cent(share: float) -> str:
    return f"{share * 100:.4g}%"
