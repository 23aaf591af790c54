"""Casework at the desk: what pages and commands call."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kongchuo_risk.domain.actor import Actor
from kongchuo_risk.serving.casework.attendance import AttendanceDesk, Entered
from kongchuo_risk.serving.casework.books import BookDesk
from kongchuo_risk.serving.casework.cases import CaseDesk
from kongchuo_risk.serving.casework.contacts import ContactDesk
from kongchuo_risk.serving.casework.people import staff_actor
from kongchuo_risk.serving.casework.room import Room, open_room
from kongchuo_risk.serving.casework.today import TaskList, TodayDesk
from kongchuo_risk.workspace import Workspace

__all__ = ["Casework", "Entered", "TaskList"]


class Casework:
    """The desks of one person.

    Attributes
    ----------
    attendance, cases, contacts, books, today
        Sheets and signs; cases; visits and papers; the school's books; what is due.
    """

    def __init__(
        self, workspace: Workspace, engine: Any, actor: Actor, *, room: Room | None = None
    ) -> None:
        self.room: Room = room or open_room(workspace, engine, actor)
        self.attendance = AttendanceDesk(self.room)
        self.cases = CaseDesk(self.room)
        self.contacts = ContactDesk(self.room)
        self.books = BookDesk(self.room)
        self.today = TodayDesk(self.room)

    def acting(self, actor: Actor) -> Casework:
        """The desks of somebody else over the same rolls: nothing is read again."""
        room = replace(self.room, actor=actor)
        return Casework(room.workspace, room.engine, actor, room=room)

    def person(self, staff_no: str) -> Casework:
        """The desks of a member of staff, with the roles of the staff table.

        Raises
        ------
        NotFoundError
            When there is no such number.
        """
        return self.acting(staff_actor(self.room.roll(), staff_no))
