"""What a matrix must have before a model may touch it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.errors import ModelError


def columns_for(matrix: FeatureMatrix, features: Sequence[str], *, model: str) -> pd.DataFrame:
    """The columns of ``features``, in that order.

    Raises
    ------
    ModelError
        When one is absent: a value must not be invented.
    """
    absent = [name for name in features if name not in matrix.X]
    if absent:
        shown = "、".join(absent[:8]) + (f" 等 {len(absent)} 项" if len(absent) > 8 else "")
        raise ModelError(f"模型 {model} 需要的特征不在当日数据中：{shown}；请重新生成特征或训练。")
    return matrix.X[list(features)]
