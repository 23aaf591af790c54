"""What the papers of privacy are filled with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Deletion:
    """What one run of the deletion job deleted.

    Attributes
    ----------
    pupils
        Kind of data → number of pupils.
    rows
        Table, as people call it → number of rows.
    files
        Files of the reports.
    held
        Entries of the list of what is due that were left because of open cases.
    backups
        Name and day of every backup that still holds what was deleted.
    """

    day: date
    by: str
    reason: str
    pupils: Mapping[str, int]
    rows: Mapping[str, int]
    files: int
    held: int
    backups: tuple[tuple[str, date], ...]


@dataclass(frozen=True)
class SubjectRequest:
    """Who asks for a pupil's data, and who made sure of it (个人信息保护法 第四十五条、第五十条).

    Attributes
    ----------
    relation
        One of :data:`RELATIONS`.
    purpose
        As the person says it.
    checked_by, checked_how
        Who looked at which papers.
    authorised_by
        Who allowed the restricted parts; empty when they are left out.
    """

    requested_by: str
    relation: str
    purpose: str
    checked_by: str
    checked_how: str
    authorised_by: str = ""


RELATIONS = ("本人", "父亲", "母亲", "其他监护人", "受委托人")


@dataclass(frozen=True)
class SubjectCover:
    """What stands on the cover of a subject's export."""

    school_name: str
    pupil_name: str
    class_name: str
    day: date
    made_by: str
    request: SubjectRequest
    sections: tuple[tuple[str, int], ...]
    """Title and number of rows."""
    withheld: tuple[tuple[str, str], ...]
    """What is left out, and why."""
    objections: tuple[str, ...]


@dataclass(frozen=True)
class InventoryRow:
    """One table of the inventory."""

    title: str
    rows: int
    fields: int
    sensitive: str
    """Titles of its sensitive columns."""
    sealed: str
    """Titles of its columns that are sealed."""


@dataclass(frozen=True)
class ModelFacts:
    """What ranks the list."""

    name: str
    verdict: str
    features: int
    groups: str
    """Groups of inputs, as people call them."""
    audit_only: str
    """Columns that are audited and never predict."""
    fairness: tuple[tuple[str, str, str, str], ...]
    """Attribute, group, share missed with its interval, whether there are enough pupils."""


@dataclass(frozen=True)
class AssessmentFacts:
    """What the workspace knows for an impact assessment (第五十五条、第五十六条)."""

    unit: str
    day: date
    by: str
    pupils: int
    under_14: int | None
    """``None`` where no dates of birth are known."""
    inventory: tuple[InventoryRow, ...]
    model: ModelFacts
    counts: tuple[tuple[str, int], ...]
    """Volume of casework: cases, visits, papers …"""


@dataclass(frozen=True)
class AuditFacts:
    """What the log says of a year (未成年人网络保护条例 第三十七条).

    Attributes
    ----------
    people
        Who, looks, pupils looked at, exports, changes.
    exports
        Day, who, what, purpose, about whom.
    unusual
        Who, what, figures.
    deletions
        Day, who, rows, files, reason.
    refusals
        Day, who, what.
    due
        Kind of data → entries that are past their period today.
    """

    unit: str
    year: int
    day: date
    by: str
    rows: int
    is_whole: bool
    broken_at: int | None
    people: tuple[tuple[str, int, int, int, int], ...]
    exports: tuple[tuple[str, str, str, str, str], ...]
    unusual: tuple[tuple[str, str, str], ...]
    deletions: tuple[tuple[str, str, int, int, str], ...]
    refusals: tuple[tuple[str, str, str], ...]
    requests: int
    """Exports to a pupil or guardian."""
    due: Mapping[str, int]
    assessments: tuple[str, ...]
    """Names of the impact assessments that are kept."""
    imports: tuple[tuple[str, int], ...]
    """Day of an import and its rows."""
