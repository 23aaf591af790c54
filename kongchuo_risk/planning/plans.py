"""Draft plans of a whole cohort: measures, the people who carry them out, and scarce places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from kongchuo_risk.contracts.policy import Effect, Policy, Uses
from kongchuo_risk.domain.allotment import Allotment, LeftOut
from kongchuo_risk.domain.choices import COUNTY, PlanningChoices
from kongchuo_risk.domain.plan import ItemState, Pairing, PlanItem
from kongchuo_risk.domain.records import Records
from kongchuo_risk.domain.risk import RiskEntry
from kongchuo_risk.domain.school_days import SchoolDays, school_days
from kongchuo_risk.planning.allotment import Candidate, allot, supplies
from kongchuo_risk.planning.facts import CohortFacts, cohort_facts
from kongchuo_risk.planning.matching import DEFAULT_PROFILE, Match, match_cohort
from kongchuo_risk.planning.owners import owners_of_pupils
from kongchuo_risk.planning.triggers import Cohort

NO_CHOICES = PlanningChoices()
DAYS_OF_A_WEEK = 7


@dataclass(frozen=True)
class Drafts:
    """What the toolkit proposes for one day.

    Attributes
    ----------
    items : tuple of PlanItem
        In the order of the entries; each pupil's in the order of their deadlines.
    allotment : Allotment
        Who got scarce places, who was left out by what, and what one more would bring.
    known : CohortFacts
        The facts that the items rest on.
    """

    items: tuple[PlanItem, ...]
    allotment: Allotment
    known: CohortFacts


def draft_plans(
    entries: Sequence[RiskEntry],
    pairings: Iterable[Pairing],
    records: Records,
    *,
    policy: Policy,
    choices: PlanningChoices = NO_CHOICES,
    profile: str = DEFAULT_PROFILE,
) -> Drafts:
    """Plan items of every scored pupil, for people to confirm.

    Parameters
    ----------
    entries
        Everybody who was scored, listed or not, on one day.
    pairings
        Who answers for whom; the owner of items for the mentor.
    records
        Tables as in :func:`~kongchuo_risk.planning.facts.cohort_facts`, ``staff`` and
        ``classes``; and ``calendar`` if deadlines are to keep to its holidays.
    policy
        The measures and caps.
    choices
        Limits and assumptions that people set.
    profile
        Name of the county rules, for their deadlines.
    """
    mentors = {pairing.student_id: pairing.staff_no for pairing in pairings}
    calendar = school_days(records.get("calendar"))
    matches: list[Match] = []
    known = CohortFacts.nobody()
    if entries:
        day = entries[0].as_of
        known = cohort_facts(records, day, policy=policy)
        matches = match_cohort(
            cohort_of(entries, known),
            owners_of_pupils(entries, mentors, records["staff"], records["classes"]),
            policy=policy,
            day=day,
            calendar=calendar,
            profile=profile,
        )
    allotment = _allot(matches, entries, records, policy, choices)
    return Drafts(tuple(_placed(matches, allotment, policy, calendar)), allotment, known)


def cohort_of(entries: Sequence[RiskEntry], known: CohortFacts) -> Cohort:
    """Scored pupils with what is known of them."""
    pupils = [entry.student_id for entry in entries]
    return Cohort(
        pupils,
        [entry.tier for entry in entries],
        [entry.reasons for entry in entries],
        known.of(pupils),
    )


def assumed_effects(policy: Policy, choices: PlanningChoices) -> dict[str, Effect]:
    """Measure → assumed effect: the policy's, or what people put in its place."""
    effects = {measure.id: measure.effect for measure in policy.measures if measure.effect}
    edited = {
        name: Effect(low=set_.low, expected=set_.expected, high=set_.high, basis=set_.why)
        for name, set_ in choices.effects.items()
    }
    return effects | edited


def _allot(
    matches: Sequence[Match],
    entries: Sequence[RiskEntry],
    records: Records,
    policy: Policy,
    choices: PlanningChoices,
) -> Allotment:
    pupils = Counter(entry.school_code for entry in entries)
    of_schools = {key: amount for key, amount in choices.limits.items() if key[0] != COUNTY}
    county = {cap: amount for (code, cap), amount in choices.limits.items() if code == COUNTY}
    uses = _uses(policy, entries[0].as_of) if entries else {}
    return allot(
        list(_candidates(matches, entries, uses)),
        uses,
        assumed_effects(policy, choices),
        policy.caps,
        supplies(policy.caps, records["staff"], pupils, of_schools),
        county,
    )


def _uses(policy: Policy, day: date) -> dict[str, tuple[Uses, ...]]:
    """Measure → what it takes of the caps, of measures that take anything."""
    terms = {measure.id: measure.terms_on(day) for measure in policy.measures}
    return {name: found.uses for name, found in terms.items() if found is not None and found.uses}


def _candidates(
    matches: Iterable[Match],
    entries: Sequence[RiskEntry],
    uses: Mapping[str, tuple[Uses, ...]],
) -> Iterator[Candidate]:
    for match in matches:
        if match.item.measure in uses and match.item.state is ItemState.DRAFTED:
            entry = entries[match.place]
            yield Candidate(
                student_id=entry.student_id,
                school_code=entry.school_code,
                measure=match.item.measure,
                risk=entry.probability,
                priority=match.priority,
                order=entry.rank,
            )


def _placed(
    matches: Iterable[Match], allotment: Allotment, policy: Policy, calendar: SchoolDays
) -> Iterator[PlanItem]:
    left_out = {(left.student_id, left.measure): left for left in allotment.left_out}
    for match in matches:
        key = match.item.student_id, match.item.measure
        if key in left_out:
            yield _waiting(match.item, left_out[key], policy)
        elif allotment.weeks.get(key):
            yield _put_off(match.item, allotment.weeks[key], calendar)
        else:
            yield match.item


def _waiting(item: PlanItem, left: LeftOut, policy: Policy) -> PlanItem:
    """An item without a place stays in the plan and says that it waits, and for what."""
    cap = policy.cap_by_id[left.cap]
    where = "全县" if left.county else "本校"
    has = f"{where}{cap.label}只有 {left.supply:g} {cap.unit}，已排满"
    said = f"{has if left.supply else f'{where}没有{cap.label}'}，列为候补"
    return replace(item, state=ItemState.WAITING, warning=_also(item.warning, said))


def _put_off(item: PlanItem, weeks: int, calendar: SchoolDays) -> PlanItem:
    wait = (item.due - (item.start or item.due)).days + weeks * DAYS_OF_A_WEEK
    due = calendar.due(item.start or item.due, wait)
    later = timedelta(days=(due - item.due).days)
    review = None if item.review is None else item.review + later
    said = f"本周排满，顺延 {weeks} 周"
    return replace(item, due=due, review=review, warning=_also(item.warning, said))


def _also(warning: str, said: str) -> str:
    return "；".join(filter(None, (warning, said)))
