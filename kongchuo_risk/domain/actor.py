"""Who acts: a name, and the roles in which he or she may."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Roles of the procedure (seed rules 22–48); the last ones are outside the school."""

    HOMEROOM = "班主任"
    MENTOR = "包保教师"
    SUBJECT = "科任教师"
    COUNSELLOR = "心理教师"
    REGISTRAR = "学籍管理员"
    DEAN = "教导主任"
    VICE_PRINCIPAL = "副校长"
    PRINCIPAL = "校长"
    OFFICE = "中心校（学区）"
    BUREAU = "县教体局"
    TOWNSHIP = "乡镇政府"
    VILLAGE = "村（居）委会"
    POLICE = "公安"
    JUSTICE = "司法"
    OTHER = "其他"


LEADERS = frozenset({Role.DEAN, Role.VICE_PRINCIPAL, Role.PRINCIPAL})
"""校干: one of them goes along on the first visit (rule 78)."""
ABOVE_SCHOOL = frozenset({Role.OFFICE, Role.BUREAU})


@dataclass(frozen=True, slots=True)
class Actor:
    """One person who acts.

    Examples
    --------
    >>> Actor("甲", frozenset({Role.HOMEROOM})).is_one_of({Role.HOMEROOM, Role.PRINCIPAL})
    True
    """

    name: str
    """What the audit log says; two people never share one."""
    roles: frozenset[Role] = frozenset()
    staff_no: str | None = None

    def is_one_of(self, roles: frozenset[Role] | set[Role]) -> bool:
        """Whether this person has one of ``roles``."""
        return bool(self.roles & roles)
