"""Mentors of a synthetic school and county: costs and solver, beside scipy's plain assignment.

Places, hours and roles are drawn as in the synthetic county (2–4 places, 1–4 hours a week); the
wishes, vetoes, siblings and absences are ours. ``theirs`` is ``linear_sum_assignment`` over places
on the same costs, which knows neither hours nor 红 pupils per mentor nor siblings: the rows on cost
compare only schools in which its answer keeps all of them. The county is solved as the product does
it, several schools at once. Seconds are those of the clock: other work on the machine counts, so
the load before the start is told.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.assignment import load_assignment_terms
from kongchuo_risk.domain.assignment import AssignmentRule, RuleKind
from kongchuo_risk.domain.risk import Tier
from kongchuo_risk.planning.assignment import assign_mentors
from kongchuo_risk.planning.assignment.exact import solve_exactly
from kongchuo_risk.planning.assignment.instance import Instance, keeps_caps, total_cost
from kongchuo_risk.planning.assignment.placing import Placed, place, place_all
from kongchuo_risk.planning.assignment.rules import decide
from kongchuo_risk.planning.assignment.schools import School, schools_of
from kongchuo_risk.planning.assignment.solver import Solution, by_places
from kongchuo_risk.settings import CapacitySettings

DAY = date(2026, 3, 2)
CAPACITY = CapacitySettings()
PUPILS, LISTED, TEACHERS, CLASSES = 2_000, 150, 100, 40
SUBJECTS = ("chinese", "maths", "english", "physics", "chemistry", "history", "geography")


def run(quick: bool) -> list[dict[str, Any]]:
    """One school and a county of 50 (quick: 3)."""
    drawn = [_school(seed) for seed in range(3 if quick else 50)]
    county, terms = _county(drawn), load_assignment_terms()
    schools = _schools_of(county)
    decisions = decide(county["rules"], schools, DAY, terms.limits)
    place(schools[0], decisions, terms)  # imports and caches, outside of the clock
    load = os.getloadavg()[0]
    timed = [_timed(place, school, decisions, terms) for school in schools]
    together = _timed(place_all, schools, decisions, terms)[0]
    placed = [part for _, part in timed]
    plain = [_timed(by_places, _only_places(part.instance)) for part in placed]
    each, others = [seconds for seconds, _ in timed], [seconds for seconds, _ in plain]
    many = len(schools)
    return [
        _row("one school, costs and solver (median)", median(each), median(others), "s", LISTED),
        _row("county, costs and solver", together, sum(others), "s", LISTED * many),
        _row("one school, with explanations", _whole(drawn[0]), None, "s", PUPILS),
        _row("county, with explanations", _whole(county), None, "s", PUPILS * many),
        *_on_cost(placed, [solution for _, solution in plain]),
        _row("machine's load before (0: idle)", load, None, "load", os.cpu_count() or 1),
    ]


def _timed(call: Callable[..., Any], *given: Any) -> tuple[float, Any]:
    start = time.perf_counter()
    found = call(*given)
    return time.perf_counter() - start, found


def _whole(given: dict[str, Any]) -> float:
    return _timed(lambda: assign_mentors(**given))[0]


def _on_cost(placed: list[Placed], plain: list[Solution]) -> list[dict[str, Any]]:
    kept = [
        (part, other)
        for part, other in zip(placed, plain, strict=True)
        if other.placed.all() and keeps_caps(part.instance, other.mentor)
    ]
    cost = sum(part.solution.cost for part, _ in kept)
    other = sum(total_cost(part.instance, plain.mentor) for part, plain in kept)
    gap = sum(part.solution.cost - part.solution.bound for part in placed)
    free = [_without_side_constraints(part.instance) for part in placed[:3]]
    alone = [solve_exactly(one, one.cost.astype(float), enough=0) for one in free]
    programme = sum(total_cost(one, found[0]) for one, found in zip(free, alone, strict=True))
    assignment = sum(by_places(one).cost for one in free)
    many = len(placed)
    return [
        _row("cost where scipy keeps the caps", cost, other, "cost", len(kept)),
        _row("cost when only places count", programme, assignment, "cost", len(free)),
        _row("schools where scipy breaks a cap", 0, many - len(kept), "schools", many),
        _row("cost above the proven bound", gap, None, "cost", many),
        _row("cost of all schools", sum(p.solution.cost for p in placed), None, "cost", many),
    ]


def _row(name: str, ours: float, theirs: float | None, unit: str, rows: int) -> dict[str, Any]:
    return {
        "name": name,
        "ours": ours,
        "theirs": theirs,
        "ratio": theirs / ours if theirs and ours else None,
        "unit": unit,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "rows": rows,
    }


def _only_places(instance: Instance) -> Instance:
    """The same arrays without anything computed before."""
    return Instance(**{name: getattr(instance, name) for name in Instance.__dataclass_fields__})


def _without_side_constraints(instance: Instance) -> Instance:
    hours = np.full(len(instance.hours), np.inf)
    return replace(instance, hours=hours, red_limit=LISTED, households=())


def _schools_of(given: dict[str, Any]) -> tuple[School, ...]:
    return schools_of(
        given["pupils"], given["staff"], given["classes"], CAPACITY, given["previous"]
    )


def _county(schools: list[dict[str, Any]]) -> dict[str, Any]:
    tables = {
        name: pd.concat([school[name] for school in schools], ignore_index=True)
        for name in ("pupils", "staff", "classes")
    }
    return {
        **schools[0], **tables,
        "rules": tuple(rule for school in schools for rule in school["rules"]),
        "previous": {pupil: who for school in schools for pupil, who in school["previous"].items()},
    }  # fmt: skip


def _school(seed: int) -> dict[str, Any]:
    rng, code = np.random.default_rng(seed), f"S{seed:02d}"
    numbers = [f"{code}T{n:03d}" for n in range(TEACHERS)]
    pupils = [f"{code}p{n:04d}" for n in range(PUPILS)]
    classes = [f"{code}C{n:02d}" for n in range(CLASSES)]
    return {
        "pupils": _pupils(rng, pupils, classes).assign(school_code=code),
        "staff": _staff(rng, numbers).assign(school_code=code),
        "classes": pd.DataFrame(
            {"term": "2025-2026-2", "class_id": classes, "homeroom_staff": numbers[:CLASSES]}
        ),
        "capacity": CAPACITY,
        "day": DAY,
        "rules": _rules(rng, pupils[:LISTED], numbers),
        "previous": {
            pupil: str(rng.choice(numbers)) for pupil in pupils[:LISTED] if rng.random() < 0.3
        },
    }


def _pupils(rng: np.random.Generator, pupils: list[str], classes: list[str]) -> pd.DataFrame:
    tiers = [Tier.RED] * 30 + [Tier.ORANGE] * 45 + [Tier.YELLOW] * 75
    tiers += [Tier.NONE] * (PUPILS - LISTED)
    needs = [(str(rng.choice(SUBJECTS)),) if rng.random() < 0.5 else () for _ in pupils]
    households = [f"H{n // 2}" if n < 8 else None for n in rng.permutation(LISTED)]
    return pd.DataFrame(
        {
            "student_id": pupils,
            "class_id": [classes[n] for n in rng.integers(0, CLASSES, PUPILS)],
            "rank": np.arange(1, PUPILS + 1),
            "tier": tiers,
            "needs_subjects": needs,
            "village": [f"V{n}" for n in rng.integers(0, 30, PUPILS)],
            "siblings": households + [None] * (PUPILS - LISTED),
        }
    )


def _staff(rng: np.random.Generator, numbers: list[str]) -> pd.DataFrame:
    n = len(numbers)
    return pd.DataFrame(
        {
            "staff_no": numbers,
            "roles": ["homeroom、subject"] * CLASSES + ["subject"] * (n - CLASSES),
            "subjects": rng.choice(SUBJECTS, n),
            "sex": rng.choice(["1", "2"], n, p=[0.4, 0.6]),
            "village": [f"V{v}" for v in rng.integers(0, 30, n)],
            "languages": rng.choice(["普通话", "普通话、苗语"], n, p=[0.8, 0.2]),
            "mentor_capacity": rng.choice([2, 3, 4], n, p=[0.3, 0.5, 0.2]),
            "hours_per_week": rng.integers(1, 5, n).astype(float),
        }
    )


def _rules(
    rng: np.random.Generator, pupils: list[str], numbers: list[str]
) -> tuple[AssignmentRule, ...]:
    drawn = [str(pupil) for pupil in rng.choice(pupils, 12, replace=False)]
    vetoes = [(RuleKind.VETO, pupil, str(rng.choice(numbers)), "") for pupil in drawn[:4]]
    asks = [(RuleKind.ASK_SEX, pupil, "", "女") for pupil in drawn[4:7]]
    asks += [(RuleKind.ASK_LANGUAGE, pupil, "", "苗语") for pupil in drawn[7:10]]
    fixed = [(RuleKind.FIX, drawn[10], str(rng.choice(numbers)), "")]
    away = [(RuleKind.ABSENCE, "", str(rng.choice(numbers)), "")]
    return tuple(
        AssignmentRule(kind, student_id=pupil, staff_no=number, value=value, why="")
        for kind, pupil, number, value in [*vetoes, *asks, *fixed, *away]
    )
