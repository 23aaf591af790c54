"""Regularised LightGBM members: plain, with random cuts, and with categories as target means."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import lightgbm
import numpy as np

from kongchuo_risk.training.member import FitContext, blocks
from kongchuo_risk.training.stand_ins import learn_stand_ins, stand_in
from kongchuo_risk.training.target_means import TargetMeans
from kongchuo_risk.training.treeshap import LeafTables, leaf_tables

RANDOM_RATE = 4 / 3
"""Trees with random cuts are weaker: each says a third more."""
_BOOSTING = {
    "objective": "binary",
    # The library's 0.001 lets leaf values run away when positives are rare.
    "min_sum_hessian_in_leaf": 1.0,
    "lambda_l2": 1.0,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}


_KEPT = ("text", "stand_ins", "threads", "shift", "means")


@dataclass(frozen=True)
class BoosterMember:
    """LightGBM trees, kept as the text that is saved, so that what is loaded is what was used."""

    text: str
    stand_ins: np.ndarray
    threads: int = 1
    shift: float = 0.0
    means: TargetMeans | None = None

    def __getstate__(self) -> dict[str, Any]:
        """The text and what goes with it; trees and tables are made from it again."""
        return {name: getattr(self, name) for name in _KEPT}

    def log_odds(self, encoded: np.ndarray) -> np.ndarray:
        """Sum of the leaves, and the shift."""
        raw = np.empty(len(encoded))
        for rows in blocks(encoded):
            seen = np.ascontiguousarray(self._seen(encoded[rows]))
            told = self._booster.predict(seen, num_threads=self.threads, raw_score=True)
            raw[rows] = np.asarray(told)
        return self.shift + raw

    def shifted(self, by: float) -> BoosterMember:
        """The same trees with ``by`` added to the log-odds."""
        return replace(self, shift=self.shift + by)

    def contributions(self, encoded: np.ndarray) -> tuple[np.ndarray, float]:
        """Exact path-dependent SHAP values (Lundberg et al. 2020) from the tables of the leaves."""
        values = np.empty(encoded.shape)
        for rows in blocks(encoded):
            values[rows] = self._tables.values(self._seen(encoded[rows]), threads=self.threads)
        return values, self.shift + self._tables.base

    def _seen(self, encoded: np.ndarray) -> np.ndarray:
        told = encoded if self.means is None else self.means.encode(encoded)
        return stand_in(told, self.stand_ins)

    @cached_property
    def _tables(self) -> LeafTables:
        return leaf_tables(self._booster)

    @cached_property
    def _booster(self) -> lightgbm.Booster:
        return lightgbm.Booster(model_str=self.text)


def fit_plain(encoded: np.ndarray, y: np.ndarray, context: FitContext) -> BoosterMember:
    """Boosted trees; categories count as numbers in their order, which often means something."""
    return _grow(encoded, y, context, categorical=())


def fit_extra_trees(encoded: np.ndarray, y: np.ndarray, context: FitContext) -> BoosterMember:
    """Trees with random cuts (Geurts et al. 2006); categories are split into sets."""
    return _grow(encoded, y, context, categorical=context.categorical, random_cuts=1)


def fit_target_trees(encoded: np.ndarray, y: np.ndarray, context: FitContext) -> BoosterMember:
    """Trees with random cuts on target means; steadier than sets when the years shift."""
    means, told = TargetMeans.learn(encoded, y, context.categorical, context.seed)
    member = _grow(told, y, context, categorical=(), random_cuts=2)
    return replace(member, means=means)


def _grow(
    rows: np.ndarray,
    y: np.ndarray,
    context: FitContext,
    *,
    categorical: tuple[int, ...],
    random_cuts: int = 0,
) -> BoosterMember:
    """``random_cuts`` is 0 for best cuts, otherwise a number that tells such members apart."""
    shape = context.shape
    parameters = {
        **_BOOSTING,
        "learning_rate": shape.learning_rate * (RANDOM_RATE if random_cuts else 1),
        "num_leaves": shape.num_leaves,
        "max_depth": shape.max_depth,
        "min_data_in_leaf": max(3, min(shape.min_child_samples, len(y) // 40)),
        "min_data_in_bin": 1 if len(y) < 1000 else 3,
        "extra_trees": random_cuts > 0,
        "seed": context.seed + random_cuts,
        # Members learn side by side, each on one thread: OpenMP gains little on such small trees.
        "num_threads": 1,
    }
    if any(context.monotone):
        parameters["monotone_constraints"] = list(context.monotone)
    stand_ins = learn_stand_ins(rows, y, () if random_cuts == 2 else context.categorical)
    data = lightgbm.Dataset(rows, y, categorical_feature=list(categorical), params=parameters)
    booster = lightgbm.train(parameters, data, num_boost_round=shape.trees)
    return BoosterMember(booster.model_to_string(), stand_ins, context.threads)
