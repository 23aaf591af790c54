from __future__ import annotations

import warnings

import lightgbm
import numpy as np

from kongchuo_risk import DropoutRiskClassifier
from tests.training.builders import County, matrix


def test_contributions_of_the_trees_are_those_of_shap():
    with warnings.catch_warnings():
        # shap and its dependencies warn about their own imports.
        warnings.simplefilter("ignore")
        import shap

    drawn = matrix(County(pupils=200))
    model = DropoutRiskClassifier(members=("lightgbm",)).fit(drawn.X, drawn.y.astype(int))
    booster = lightgbm.Booster(model_str=model.members_["lightgbm"].text)
    encoded = model.encoder_.encode(drawn.X)[:100]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        oracle = np.asarray(shap.TreeExplainer(booster).shap_values(encoded))
    values, _ = model.contributions(drawn.X.iloc[:100])
    assert np.allclose(values, model.calibration_.slope * oracle, atol=1e-9)
