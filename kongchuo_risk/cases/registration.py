"""Applications to change a pupil's registration."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy.engine import Connection

from kongchuo_risk.cases.audit import write_audit
from kongchuo_risk.cases.sealed import Sealed, stamp
from kongchuo_risk.cases.shelf import Shelf
from kongchuo_risk.cases.tables import registration_requests as requests
from kongchuo_risk.domain.clock import now
from kongchuo_risk.domain.school_record import ChangeState, RegistrationRequest
from kongchuo_risk.errors import CaseError

_REQUESTS = Sealed(
    RegistrationRequest,
    clear=(
        "student_id", "school_code", "change_type", "day", "state", "asked_by", "asked_at",
    ),
    by_store=("id", "version"),
)  # fmt: skip


class RegistrationBook:
    """Applications of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._shelf = Shelf(connection, requests, _REQUESTS)

    def add(self, request: RegistrationRequest, *, by: str) -> RegistrationRequest:
        """Store an application.

        Raises
        ------
        CaseError
            When it gives no reason (seed rule 125).
        """
        if not request.reason.strip():
            raise CaseError("学籍异动请写明理由")
        asked = replace(request, asked_by=by, asked_at=stamp(now()), state=ChangeState.ASKED)
        stored = replace(asked, id=self._shelf.insert(asked, version=1), version=1)
        self._audit("申请学籍异动", by, stored)
        return stored

    def get(self, request_id: int) -> RegistrationRequest:
        """The application called ``request_id``; none is a :class:`CaseError`."""
        found = self._shelf.get(request_id)
        if found is None:
            raise CaseError(f"没有编号为 {request_id} 的异动申请")
        return found

    def save(self, request: RegistrationRequest, *, by: str) -> RegistrationRequest:
        """Store a changed application.

        Raises
        ------
        CaseError
            When somebody else changed it since it was read.
        """
        if request.id is None:
            raise CaseError("异动申请尚未提交，不能修改")
        stored = replace(request, version=request.version + 1)
        unchanged = requests.c.version == request.version
        if not self._shelf.update(request.id, stored, unchanged, version=stored.version):
            raise CaseError("这份异动申请已被他人修改，请刷新后重试")
        self._audit(f"学籍异动：{stored.state}", by, stored)
        return stored

    def of_pupil(self, student_id: str) -> list[RegistrationRequest]:
        """Applications for a pupil, oldest first."""
        return self._shelf.find(requests.c.student_id == student_id)

    def waiting(self, school_code: str | None = None) -> list[RegistrationRequest]:
        """Applications that nobody has decided, of one school or of all."""
        own = () if school_code is None else (requests.c.school_code == school_code,)
        return self._shelf.find(requests.c.state == ChangeState.ASKED, *own)

    def between(self, first: date, last: date) -> list[RegistrationRequest]:
        """Applications for changes that take effect from ``first`` to ``last``."""
        return self._shelf.find(requests.c.day.between(first, last), order=requests.c.day)

    def _audit(self, action: str, by: str, request: RegistrationRequest) -> None:
        write_audit(
            self._connection,
            actor=by,
            action=action,
            subject=request.student_id,
            request=request.id,
            change=request.change_type,
        )
