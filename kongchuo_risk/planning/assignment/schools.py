"""The people of one school: adults with their places and hours, pupils with their needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from kongchuo_risk.domain.risk import Tier
from kongchuo_risk.planning.capacity import ROLE_SEPARATOR, mentor_places, roles_of
from kongchuo_risk.planning.mentors import STAND_INS, homeroom_by_class
from kongchuo_risk.settings import CapacitySettings

NOBODY = ""


@dataclass(frozen=True, slots=True)
class Adult:
    """One member of staff."""

    staff_no: str
    roles: frozenset[str]
    subjects: frozenset[str]
    languages: frozenset[str]
    sex: str
    village: str
    places: int
    hours: float
    """A week; infinite when the staff table does not say."""


@dataclass(frozen=True, slots=True)
class Pupil:
    """One pupil with what the assignment depends on."""

    student_id: str
    class_id: str
    rank: int
    tier: Tier
    needs: tuple[str, ...]
    """Subjects in which help is needed."""
    village: str
    household: str
    homeroom: str
    """Staff number of the class teacher, or :data:`NOBODY`."""
    previous: str
    """Of the last approved assignment."""

    @property
    def listed(self) -> bool:
        return self.tier != Tier.NONE


@dataclass(frozen=True)
class School:
    """Adults by number, pupils in the order given."""

    code: str
    adults: tuple[Adult, ...]
    pupils: tuple[Pupil, ...]

    @cached_property
    def by_number(self) -> dict[str, Adult]:
        return {adult.staff_no: adult for adult in self.adults}

    @cached_property
    def leaders(self) -> tuple[str, ...]:
        """Who stands in for a class teacher, first choice first; everybody in the end."""
        by_role = (
            adult.staff_no for role in STAND_INS for adult in self.adults if role in adult.roles
        )
        return tuple(dict.fromkeys([*by_role, *self.by_number]))


def schools_of(
    pupils: pd.DataFrame,
    staff: pd.DataFrame,
    classes: pd.DataFrame,
    capacity: CapacitySettings,
    previous: Mapping[str, str],
) -> tuple[School, ...]:
    """Every school that has pupils, by code; arguments as of :func:`assign_mentors`."""
    adults = _adults(staff, capacity)
    homeroom = homeroom_by_class(classes)
    members: dict[str, list[Pupil]] = {}
    names = ("student_id", "school_code", "class_id", "rank", "tier")
    columns = [pupils[name].tolist() for name in names]
    optional = [
        _optional(pupils, "needs_subjects", tuple),
        _optional(pupils, "village", _text),
        _optional(pupils, "siblings", _text),
    ]
    for student, code, class_id, rank, tier, needs, village, household in zip(
        *columns, *optional, strict=True
    ):
        pupil = Pupil(
            student, class_id, int(rank), tier, needs, village, household,
            homeroom.get(class_id, NOBODY), previous.get(student, NOBODY),
        )  # fmt: skip
        members.setdefault(str(code), []).append(pupil)
    return tuple(
        School(code, tuple(adults.get(code, ())), tuple(members[code])) for code in sorted(members)
    )


def _adults(staff: pd.DataFrame, capacity: CapacitySettings) -> dict[str, list[Adult]]:
    places = mentor_places(staff, capacity)
    people = staff.drop_duplicates("staff_no", keep="last").sort_values("staff_no")
    hours = pd.to_numeric(_column(people, "hours_per_week")).astype("float64")
    schools: dict[str, list[Adult]] = {}
    for number, code, roles, subjects, languages, sex, village, free in zip(
        people["staff_no"],
        people["school_code"],
        people["roles"],
        *(_column(people, name) for name in ("subjects", "languages", "sex", "village")),
        hours.fillna(float("inf")).clip(lower=0),
        strict=True,
    ):
        adult = Adult(
            number, roles_of(roles), roles_of(subjects), _words(languages), _text(sex),
            _text(village), int(places[number]), float(free),
        )  # fmt: skip
        schools.setdefault(str(code), []).append(adult)
    return schools


def _column(people: pd.DataFrame, name: str) -> pd.Series:
    # Staff tables stored before a column was added to the contract do not have it.
    return people[name] if name in people else pd.Series(None, people.index, dtype="object")


def _optional(pupils: pd.DataFrame, name: str, read: Callable[[Any], Any]) -> list[Any]:
    empty = read("")
    if name not in pupils:
        return [empty] * len(pupils)
    return [
        read(value) if isinstance(value, str | tuple) else empty for value in pupils[name].tolist()
    ]


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _words(value: object) -> frozenset[str]:
    words = _text(value).split(ROLE_SEPARATOR)
    return frozenset(word.strip() for word in words if word.strip())
