"""Matching measures over a whole cohort at once, beside asking the policy pupil by pupil."""

from __future__ import annotations

import random
import time
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from benchmarks._synthetic_county import peak_mb
from kongchuo_risk.contracts.policy_file import load_policy
from kongchuo_risk.domain.risk import Reason, Tier
from kongchuo_risk.planning.facts import CohortFacts
from kongchuo_risk.planning.matching import match_cohort
from kongchuo_risk.planning.triggers import Cohort
from tests.oracle.measures import called

PUPILS = 100_000
ASKED_ONE_BY_ONE = 2_000
DAY = date(2026, 3, 16)
SEED = 20_240_901
_TIERS = (Tier.RED, Tier.ORANGE, Tier.YELLOW, Tier.NONE)
_TIER_SHARES = (0.02, 0.03, 0.05, 0.90)
_GROUPS = ("出勤", "学业", "厌学与行为", "家庭监护", "经济", "路途与寄宿", "同伴", "变动")


def run(quick: bool) -> list[dict[str, Any]]:
    """Seconds for everybody, matched at once and (a sample, scaled up) one by one."""
    pupils = PUPILS // 20 if quick else PUPILS
    policy = load_policy()
    cohort = random_cohort(pupils)
    owners = {"homeroom": "T1", "mentor": "T2", "principal": "T3"}
    start = time.perf_counter()
    matches = match_cohort(cohort, lambda _: owners, policy=policy, day=DAY)
    ours = time.perf_counter() - start
    asked = min(ASKED_ONE_BY_ONE, pupils)
    situations = [cohort.known.situation(pupil) for pupil in cohort.student_ids[:asked]]
    start = time.perf_counter()
    found = [
        called(policy, cohort.reasons[place], situation, cohort.tiers[place], DAY)
        for place, situation in enumerate(situations)
    ]
    theirs = (time.perf_counter() - start) * pupils / asked
    _expect_the_same(matches, found, asked)
    return [
        {
            "name": "matching", "ours": ours, "theirs": theirs, "ratio": theirs / ours, "unit": "s",
            "peak_mb": peak_mb(), "rows": len(matches),
        }
    ]  # fmt: skip


def random_cohort(pupils: int, seed: int = SEED) -> Cohort:
    """Synthetic pupils with shares of facts, tags and reasons as in the synthetic county."""
    rng = np.random.default_rng(seed)
    ids = [f"p{number:06}" for number in range(pupils)]
    facts = pd.DataFrame(_facts(rng, pupils), index=pd.Index(ids, dtype="object"))
    tags = {
        tag: rng.random(pupils) < 0.004
        for tag in ("aversion", "intends_to_leave", "gaming", "low_mood", "bullied", "family_event")
    }
    drawn = rng.choice(len(_TIERS), pupils, p=_TIER_SHARES)
    picks = random.Random(seed)
    reasons = [
        tuple(
            Reason(group, "x", f"{group}方面的情况", 1.0, True)
            for group in picks.sample(_GROUPS, 3)
        )
        if tier < len(_TIERS) - 1
        else ()
        for tier in drawn
    ]
    known = CohortFacts(facts, pd.DataFrame(tags, index=facts.index))
    return Cohort(ids, [_TIERS[tier] for tier in drawn], reasons, known)


def _facts(rng: np.random.Generator, pupils: int) -> dict[str, object]:
    def some(share: float) -> np.ndarray:
        return rng.random(pupils) < share

    return {
        "grade": rng.integers(1, 10, pupils),
        "left_behind": rng.choice(["0", "1", "2"], pupils, p=[0.75, 0.14, 0.11]),
        "caregiver": rng.choice(["parents", "grandparents", "self"], pupils, p=[0.8, 0.199, 0.001]),
        "poverty_type": rng.choice(["none", "lifted", "dibao"], pupils, p=[0.88, 0.08, 0.04]),
        "disability_type": rng.choice(["0", "1", "5"], pupils, p=[0.994, 0.003, 0.003]),
        "placement": rng.choice(["regular", "inclusive", "home"], pupils, p=[0.997, 0.002, 0.001]),
        "migrant_child": some(0.06),
        "orphan": some(0.002),
        "unsupported": some(0.003),
        "parent_ill": some(0.05),
        "school_distance_km": rng.exponential(2.0, pupils),
        "boarding": rng.choice(["1", "2"], pupils, p=[0.8, 0.2]),
        "aided": some(0.1),
        "returned": some(0.002),
        "unexcused_sessions_14d": rng.poisson(0.02, pupils),
        "absent_run_days": np.where(some(0.003), rng.integers(1, 15, pupils), 0),
        "aid_unpaid_days": np.where(some(0.02), rng.integers(1, 90, pupils), np.nan),
    }


def _expect_the_same(matches: list[Any], found: list[set[str]], asked: int) -> None:
    ours: list[set[str]] = [set() for _ in range(asked)]
    for match in matches:
        if match.place < asked:
            ours[match.place].add(match.item.measure)
    if ours != found:
        raise RuntimeError("matched measures differ from those asked pupil by pupil")
