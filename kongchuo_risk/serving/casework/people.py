"""Members of staff as people who act: their names, and the roles that the staff table gives."""

from __future__ import annotations

from kongchuo_risk.domain.actor import Actor, Role
from kongchuo_risk.domain.task import Task
from kongchuo_risk.errors import NotFoundError
from kongchuo_risk.planning.capacity import roles_of
from kongchuo_risk.serving.casework.roll import Roll

_ROLES = {
    "principal": Role.PRINCIPAL,
    "vice_principal": Role.VICE_PRINCIPAL,
    "dean": Role.DEAN,
    "homeroom": Role.HOMEROOM,
    "subject": Role.SUBJECT,
    "counsellor": Role.COUNSELLOR,
    "registrar": Role.REGISTRAR,
}
_POSTS = {role: code for code, role in _ROLES.items()}
_MENTORS = frozenset({Role.HOMEROOM, Role.SUBJECT, Role.COUNSELLOR})
"""Every teacher may answer for a pupil."""


def staff_actor(roll: Roll, staff_no: str) -> Actor:
    """A member of staff, with the roles of the staff table and of the classes.

    Raises
    ------
    NotFoundError
        When the staff table has no such number.
    """
    if staff_no not in roll.staff.index:
        raise NotFoundError(f"教职工表里没有工号 {staff_no}")
    codes = roles_of(roll.staff.loc[staff_no, "roles"])
    roles = {_ROLES[code] for code in codes if code in _ROLES}
    if staff_no in roll.homerooms.values():
        roles.add(Role.HOMEROOM)
    if roles & _MENTORS:
        roles.add(Role.MENTOR)
    return Actor(roll.directory.person(staff_no), frozenset(roles), staff_no)


def in_charge(roll: Roll, task: Task) -> str | None:
    """Staff number of who has to do a task: the holder of the post that it names.

    The class teacher of the class, the mentor of the case, the school's principal; nobody by name
    where the post is outside the school or held by several.
    """
    if task.owner_role is Role.MENTOR:
        return task.owner_staff
    if task.owner_role is Role.HOMEROOM:
        return roll.homerooms.get(task.class_id or "", task.owner_staff)
    if task.owner_role is Role.SUBJECT:
        return None
    return roll.holders.get((task.school_code, _POSTS.get(task.owner_role, "")))
