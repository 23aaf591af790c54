"""Pupils just on the list against those just below it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kongchuo_risk.effects import estimate_threshold, margins

JUMP = -0.3


def lists(*, pupils: int = 4000, jump: float = JUMP, reach: float = 0.5) -> pd.DataFrame:
    """Ten schools whose outcome falls by ``jump`` at the line, through help that half receive."""
    rng = np.random.default_rng(4)
    margin = rng.normal(0, 1, pupils)
    delivered = (margin > 0) & (rng.random(pupils) < reach)
    chance = 0.5 + 0.05 * margin.clip(-2, 2) + jump / reach * delivered
    return pd.DataFrame(
        {
            "margin": margin,
            "outcome": (rng.random(pupils) < chance.clip(0, 1)).astype(float),
            "delivered": delivered,
            "school_code": rng.integers(0, 10, pupils).astype(str),
            "grade": rng.integers(1, 10, pupils).astype(float),
        }
    )


def test_the_line_of_each_school_is_halfway_between_the_last_listed_and_the_next() -> None:
    entries = pd.DataFrame(
        {"school_code": ["A", "A", "A", "B", "B", "C"], "log_odds": [2.0, 1.0, 0.0, 9.0, 7.0, 5.0],
         "listed": [True, False, False, True, False, True]}
    )  # fmt: skip
    assert margins(entries)["margin"].tolist() == [0.5, -0.5, -1.5, 1.0, -1.0]


def test_equal_scores_on_both_sides_of_the_line_are_left_out() -> None:
    entries = pd.DataFrame({"school_code": "A", "log_odds": [2.0, 1.0, 1.0, 0.0],
                            "listed": [True, True, False, False]})  # fmt: skip
    assert margins(entries)["log_odds"].tolist() == [2.0, 0.0]


def test_a_known_jump_lies_in_the_interval_and_twice_it_per_pupil_helped() -> None:
    found = estimate_threshold(lists())
    assert found is not None
    assert found.per_treated is not None
    low, high = found.effect.interval()
    assert low < JUMP < high < 0
    low, high = found.per_treated.interval()
    assert low < 2 * JUMP < high < 0
    assert found.reached == pytest.approx(0.5, abs=0.1)
    assert all(check.passed for check in found.checks)


def test_pupils_moved_onto_the_list_are_noticed() -> None:
    rows = lists()
    moved = rows["margin"].between(-0.25, 0) & (rows.index % 4 > 0)
    rows.loc[moved, "margin"] = -rows.loc[moved, "margin"]
    found = estimate_threshold(rows)
    assert found is not None
    assert [check.name for check in found.checks if not check.passed] == ["人为挪动"]


def test_a_few_pupils_give_no_estimate() -> None:
    assert estimate_threshold(lists(pupils=150)) is None


def test_rows_without_a_known_outcome_do_not_count() -> None:
    assert estimate_threshold(lists().assign(outcome=np.nan)) is None
