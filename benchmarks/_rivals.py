"""The other classifiers, with their defaults, their own handling of categories, and seed 0."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, Self

import lightgbm
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

_MISSING = "missing"


def rivals() -> dict[str, Callable[[], Any]]:
    """Makers of those that are installed; who is missing is named on standard error."""
    found: dict[str, Callable[[], Any]] = {
        "logistic regression": logistic_regression,
        "LightGBM": lambda: lightgbm.LGBMClassifier(random_state=0, verbosity=-1),
        "LightGBM, 300 trees": lambda: lightgbm.LGBMClassifier(
            random_state=0, verbosity=-1, n_estimators=300, learning_rate=0.03, num_leaves=15,
            max_depth=6, min_child_samples=30, reg_lambda=1.0, colsample_bytree=0.6, subsample=0.8,
            subsample_freq=1,
        ),
        "HistGradientBoosting": HistGradientBoosting,
    }  # fmt: skip
    optional = {"xgboost": ("XGBoost", XGBoost), "catboost": ("CatBoost", CatBoost),
                "interpret": ("EBM", Ebm)}  # fmt: skip
    for module, (name, maker) in optional.items():
        if find_spec(module):
            found[name] = maker
        else:
            print(f"{name} is not installed: pip install -e '.[benchmarks]'", file=sys.stderr)
    return found


def logistic_regression() -> Pipeline:
    """One-hot with at least five rows, median, scaled, C = 1."""
    return make_pipeline(
        ColumnTransformer([
            ("codes", OneHotEncoder(min_frequency=5, handle_unknown="infrequent_if_exist"),
             make_column_selector(dtype_include="category")),
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()),
             make_column_selector(dtype_include="number")),
        ]),
        LogisticRegression(max_iter=2000),
    )  # fmt: skip


class HistGradientBoosting:
    """On one thread: on tables of this size its threads wait for each other."""

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> Self:
        self.model = HistGradientBoostingClassifier(
            random_state=0, categorical_features="from_dtype"
        )
        with threadpool_limits(1):
            self.model.fit(X, y)
        return self

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        with threadpool_limits(1):
            return np.asarray(self.model.predict_proba(X))


class _Texts:
    """A library that wants categories as texts."""

    model: Any

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> Self:
        self.model.fit(_as_texts(X), y)
        return self

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        return np.asarray(self.model.predict_proba(_as_texts(X)))


class CatBoost(_Texts):
    """Told which columns hold categories, as its documentation asks."""

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> Self:
        from catboost import CatBoostClassifier

        self.model = CatBoostClassifier(
            random_seed=0, verbose=0, allow_writing_files=False, cat_features=_categories(X)
        )
        return super().fit(X, y)


class Ebm(_Texts):
    """Explainable boosting machine of InterpretML."""

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> Self:
        from interpret.glassbox import ExplainableBoostingClassifier

        self.model = ExplainableBoostingClassifier(random_state=0)
        return super().fit(X, y)


class XGBoost:
    """Native categories; their labels must be texts."""

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> Self:
        from xgboost import XGBClassifier

        self.model = XGBClassifier(random_state=0, enable_categorical=True)
        self.model.fit(_labels_as_texts(X), y)
        return self

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        return np.asarray(self.model.predict_proba(_labels_as_texts(X)))


def _categories(X: pd.DataFrame) -> list[str]:
    return list(X.select_dtypes("category"))


def _as_texts(X: pd.DataFrame) -> pd.DataFrame:
    texts = {name: X[name].astype("object").fillna(_MISSING).astype(str).astype(object)
             for name in _categories(X)}  # fmt: skip
    return X.assign(**texts)


def _labels_as_texts(X: pd.DataFrame) -> pd.DataFrame:
    return X.assign(**{name: X[name].cat.rename_categories(str) for name in _categories(X)})
