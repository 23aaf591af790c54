"""What a school records beside its cases, and the numbers of the papers it issues."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from kongchuo_risk.cases.audit import utc_now, write_audit
from kongchuo_risk.cases.rows import plain
from kongchuo_risk.cases.sealed import Sealed, stamp
from kongchuo_risk.cases.shelf import Shelf
from kongchuo_risk.cases.tables import issued_documents, school_records
from kongchuo_risk.domain.clock import now
from kongchuo_risk.domain.school_record import IssuedDocument, RecordKind, SchoolRecord
from kongchuo_risk.errors import CaseError

_RECORDS = Sealed(
    SchoolRecord,
    clear=(
        "kind", "school_code", "class_id", "student_id", "day", "recorded_by", "recorded_at",
    ),
)  # fmt: skip
_STANDS = school_records.c.replaced_by.is_(None)


class RecordBook:
    """School records of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._shelf = Shelf(connection, school_records, _RECORDS)

    def add(self, record: SchoolRecord, *, by: str) -> SchoolRecord:
        """Store a record."""
        recorded = replace(record, recorded_by=by, recorded_at=stamp(now()))
        stored = replace(recorded, id=self._shelf.insert(recorded))
        self._audit(f"登记{record.kind}", by, stored)
        return stored

    def get(self, record_id: int) -> SchoolRecord:
        """The record called ``record_id``; none is a :class:`CaseError`."""
        found = self._shelf.get(record_id)
        if found is None:
            raise CaseError(f"没有编号为 {record_id} 的记录")
        return found

    def correct(self, record_id: int, record: SchoolRecord, *, by: str) -> SchoolRecord:
        """Put a corrected record in the place of one that is kept."""
        self.get(record_id)
        recorded = replace(record, replaces=record_id, recorded_by=by, recorded_at=stamp(now()))
        new_id = self._shelf.insert(recorded)
        self._shelf.mark(record_id, replaced_by=new_id)
        stored = replace(recorded, id=new_id)
        self._audit(f"更正{record.kind}", by, stored)
        return stored

    def of_school(
        self,
        school_code: str | None = None,
        *,
        kind: RecordKind | None = None,
        first: date | None = None,
        last: date | None = None,
    ) -> list[SchoolRecord]:
        """Records that stand: of one school or of all, of one kind or of all, in a time."""
        columns, asked = school_records.c, []
        if school_code is not None:
            asked.append(columns.school_code == school_code)
        if kind is not None:
            asked.append(columns.kind == kind)
        if first is not None:
            asked.append(columns.day >= first)
        if last is not None:
            asked.append(columns.day <= last)
        return self._shelf.find(*asked, _STANDS, order=columns.day)

    def every(self) -> list[SchoolRecord]:
        """Every record ever stored, corrected ones too."""
        return self._shelf.find()

    def of_pupil(self, student_id: str) -> list[SchoolRecord]:
        """Records about a pupil that stand."""
        return self._shelf.find(school_records.c.student_id == student_id, _STANDS)

    def _audit(self, action: str, by: str, record: SchoolRecord) -> None:
        subject = record.student_id or f"学校{record.school_code}"
        write_audit(self._connection, actor=by, action=action, subject=subject, record=record.id)


class DocumentBook:
    """Numbers of issued papers (seed rule 144), without gaps."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def issue(
        self,
        *,
        form: str,
        school_code: str,
        issued_on: date,
        signer: str,
        pattern: str,
        subject: str,
        by: str,
    ) -> IssuedDocument:
        """Take the next number of a form in a school and year.

        Parameters
        ----------
        pattern
            How a number is written, with ``{year}`` and ``{number}``.

        Raises
        ------
        CaseError
            When nobody signs, or the written number was used before.
        """
        if not signer.strip():
            raise CaseError(f"《{form}》请填写签发人")
        number = self._last_number(form, school_code, issued_on.year) + 1
        document = IssuedDocument(
            doc_no=pattern.format(year=issued_on.year, number=number),
            form=form,
            school_code=school_code,
            year=issued_on.year,
            number=number,
            issued_on=issued_on,
            signer=signer.strip(),
            subject=subject,
            by=by,
            at=utc_now(),
        )
        if self.find(document.doc_no) is not None:
            raise CaseError(f"文号 {document.doc_no} 已经用过，请核对文号写法")
        self._connection.execute(issued_documents.insert().values(plain(document)))
        write_audit(
            self._connection, actor=by, action="编文号", subject=subject,
            form=form, doc_no=document.doc_no,
        )  # fmt: skip
        return document

    def find(self, doc_no: str) -> IssuedDocument | None:
        """The paper that bears a number."""
        return next(iter(self._documents(issued_documents.c.doc_no == doc_no)), None)

    def of_school(self, school_code: str, year: int | None = None) -> list[IssuedDocument]:
        """Papers of a school, of one year or of all, by form and number."""
        conditions = [issued_documents.c.school_code == school_code]
        if year is not None:
            conditions.append(issued_documents.c.year == year)
        return self._documents(*conditions)

    def _last_number(self, form: str, school_code: str, year: int) -> int:
        query = sa.select(sa.func.max(issued_documents.c.number)).where(
            issued_documents.c.form == form,
            issued_documents.c.school_code == school_code,
            issued_documents.c.year == year,
        )
        return int(self._connection.scalar(query) or 0)

    def _documents(self, *conditions: sa.ColumnElement[bool]) -> list[IssuedDocument]:
        order = (issued_documents.c.form, issued_documents.c.year, issued_documents.c.number)
        query = sa.select(issued_documents).where(*conditions).order_by(*order)
        return [IssuedDocument(**row) for row in self._connection.execute(query).mappings()]
