"""Several schools: solved beside one another, answered in their order."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.assignment import load_assignment_terms
from kongchuo_risk.domain.assignment import AssignmentRule, RuleKind
from kongchuo_risk.domain.risk import Tier
from kongchuo_risk.planning.assignment.placing import place, place_all
from kongchuo_risk.planning.assignment.rules import Decisions
from kongchuo_risk.planning.assignment.schools import School, schools_of
from tests.planning.assignment_builders import (
    SETTINGS,
    assign,
    classes_of,
    pupils_of,
    staff_of,
)


def _renamed(table: pd.DataFrame, column: str, school: str) -> pd.DataFrame:
    return table.assign(**{column: school + table[column]})


def _county(schools: int) -> tuple[School, ...]:
    """Schools in which hours bind, so that the programme is needed."""
    pupils, staff = [], []
    for seed in range(schools):
        rng, code = np.random.default_rng(seed), f"S{seed}"
        tiers = rng.choice([Tier.RED, Tier.ORANGE, Tier.YELLOW], 40)
        villages, homes = rng.integers(0, 5, (2, 40))
        rows = [
            {"tier": tier, "village": f"V{village}", "siblings": f"H{home}" if home < 1 else ""}
            for tier, village, home in zip(tiers, villages, homes, strict=True)
        ]
        adults = [
            {"mentor_capacity": int(rng.integers(1, 4)), "village": f"V{rng.integers(0, 5)}",
             "hours_per_week": float(rng.integers(2, 4))}
            for _ in range(25)
        ]  # fmt: skip
        pupils.append(_renamed(pupils_of(*rows, school=code), "student_id", code))
        staff.append(_renamed(staff_of(*adults, school=code), "staff_no", code))
    people = pd.concat(staff, ignore_index=True)
    return schools_of(pd.concat(pupils, ignore_index=True), people, classes_of(), SETTINGS, {})


def test_schools_beside_one_another_get_what_they_get_one_after_the_other() -> None:
    schools, terms = _county(4), load_assignment_terms()
    alone = [place(school, Decisions(), terms) for school in schools]
    beside = place_all(schools, Decisions(), terms)
    assert [placed.school.code for placed in beside] == [school.code for school in schools]
    for one, other in zip(alone, beside, strict=True):
        assert one.solution.mentor.tolist() == other.solution.mentor.tolist()
        assert (one.solution.cost, one.solution.bound) == (
            other.solution.cost, other.solution.bound,
        )  # fmt: skip


def test_fixed_points_without_room_are_told_in_the_order_of_schools() -> None:
    codes = ["A", "B", "C"]
    pupils = pd.concat(
        [_renamed(pupils_of({}, {}, school=code), "student_id", code) for code in codes]
    )
    staff = pd.concat([_renamed(staff_of({}, {}, school=code), "staff_no", code) for code in codes])
    rules = [
        AssignmentRule(RuleKind.FIX, student_id=f"{code}{pupil}", staff_no=f"{code}T1")
        for code in reversed(codes)
        for pupil in ("p1", "p2")
    ]
    found = assign(pupils, staff, rules=rules)
    full = [problem.split(" 的包保名额已满")[0][-3:] for problem in found.problems]
    assert full == ["AT1", "BT1", "CT1"]
