from __future__ import annotations

import numpy as np
import pytest

from kongchuo_risk.training.calibration import LogOddsLine, fit_line


def drawn(slope: float, intercept: float, n: int = 40_000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    score = rng.normal(size=n)
    return score, (rng.random(n) < 1 / (1 + np.exp(-intercept - slope * score))).astype(float)


@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (0.6, -3.0), (1.4, 1.0)])
def test_a_known_line_is_found_again(slope, intercept):
    line = fit_line(*drawn(slope, intercept))
    assert line.slope == pytest.approx(slope, abs=0.07)
    assert line.intercept == pytest.approx(intercept, abs=0.07)


def test_the_expected_number_of_events_is_the_observed_one():
    score, y = drawn(0.7, -2.0)
    p = 1 / (1 + np.exp(-fit_line(score, y).apply(score)))
    assert p.sum() == pytest.approx(y.sum(), rel=0.01)


def test_a_perfect_separation_gives_a_finite_line():
    line = fit_line(np.array([-9.0, -8.0, 8.0, 9.0]), np.array([0.0, 0.0, 1.0, 1.0]))
    assert 0 < line.slope < 3
    assert np.isfinite(line.intercept)


def test_the_ranking_is_kept_even_when_the_scores_are_upside_down():
    score, y = drawn(-1.0, 0.0)
    assert fit_line(score, y).slope > 0


def test_a_line_applies_as_written():
    assert LogOddsLine(slope=2.0, intercept=-1.0).apply(np.array([3.0])).tolist() == [5.0]
