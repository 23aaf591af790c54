"""What was noticed of pupils, and absences that a person must judge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from sqlalchemy.engine import Connection

from kongchuo_risk.cases.audit import write_audit
from kongchuo_risk.cases.sealed import Sealed, stamp
from kongchuo_risk.cases.shelf import Shelf
from kongchuo_risk.cases.tables import observations, suspicions
from kongchuo_risk.domain.attendance import Observation, Suspicion, SuspicionState
from kongchuo_risk.domain.clock import now
from kongchuo_risk.errors import CaseError

_OBSERVATIONS = Sealed(Observation, clear=("student_id", "day", "by", "recorded_at"))
_SUSPICIONS = Sealed(
    Suspicion,
    clear=("student_id", "school_code", "class_id", "since", "state", "case_id", "recorded_at"),
)


class ObservationBook:
    """Observations of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._shelf = Shelf(connection, observations, _OBSERVATIONS)

    def add(self, observation: Observation, *, by: str) -> Observation:
        """Store what somebody noticed."""
        recorded = replace(observation, by=by, recorded_at=stamp(now()))
        stored = replace(recorded, id=self._shelf.insert(recorded))
        write_audit(self._connection, actor=by, action="登记苗头", subject=observation.student_id)
        return stored

    def of_pupil(self, student_id: str) -> list[Observation]:
        """Observations of a pupil, oldest first."""
        return self._shelf.find(observations.c.student_id == student_id)

    def between(self, first: date, last: date) -> list[Observation]:
        """Observations of the days from ``first`` to ``last``."""
        return self._shelf.find(observations.c.day.between(first, last), order=observations.c.day)


class SuspicionBook:
    """Absences to find out about, of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._shelf = Shelf(connection, suspicions, _SUSPICIONS)

    def add(self, suspicion: Suspicion, *, by: str) -> Suspicion:
        """Store a suspicion; the same absence found again only counts its sessions anew.

        What a person has judged stays judged.
        """
        known = self._known(suspicion.student_id, suspicion.since)
        if known is None:
            recorded = replace(suspicion, recorded_at=stamp(now()))
            stored = replace(recorded, id=self._shelf.insert(recorded))
            self._audit("发现缺勤", by, stored)
            return stored
        if known.sessions == suspicion.sessions or known.id is None:
            return known
        counted = replace(known, sessions=suspicion.sessions)
        self._shelf.update(known.id, counted)
        return counted

    def get(self, suspicion_id: int) -> Suspicion:
        """The suspicion called ``suspicion_id``; none is a :class:`CaseError`."""
        found = self._shelf.get(suspicion_id)
        if found is None:
            raise CaseError(f"没有编号为 {suspicion_id} 的待判断记录")
        return found

    def open(self, school_code: str | None = None) -> list[Suspicion]:
        """Those that wait for a person, of one school or of all."""
        own = () if school_code is None else (suspicions.c.school_code == school_code,)
        return self._shelf.find(suspicions.c.state == SuspicionState.HELD, *own)

    def of_pupils(self, student_ids: Iterable[str]) -> list[Suspicion]:
        """Every suspicion about some pupils, judged or not."""
        return self._shelf.having(suspicions.c.student_id, student_ids)

    def judge(
        self,
        suspicion_id: int,
        *,
        state: SuspicionState,
        by: str,
        note: str = "",
        case_id: int | None = None,
    ) -> Suspicion:
        """Say what became of a suspicion.

        Raises
        ------
        CaseError
            When somebody judged it before, or it is dismissed without a word.
        """
        held = self.get(suspicion_id)
        if held.state is not SuspicionState.HELD:
            raise CaseError(f"这条记录已经判断过（{held.state}）")
        if state is SuspicionState.DISMISSED and not note.strip():
            raise CaseError("判断为“不是”时请写明查到的情况")
        judged = replace(held, state=state, judged_by=by, note=note.strip(), case_id=case_id)
        self._shelf.update(suspicion_id, judged)
        self._audit(f"判断缺勤：{state}", by, judged)
        return judged

    def _known(self, student_id: str, since: date) -> Suspicion | None:
        found = self._shelf.find(suspicions.c.student_id == student_id, suspicions.c.since == since)
        return next(iter(found), None)

    def _audit(self, action: str, by: str, suspicion: Suspicion) -> None:
        write_audit(
            self._connection,
            actor=by,
            action=action,
            subject=suspicion.student_id,
            since=str(suspicion.since),
            case=suspicion.case_id,
        )
