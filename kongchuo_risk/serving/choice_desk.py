"""What a headteacher decides: caps, assumptions, wishes, and the assignment to approve."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from kongchuo_risk.cases import CaseStore, case_reader, case_store
from kongchuo_risk.contracts.policy import Policy
from kongchuo_risk.contracts.policy_file import load_policy
from kongchuo_risk.domain.assignment import AssignmentRule, PeerPair
from kongchuo_risk.domain.calendar import term_of
from kongchuo_risk.domain.choices import AssumedEffect, CapLimit, PlanningChoices
from kongchuo_risk.domain.plan import Pairing
from kongchuo_risk.domain.risk import Tier
from kongchuo_risk.errors import NotReadyError, PlanError
from kongchuo_risk.planning.plans import assumed_effects
from kongchuo_risk.serving.planning_reports import ALLOTMENT, ASSIGNMENT
from kongchuo_risk.workspace import Workspace

CAP_COLUMNS = (
    "cap", "label", "unit", "limit", "supply", "used", "asked", "left_out", "step", "one_more",
    "low", "high", "method",
)  # fmt: skip
"""``limit`` is what the school set itself (missing: the policy's default holds)."""
EFFECT_COLUMNS = ("measure", "label", "low", "expected", "high", "basis", "edited")


class ChoiceDesk:
    """Decisions on one workspace; they count from the next ``kongchuo plan`` on.

    Parameters
    ----------
    workspace
        Whose decisions.
    engine
        The case database.
    actor
        Who decides, for the audit log.
    """

    def __init__(self, workspace: Workspace, engine: Any, actor: str) -> None:
        self._engine, self._actor = engine, actor
        self._policy: Policy = load_policy(workspace.settings().data_schema)

    def caps(self, school_code: str) -> pd.DataFrame:
        """Scarce things of a school as the last plan left them: :data:`CAP_COLUMNS`."""
        with case_reader(self._engine) as store:
            run_id, term = self._run(store)
            limits = store.choices.limits(term)
            rows = store.runs.report(run_id, ALLOTMENT).get("worth", [])
        told = {row["cap"]: row for row in rows if row["school_code"] == school_code}
        return pd.DataFrame(
            [
                {
                    **told.get(cap.id, {}),
                    "cap": cap.id, "label": cap.label, "unit": cap.unit,
                    "limit": limits.get((school_code, cap.id)),
                }
                for cap in self._policy.caps
            ],
            columns=list(CAP_COLUMNS),
        )  # fmt: skip

    def set_limit(self, limit: CapLimit) -> None:
        """Say how much of a cap a school (or the county) has this term.

        Raises
        ------
        PlanError
            When there is no such cap, or the amount is below zero.
        """
        if limit.cap not in self._policy.cap_by_id:
            raise PlanError(f"没有名额 {limit.cap}；应为：{'、'.join(self._policy.cap_by_id)}")
        with case_store(self._engine) as store:
            store.choices.set_limit(self._run(store)[1], limit, by=self._actor)

    def effects(self) -> pd.DataFrame:
        """Assumed effects in force: :data:`EFFECT_COLUMNS`; guesses, never findings."""
        with case_reader(self._engine) as store:
            edited = store.choices.effects()
        in_force = assumed_effects(self._policy, PlanningChoices(effects=edited))
        return pd.DataFrame(
            [
                (
                    name, self._policy.by_id[name].label, effect.low, effect.expected,
                    effect.high, effect.basis, name in edited,
                )
                for name, effect in in_force.items()
            ],
            columns=list(EFFECT_COLUMNS),
        )  # fmt: skip

    def assume(self, effect: AssumedEffect) -> None:
        """Put an assumption in place of the policy's.

        Raises
        ------
        PlanError
            When the measure needs none, the shares are not in order, or no reason is given.
        """
        if effect.measure not in assumed_effects(self._policy, PlanningChoices()):
            raise PlanError(f"措施 {effect.measure} 不需要效果假设")
        with case_store(self._engine) as store:
            store.choices.assume(effect, by=self._actor)

    def rules(self) -> tuple[AssignmentRule, ...]:
        """Fixed points, vetoes, absences, wishes and consents in force."""
        with case_reader(self._engine) as store:
            return store.choices.rules()

    def add_rule(self, rule: AssignmentRule) -> AssignmentRule:
        """Keep one more; raises :class:`~kongchuo_risk.errors.PlanError` without a reason."""
        with case_store(self._engine) as store:
            return store.choices.add_rule(rule, by=self._actor)

    def withdraw_rule(self, rule_id: int) -> None:
        """End one; it stays on record."""
        with case_store(self._engine) as store:
            store.choices.withdraw_rule(rule_id, by=self._actor)

    def assignment(self) -> Mapping[str, Any]:
        """What the last assignment said: coverage, loads, changes, hand-overs, relaxations."""
        with case_reader(self._engine) as store:
            return store.runs.report(self._run(store)[0], ASSIGNMENT)

    def pairings(self, school_code: str) -> dict[str, Pairing]:
        """Proposed responsible adult of every pupil of a school."""
        with case_reader(self._engine) as store:
            return self._pairings(store, school_code)

    def peers(self) -> list[PeerPair]:
        """一帮一: who helps whom, or why nobody does."""
        with case_reader(self._engine) as store:
            return store.runs.peers(self._run(store)[0])

    def approve_assignment(self, school_code: str, *, note: str = "") -> int:
        """Make the proposal the school's assignment; continuity counts from it.

        Returns
        -------
        int
            Pupils whose responsible adult is now fixed.

        Raises
        ------
        PlanError
            When the school has no proposal.
        """
        with case_store(self._engine) as store:
            run_id, term = self._run(store)
            paired = self._pairings(store, school_code)
            store.assignments.approve(
                school_code, term, run_id, paired.values(), by=self._actor, note=note
            )
        return len(paired)

    def _pairings(self, store: CaseStore, school_code: str) -> dict[str, Pairing]:
        run_id, _ = self._run(store)
        entries = store.runs.listed(run_id, school_code=school_code, tiers=Tier)
        return store.runs.pairings(run_id, (entry.student_id for entry in entries))

    def _run(self, store: CaseStore) -> tuple[int, str]:
        """Id of the current list, and its term."""
        run = store.runs.current()
        if run is None or run.id is None:
            raise NotReadyError("还没有名单；请先运行 kongchuo score。")
        return run.id, term_of(run.as_of)
