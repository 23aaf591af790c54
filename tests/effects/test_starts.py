"""A programme begins in a school; single help does not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kongchuo_risk.effects import find_starts


def panel(**shares: tuple[float, ...]) -> pd.DataFrame:
    """Units of 100 pupils with the share that got the measure in each term."""
    parts = [
        pd.DataFrame({"unit": unit, "period": term, "delivered": np.arange(100) < 100 * share})
        for unit, by_term in shares.items()
        for term, share in enumerate(by_term, start=1)
    ]
    return pd.concat(parts, ignore_index=True)


def test_the_first_term_in_which_a_twentieth_of_the_school_gets_it_is_the_start() -> None:
    found = find_starts(panel(A=(0, 0.01, 0.3, 0.3), B=(0, 0, 0, 0.05), C=(0, 0, 0, 0.04)))
    assert found["start"].fillna(0).tolist() == [3, 4, 0]
    assert found["stop"].isna().all()


def test_what_trickles_everywhere_is_no_start() -> None:
    rng = np.random.default_rng(3)
    shares = {f"S{i}": tuple(rng.uniform(0, 0.04, 6)) for i in range(20)}
    assert find_starts(panel(**shares))["start"].isna().all()


def test_a_trickle_that_crosses_the_bound_once_is_no_start() -> None:
    assert find_starts(panel(A=(0.04, 0.04, 0.06, 0.05)))["start"].isna().all()


def test_four_pupils_of_a_tiny_school_are_no_programme() -> None:
    tiny = pd.DataFrame({"unit": "P", "period": [1] * 20 + [2] * 20,
                         "delivered": [False] * 36 + [True] * 4})  # fmt: skip
    assert find_starts(tiny)["start"].isna().all()


def test_terms_after_it_stopped_are_known() -> None:
    found = find_starts(panel(A=(0, 0.5, 0.5, 0.0)))
    assert found.loc["A"].tolist() == [2, 4]
