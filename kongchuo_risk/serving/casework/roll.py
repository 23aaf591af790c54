"""Who is at school on a day: pupils by class, with names for people, read once per state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import pandas as pd

from kongchuo_risk.domain.calendar import term_bounds, term_of
from kongchuo_risk.domain.records import Records
from kongchuo_risk.domain.school_days import SchoolDays, school_days
from kongchuo_risk.errors import NotFoundError
from kongchuo_risk.features.known import History, View
from kongchuo_risk.features.standing import ENROLLED, standing
from kongchuo_risk.procedure.calendar import completed
from kongchuo_risk.serving.directory import Directory, build_directory
from kongchuo_risk.tables import load_identities, load_records, load_staff_names
from kongchuo_risk.tables.manifest import read_manifest
from kongchuo_risk.workspace import Workspace

_TABLES = ("schools", "classes", "staff", "students", "registration_changes", "calendar")


@dataclass(frozen=True)
class Roll:
    """Enrolled pupils as of a day.

    Attributes
    ----------
    pupils : DataFrame indexed by ``student_id``
        ``school_code``, ``class_id``, ``grade``, ``enrol_month``; enrolled pupils alone.
    everybody : DataFrame indexed by ``student_id``
        The same columns and ``standing`` (empty text for the enrolled) of all that are known.
    """

    workspace: Workspace
    day: date
    pupils: pd.DataFrame
    everybody: pd.DataFrame
    directory: Directory
    homerooms: Mapping[str, str]
    """Class → staff number of its teacher."""
    calendar: SchoolDays
    known_calendar: SchoolDays
    """Only the days that a school entered."""

    @cached_property
    def classes(self) -> dict[str, list[str]]:
        """Class → its pupils, in a fixed order."""
        groups = self.pupils.groupby("class_id", observed=True).groups
        return {str(class_id): sorted(ids) for class_id, ids in groups.items()}

    @cached_property
    def school_of_class(self) -> dict[str, str]:
        """Class → school."""
        first = self.pupils.drop_duplicates("class_id")
        return dict(zip(first["class_id"], first["school_code"], strict=True))

    def classes_of(self, school_code: str) -> dict[str, str | None]:
        """Class → staff number of its teacher, of one school."""
        return {
            class_id: self.homerooms.get(class_id)
            for class_id, school in sorted(self.school_of_class.items())
            if school == school_code
        }

    def of_class(self, class_id: str) -> list[str]:
        """Pupils of a class; none is a :class:`NotFoundError`."""
        if class_id not in self.classes:
            raise NotFoundError(f"{self.day} 没有代码为 {class_id} 的班级，或班里没有学生")
        return self.classes[class_id]

    def place_of(self, student_id: str) -> tuple[str, str]:
        """School and class of a pupil, enrolled or not.

        Raises
        ------
        NotFoundError
            When the workspace knows no such pupil on the day.
        """
        if student_id not in self.everybody.index:
            raise NotFoundError(f"没有编号为 {student_id} 的学生")
        row = self.everybody.loc[student_id]
        return str(row["school_code"]), str(row["class_id"])

    def names(self, student_ids: Iterable[str]) -> dict[str, str]:
        """Pupil → name; the pseudonym's first signs where no name is sealed."""
        wanted = set(student_ids)
        opened = load_identities(self.workspace, wanted) if wanted else {}
        return {pupil: opened.get(pupil, {}).get("name", pupil[:8]) for pupil in wanted}

    @cached_property
    def first_day(self) -> date:
        """First school day of the term of :attr:`day`."""
        first, last = term_bounds(term_of(self.day))
        days = self.calendar.between(first, last)
        return days[0] if days else first


class Rolls:
    """Rolls of a workspace, kept until its tables change."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._kept: tuple[object, Records] | None = None
        self._rolls: dict[date, Roll] = {}

    def of(self, day: date) -> Roll:
        """The roll of a day."""
        records = self._records()
        if day not in self._rolls:
            self._rolls[day] = _roll(self._workspace, records, day)
        return self._rolls[day]

    def _records(self) -> Records:
        state = read_manifest(self._workspace)
        if self._kept is None or self._kept[0] != state:
            records = load_records(self._workspace, _TABLES, history=True)
            self._kept = (state, records)
            self._rolls.clear()
        return self._kept[1]


def _roll(workspace: Workspace, records: Records, day: date) -> Roll:
    view = View(History(records), day)
    columns = ["student_id", "school_code", "class_id", "grade", "enrol_month"]
    everybody = view.pupils[columns].assign(standing=standing(view)).set_index("student_id")
    first, last = term_bounds(term_of(day))
    known = school_days(records["calendar"])
    return Roll(
        workspace=workspace,
        day=day,
        pupils=everybody[everybody["standing"].eq(ENROLLED)],
        everybody=everybody,
        directory=build_directory(records, load_staff_names(workspace), day),
        homerooms=_homerooms(records, day),
        calendar=completed(known, first, last),
        known_calendar=known,
    )


def _homerooms(records: Records, day: date) -> dict[str, str]:
    classes = records.known_by(day)["classes"].sort_values("term", kind="stable")
    last = classes.drop_duplicates("class_id", keep="last").dropna(subset=["homeroom_staff"])
    return dict(zip(last["class_id"], last["homeroom_staff"], strict=True))
