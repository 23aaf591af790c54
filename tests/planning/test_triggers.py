"""Matching a whole cohort at once says what asking the policy pupil by pupil says."""

from __future__ import annotations

from datetime import date

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from kongchuo_risk.contracts.policy import Condition, FactTest
from kongchuo_risk.contracts.policy_file import load_policy
from kongchuo_risk.domain.risk import Reason, Tier
from kongchuo_risk.planning.facts import CohortFacts, Situation, holds
from kongchuo_risk.planning.matching import match_cohort
from kongchuo_risk.planning.triggers import Cohort, Conditions, called_measures
from tests.oracle.measures import called

DAY = date(2026, 3, 16)
_FACTS = {
    "left_behind": st.sampled_from([None, "0", "1", "2"]),
    "caregiver": st.sampled_from([None, "parents", "grandparents", "relatives", "self"]),
    "poverty_type": st.sampled_from([None, "none", "lifted", "dibao", "tekun"]),
    "disability_type": st.sampled_from([None, "0", "1", "5", "7"]),
    "disability_level": st.sampled_from([None, 1, 3]),
    "placement": st.sampled_from([None, "regular", "inclusive", "home", "special"]),
    "orphan": st.sampled_from([None, True, False]),
    "migrant_child": st.sampled_from([None, True, False]),
    "aided": st.booleans(),
    "returned": st.booleans(),
    "boarding": st.sampled_from([None, "1", "2"]),
    "grade": st.integers(1, 9),
    "school_distance_km": st.sampled_from([None, 0.5, 4.9, 5.0, 12.0]),
    "unexcused_sessions_14d": st.integers(0, 20),
    "absent_run_days": st.sampled_from([0.0, 0.5, 1.0, 3.0, 5.0, 8.0, 10.0, 15.0, 25.0]),
    "aid_unpaid_days": st.sampled_from([None, 5.0, 70.0]),
}
_TAGS = ("aversion", "intends_to_leave", "work_intent", "bullied", "runaway", "low_mood",
         "early_marriage", "parent_wants_out", "bad_company", "family_event")  # fmt: skip
_GROUPS = ("出勤", "学业", "厌学与行为", "家庭监护", "经济", "健康与残疾", "同伴", "变动")
_reasons = st.lists(st.tuples(st.sampled_from(_GROUPS), st.booleans()), max_size=3)
_pupils = st.lists(
    st.tuples(
        st.sampled_from(list(Tier)),
        st.fixed_dictionaries(_FACTS),
        st.sets(st.sampled_from(_TAGS), max_size=3),
        _reasons,
    ),
    min_size=1,
    max_size=8,
)


def _cohort(drawn: list) -> tuple[Cohort, list[Situation]]:
    ids = [f"p{number}" for number in range(len(drawn))]
    index = pd.Index(ids, dtype="object")
    columns = {name: [facts[name] for _, facts, _, _ in drawn] for name in _FACTS}
    facts = pd.DataFrame({name: pd.Series(values, index=index) for name, values in columns.items()})
    tags = {tag: [tag in own for _, _, own, _ in drawn] for tag in _TAGS}
    reasons = [
        tuple(Reason(group, "x", f"{group}的情况", 1.0, act) for group, act in told)
        for _, _, _, told in drawn
    ]
    known = CohortFacts(facts, pd.DataFrame(tags, index=index))
    situations = [
        Situation({k: v for k, v in own.items() if v is not None}, frozenset(written))
        for _, own, written, _ in drawn
    ]
    return Cohort(ids, [tier for tier, *_ in drawn], reasons, known), situations


@settings(max_examples=60, deadline=None)
@given(_pupils)
def test_everybody_at_once_and_one_by_one_agree(drawn: list) -> None:
    policy = load_policy()
    cohort, situations = _cohort(drawn)
    matches = match_cohort(cohort, lambda _: {"homeroom": "T1"}, policy=policy, day=DAY)
    for place, (tier, situation) in enumerate(zip(cohort.tiers, situations, strict=True)):
        own = {match.item.measure for match in matches if match.place == place}
        assert own == called(policy, cohort.reasons[place], situation, tier, DAY)


@settings(max_examples=30, deadline=None)
@given(_pupils)
def test_every_item_says_why(drawn: list) -> None:
    cohort, _ = _cohort(drawn)
    matches = match_cohort(cohort, lambda _: {}, policy=load_policy(), day=DAY)
    assert all(match.item.why.strip() for match in matches)


@settings(max_examples=30, deadline=None)
@given(_pupils)
def test_a_reason_that_cannot_be_acted_on_calls_nothing(drawn: list) -> None:
    fixed = [(*rest, [(group, False) for group, _ in told]) for *rest, told in drawn]
    without = [(*rest, []) for *rest, _ in drawn]
    policy = load_policy()
    found = [
        {(match.place, match.item.measure)
         for match in match_cohort(_cohort(case)[0], lambda _: {}, policy=policy, day=DAY)}
        for case in (fixed, without)
    ]  # fmt: skip
    assert found[0] == found[1]


def test_an_unknown_fact_passes_only_the_test_that_it_is_missing() -> None:
    values = pd.Series([None, 3.0, 7.0])
    bound = FactTest(fact="x", at_least=5, say="…")
    missing = FactTest(fact="x", missing=True, say="…")
    assert holds(bound, values, 3).tolist() == [False, False, True]
    assert holds(missing, values, 3).tolist() == [True, False, False]
    assert holds(missing, None, 2).tolist() == [True, True]
    assert holds(bound, None, 2).tolist() == [False, False]


def test_bounds_are_both_allowed() -> None:
    test = FactTest(fact="x", at_least=1, at_most=2, say="…")
    assert holds(test, pd.Series([0.5, 1, 2, 2.5]), 4).tolist() == [False, True, True, False]


def test_every_part_of_a_condition_must_hold() -> None:
    cohort, _ = _cohort(
        [(Tier.RED, _plain(grade=8), {"aversion"}, []), (Tier.RED, _plain(grade=3), set(), [])]
    )
    both = Condition(
        tier=(Tier.RED,),
        any_tag=("aversion",),
        facts=(FactTest(fact="grade", at_least=7, say="…"),),
    )
    assert Conditions(cohort).met(both).tolist() == [True, False]


def test_the_first_legal_rule_that_fits_sets_the_priority() -> None:
    poor = _plain(poverty_type="dibao", aided=False)
    orphan = _plain(poverty_type="dibao", orphan=True, aided=False)
    cohort, _ = _cohort([(Tier.RED, poor, set(), [("经济", True)]),
                         (Tier.RED, orphan, set(), [("经济", True)])])  # fmt: skip
    first = {
        called.measure.id: dict(zip(called.places.tolist(), called.first.tolist(), strict=True))
        for called in called_measures(cohort, load_policy(), DAY)
    }
    fund = first["hardship_fund"]
    assert fund[1] < fund[0]


def _plain(**facts: object) -> dict[str, object]:
    """A pupil of whom nothing calls anything, but for ``facts``."""
    calm = dict.fromkeys(_FACTS) | {
        "aided": True, "returned": False, "grade": 5, "unexcused_sessions_14d": 0,
        "absent_run_days": 0.0,
    }  # fmt: skip
    return calm | facts
