"""A short hash of the rows that a model learned from."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

from kongchuo_risk.domain.matrix import FeatureMatrix


def fingerprint(matrix: FeatureMatrix) -> str:
    """SHA-256 (first 16 digits) over features, pupils, days and outcomes, in their order."""
    digest = hashlib.sha256("\x1f".join(matrix.X.columns).encode("utf-8"))
    keys = matrix.rows[["student_id", "as_of"]].astype("str")
    for table in (matrix.X, keys):
        digest.update(pd.util.hash_pandas_object(table, index=False).to_numpy().tobytes())
    if matrix.y is not None:
        digest.update(np.ascontiguousarray(matrix.y, dtype=np.float64).tobytes())
    return digest.hexdigest()[:16]
