"""What the desks of casework share: a workspace, its database, its rules, and who acts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kongchuo_risk.cases import CaseStore
from kongchuo_risk.contracts.procedure import Procedure
from kongchuo_risk.contracts.profiles import load_profile
from kongchuo_risk.domain.actor import Actor
from kongchuo_risk.domain.case import Case
from kongchuo_risk.domain.clock import day_of, now
from kongchuo_risk.procedure import CaseFacts, Setting
from kongchuo_risk.serving.casework.roll import Roll, Rolls
from kongchuo_risk.workspace import Workspace


@dataclass(frozen=True)
class Room:
    """One per person and workspace."""

    workspace: Workspace
    engine: Any
    actor: Actor
    rolls: Rolls
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


def open_room(workspace: Workspace, engine: Any, actor: Actor) -> Room:
    """A room with the rules that the workspace's settings name."""
    settings = workspace.settings()
    profile = load_profile(settings.profile, settings.data_schema)
    return Room(workspace, engine, actor, Rolls(workspace), profile.procedure)


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
