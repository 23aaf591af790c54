"""The solver: every cap kept, never worse than a plain assignment, best by brute force."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linear_sum_assignment

from kongchuo_risk.planning.assignment.exact import solve_exactly
from kongchuo_risk.planning.assignment.instance import (
    NO_MENTOR,
    Instance,
    keeps_caps,
    total_cost,
)
from kongchuo_risk.planning.assignment.solver import by_places, solve


def _instance(cost, places, **rest) -> Instance:
    cost = np.array(cost, dtype=np.int64)
    n, m = cost.shape
    defaults = {
        "allowed": np.ones((n, m), dtype=bool),
        "hours": np.full(m, np.inf),
        "needed": np.full(n, 0.25),
        "red": np.zeros(n, dtype=bool),
        "red_limit": 2,
        "load_weight": 0,
        "households": (),
        "sibling_weight": 2,
        "fixed": np.zeros(n, dtype=bool),
    }
    return Instance(cost=cost, places=np.array(places, dtype=np.int64), **{**defaults, **rest})


@st.composite
def _instances(draw: st.DrawFn, *, pupils: int = 10, adults: int = 6) -> Instance:
    n, m = draw(st.integers(1, pupils)), draw(st.integers(1, adults))
    tier = np.sort(draw(arrays(int, n, elements=st.integers(0, 2))))
    split = draw(st.integers(0, n // 2))
    return _instance(
        draw(arrays(np.int64, (n, m), elements=st.integers(0, 9))),
        draw(arrays(np.int64, m, elements=st.integers(0, 3))),
        allowed=draw(arrays(bool, (n, m), elements=st.sampled_from([True, True, True, False]))),
        hours=draw(arrays(float, m, elements=st.sampled_from([0.4, 0.5, 1.0, 1.3, 2.0, np.inf]))),
        needed=np.array([1.0, 0.5, 0.25])[tier],
        red=tier == 0,
        red_limit=draw(st.integers(0, 2)),
        load_weight=draw(st.integers(0, 3)),
        households=tuple((2 * k, 2 * k + 1) for k in range(split)),
    )


def _brute_force(instance: Instance) -> tuple[int, int]:
    """Most pupils that can be placed, and the least cost among the choices of the ranks."""
    n, m = instance.shape
    best: tuple[int, tuple[int, ...], int] | None = None
    for choice in product(range(NO_MENTOR, m), repeat=n):
        mentor = np.array(choice)
        if keeps_caps(instance, mentor):
            out = mentor == NO_MENTOR
            free = replace(instance, unplaced=np.zeros(n, dtype=np.int64))
            ranks = int((n - np.arange(n))[out].sum())
            key = (int(out.sum()), ranks, total_cost(free, mentor))
            best = key if best is None or key < best else best
    assert best is not None
    return n - best[0], best[2]


@settings(max_examples=60, deadline=None)
@given(_instances())
def test_every_cap_and_wish_is_kept_and_the_bound_is_met(instance: Instance) -> None:
    found = solve(instance)
    assert keeps_caps(instance, found.mentor)
    assert found.bound <= found.cost <= found.bound * 1.02


@settings(max_examples=30, deadline=None)
@given(_instances(pupils=5, adults=3))
def test_no_assignment_is_better_by_brute_force(instance: Instance) -> None:
    found = solve(instance)
    assert (int(found.placed.sum()), found.cost) == _brute_force(instance)


@settings(max_examples=60, deadline=None)
@given(_instances())
def test_more_places_never_place_fewer_pupils(instance: Instance) -> None:
    more = replace(instance, places=instance.places + (np.arange(len(instance.places)) == 0))
    assert solve(more).placed.sum() >= solve(instance).placed.sum()


def _plain_assignment(instance: Instance) -> tuple[int, np.ndarray] | None:
    """What scipy's assignment over places gives, when everybody finds one."""
    owner, price = instance.slots
    if len(owner) < instance.shape[0]:
        return None
    cost = np.where(instance.allowed[:, owner], instance.cost[:, owner] + price, 10_000)
    rows, columns = linear_sum_assignment(cost)
    total = int(cost[rows, columns].sum())
    return None if total >= 10_000 else (total, owner[columns])


@settings(max_examples=40, deadline=None)
@given(_instances())
def test_never_worse_than_scipy_where_its_answer_keeps_the_caps(instance: Instance) -> None:
    plain = _plain_assignment(instance)
    if plain is not None and keeps_caps(instance, plain[1]):
        assert solve(instance).cost <= total_cost(instance, plain[1])


@settings(max_examples=40, deadline=None)
@given(_instances())
def test_equal_to_scipy_where_only_places_count(instance: Instance) -> None:
    free = replace(
        instance, hours=np.full(len(instance.hours), np.inf), red_limit=99, households=()
    )
    plain = _plain_assignment(free)
    if plain is not None:
        assert solve(free).cost == plain[0]


@settings(max_examples=60, deadline=None)
@given(_instances(pupils=12, adults=25))
def test_arcs_left_out_at_first_never_cost_anything(instance: Instance) -> None:
    """More adults than arcs per pupil: prices must bring in what matters."""
    whole = replace(instance, hours=np.full(len(instance.hours), np.inf), red_limit=99)
    whole = replace(whole, households=())
    mentor, bound = solve_exactly(whole, whole.cost.astype(float), enough=0)
    assert total_cost(whole, mentor) == bound == by_places(whole).bound


def test_the_pupil_at_most_risk_is_placed_first() -> None:
    found = solve(_instance([[5], [0], [0]], places=[1]))
    assert found.mentor.tolist() == [0, NO_MENTOR, NO_MENTOR]


def test_more_pupils_count_before_ranks() -> None:
    """One hour is enough for the first pupil or for both others."""
    found = solve(
        _instance([[0], [0], [0]], [2], hours=np.array([1.0]), needed=np.array([1, 0.5, 0.5]))
    )
    assert found.placed.tolist() == [False, True, True]


def test_the_load_is_spread_over_colleagues() -> None:
    found = solve(_instance([[0, 0]] * 2, places=[2, 2], load_weight=2))
    assert sorted(found.mentor.tolist()) == [0, 1]


@pytest.mark.parametrize(("dearer", "together"), [(1, True), (3, False)])
def test_siblings_share_a_mentor_when_it_is_worth_its_weight(dearer: int, together: bool) -> None:
    cost = [[0, 9], [dearer, 0]]
    found = solve(_instance(cost, places=[2, 1], households=((0, 1),), sibling_weight=2))
    assert (found.mentor[0] == found.mentor[1]) is np.bool_(together)
    assert found.cost == min(dearer, 2)


def test_a_fixed_pupil_keeps_the_place_although_others_rank_before() -> None:
    cost, allowed = [[0], [0]], np.ones((2, 1), dtype=bool)
    fixed = np.array([False, True])
    found = solve(_instance(cost, [1], allowed=allowed, fixed=fixed))
    assert found.mentor.tolist() == [NO_MENTOR, 0]
