"""Objections to being ranked by a machine, and requests to correct (第二十四条、第四十六条)."""

from __future__ import annotations

from datetime import date

from kongchuo_risk.cases import CaseStore
from kongchuo_risk.domain.school_record import RecordKind, SchoolRecord
from kongchuo_risk.errors import CaseError

AGAINST_RANKING, CORRECTION, DELETION = "异议：自动排序", "更正或补充", "要求删除"
KINDS = (AGAINST_RANKING, CORRECTION, DELETION)
"""What a pupil or guardian may ask."""


def record_objection(
    store: CaseStore,
    student_id: str,
    kind: str,
    *,
    school_code: str,
    day: date,
    asked_by: str,
    says: str,
    by: str,
) -> SchoolRecord:
    """Keep what a pupil or guardian asks; a person must answer it.

    Parameters
    ----------
    store
        A unit of work that writes.
    student_id, school_code
        Whom it is about.
    kind
        One of :data:`KINDS`.
    day
        When it was asked.
    asked_by
        Who asks, and as what.
    says
        The request in their words.
    by
        Who takes it down.

    Raises
    ------
    CaseError
        When the kind is another, or it is empty.
    """
    if kind not in KINDS or not asked_by.strip() or not says.strip():
        raise CaseError(f"请写明谁提出、内容，以及哪一类：{'、'.join(KINDS)}")
    content = {"提出人": asked_by.strip(), "内容": says.strip()}
    record = SchoolRecord(RecordKind.REMARK, school_code, day, kind, content, student_id=student_id)
    return store.records.add(record, by=by)


def objections_of(store: CaseStore, student_id: str) -> tuple[str, ...]:
    """What was asked for a pupil, as it stands on paper, oldest first."""
    return tuple(
        f"{record.day:%Y-%m-%d} {record.title}：{record.content.get('内容', '')}"
        for record in store.records.of_pupil(student_id)
        if record.kind is RecordKind.REMARK and record.title in KINDS
    )


def against_ranking(store: CaseStore, school_code: str | None = None) -> frozenset[str]:
    """Pupils for whom being ranked by a machine was objected to.

    The list still names them where the law does (重点群体), but nothing may rest on the rank
    alone: whoever acts on it says why in his own words.
    """
    found = store.records.of_school(school_code, kind=RecordKind.REMARK)
    return frozenset(
        record.student_id
        for record in found
        if record.title == AGAINST_RANKING and record.student_id is not None
    )
