"""包保: a responsible adult for every pupil, the class teacher first, within everybody's places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pandas as pd

from kongchuo_risk.domain.plan import Pairing
from kongchuo_risk.domain.risk import Tier
from kongchuo_risk.planning.capacity import mentor_places, roles_of
from kongchuo_risk.settings import CapacitySettings

MENTOR_KIND = "包保教师"
HOMEROOM_KIND = "班主任"
STAND_INS = ("principal", "vice_principal", "dean")
"""Who answers for a class without a class teacher, first choice first (校长包校, rule 33)."""


@dataclass
class School:
    """Staff of one school and the places they have left."""

    free: dict[str, int] = field(default_factory=dict)
    leader: str | None = None

    def take(self, first: str | None) -> str | None:
        """A place of ``first`` if there is one, else of the person with the most free places."""
        chosen = first if first is not None and self.free.get(first, 0) > 0 else self._freest()
        if chosen is not None:
            self.free[chosen] -= 1
        return chosen

    def _freest(self) -> str | None:
        open_places = [(-places, number) for number, places in self.free.items() if places > 0]
        return min(open_places)[1] if open_places else None


def homeroom_by_class(classes: pd.DataFrame) -> dict[str, str]:
    """Class → staff number of its class teacher in the last term that names one."""
    named = classes.dropna(subset=["homeroom_staff"]).sort_values("term", kind="stable")
    last = named.drop_duplicates("class_id", keep="last")
    return dict(zip(last["class_id"], last["homeroom_staff"], strict=True))


def assign_mentors(
    pupils: pd.DataFrame,
    staff: pd.DataFrame,
    classes: pd.DataFrame,
    capacity: CapacitySettings,
) -> tuple[Pairing, ...]:
    """One responsible adult for every pupil.

    Pupils on the list get a 包保教师 in the order of their rank: the class teacher while places
    are left, then the colleague of the same school with the most free places. Everybody else, and
    whoever finds no place, is the class teacher's.

    Parameters
    ----------
    pupils : DataFrame with ``student_id``, ``school_code``, ``class_id``, ``rank``, ``tier``
        Everybody, listed or not.
    staff, classes
        Rows of those tables; the last term's class teacher counts.
    capacity
        Gives the places of teaching staff without a 包保名额.

    Returns
    -------
    tuple of Pairing
        One per pupil, in the order of ``pupils``; only pupils of a school without any staff have
        none.
    """
    schools = _schools(staff, capacity)
    homeroom = homeroom_by_class(classes)
    by_pupil = {
        pairing.student_id: pairing for pairing in _pair_in_order(pupils, schools, homeroom)
    }
    return tuple(by_pupil[pupil] for pupil in pupils["student_id"] if pupil in by_pupil)


def _schools(staff: pd.DataFrame, capacity: CapacitySettings) -> dict[str, School]:
    places = mentor_places(staff, capacity)
    people = staff.drop_duplicates("staff_no", keep="last").sort_values("staff_no")
    schools: dict[str, School] = {}
    for school_code, members in people.groupby("school_code", sort=True):
        free = {number: int(places[number]) for number in members["staff_no"]}
        schools[str(school_code)] = School(free, _leader(members))
    return schools


def _leader(members: pd.DataFrame) -> str:
    roles = members.set_index("staff_no")["roles"].map(roles_of)
    by_choice = (number for role in STAND_INS for number, held in roles.items() if role in held)
    return str(next(by_choice, roles.index[0]))


def _pair_in_order(
    pupils: pd.DataFrame, schools: dict[str, School], homeroom: dict[str, str]
) -> Iterator[Pairing]:
    listed = pupils["tier"].ne(Tier.NONE)
    order = pd.concat([pupils[listed].sort_values(["rank", "student_id"]), pupils[~listed]])
    columns = [order[name] for name in ("student_id", "school_code", "class_id", "tier")]
    for student_id, school_code, class_id, tier in zip(*columns, strict=True):
        school = schools.get(school_code, School())
        teacher = homeroom.get(class_id)
        mentor = school.take(teacher) if tier != Tier.NONE else None
        pairing = (
            _responsible(student_id, teacher, school.leader, listed=tier != Tier.NONE)
            if mentor is None
            else Pairing(student_id, mentor, MENTOR_KIND, _why_mentor(mentor, teacher))
        )
        if pairing is not None:
            yield pairing


def _why_mentor(mentor: str, teacher: str | None) -> str:
    if mentor == teacher:
        return "班主任，最了解本班学生，包保名额未满"
    if teacher is None:
        return "本班没有登记班主任；由本校空余包保名额最多的教师担任"
    return "班主任包保名额已满；由本校空余包保名额最多的教师担任"


def _responsible(
    student_id: str, teacher: str | None, leader: str | None, *, listed: bool
) -> Pairing | None:
    if teacher is not None:
        why = "本校包保名额已满，由班主任负责" if listed else "班主任包班，负责全班学生"
        return Pairing(student_id, teacher, HOMEROOM_KIND, why)
    if leader is not None:
        return Pairing(student_id, leader, HOMEROOM_KIND, "本班没有登记班主任，由学校负责人代管")
    return None
