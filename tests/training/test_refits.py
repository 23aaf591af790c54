from __future__ import annotations

import numpy as np
import pytest

from kongchuo_risk.settings import Settings
from kongchuo_risk.training.candidates import train_candidates
from kongchuo_risk.training.forward import TrainingInputs
from kongchuo_risk.training.refits import CALM_PER_EVENT, refit_on_resamples, resample
from tests.training.builders import County, catalogue, matrix, scorecards


@pytest.fixture(scope="module")
def inputs() -> TrainingInputs:
    return TrainingInputs(matrix(County(pupils=300)), catalogue(), scorecards(), Settings())


def trained(inputs: TrainingInputs, name: str):
    return train_candidates(
        [name], inputs.matrix, catalogue=inputs.catalogue, settings=inputs.settings,
        scorecard=inputs.scorecard,
    )[name]  # fmt: skip


def test_a_resample_has_all_events_of_a_class_as_often_as_the_class_was_drawn():
    known = matrix(County(pupils=300))
    drawn = resample(known, seed=3)
    of_class = {
        name: (known.y[part].sum(), drawn.y[(drawn.rows["class_id"] == name).to_numpy()].sum())
        for name, part in known.rows.groupby("class_id").indices.items()
    }
    times = [after / before for before, after in of_class.values() if before]
    assert all(time == round(time) for time in times)
    assert {0.0, 1.0, 2.0} <= set(times)


def test_calm_rows_of_a_resample_are_thinned_to_a_number_per_event():
    drawn = resample(matrix(County(pupils=2000, intercept=-7.0)), seed=3)
    assert (drawn.y == 0).sum() == CALM_PER_EVENT * drawn.y.sum()


def test_the_same_seed_draws_the_same_rows():
    known = matrix(County(pupils=300))
    first, again, other = (resample(known, seed=seed) for seed in (3, 3, 4))
    assert first.rows.equals(again.rows)
    assert not first.rows.equals(other.rows)


def test_refits_differ_from_each_other_but_stand_on_the_models_own_line(inputs):
    model = trained(inputs, "logistic")
    first, second = refit_on_resamples(inputs, model, refits=2)
    assert first.features == model.features
    assert first.estimator.calibration_ == model.estimator.calibration_
    parts = [each.contributions(inputs.matrix).values for each in (first, second)]
    assert not np.allclose(*parts)


def test_a_model_that_learns_no_weights_has_no_refits(inputs):
    assert refit_on_resamples(inputs, trained(inputs, "scorecard")) == ()
