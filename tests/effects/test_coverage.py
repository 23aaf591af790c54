"""The known effect of a synthetic programme lies in the stated interval at its stated rate.

``python -m benchmarks effects`` does the same with hundreds of draws of a larger county.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from benchmarks._effect_worlds import World, build_world, draw_lists, draw_phased, starts_of
from kongchuo_risk.domain.effect import Evidence
from kongchuo_risk.effects import estimate_phased, estimate_threshold

DRAWS, LISTS = 20, 12


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(1)


def test_of_phased_starts(world: World) -> None:
    held = 0
    for seed in range(DRAWS):
        drawn = draw_phased(world, seed)
        held += _holds(estimate_phased(drawn.rows, starts_of(drawn.rows)), drawn.truth)
    assert held >= _at_least(DRAWS)


def test_of_lists(world: World) -> None:
    drawn = [draw_lists(world, seed) for seed in range(LISTS)]
    truth = float(np.mean([draw.truth for draw in drawn]))
    assert truth < 0
    assert sum(_holds(estimate_threshold(draw.rows), truth) for draw in drawn) >= _at_least(LISTS)


def _at_least(draws: int) -> int:
    """Fewer would happen once in a hundred times if 95 % were held; the seeds are fixed."""
    return int(stats.binom.ppf(0.01, draws, 0.95))


def _holds(found: Evidence | None, truth: float) -> bool:
    assert found is not None
    low, high = found.effect.interval()
    return low <= truth <= high
