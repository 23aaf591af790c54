"""Papers that were issued in a case, and whether they arrived."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from kongchuo_risk.cases.audit import write_audit
from kongchuo_risk.cases.sealed import Sealed, stamp
from kongchuo_risk.cases.shelf import Shelf
from kongchuo_risk.cases.tables import notices
from kongchuo_risk.domain.clock import now
from kongchuo_risk.domain.visit import Notice
from kongchuo_risk.errors import CaseError

_NOTICES = Sealed(
    Notice,
    clear=(
        "student_id", "case_id", "kind", "doc_no", "issued_on", "recorded_by", "recorded_at",
    ),
)  # fmt: skip


class NoticeBook:
    """Notices of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._shelf = Shelf(connection, notices, _NOTICES)

    def add(self, notice: Notice, *, by: str) -> Notice:
        """Store a paper that was issued.

        Raises
        ------
        CaseError
            When its number was used before.
        """
        recorded = replace(notice, recorded_by=by, recorded_at=stamp(now()))
        try:
            with self._connection.begin_nested():
                stored = replace(recorded, id=self._shelf.insert(recorded))
        except IntegrityError as error:
            raise CaseError(f"文号 {notice.doc_no} 已经用过，请换一个") from error
        self._audit("签发文书", by, stored)
        return stored

    def get(self, notice_id: int) -> Notice:
        """The paper called ``notice_id``; none is a :class:`CaseError`."""
        found = self._shelf.get(notice_id)
        if found is None:
            raise CaseError(f"没有编号为 {notice_id} 的文书")
        return found

    def save(self, notice: Notice, *, by: str) -> Notice:
        """Store how a paper was delivered or answered; number, kind and day stay.

        Raises
        ------
        CaseError
            When the paper was never stored, or what must stay was changed.
        """
        if notice.id is None:
            raise CaseError("文书尚未签发，不能登记送达")
        old = self.get(notice.id)
        fixed = ("student_id", "case_id", "kind", "doc_no", "issued_on")
        if any(getattr(old, name) != getattr(notice, name) for name in fixed):
            raise CaseError("文书签发后，文号、种类、日期和对象不能修改；有误请另行签发")
        self._shelf.update(notice.id, notice)
        self._audit("登记送达", by, notice)
        return notice

    def of_case(self, case_id: int) -> list[Notice]:
        """Papers of a case, oldest first."""
        return self._shelf.find(notices.c.case_id == case_id)

    def of_cases(self, case_ids: Iterable[int]) -> dict[int, list[Notice]]:
        """Case → its papers."""
        found: dict[int, list[Notice]] = {}
        for notice in self._shelf.having(notices.c.case_id, case_ids):
            assert notice.case_id is not None
            found.setdefault(notice.case_id, []).append(notice)
        return found

    def of_pupil(self, student_id: str) -> list[Notice]:
        """Papers about a pupil, oldest first."""
        return self._shelf.find(notices.c.student_id == student_id)

    def between(self, first: date, last: date) -> list[Notice]:
        """Papers issued from ``first`` to ``last``."""
        return self._shelf.find(notices.c.issued_on.between(first, last))

    def every(self) -> list[Notice]:
        """Every paper ever issued."""
        return self._shelf.find()

    def _audit(self, action: str, by: str, notice: Notice) -> None:
        write_audit(
            self._connection,
            actor=by,
            action=action,
            subject=notice.student_id,
            notice=notice.id,
            kind=notice.kind,
            doc_no=notice.doc_no,
        )
