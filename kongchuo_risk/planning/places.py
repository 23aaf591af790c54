"""Scarce places of a measure go down the list; who comes too late waits, and the plan says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from kongchuo_risk.contracts.policy import Policy
from kongchuo_risk.domain.plan import PlanItem
from kongchuo_risk.domain.risk import RiskEntry, Tier


def allot_places(
    items: Iterable[PlanItem], entries: Iterable[RiskEntry], *, policy: Policy
) -> tuple[PlanItem, ...]:
    """Mark the items for which a school has no place left in the term.

    Pupils on the list come first, in its order; then everybody else. Nothing is taken away: an
    item without a place stays in the plan and says that it waits.

    Parameters
    ----------
    items
        Drafted items of one day.
    entries
        Everybody who was scored on that day.
    policy
        Gives ``places_per_term`` of each measure.

    Returns
    -------
    tuple of PlanItem
        In the given order.
    """
    pupils = {entry.student_id: entry for entry in entries}
    given = tuple(items)
    taken: Counter[tuple[str, str]] = Counter()
    waits: dict[tuple[str, str], int] = {}
    for item in sorted(given, key=lambda item: _turn(pupils[item.student_id])):
        terms = policy.by_id[item.measure].terms_on(pupils[item.student_id].as_of)
        counter = (pupils[item.student_id].school_code, item.measure)
        taken[counter] += 1
        places = terms.places_per_term if terms is not None else None
        if places is not None and taken[counter] > places:
            waits[item.student_id, item.measure] = places
    return tuple(_waiting(item, waits) for item in given)


def _turn(entry: RiskEntry) -> tuple[bool, int, str]:
    return entry.tier is Tier.NONE, entry.rank, entry.student_id


def _waiting(item: PlanItem, waits: Mapping[tuple[str, str], int]) -> PlanItem:
    places = waits.get((item.student_id, item.measure))
    if places is None:
        return item
    said = f"本校本学期 {places} 个名额已排满，列为候补"
    return replace(item, warning="；".join(filter(None, (item.warning, said))))
