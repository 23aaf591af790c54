"""A case at the desk: opened, completed, moved under guards, confirmed by a second person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd

from kongchuo_risk.cases import CaseStore, case_reader, case_store
from kongchuo_risk.contracts.causes import load_causes
from kongchuo_risk.contracts.policy_file import load_policy
from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.domain.case import Case, CaseStatus, Destination, Proposal, Trigger
from kongchuo_risk.domain.clock import day_of
from kongchuo_risk.domain.visit import Step, StepKind
from kongchuo_risk.errors import CaseError
from kongchuo_risk.procedure import (
    CaseFacts,
    Verdict,
    may_confirm,
    may_move,
    moves_for,
    still_holds,
)
from kongchuo_risk.serving.casework.opening import Beginning, open_case
from kongchuo_risk.serving.casework.permits import Deed
from kongchuo_risk.serving.casework.room import Room, facts_of
from kongchuo_risk.serving.casework.timeline import desk_timeline

_AWAY_AGAIN = (CaseStatus.RETURNED, CaseStatus.FOLLOW_UP, CaseStatus.CLOSED)


class CaseDesk:
    """Cases of one workspace, as one person may handle them."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def open(
        self,
        student_id: str,
        *,
        trigger: Trigger = Trigger.REPORTED,
        status: CaseStatus = CaseStatus.SUSPECTED,
        absent_since: date | None = None,
        absent_session: str = "AM",
        note: str = "",
    ) -> Case:
        """Open a case by hand; one pupil is enough (seed rule 53).

        Raises
        ------
        CaseError
            When the pupil has an open case.
        NotFoundError
            When there is no such pupil.
        """
        self._room.require(Deed.OPEN, student_id)
        beginning = Beginning(trigger, absent_since, absent_session)
        with case_store(self._room.engine) as store:
            return open_case(store, self._room, student_id, status, beginning, note=note)

    def file(self, case_id: int) -> CaseFacts:
        """Everything about a case; the look is in the audit log."""
        with case_store(self._room.engine) as store:
            case = store.cases.get(case_id)
            store.note(self._room.by, "查看案件", case.student_id, case=case_id)
            return facts_of(store, [case])[0]

    def timeline(self, student_id: str) -> pd.DataFrame:
        """What the desk recorded of a pupil: ``day``, ``kind``, ``text``; in no order.

        Whoever asks has noted the look in the audit log.
        """
        folder = self._room.workspace.settings().data_schema
        everybody = self._room.roll().everybody
        class_id = everybody["class_id"].get(student_id, "")
        with case_reader(self._room.engine) as store:
            return desk_timeline(
                store, student_id, str(class_id), today=day_of(self._room.moment),
                schema=load_schema(folder),
                measures={item.id: item.label for item in load_policy(folder).measures},
            )  # fmt: skip

    def open_cases(self, school_code: str | None = None) -> list[Case]:
        """Cases that are not closed, of one school or of all."""
        with case_reader(self._room.engine) as store:
            return store.cases.open_in(school_code)

    def set_facts(
        self,
        case_id: int,
        *,
        cause: str | None = None,
        causes: Iterable[str] | None = None,
        destination: Destination | None = None,
        place: str | None = None,
        owner_staff: str | None = None,
        note: str = "",
    ) -> Case:
        """Say why a pupil is away, where he or she is, and who answers for the case.

        Raises
        ------
        CaseError
            When a cause is not in ``causes.yaml``, or somebody changed the case meanwhile.
        """
        self._room.require(Deed.FACTS, f"案件{case_id}")
        further = None if causes is None else tuple(causes)
        self._check_causes([code for code in (cause, *(further or ())) if code is not None])
        given = {
            "cause": cause, "causes": further, "destination": destination, "place": place,
            "owner_staff": owner_staff,
        }  # fmt: skip
        changes: dict[str, Any] = {name: new for name, new in given.items() if new is not None}
        with case_store(self._room.engine) as store:
            case = store.cases.get(case_id)
            return store.cases.save(replace(case, **changes), by=self._room.by, note=note)

    def moves(self, case_id: int) -> dict[CaseStatus, Verdict]:
        """Every next status with what still stands in its way."""
        with case_reader(self._room.engine) as store:
            facts = facts_of(store, [store.cases.get(case_id)])[0]
        return moves_for(
            facts, actor=self._room.actor, procedure=self._room.procedure,
            moment=self._room.moment,
        )  # fmt: skip

    def move(
        self,
        case_id: int,
        to: CaseStatus,
        *,
        note: str = "",
        evidence: Iterable[str] = (),
        returned_on: date | None = None,
        absent_since: date | None = None,
    ) -> Case | Proposal:
        """Move a case, or ask a second person where one is needed.

        Parameters
        ----------
        returned_on
            For 已复学: the day of return.
        absent_since
            For a relapse: the first day of the new absence; today when empty.

        Raises
        ------
        CaseError
            Everything that stands in the way, at once; the refusal is in the audit log.
        """
        papers = tuple(evidence)
        with case_store(self._room.engine) as store:
            case = store.cases.get(case_id)
            if returned_on is not None:
                case = replace(case, returned_on=returned_on)
            verdict = may_move(
                facts_of(store, [case])[0], to, actor=self._room.actor,
                procedure=self._room.procedure, moment=self._room.moment, note=note,
                evidence=papers,
            )  # fmt: skip
            if verdict.is_allowed and verdict.second:
                asked = Proposal(case_id, to, self._room.by, self._room.moment, note, papers)
                return store.proposals.add(asked, by=self._room.by)
            if verdict.is_allowed:
                moved = self._moved(case, to, absent_since)
                return store.cases.save(moved, by=self._room.by, note=note, evidence=papers)
        raise self._refused("变更案件", case, verdict.missing, to)

    def decide(self, proposal_id: int, *, confirm: bool, answer: str = "") -> Case | Proposal:
        """Confirm a proposal, which moves the case, or send it back with a word.

        Raises
        ------
        CaseError
            When the person may not, or what the move needs is no longer there.
        """
        with case_store(self._room.engine) as store:
            asked = store.proposals.get(proposal_id)
            case = store.cases.get(asked.case_id)
            missing = self._missing_to_decide(store, asked, case, confirm=confirm)
            if not missing:
                decided = store.proposals.decide(
                    proposal_id, by=self._room.by, confirm=confirm, answer=answer
                )
                return self._confirmed(store, asked, case) if confirm else decided
        raise self._refused("复核案件", case, missing, asked.to_status)

    def waiting(self) -> list[Proposal]:
        """Proposals that wait for a second person."""
        with case_reader(self._room.engine) as store:
            return store.proposals.waiting()

    def receive_paper(self, case_id: int, paper: str, *, note: str = "") -> Step:
        """Record that a document was handed in, such as 转入学校接收证明."""
        moment, by = self._room.moment, self._room.by
        return self.step(Step(case_id, StepKind.PAPER, moment, by, note, paper=paper))

    def step(self, step: Step) -> Step:
        """Record a smaller step: reported, told, asked, observed."""
        self._room.require(Deed.STEP, f"案件{step.case_id}")
        with case_store(self._room.engine) as store:
            store.cases.get(step.case_id)
            return store.steps.add(step, by=self._room.by)

    def _moved(self, case: Case, to: CaseStatus, absent_since: date | None) -> Case:
        today = day_of(self._room.moment)
        moved = case.move_to(to)
        if to is CaseStatus.CLOSED:
            return replace(moved, closed_on=today)
        if to is CaseStatus.SUSPECTED and case.status in _AWAY_AGAIN:
            since = absent_since or today
            return replace(moved, absent_since=since, returned_on=None, closed_on=None)
        if to is CaseStatus.RETURNED:
            return replace(moved, destination=Destination.AT_SCHOOL)
        return moved

    def _check_causes(self, codes: Iterable[str]) -> None:
        known = load_causes(self._room.workspace.settings().data_schema).by_code
        strange = [code for code in codes if code not in known]
        if strange:
            raise CaseError(f"没有编码为 {'、'.join(strange)} 的原因；见 causes.yaml")

    def _missing_to_decide(
        self, store: CaseStore, asked: Proposal, case: Case, *, confirm: bool
    ) -> tuple[str, ...]:
        procedure = self._room.procedure
        person = may_confirm(self._room.actor, asked.by, asked.to_status, procedure=procedure)
        if not confirm:
            return person.missing
        facts = facts_of(store, [case])[0]
        moment = self._room.moment
        return (
            person.missing + still_holds(facts, asked, procedure=procedure, moment=moment).missing
        )

    def _confirmed(self, store: CaseStore, asked: Proposal, case: Case) -> Case:
        return store.cases.save(
            self._moved(case, asked.to_status, None), by=asked.by, note=asked.note,
            evidence=asked.evidence, confirmed_by=self._room.by,
        )  # fmt: skip

    def _refused(
        self, deed: str, case: Case, missing: tuple[str, ...], to: CaseStatus
    ) -> CaseError:
        return self._room.refused(deed, case.student_id, because=missing, case=case.id, status=to)
