"""Who is at school on a day: pupils by class, with names for people, read once per state."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from threading import Lock

import pandas as pd

from kongchuo_risk.domain.calendar import term_bounds, term_of
from kongchuo_risk.domain.records import Records
from kongchuo_risk.domain.school_days import SchoolDays, school_days
from kongchuo_risk.errors import NotFoundError
from kongchuo_risk.features.known import History, View
from kongchuo_risk.features.standing import ENROLLED, standing
from kongchuo_risk.planning.capacity import roles_of
from kongchuo_risk.procedure.calendar import completed
from kongchuo_risk.serving.directory import Directory, build_directory
from kongchuo_risk.tables import load_identities, load_records, load_staff_names
from kongchuo_risk.tables.manifest import manifest_path
from kongchuo_risk.workspace import Workspace

_TABLES = ("schools", "classes", "staff", "students", "registration_changes", "calendar")
_DAYS_KEPT = 8
"""Today's roll, and those of the days whose sheets are entered afterwards."""


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
    staff: pd.DataFrame
    """Indexed by staff number: ``school_code`` and ``roles``, as last known by the day."""
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

    @cached_property
    def school_of(self) -> dict[str, str]:
        """Pupil → school, of the enrolled."""
        return dict(zip(self.pupils.index, self.pupils["school_code"], strict=True))

    @cached_property
    def classes_by_school(self) -> dict[str, dict[str, str | None]]:
        """School → its classes with the staff number of the teacher, where known."""
        found: dict[str, dict[str, str | None]] = {}
        for class_id, school in sorted(self.school_of_class.items(), key=lambda pair: pair[::-1]):
            found.setdefault(school, {})[class_id] = self.homerooms.get(class_id)
        return found

    @cached_property
    def holders(self) -> dict[tuple[str, str], str]:
        """(school, code of a post) → the first member of staff who holds it."""
        found: dict[tuple[str, str], str] = {}
        for staff_no, school, posts in self.staff.sort_index().itertuples():
            for post in roles_of(posts):
                found.setdefault((school, post), staff_no)
        return found

    @cached_property
    def contacts(self) -> Records:
        """Imported aid and visits as known on the day; read when they are first asked for."""
        return load_records(self.workspace, ("aid", "visits"), as_of=self.day)

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
    """Rolls of a workspace, kept until its tables change; the sessions of the app share them."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._kept: tuple[object, Records] | None = None
        self._rolls: OrderedDict[date, Roll] = OrderedDict()
        self._lock = Lock()

    def of(self, day: date) -> Roll:
        """The roll of a day."""
        with self._lock:
            records = self._records()
            if day not in self._rolls:
                self._rolls[day] = _roll(self._workspace, records, day)
            self._rolls.move_to_end(day)
            while len(self._rolls) > _DAYS_KEPT:
                self._rolls.popitem(last=False)
            return self._rolls[day]

    def _records(self) -> Records:
        state = tables_state(self._workspace)
        if self._kept is None or self._kept[0] != state:
            records = load_records(self._workspace, _TABLES, history=True)
            self._kept = (state, records)
            self._rolls.clear()
        return self._kept[1]


def tables_state(workspace: Workspace) -> tuple[int, int] | None:
    """Something that is another after every import: cheaper than reading the manifest."""
    path = manifest_path(workspace)
    if not path.exists():
        return None
    found = path.stat()
    return found.st_ino, found.st_mtime_ns


def _roll(workspace: Workspace, records: Records, day: date) -> Roll:
    view = View(History(records), day)
    columns = [
        "student_id",
        "school_code",
        "class_id",
        "grade",
        "enrol_month",
        "sex",
        "birth_date",
    ]
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
        staff=_staff(records, day),
        calendar=completed(known, first, last),
        known_calendar=known,
    )


def _homerooms(records: Records, day: date) -> dict[str, str]:
    classes = records.known_by(day)["classes"].sort_values("term", kind="stable")
    last = classes.drop_duplicates("class_id", keep="last").dropna(subset=["homeroom_staff"])
    return dict(zip(last["class_id"], last["homeroom_staff"], strict=True))


def _staff(records: Records, day: date) -> pd.DataFrame:
    known = records.known_by(day)["staff"].sort_values("known_on", kind="stable")
    last = known.drop_duplicates("staff_no", keep="last")
    return last.set_index("staff_no")[["school_code", "roles"]]
