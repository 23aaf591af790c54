"""Comparisons of registers: what each found, and what people decided about doubtful pairs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from kongchuo_risk.cases.audit import write_audit
from kongchuo_risk.cases.rows import insert_all
from kongchuo_risk.cases.sealed import Sealed, stamp
from kongchuo_risk.cases.shelf import Shelf
from kongchuo_risk.cases.tables import comparison_findings, comparison_pairs, comparisons
from kongchuo_risk.domain.clock import now
from kongchuo_risk.domain.match import Comparison, Pair, PairState, RegisterFinding
from kongchuo_risk.errors import CaseError

_COMPARISONS = Sealed(Comparison, clear=("title", "day"), by_store=("findings", "queue"))
_PAIRS = Sealed(Pair, clear=("state", "probability", "decided_by", "decided_at"))
_FINDINGS = Sealed(RegisterFinding, clear=("kind",))
_AS_LAST_SEEN = sa.select(sa.func.max(comparison_pairs.c.id)).group_by(
    comparison_pairs.c.left_person, comparison_pairs.c.right_person
)
"""Of two rows that several comparisons paired, the pair in the newest."""


@dataclass(frozen=True, slots=True)
class KeptComparison:
    """A stored comparison, in a list of them."""

    id: int
    title: str
    day: date
    by: str
    at: str


class MatchBook:
    """Comparisons of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._pairs = Shelf(connection, comparison_pairs, _PAIRS)
        self._findings = Shelf(connection, comparison_findings, _FINDINGS)

    def add(self, comparison: Comparison, *, by: str) -> int:
        """Store a comparison; the id.

        Pairs that a person decided in an earlier comparison keep that decision: the same two rows
        are not asked about again when a register is delivered anew.
        """
        head = _COMPARISONS.row(self._connection, comparison) | {"by": by, "at": stamp(now())}
        statement = comparisons.insert().returning(comparisons.c.id)
        number = int(self._connection.execute(statement, head).scalar_one())
        insert_all(self._connection, comparison_pairs, self._pair_rows(number, comparison))
        insert_all(self._connection, comparison_findings, self._finding_rows(number, comparison))
        write_audit(
            self._connection, actor=by, action="数据比对", subject=comparison.title,
            comparison=number, findings=len(comparison.findings), pairs=len(comparison.queue),
        )  # fmt: skip
        return number

    def get(self, comparison_id: int) -> Comparison:
        """A comparison with its findings, and its pairs as they are decided by now.

        Raises
        ------
        CaseError
            When there is none.
        """
        query = sa.select(comparisons).where(comparisons.c.id == comparison_id)
        row = self._connection.execute(query).mappings().first()
        if row is None:
            raise CaseError(f"没有编号为 {comparison_id} 的比对")
        queue = self._pairs.find(comparison_pairs.c.comparison_id == comparison_id)
        parts = {"findings": tuple(self.findings(comparison_id)), "queue": tuple(queue)}
        return _COMPARISONS.value(self._connection, {**row, **parts})

    def all(self) -> list[KeptComparison]:
        """Every comparison, newest first."""
        names = KeptComparison.__dataclass_fields__
        query = sa.select(*(comparisons.c[name] for name in names))
        rows = self._connection.execute(query.order_by(comparisons.c.id.desc())).mappings()
        return [KeptComparison(**row) for row in rows]

    def findings(self, comparison_id: int) -> list[RegisterFinding]:
        """What a comparison found."""
        return self._findings.find(comparison_findings.c.comparison_id == comparison_id)

    def of_pupil(self, student_id: str) -> list[RegisterFinding]:
        """What the newest comparison of each title found of a pupil."""
        return self._findings.find(
            comparison_findings.c.student_id == student_id,
            comparison_findings.c.comparison_id.in_(_newest()),
        )

    def waiting(self) -> list[Pair]:
        """Pairs that wait for a person in the newest comparison of each title."""
        return self._pairs.find(
            comparison_pairs.c.state == PairState.WAITING,
            comparison_pairs.c.comparison_id.in_(_newest()),
        )

    def decide(self, pair_id: int, *, state: PairState, by: str, note: str = "") -> Pair:
        """Say whether two rows are one person; :attr:`PairState.WAITING` takes the word back.

        Raises
        ------
        CaseError
            When there is no such pair, or it was decided already.
        """
        pair = self._pairs.get(pair_id)
        if pair is None:
            raise CaseError(f"没有编号为 {pair_id} 的待复核记录")
        if PairState.WAITING not in (pair.state, state):
            raise CaseError(f"{pair.decided_by} 已判断为“{pair.state}”；要改判请先撤回原判断")
        decided = replace(
            pair, state=state, decided_by=by, decided_at=stamp(now()), note=note.strip()
        )
        self._pairs.update(pair_id, decided)
        write_audit(
            self._connection, actor=by, action=f"比对复核：{state}",
            subject=pair.left.student_id or pair.right.student_id or pair.left.person, pair=pair_id,
        )  # fmt: skip
        return decided

    def decisions(self) -> dict[tuple[str, str], Pair]:
        """Key of a pair → the pair as a person last decided it."""
        decided = self._pairs.find(
            comparison_pairs.c.state != PairState.WAITING, comparison_pairs.c.id.in_(_AS_LAST_SEEN)
        )
        return {pair.key: pair for pair in decided}

    def _pair_rows(self, number: int, comparison: Comparison) -> Iterator[dict[str, Any]]:
        known = self.decisions() if comparison.queue else {}
        for pair in comparison.queue:
            if before := known.get(pair.key):
                pair = replace(
                    pair, state=before.state, decided_by=before.decided_by,
                    decided_at=before.decided_at, note=before.note,
                )  # fmt: skip
            left, right = pair.key
            keys = {"comparison_id": number, "left_person": left, "right_person": right}
            yield _PAIRS.row(self._connection, pair) | keys

    def _finding_rows(self, number: int, comparison: Comparison) -> Iterator[dict[str, Any]]:
        for finding in comparison.findings:
            keys = {"comparison_id": number, "student_id": finding.person.student_id}
            yield _FINDINGS.row(self._connection, finding) | keys


def _newest() -> sa.Select[tuple[int]]:
    """Ids of the newest comparison of each title."""
    return sa.select(sa.func.max(comparisons.c.id)).group_by(comparisons.c.title)
