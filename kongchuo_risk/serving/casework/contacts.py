"""Visits and papers of a case at the desk."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from kongchuo_risk.cases import case_store
from kongchuo_risk.domain.clock import day_of
from kongchuo_risk.domain.visit import Delivery, Notice, NoticeKind, Visit
from kongchuo_risk.serving.casework.permits import Deed
from kongchuo_risk.serving.casework.room import Room


class ContactDesk:
    """What is done with a family."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def record_visit(self, visit: Visit) -> Visit:
        """Store a visit; one to a pupil with an open case belongs to that case.

        Raises
        ------
        CaseError
            When the record says too little; everything that is missing is named.
        NotFoundError
            When there is no such pupil.
        """
        self._room.require(Deed.VISIT, visit.student_id)
        self._room.roll().place_of(visit.student_id)
        with case_store(self._room.engine) as store:
            if visit.case_id is None:
                case = store.cases.open_of([visit.student_id]).get(visit.student_id)
                visit = replace(visit, case_id=case.id if case else None)
            return store.visits.add(visit, by=self._room.by)

    def correct_visit(self, visit_id: int, visit: Visit) -> Visit:
        """Put a corrected record in the place of one that is kept."""
        self._room.require(Deed.VISIT, visit.student_id)
        with case_store(self._room.engine) as store:
            return store.visits.correct(visit_id, visit, by=self._room.by)

    def review_visit(self, visit_id: int) -> Visit:
        """A leader has read a record (seed rule 95)."""
        self._room.require(Deed.REVIEW, f"走访{visit_id}")
        with case_store(self._room.engine) as store:
            return store.visits.review(visit_id, by=self._room.by)

    def issue(
        self,
        case_id: int,
        kind: NoticeKind,
        *,
        addressee: str,
        signer: str,
        deadline: date | None = None,
        issued_on: date | None = None,
    ) -> Notice:
        """Issue a paper under the next number of the school (seed rule 144).

        Raises
        ------
        CaseError
            When nobody signs.
        """
        self._room.require(Deed.ISSUE, f"案件{case_id}")
        day = issued_on or day_of(self._room.moment)
        with case_store(self._room.engine) as store:
            case = store.cases.get(case_id)
            school = self._room.roll().directory.school(case.school_code)
            document = store.documents.issue(
                form=kind,
                school_code=case.school_code,
                issued_on=day,
                signer=signer,
                # Braces in a school's name must not be read as fields.
                pattern=_pattern(self._room.procedure.doc_no, school, kind),
                subject=case.student_id,
                by=self._room.by,
            )
            notice = Notice(
                case.student_id, kind, document.doc_no, day, addressee, signer, case_id, deadline
            )
            return store.notices.add(notice, by=self._room.by)

    def deliver(
        self, notice_id: int, *, delivery: Delivery, delivered_on: date, receipt: str
    ) -> Notice:
        """Record how a paper arrived, and what proves it."""
        self._room.require(Deed.DELIVER, f"文书{notice_id}")
        with case_store(self._room.engine) as store:
            issued = store.notices.get(notice_id)
            arrived = replace(
                issued, delivery=delivery, delivered_on=delivered_on, receipt=receipt.strip()
            )
            return store.notices.save(arrived, by=self._room.by)


def _pattern(written: str, school: str, form: str) -> str:
    """A way to write numbers with school and form filled in, year and number left open.

    >>> _pattern("{school}控辍〔{year}〕{form}{number}号", "甲{校}", "报告单")
    '甲{{校}}控辍〔{year}〕报告单{number}号'
    """
    filled = {"school": school, "form": form}
    for name, text in filled.items():
        written = written.replace(f"{{{name}}}", text.replace("{", "{{").replace("}", "}}"))
    return written
