"""疑似辍学台账 and 辍学台账 as of a day, made from the absences that were recorded by then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import pandas as pd

from kongchuo_risk.contracts.causes import load_causes
from kongchuo_risk.domain.case import Case
from kongchuo_risk.domain.visit import Notice, Visit
from kongchuo_risk.features.standing import DROPPED_OUT
from kongchuo_risk.reports.ledgers.history import Spell
from kongchuo_risk.reports.ledgers.material import Scope, Snapshot

SUSPECTED, DROPOUT = "疑似辍学", "辍学"
AWAY_COLUMNS = (
    "student_id", "学校", "班级", "学段", "案件编号", "登记日期", "缺勤起始", "未到校天数", "状态",
    "触发", "原因", "去向", "包案教师", "走访次数", "上门次数", "最近走访", "最近结果", "文书",
)  # fmt: skip
NO_CASE = "未立案"
RESTRICTED = "限权查看"
"""Printed for causes that only safeguarding roles may see (``causes.yaml``)."""


def away_on(snapshot: Snapshot, scope: Scope) -> list[Spell]:
    """Absences that last at the end of the day, within a scope, by pupil."""
    spells = (spell for spell in snapshot.history.spells if spell.holds(snapshot.day))
    of_scope = (s for s in spells if scope.covers(s.case.school_code, s.case.class_id))
    return sorted(of_scope, key=lambda spell: (spell.case.school_code, spell.case.student_id))


def is_dropout(spell: Spell, snapshot: Snapshot) -> bool:
    """Whether an absence has lasted as long as the county's term for 辍学."""
    day = spell.dropout_on(snapshot.material.terms.confirm_days)
    return day is not None and day <= snapshot.day


def suspected_ledger(snapshot: Snapshot, scope: Scope) -> pd.DataFrame:
    """疑似辍学台账: pupils who stay away, for less time than makes 辍学.

    Returns
    -------
    DataFrame
        :data:`AWAY_COLUMNS`; names, guardians and addresses are put in by
        :func:`~kongchuo_risk.reports.ledgers.names.with_names`, for those who may see them.
        A child who returned or left the procedure by the day is gone from it (动态销号).
    """
    spells = [s for s in away_on(snapshot, scope) if not is_dropout(s, snapshot)]
    return _ledger(spells, snapshot)


def dropout_ledger(snapshot: Snapshot, scope: Scope) -> pd.DataFrame:
    """辍学台账: pupils who have stayed away for the county's term, or whom the roll calls gone.

    Returns
    -------
    DataFrame
        :data:`AWAY_COLUMNS`. Pupils whom only the roll calls 流失 or 下落不明 have 未立案 as
        their ``状态``: somebody must open a case.
    """
    spells = [s for s in away_on(snapshot, scope) if is_dropout(s, snapshot)]
    ledger = _ledger(spells, snapshot)
    without = without_case(snapshot, scope)
    places = zip(
        without.index, without["school_code"], without["class_id"], without["stage"], strict=True
    )
    rows = [
        {
            **dict.fromkeys(AWAY_COLUMNS, ""), **dict.fromkeys(_NUMBERS_AND_DAYS),
            "student_id": pupil, "学校": school, "班级": class_id, "学段": stage, "状态": NO_CASE,
        }
        for pupil, school, class_id, stage in places
    ]  # fmt: skip
    return pd.DataFrame(
        [*ledger.to_dict("records"), *rows], columns=list(AWAY_COLUMNS), dtype="object"
    )


_NUMBERS_AND_DAYS = (
    "案件编号", "登记日期", "缺勤起始", "未到校天数", "走访次数", "上门次数", "最近走访",
)  # fmt: skip


def without_case(snapshot: Snapshot, scope: Scope) -> pd.DataFrame:
    """Rows of the roll that say 流失 or 下落不明 of a pupil who has no case of being away."""
    gone = scope.of(snapshot.roll[snapshot.roll["standing"] == DROPPED_OUT])
    return gone[~gone.index.isin([s.case.student_id for s in away_on(snapshot, scope)])]


def dropouts(snapshot: Snapshot, scope: Scope) -> set[tuple[str, str]]:
    """(school, pupil) of everybody in the 辍学台账."""
    ledger = dropout_ledger(snapshot, scope)
    return set(zip(ledger["学校"], ledger["student_id"], strict=True))


def cause_label(case: Case, labels: Mapping[str, str] | None = None) -> str:
    """The main cause in words, if everybody may see it; empty when nobody has found it yet."""
    known = labels if labels is not None else _cause_labels()
    return known.get(case.cause or "", case.cause or "")


def _cause_labels() -> dict[str, str]:
    causes = load_causes().by_code.items()
    return {code: RESTRICTED if cause.restricted else cause.label for code, cause in causes}


def _ledger(spells: Iterable[Spell], snapshot: Snapshot) -> pd.DataFrame:
    labels = _cause_labels()
    rows = [_row(spell, snapshot, labels) for spell in spells]
    return pd.DataFrame(rows, columns=list(AWAY_COLUMNS), dtype="object")


def _row(spell: Spell, snapshot: Snapshot, labels: Mapping[str, str]) -> dict[str, object]:
    case, number = spell.case, spell.case.id or 0
    visits = of_spell(snapshot.history.visits_of.get(number, []), spell)
    notices = snapshot.history.notices_of.get(number, [])
    return {
        "student_id": case.student_id,
        "学校": case.school_code,
        "班级": case.class_id,
        "学段": snapshot.stage_of(case.student_id),
        "案件编号": number,
        "登记日期": spell.began,
        "缺勤起始": spell.since,
        "未到校天数": (snapshot.day - spell.since).days,
        "状态": str(case.status),
        "触发": str(case.trigger),
        "原因": cause_label(case, labels),
        "去向": str(case.destination or ""),
        "包案教师": case.owner_staff or "",
        **_contact(visits),
        "文书": "；".join(paper(notice) for notice in notices if notice.issued_on >= spell.since),
    }


def of_spell(visits: Iterable[Visit], spell: Spell) -> list[Visit]:
    """Visits made since the absence began, and not after its end was recorded."""
    return [v for v in visits if v.day >= spell.since and (not spell.ended or v.day <= spell.ended)]


def _contact(visits: list[Visit]) -> dict[str, object]:
    last = visits[-1] if visits else None
    return {
        "走访次数": len(visits),
        "上门次数": sum(visit.at_home for visit in visits),
        "最近走访": last.day if last else None,
        "最近结果": str(last.result) if last else "",
    }


def paper(notice: Notice) -> str:
    """A paper in one line: its kind, number, day, and whether it arrived."""
    arrived = f"，{_day(notice.delivered_on)}送达" if notice.is_delivered else "，未送达"
    return f"{notice.kind}（{notice.doc_no}，{_day(notice.issued_on)}{arrived}）"


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()
