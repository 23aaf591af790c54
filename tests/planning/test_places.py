"""Scarce places: who gets them, and what the others are told."""

from __future__ import annotations

from datetime import date

from kongchuo_risk.contracts.policy import load_policy
from kongchuo_risk.domain.plan import PlanItem
from kongchuo_risk.domain.risk import RiskEntry, Tier
from kongchuo_risk.planning.places import allot_places

DAY = date(2025, 10, 15)
PLACES = 20
"""Of counselling, by school and term."""


def _entry(number: int, tier: Tier, school: str = "S1") -> RiskEntry:
    return RiskEntry(f"{school}-{number:02}", school, "C1", 8, DAY, number, tier, 0.1, (), ())


def _item(student_id: str, measure: str = "counselling") -> PlanItem:
    return PlanItem(student_id, measure, "…", "关爱", "…", "心理教师", None, DAY, "…", ())


def _waiting(entries: list[RiskEntry], measure: str = "counselling") -> set[str]:
    items = [_item(entry.student_id, measure) for entry in entries]
    allotted = allot_places(items, entries, policy=load_policy())
    assert [item.student_id for item in allotted] == [entry.student_id for entry in entries]
    return {item.student_id for item in allotted if "候补" in item.warning}


def test_the_places_go_down_the_list_and_then_to_everybody_else() -> None:
    unlisted = _entry(1, Tier.NONE)
    listed = [_entry(number, Tier.YELLOW) for number in range(2, PLACES + 3)]
    assert _waiting([unlisted, *listed[::-1]]) == {"S1-01", f"S1-{PLACES + 2:02}"}


def test_every_school_has_its_own_places() -> None:
    full = [_entry(number, Tier.RED) for number in range(1, PLACES + 1)]
    assert _waiting([*full, _entry(1, Tier.YELLOW, "S2")]) == set()


def test_a_measure_without_a_limit_makes_nobody_wait() -> None:
    entries = [_entry(number, Tier.RED) for number in range(1, 90)]
    assert _waiting(entries, "home_visit") == set()


def test_who_waits_is_told_how_many_places_there_are() -> None:
    entries = [_entry(number, Tier.RED) for number in range(1, PLACES + 2)]
    items = allot_places([_item(e.student_id) for e in entries], entries, policy=load_policy())
    assert items[-1].warning == "本校本学期 20 个名额已排满，列为候补"
