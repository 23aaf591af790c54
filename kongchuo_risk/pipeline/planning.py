"""From a ranked list to measures, scarce places and a responsible adult for everybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from kongchuo_risk.contracts.assignment import load_assignment_terms
from kongchuo_risk.contracts.policy_file import load_policy
from kongchuo_risk.domain.assignment import Assignment, PeerPair
from kongchuo_risk.domain.choices import PlanningChoices
from kongchuo_risk.domain.records import Records, latest_by_student
from kongchuo_risk.domain.risk import RiskEntry, Tier
from kongchuo_risk.errors import NotReadyError
from kongchuo_risk.planning import (
    CohortFacts,
    Drafts,
    assign_mentors,
    draft_plans,
    pair_peers,
)
from kongchuo_risk.planning.plans import NO_CHOICES
from kongchuo_risk.planning.subjects import subject_standing, weak_subjects
from kongchuo_risk.settings import Settings

LEARNING = "学业"
"""The reason group that asks for help in a subject."""
PEER_PAIRING = "peer_pairing"
"""Id of 一帮一 in ``interventions.yaml``."""
PEERS_BARRED_BY = ("bullied", "bad_company", "runaway", "early_marriage", "low_mood")
"""Who carries a burden of their own is not asked to help a classmate."""


@dataclass(frozen=True)
class TermPlan:
    """What is proposed for everybody who was scored.

    Attributes
    ----------
    assignment : Assignment
        Who answers for whom, with loads, changes and what would relieve the caps.
    drafts : Drafts
        Measures, and who got scarce places.
    peers : tuple of PeerPair
        一帮一: who helps whom, or why nobody does.
    """

    assignment: Assignment
    drafts: Drafts
    peers: tuple[PeerPair, ...]


def plan_term(
    entries: Sequence[RiskEntry],
    records: Records,
    settings: Settings,
    *,
    choices: PlanningChoices = NO_CHOICES,
    households: Mapping[str, str] | None = None,
    assignment: Assignment | None = None,
) -> TermPlan:
    """Measures and a responsible adult for everybody who was scored.

    Parameters
    ----------
    choices : PlanningChoices, optional
        Limits, assumptions and wishes that people set.
    households : mapping of pupil to household, optional
        Siblings share one.
    assignment : Assignment, optional
        Keep this one; otherwise it is worked out.
    """
    known = _known_for_planning(entries, records)
    standing = subject_standing(known, _day_of(entries))
    weak = weak_subjects(standing)
    if assignment is None:
        assignment = _assign(entries, known, weak, settings, choices, households or {})
    policy = load_policy(settings.data_schema)
    drafts = draft_plans(
        entries,
        assignment.pairings,
        known,
        policy=policy,
        choices=choices,
        profile=settings.profile,
    )
    peers = _peers(entries, drafts, standing, weak, settings, choices)
    return TermPlan(assignment, drafts, peers)


def assign_term(
    entries: Sequence[RiskEntry],
    records: Records,
    settings: Settings,
    *,
    choices: PlanningChoices = NO_CHOICES,
    households: Mapping[str, str] | None = None,
) -> Assignment:
    """A responsible adult for everybody who was scored, and nothing else."""
    known = _known_for_planning(entries, records)
    weak = weak_subjects(subject_standing(known, _day_of(entries)))
    return _assign(entries, known, weak, settings, choices, households or {})


def _day_of(entries: Sequence[RiskEntry]) -> date:
    if not entries:
        raise NotReadyError("名单上没有学生；先运行 kongchuo score。")
    return entries[0].as_of


def _known_for_planning(entries: Sequence[RiskEntry], records: Records) -> Records:
    # A calendar is made known ahead of its days: deadlines avoid holidays to come.
    return Records({**records.known_by(_day_of(entries)), "calendar": records["calendar"]})


def _assign(
    entries: Sequence[RiskEntry],
    known: Records,
    weak: Mapping[str, tuple[str, ...]],
    settings: Settings,
    choices: PlanningChoices,
    households: Mapping[str, str],
) -> Assignment:
    day = _day_of(entries)
    return assign_mentors(
        _pupils_to_assign(entries, known, weak, households),
        known["staff"],
        known["classes"],
        settings.capacity,
        day=day,
        terms=load_assignment_terms(settings.data_schema),
        rules=choices.rules,
        previous=choices.previous,
    )


def _pupils_to_assign(
    entries: Sequence[RiskEntry],
    known: Records,
    weak: Mapping[str, tuple[str, ...]],
    households: Mapping[str, str],
) -> pd.DataFrame:
    latest = latest_by_student(known["students"], _day_of(entries))
    ids = [entry.student_id for entry in entries]
    return pd.DataFrame(
        {
            "student_id": ids,
            "school_code": [entry.school_code for entry in entries],
            "class_id": [entry.class_id for entry in entries],
            "rank": [entry.rank for entry in entries],
            "tier": [entry.tier for entry in entries],
            "needs_subjects": [_needed_subjects(entry, weak) for entry in entries],
            "village": latest["village"].reindex(ids).to_numpy(dtype=object),
            "siblings": [households.get(pupil) for pupil in ids],
        }
    )


def _needed_subjects(entry: RiskEntry, weak: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Weak subjects of a pupil whose learning is among the reasons."""
    learning = any(reason.actionable and reason.group == LEARNING for reason in entry.reasons)
    return weak.get(entry.student_id, ()) if learning else ()


def _peers(
    entries: Sequence[RiskEntry],
    drafts: Drafts,
    standing: pd.DataFrame,
    weak: Mapping[str, tuple[str, ...]],
    settings: Settings,
    choices: PlanningChoices,
) -> tuple[PeerPair, ...]:
    asked = {item.student_id for item in drafts.items if item.measure == PEER_PAIRING}
    needing = pd.DataFrame(
        [
            (entry.student_id, entry.class_id, weak.get(entry.student_id, ()))
            for entry in entries
            if entry.student_id in asked
        ],
        columns=["student_id", "class_id", "subjects"],
    )
    classes = {entry.student_id: entry.class_id for entry in entries}
    classmates = standing.assign(class_id=standing["student_id"].map(classes))
    listed = {entry.student_id for entry in entries if entry.tier is not Tier.NONE}
    return pair_peers(
        needing,
        classmates.dropna(subset=["class_id"]),
        choices.rules,
        day=_day_of(entries),
        barred=listed | _with_tags(drafts.known, PEERS_BARRED_BY),
        terms=load_assignment_terms(settings.data_schema),
    )


def _with_tags(known: CohortFacts, tags: Iterable[str]) -> set[str]:
    written = [tag for tag in tags if tag in known.tags]
    found = known.tags[written].any(axis=1) if written else pd.Series(dtype=bool)
    return set(found.index[found.to_numpy(dtype=bool)])
