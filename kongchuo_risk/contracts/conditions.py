"""A condition on one value, as the rule files write it."""

from __future__ import annotations

from typing import Self

import numpy as np
import pandas as pd
from pydantic import model_validator

from kongchuo_risk.contracts.reading import Contract


class Condition(Contract):
    """What a value must be; exactly one of the four is given. A missing value fits none."""

    at_least: float | None = None
    at_most: float | None = None
    exactly: float | None = None
    codes: tuple[str, ...] | None = None
    """Categories that fit."""

    @model_validator(mode="after")
    def _one_condition(self) -> Self:
        conditions = (self.at_least, self.at_most, self.exactly, self.codes)
        if sum(condition is not None for condition in conditions) != 1:
            raise ValueError("at_least、at_most、exactly、codes 必须且只能写一个")
        return self

    def fits(self, column: pd.Series) -> np.ndarray:
        """Bool array of shape (n,).

        >>> Condition(at_least=2).fits(pd.Series([1.0, 2.0, None])).tolist()
        [False, True, False]
        """
        if self.codes is not None:
            return column.astype("object").isin(self.codes).to_numpy()
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        # A comparison with NaN is false.
        if self.at_least is not None:
            return np.asarray(values >= self.at_least)
        if self.exactly is not None:
            return np.asarray(values == self.exactly)
        return np.asarray(values <= self.at_most)
