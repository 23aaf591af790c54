"""Remembers which keys are stored, and with which values, in 16 bytes a row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MISSING = np.uint64(0x7F4A7C159E3779B9)


def row_hashes(frame: pd.DataFrame, columns: Sequence[str]) -> np.ndarray:
    """A 64-bit hash of every row, the same whatever dtype holds the same values.

    Among 10 million rows two different ones share a hash with a chance of 3 in a million.

    >>> row_hashes(pd.DataFrame({"a": ["x", None, "x"]}), ["a"]).tolist()[0] == row_hashes(
    ...     pd.DataFrame({"a": pd.Categorical(["x"])}), ["a"]).tolist()[0]
    True
    """
    combined = np.full(len(frame), _GOLDEN, dtype=np.uint64)
    for name in columns:
        combined = _mixed(combined ^ _column_hashes(frame[name]))
    return combined


def _column_hashes(column: pd.Series) -> np.ndarray:
    missing = column.isna().to_numpy()
    if isinstance(column.dtype, pd.CategoricalDtype) or pd.api.types.is_string_dtype(column):
        category = column.astype("category").cat
        words = np.asarray(category.categories, dtype=object)
        of_words = np.append(pd.util.hash_array(words, categorize=False), _MISSING)
        return np.asarray(of_words[category.codes.to_numpy()])
    if pd.api.types.is_datetime64_any_dtype(column):
        whole = column.astype("datetime64[us]").to_numpy().view(np.uint64)
    else:
        whole = column.astype("Float64").to_numpy(dtype=np.float64, na_value=0.0).view(np.uint64)
    return np.asarray(np.where(missing, _MISSING, _mixed(whole)))


def _mixed(values: np.ndarray) -> np.ndarray:
    """SplitMix64's finaliser (Steele, Lea and Flood 2014)."""
    mixed = values + _GOLDEN
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))


class KeyIndex:
    """Key hash → value hash, as sorted runs that double in size: appending stays cheap.

    Examples
    --------
    >>> index = KeyIndex()
    >>> index.add(np.array([1, 2], dtype=np.uint64), np.array([10, 20], dtype=np.uint64))
    >>> found, values = index.find(np.array([2, 3], dtype=np.uint64))
    >>> found.tolist(), int(values[0])
    ([True, False], 20)
    """

    def __init__(self) -> None:
        self._runs: list[tuple[np.ndarray, np.ndarray]] = []

    def add(self, keys: np.ndarray, values: np.ndarray) -> None:
        """Remember keys; of one added twice the last value counts."""
        if not len(keys):
            return
        run = _sorted_run(keys, values)
        while self._runs and len(self._runs[-1][0]) < 2 * len(run[0]):
            older = self._runs.pop()
            both = (np.concatenate(pair) for pair in zip(older, run, strict=True))
            run = _sorted_run(*both)
        self._runs.append(run)

    def find(self, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Which keys are known, and their values (0 where not)."""
        found = np.zeros(len(keys), dtype=bool)
        values = np.zeros(len(keys), dtype=np.uint64)
        order = np.argsort(keys)
        sorted_keys = keys[order]
        for run_keys, run_values in self._runs:  # younger runs come later and overrule
            at = np.searchsorted(run_keys, sorted_keys)
            at[at == len(run_keys)] = 0
            hit = run_keys[at] == sorted_keys
            found[order[hit]] = True
            values[order[hit]] = run_values[at[hit]]
        return found, values


def _sorted_run(keys: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(keys, kind="stable")
    keys, values = keys[order], values[order]
    last = np.append(keys[1:] != keys[:-1], True)
    return keys[last], values[last]
