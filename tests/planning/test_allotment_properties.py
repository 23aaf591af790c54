"""Allotment under caps: what always holds, against brute force and a walk down the list."""

from __future__ import annotations

from collections import defaultdict
from itertools import chain, combinations
from math import prod

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from kongchuo_risk.contracts.policy import Cap, Effect, Supply, Uses
from kongchuo_risk.domain.allotment import Allotment
from kongchuo_risk.planning.allotment import Candidate, allot
from kongchuo_risk.planning.allotment.program import SMALL, Program, solve

CAPS = [
    Cap(id=name, label=name, unit="个", per="学期", supply=Supply(), source="假设")
    for name in ("club", "hours", "fund")
]
USES = {
    "club": (Uses(cap="club"),),
    "talk": (Uses(cap="hours", amount=0.5),),
    "fund": (Uses(cap="fund", amount=300),),
    "both": (Uses(cap="club"), Uses(cap="hours", amount=1)),
}
EXPECTED = {"club": 0.1, "talk": 0.2, "fund": 0.15, "both": 0.3}
EFFECTS = {
    name: Effect(low=effect / 2, expected=effect, high=effect * 1.5, basis="假设")
    for name, effect in EXPECTED.items()
}
TOLERANCE = 1e-5
"""Equals are parted by the list, at a millionth of the benefit."""
Supplies = dict[tuple[str, str], float]
MANY = settings(max_examples=15, deadline=None)
FEW = settings(max_examples=6, deadline=None)


def _allot(asks: list[Candidate], supply: Supplies, county: dict[str, float]) -> Allotment:
    rows = [(school, cap, amount) for (school, cap), amount in supply.items()]
    given_supply = pd.DataFrame(rows, columns=["school_code", "cap", "supply"])
    return allot(asks, USES, EFFECTS, CAPS, given_supply, county)


@st.composite
def _cases(
    draw: st.DrawFn, most: int = 7, classes: int = 2
) -> tuple[list[Candidate], Supplies, dict[str, float]]:
    measures = st.sets(st.sampled_from(sorted(USES)), min_size=1, max_size=3)
    asks: list[Candidate] = []
    for order in range(draw(st.integers(1, most))):
        school, risk = draw(st.sampled_from(["S1", "S2"])), draw(st.integers(0, 20)) / 20
        priority = draw(st.integers(0, classes - 1))
        wanted = sorted(draw(measures))
        asks += [Candidate(f"p{order}", school, name, risk, priority, order) for name in wanted]
    sizes = {"club": (0, 1, 2, 3), "hours": (0, 0.5, 1, 2), "fund": (0, 300, 500, 700)}
    supply = {
        (school, cap): float(draw(st.sampled_from(sizes[cap])))
        for school in ("S1", "S2")
        for cap in sizes
    }
    limited = draw(st.sampled_from([{}, {"fund": 600.0}, {"club": 2.0, "fund": 300.0}]))
    return asks[: most + 2], supply, limited


def _benefit(asks: list[Candidate], chosen: set[tuple[str, str]]) -> float:
    risk = {ask.student_id: ask.risk for ask in asks}
    effects = defaultdict(list)
    for pupil, measure in chosen:
        effects[pupil].append(EXPECTED[measure])
    return sum(risk[pupil] * (1 - prod(1 - e for e in own)) for pupil, own in effects.items())


def _holds(asks: list[Candidate], supply: Supplies, county: dict[str, float]) -> bool:
    """Every cap holds when all of ``asks`` are given."""
    used: dict[tuple[str, str], float] = defaultdict(float)
    total: dict[str, float] = defaultdict(float)
    for ask in asks:
        for use in USES[ask.measure]:
            used[ask.school_code, use.cap] += use.amount
            total[use.cap] += use.amount
    return all(used[key] <= supply[key] + 1e-9 for key in used) and all(
        total[cap] <= limit + 1e-9 for cap, limit in county.items()
    )


def _key(ask: Candidate) -> tuple[str, str]:
    return ask.student_id, ask.measure


def _best(asks: list[Candidate], supply: Supplies, county: dict[str, float]) -> float:
    subsets = chain.from_iterable(combinations(asks, size) for size in range(len(asks) + 1))
    return max(
        _benefit(asks, set(map(_key, subset)))
        for subset in subsets
        if _holds(list(subset), supply, county)
    )


def _down_the_list(
    asks: list[Candidate], given_before: list[Candidate], supply: Supplies, county: dict[str, float]
) -> list[Candidate]:
    found = list(given_before)
    for ask in sorted(asks, key=lambda ask: (ask.order, ask.measure)):
        if _holds([*found, ask], supply, county):
            found.append(ask)
    return found


@MANY
@given(_cases())
def test_every_cap_holds_in_every_school_and_in_the_county(case) -> None:
    asks, supply, county = case
    found = _allot(asks, supply, county)
    assert _holds([ask for ask in asks if _key(ask) in found.chosen], supply, county)


@MANY
@given(_cases(classes=1))
def test_no_choice_keeps_more_pupils(case) -> None:
    asks, supply, _ = case
    found = _allot(asks, supply, {})
    best = _best(asks, supply, {})
    assert abs(_benefit(asks, set(found.chosen)) - best) < TOLERANCE
    assert abs(found.benefit.expected - best) < TOLERANCE
    assert 0 <= found.gap < TOLERANCE


@MANY
@given(_cases(classes=1))
def test_with_a_ceiling_of_the_county_the_best_choice_is_within_the_proven_gap(case) -> None:
    asks, supply, county = case
    found = _allot(asks, supply, county)
    assert found.benefit.expected >= (1 - found.gap) * _best(asks, supply, county) - TOLERANCE


@MANY
@given(_cases())
def test_each_class_does_at_least_as_well_as_down_the_list(case) -> None:
    asks, supply, _ = case
    found = _allot(asks, supply, {})
    before: list[Candidate] = []
    for priority in (0, 1):
        own = [ask for ask in asks if ask.priority == priority]
        walked = _down_the_list(own, before, supply, {})
        before += [ask for ask in own if _key(ask) in found.chosen]
        reached = _benefit(asks, set(map(_key, before)))
        assert reached >= _benefit(asks, set(map(_key, walked))) - TOLERANCE


@MANY
@given(_cases(classes=1), st.sampled_from(["club", "hours", "fund"]))
def test_more_supply_never_keeps_fewer_pupils(case, cap: str) -> None:
    asks, supply, _ = case
    more = {key: amount + 1.5 * (key[1] == cap) for key, amount in supply.items()}
    less, richer = _allot(asks, supply, {}), _allot(asks, more, {})
    assert richer.benefit.expected >= less.benefit.expected - TOLERANCE


@MANY
@given(_cases())
def test_the_first_class_gets_the_same_whoever_stands_behind_it(case) -> None:
    asks, supply, _ = case
    first = [ask for ask in asks if ask.priority == 0]
    alone = _allot(first, supply, {}).chosen
    assert {key for key in _allot(asks, supply, {}).chosen if key in set(map(_key, first))} == alone


@MANY
@given(_cases())
def test_whoever_is_left_out_would_break_the_cap_that_is_named(case) -> None:
    asks, supply, county = case
    found = _allot(asks, supply, county)
    by_key = {_key(ask): ask for ask in asks}
    assert {(left.student_id, left.measure) for left in found.left_out} == (
        set(by_key) - found.chosen
    )
    given_to = [by_key[key] for key in found.chosen]
    for left in found.left_out:
        own = by_key[left.student_id, left.measure]
        others = {
            key: amount if key[1] == left.cap and not left.county else 1e9
            for key, amount in supply.items()
        }
        ceiling = {left.cap: county[left.cap]} if left.county else {}
        assert not _holds([*given_to, own], others, ceiling)


@FEW
@given(_cases(most=5))
def test_one_more_is_what_one_more_brings(case) -> None:
    asks, supply, _ = case
    found = _allot(asks, supply, {})
    for row in found.worth.itertuples():
        key = (row.school_code, row.cap)
        more = _allot(asks, {**supply, key: supply[key] + row.step}, {})
        gained = more.benefit.expected - found.benefit.expected
        assert abs(row.one_more - gained) < TOLERANCE


@st.composite
def _programs(draw: st.DrawFn) -> Program:
    """More options than are solved whole; money in a grid that leaves gaps."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    number = draw(st.integers(SMALL + 1, 3 * SMALL))
    use = np.stack([rng.choice([0.0, 0.5, 1.0], number), rng.choice([0, 500.0, 625.0], number)])
    owner = rng.integers(0, number // 2, number)
    room = use.sum(axis=1) * draw(st.sampled_from([0.05, 0.3, 0.6]))
    return Program(rng.beta(1, 12, number), sparse.csr_array(use), owner, room)


@MANY
@given(_programs())
def test_the_bound_of_a_large_program_is_never_below_its_best_choice(program: Program) -> None:
    picked, best = solve(program), milp(
        -program.value,
        integrality=np.ones(len(program), dtype=int),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(program.use, -np.inf, program.room),
            LinearConstraint(np.equal.outer(np.unique(program.owner), program.owner) * 1.0, 0, 1),
        ],
    )  # fmt: skip
    reached = float(program.value[picked.options].sum())
    assert (program.use @ picked.options <= program.room + 1e-6).all()
    assert len(set(program.owner[picked.options])) == picked.options.sum()
    assert reached <= -best.fun + TOLERANCE <= picked.bound + 2 * TOLERANCE
