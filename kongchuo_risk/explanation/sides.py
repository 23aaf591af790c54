"""Which values may be told as a risk, and which as a strength: only what is true of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.features import Feature
from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.domain.model import RiskModel
from kongchuo_risk.explanation.grouping import spread_rows

BACKGROUND_ROWS = 500
"""Rows of the day from which the model's own leaning is read where the catalogue gives none."""
NEUTRAL_CODES = frozenset({"0", "none", "normal", "regular", "unknown"})
"""Categories that say that there is nothing to tell, such as 残疾类型：无."""
Side = Literal["reason", "strength"]


@dataclass(frozen=True)
class Leaning:
    """On which side of a feature the model sees risk.

    Attributes
    ----------
    sign : int
        1: more is riskier, -1: less is.
    risky_codes : frozenset of str
        Categories that raise the risk on average.
    """

    sign: int = 1
    risky_codes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Setting:
    """What a value of one feature is seen against.

    Attributes
    ----------
    reference : float array of shape (n_rows,)
        Mean of the class, or of everybody on the day where the whole class shares one value.
    signed : bool
        Whether the feature takes values below zero, so that zero means "as the others".
    leaning : Leaning
    """

    reference: np.ndarray
    signed: bool
    leaning: Leaning


def leanings(model: RiskModel, matrix: FeatureMatrix, told: list[Feature]) -> dict[str, Leaning]:
    """Leaning of each feature: the catalogue's direction, else what the model does with the day.

    The rows are spread evenly over the whole matrix, so that the reasons of one pupil do not
    depend on who else is asked about.
    """
    sample = matrix.take(spread_rows(len(matrix), BACKGROUND_ROWS))
    parts = model.contributions(sample)
    column = {name: i for i, name in enumerate(parts.features)}
    return {
        feature.id: _leaning(feature, sample.X[feature.id], parts.values[:, column[feature.id]])
        for feature in told
    }


def may_tell(feature: Feature, values: pd.Series, setting: Setting, side: Side) -> np.ndarray:
    """Mask of values of which the feature's phrase (or strength) is true.

    A missing value is no fact. A number must lie on the right side of its reference, and of zero
    when it is signed. A text without a number claims presence or absence, so the value must be
    above zero or zero.
    """
    text = feature.phrase if side == "reason" else feature.strength
    if not text:
        return np.zeros(len(values), dtype=bool)
    if feature.kind == "category":
        return _category_fits(values, setting.leaning, side)
    number = values.to_numpy(dtype=np.float64, na_value=np.nan)
    if feature.kind == "boolean":
        return _flag_fits(feature, number, side)
    sign = setting.leaning.sign if side == "reason" else -setting.leaning.sign
    distance = sign * (number - setting.reference)
    # A strength may equal the class (nobody was absent); a reason must stand out.
    fits = distance > 0 if side == "reason" else distance >= 0
    if setting.signed:
        fits &= sign * number > 0
    elif "{value" not in text:
        claims_some = feature.direction * (1 if side == "reason" else -1)
        fits &= _claim_holds(number, claims_some)
    return np.asarray(fits)


def _leaning(feature: Feature, values: pd.Series, contribution: np.ndarray) -> Leaning:
    if feature.kind == "category":
        mean = pd.Series(contribution).groupby(values.astype("object").to_numpy()).mean()
        return Leaning(risky_codes=frozenset(map(str, mean.index[mean > 0])))
    if feature.direction:
        return Leaning(feature.direction)
    number = values.to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.isfinite(number)
    if known.sum() < 2:
        return Leaning()
    centred = number[known] - number[known].mean()
    return Leaning(-1 if centred @ contribution[known] < 0 else 1)


def _category_fits(values: pd.Series, leaning: Leaning, side: Side) -> np.ndarray:
    codes = values.astype("object")
    known = codes.notna() & ~codes.isin(NEUTRAL_CODES)
    risky = codes.isin(leaning.risky_codes)
    return (known & (risky if side == "reason" else ~risky)).to_numpy()


def _flag_fits(feature: Feature, flag: np.ndarray, side: Side) -> np.ndarray:
    """A flag's phrase speaks of the set flag, unless being set lowers the risk."""
    if feature.direction == 0 and feature.strength:
        # Which of the two texts speaks of the set flag is not said.
        return np.zeros(len(flag), dtype=bool)
    set_ = (feature.direction >= 0) == (side == "reason")
    return flag == (1.0 if set_ else 0.0)


def _claim_holds(number: np.ndarray, claims_some: int) -> np.ndarray:
    if claims_some == 0:
        return np.zeros(len(number), dtype=bool)
    return number > 0 if claims_some > 0 else number == 0
