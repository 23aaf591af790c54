"""Capacity and tiers: how long the list is and who is on it."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kongchuo_risk.domain.risk import Tier
from kongchuo_risk.planning import assign_tiers, capacity_by_school, mentor_places
from kongchuo_risk.settings import CapacitySettings
from tests.builders import students, table

SETTINGS = CapacitySettings(pupils_per_mentor=3, max_share=0.5)


def _staff(*rows: tuple[str, str, str, int | None]) -> pd.DataFrame:
    return table(
        "staff",
        [
            {"staff_no": number, "school_code": school, "roles": roles, "mentor_capacity": places}
            for number, school, roles, places in rows
        ],
    )


def _scores(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["student_id", "school_code", "score"])


def test_named_places_count_and_teaching_staff_get_the_default() -> None:
    staff = _staff(
        ("T1", "A", "homeroom、subject", None),
        ("T2", "A", "principal", 5),
        ("T3", "A", "support", None),
    )
    assert mentor_places(staff, SETTINGS).to_dict() == {"T1": 3, "T2": 5, "T3": 0}


def test_a_teacher_with_zero_places_has_none() -> None:
    assert mentor_places(_staff(("T1", "A", "homeroom", 0)), SETTINGS).to_dict() == {"T1": 0}


def test_the_list_is_as_long_as_the_places_of_the_staff() -> None:
    pupils = students(*[{"student_id": f"p{n}", "school_code": "A"} for n in range(20)])
    staff = _staff(("T1", "A", "homeroom", 2), ("T2", "A", "subject", 4))
    assert capacity_by_school(staff, pupils, SETTINGS).to_dict() == {"A": 6}


def test_the_list_is_capped_by_the_share_of_enrolled_pupils() -> None:
    enrolled = [{"student_id": f"p{n}", "school_code": "A", "status": "01"} for n in range(9)]
    gone = [{"student_id": "gone", "school_code": "A", "status": "10"}]
    staff = _staff(("T1", "A", "homeroom", 30))
    capacity = capacity_by_school(staff, students(*enrolled, *gone), SETTINGS)
    assert capacity.to_dict() == {"A": 4}  # half of nine, cut


def test_a_share_is_not_cut_short_by_floating_point() -> None:
    pupils = students(*[{"student_id": f"p{n:02}", "school_code": "A"} for n in range(30)])
    staff = _staff(("T1", "A", "homeroom", 30))
    tenth = CapacitySettings(max_share=0.1)
    assert capacity_by_school(staff, pupils, tenth).to_dict() == {"A": 3}


def test_a_school_without_staff_has_no_list() -> None:
    assert capacity_by_school(_staff(), students(), SETTINGS).to_dict() == {"S1": 0}


def test_each_school_is_ranked_by_itself_and_ties_go_by_pseudonym() -> None:
    scores = _scores(("c", "A", 0.5), ("b", "A", 0.5), ("a", "A", 0.1), ("z", "B", 0.01))
    tiers = assign_tiers(scores, pd.Series({"A": 2, "B": 1}), CapacitySettings())
    assert tiers["rank"].tolist() == [2, 1, 3, 1]
    assert [str(tier) for tier in tiers["tier"]] == ["黄", "红", "未列入", "红"]


def test_a_list_of_ten_is_two_red_three_orange_five_yellow() -> None:
    scores = _scores(*[(f"p{n:02}", "A", -n) for n in range(12)])
    tiers = assign_tiers(scores, pd.Series({"A": 10}), CapacitySettings())
    assert tiers["tier"].value_counts().to_dict() == {
        Tier.RED: 2, Tier.ORANGE: 3, Tier.YELLOW: 5, Tier.NONE: 2
    }  # fmt: skip


def test_a_school_that_no_capacity_names_has_nobody_on_the_list() -> None:
    tiers = assign_tiers(_scores(("a", "A", 1.0)), pd.Series({"B": 3}), CapacitySettings())
    assert tiers["tier"].tolist() == [Tier.NONE]


def test_a_missing_score_is_refused_rather_than_ranked_last() -> None:
    with pytest.raises(ValueError, match="missing"):
        assign_tiers(_scores(("a", "A", float("nan"))), pd.Series({"A": 1}), CapacitySettings())


_SCORE_LISTS = st.lists(st.floats(-5, 5), min_size=1, max_size=40)
_WORST_FIRST = list(Tier)


@settings(max_examples=50, deadline=None)
@given(_SCORE_LISTS, st.integers(0, 40), st.integers(0, 10))
def test_more_capacity_never_drops_a_pupil_or_lowers_a_tier(
    values: list[float], capacity: int, more: int
) -> None:
    scores = _scores(*[(f"p{n:02}", "A", value) for n, value in enumerate(values)])
    few = assign_tiers(scores, pd.Series({"A": capacity}), CapacitySettings())
    many = assign_tiers(scores, pd.Series({"A": capacity + more}), CapacitySettings())
    for before, after in zip(few["tier"], many["tier"], strict=True):
        assert _WORST_FIRST.index(after) <= _WORST_FIRST.index(before)


@settings(max_examples=50, deadline=None)
@given(_SCORE_LISTS, st.integers(0, 40), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(values: list[float], capacity: int, random) -> None:
    scores = _scores(*[(f"p{n:02}", "A", value) for n, value in enumerate(values)])
    order = list(range(len(values)))
    random.shuffle(order)
    cut = pd.Series({"A": capacity})
    plain = assign_tiers(scores, cut, CapacitySettings()).set_index("student_id")
    mixed = assign_tiers(scores.iloc[order], cut, CapacitySettings()).set_index("student_id")
    pd.testing.assert_frame_equal(plain, mixed.loc[plain.index])


@settings(max_examples=50, deadline=None)
@given(_SCORE_LISTS, st.integers(0, 40))
def test_the_list_is_exactly_as_long_as_the_capacity(values: list[float], capacity: int) -> None:
    scores = _scores(*[(f"p{n:02}", "A", value) for n, value in enumerate(values)])
    tiers = assign_tiers(scores, pd.Series({"A": capacity}), CapacitySettings())
    assert (tiers["tier"] != Tier.NONE).sum() == min(capacity, len(values))
