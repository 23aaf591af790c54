"""Who would be on the list: the top k of each school on each day, expected under ties."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

LIST_KEY = ["school_code", "as_of"]
"""One list is one school on one day."""

Capacity = Mapping[str, int] | float
"""Places by school code, or one share of the pupils of every school."""


def list_sizes(rows: pd.DataFrame, capacity: Capacity) -> np.ndarray:
    """Places of the list that each row competes for, shape (n_rows,).

    A school that a mapping does not name has no places. A share is rounded up, so that the
    smallest school still has one.

    >>> rows = pd.DataFrame({"school_code": ["a"] * 3, "as_of": ["2025-09-01"] * 3})
    >>> list_sizes(rows, 0.1).tolist(), list_sizes(rows, {"a": 9}).tolist()
    ([1.0, 1.0, 1.0], [3.0, 3.0, 3.0])
    """
    pupils = rows.groupby(LIST_KEY)["school_code"].transform("size").to_numpy(dtype=float)
    if isinstance(capacity, Mapping):
        places = rows["school_code"].astype("str").map(dict(capacity)).fillna(0)
        return np.asarray(np.minimum(places.to_numpy(dtype=float), pupils))
    return np.asarray(np.ceil(np.round(capacity * pupils, 9)))


def listed_share(scores: np.ndarray, rows: pd.DataFrame, sizes: np.ndarray) -> np.ndarray:
    """Chance of each row to be on its list, shape (n_rows,): 1, 0, or a share among ties.

    Pupils with the same score share the places that are left for them, which is the expected
    value over all orders of the tied pupils (McSherry & Najork 2008).

    >>> rows = pd.DataFrame({"school_code": ["a"] * 4, "as_of": ["2025-09-01"] * 4})
    >>> listed_share(np.array([3.0, 1.0, 1.0, 0.0]), rows, np.full(4, 2.0)).tolist()
    [1.0, 0.5, 0.5, 0.0]
    """
    by_list = pd.Series(-scores).groupby([rows[name].to_numpy() for name in LIST_KEY])
    above = by_list.rank(method="min").to_numpy() - 1
    tied = by_list.rank(method="max").to_numpy() - above
    return np.asarray(np.clip((sizes - above) / tied, 0.0, 1.0))
