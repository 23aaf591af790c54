"""The school's own books at the desk: changes of registration, and records of what it did."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from kongchuo_risk.cases import case_reader, case_store
from kongchuo_risk.domain.school_record import (
    ChangeState,
    RecordKind,
    RegistrationRequest,
    SchoolRecord,
)
from kongchuo_risk.errors import CaseError
from kongchuo_risk.serving.casework.permits import Deed
from kongchuo_risk.serving.casework.room import Room


class BookDesk:
    """Registration and records."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def ask_change(self, request: RegistrationRequest) -> RegistrationRequest:
        """Apply for a change of registration; a reason is required (seed rule 125)."""
        self._room.require(Deed.ASK_CHANGE, request.student_id)
        with case_store(self._room.engine) as store:
            return store.registration.add(request, by=self._room.by)

    def decide_change(
        self, request_id: int, *, approve: bool, doc_no: str = "", note: str = ""
    ) -> RegistrationRequest:
        """Approve or refuse an application.

        Raises
        ------
        CaseError
            When the person may not decide, a refusal has no reason, or papers are missing.
        """
        self._room.require(Deed.DECIDE_CHANGE, f"异动申请{request_id}")
        if not approve and not note.strip():
            raise CaseError("不同意异动申请时请写明理由")
        with case_store(self._room.engine) as store:
            asked = store.registration.get(request_id)
            if asked.state is not ChangeState.ASKED:
                raise CaseError(f"这份申请已经处理（{asked.state}）")
            if approve and not asked.documents:
                raise CaseError("手续不全：申请没有附任何材料，不能批准")
            decided = replace(
                asked, state=ChangeState.APPROVED if approve else ChangeState.REFUSED,
                decided_by=self._room.by, decided_at=self._room.moment.isoformat(),
                doc_no=doc_no, note=note.strip(),
            )  # fmt: skip
            return store.registration.save(decided, by=self._room.by)

    def record(self, record: SchoolRecord) -> SchoolRecord:
        """Keep a letter, meeting, publicity, inspection or check."""
        self._room.require(Deed.RECORD, f"学校{record.school_code}")
        if not record.title.strip():
            raise CaseError(f"{record.kind}请写标题")
        with case_store(self._room.engine) as store:
            return store.records.add(record, by=self._room.by)

    def records(
        self, school_code: str | None = None, *, kind: RecordKind | None = None,
        first: date | None = None, last: date | None = None,
    ) -> list[SchoolRecord]:  # fmt: skip
        """Records that stand."""
        with case_reader(self._room.engine) as store:
            return store.records.of_school(school_code, kind=kind, first=first, last=last)

    def report_sent(self, school_code: str, report: str, period: str, day: date) -> SchoolRecord:
        """Note that a periodic report went up; its deadline is then met."""
        content = {"报表": report, "期间": period}
        return self.record(
            SchoolRecord(RecordKind.REPORT, school_code, day, f"{report}（{period}）", content)
        )
