"""What the desks of casework share: a workspace, its database, its rules, and who acts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kongchuo_risk.cases import CaseStore, case_store
from kongchuo_risk.contracts.procedure import Procedure
from kongchuo_risk.contracts.profiles import load_profile
from kongchuo_risk.domain.actor import Actor
from kongchuo_risk.domain.case import Case
from kongchuo_risk.domain.clock import day_of, now
from kongchuo_risk.errors import CaseError
from kongchuo_risk.procedure import CaseFacts, Setting
from kongchuo_risk.serving.casework.imported import ImportedSheets
from kongchuo_risk.serving.casework.permits import Deed, refusal
from kongchuo_risk.serving.casework.roll import Roll, Rolls
from kongchuo_risk.workspace import Workspace


@dataclass(frozen=True)
class Room:
    """One per person and workspace."""

    workspace: Workspace
    engine: Any
    actor: Actor
    rolls: Rolls
    imported: ImportedSheets
    procedure: Procedure

    @property
    def moment(self) -> datetime:
        return now()

    def roll(self) -> Roll:
        """Who is at school today."""
        return self.rolls.of(day_of(self.moment))

    def setting(self) -> Setting:
        """What deadlines are computed with."""
        return Setting(self.procedure, self.roll().calendar, self.moment)

    @property
    def by(self) -> str:
        """Who acts, for the audit log."""
        return self.actor.name

    def require(self, deed: Deed, subject: str) -> None:
        """Let through who may do something; a refusal is in the audit log.

        Raises
        ------
        CaseError
            When the person may not, with the roles that may.
        """
        why_not = refusal(self.actor, deed)
        if why_not:
            raise self.refused(deed, subject, because=(why_not,))

    def refused(
        self, deed: str, subject: str, *, because: tuple[str, ...], **detail: object
    ) -> CaseError:
        """The error that says why something was not done, after it is in the audit log."""
        with case_store(self.engine) as store:
            store.note(self.by, f"拒绝：{deed}", subject, because=list(because), **detail)
        return CaseError("；".join(because))


def open_room(workspace: Workspace, engine: Any, actor: Actor) -> Room:
    """A room with the rules that the workspace's settings name."""
    settings = workspace.settings()
    profile = load_profile(settings.profile, settings.data_schema)
    rolls = Rolls(workspace)
    return Room(workspace, engine, actor, rolls, ImportedSheets(workspace), profile.procedure)


def facts_of(store: CaseStore, cases: Iterable[Case]) -> list[CaseFacts]:
    """Cases with everything that was done in them, read together."""
    chosen = list(cases)
    ids = [case.id for case in chosen if case.id is not None]
    events, visits = store.cases.all_events(ids), store.visits.of_cases(ids)
    notices, steps = store.notices.of_cases(ids), store.steps.of_cases(ids)
    proposals = store.proposals.of_cases(ids)
    return [
        CaseFacts(
            case,
            events=tuple(events.get(case.id or 0, ())),
            visits=tuple(visits.get(case.id or 0, ())),
            notices=tuple(notices.get(case.id or 0, ())),
            steps=tuple(steps.get(case.id or 0, ())),
            proposals=tuple(proposals.get(case.id or 0, ())),
        )
        for case in chosen
    ]
