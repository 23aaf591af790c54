"""Exact SHAP values of LightGBM trees from small tables, one per leaf.

A leaf's value reaches a row when every feature on its path decides for the leaf. Which of them do
is a bit pattern, and for each pattern the Shapley values of the path's features are tabulated once
(the idea of Fast TreeSHAP v2, Yang 2021). A row then costs comparisons and look-ups only.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import factorial
from typing import Any, NamedTuple

import lightgbm
import numpy as np
from numba import njit

MOST_FEATURES = 12
"""Features on one path; a table has 2 to that power columns."""
_CHUNK_ROWS = 1_024
"""Rows at a time, so that a tree's decisions stay in the cache."""


class _Arrays(NamedTuple):
    """All trees behind one another.

    Node arrays have one entry per split, slots one per feature on the path of a leaf, conditions
    one per split on that path. The ``*_first_*`` arrays say where the next level begins, with one
    entry more than there are trees, leaves or slots.
    """

    node_feature: np.ndarray
    node_threshold: np.ndarray
    node_missing_left: np.ndarray
    node_category_row: np.ndarray
    category_left: np.ndarray
    tree_first_node: np.ndarray
    tree_first_leaf: np.ndarray
    leaf_first_slot: np.ndarray
    leaf_table: np.ndarray
    slot_feature: np.ndarray
    slot_first_condition: np.ndarray
    condition_node: np.ndarray
    condition_left: np.ndarray
    tables: np.ndarray


@dataclass(frozen=True)
class LeafTables:
    """Trees ready to be explained.

    Attributes
    ----------
    base : float
        Mean of the trees over the rows they were grown on.
    """

    base: float
    arrays: _Arrays

    def values(self, encoded: np.ndarray, *, threads: int = 1) -> np.ndarray:
        """Path-dependent SHAP values (Lundberg et al. 2020), shape (n_rows, n_columns)."""
        out = np.zeros(encoded.T.shape)
        chunks = [slice(at, at + _CHUNK_ROWS) for at in range(0, len(encoded), _CHUNK_ROWS)]

        def work(rows: slice) -> None:
            _explain(np.ascontiguousarray(encoded[rows].T), self.arrays, out[:, rows])

        with ThreadPoolExecutor(max(1, threads)) as pool:
            list(pool.map(work, chunks))
        return out.T


def leaf_tables(booster: lightgbm.Booster) -> LeafTables:
    """Tables of a booster whose trees are at most :data:`MOST_FEATURES` deep.

    Raises
    ------
    ValueError
        When a path has more features than that, or zeros count as missing.
    """
    flat = _Flat()
    for tree in booster.dump_model()["tree_info"]:
        flat.add(tree["tree_structure"])
    return LeafTables(flat.base, flat.arrays())


@dataclass(frozen=True)
class _Step:
    """One split on the way to a leaf, and the share of its rows that went this way."""

    node: int
    feature: int
    left: bool
    share: float


class _Flat:
    """Collects trees into flat lists."""

    def __init__(self) -> None:
        self.base = 0.0
        self._nodes: list[tuple[int, float, bool, int]] = []
        self._categories: list[set[int]] = []
        self._first_node, self._first_leaf = [0], [0]
        self._first_slot, self._table_at = [0], [0]
        self._slots: list[int] = []
        self._first_condition = [0]
        self._conditions: list[tuple[int, bool]] = []
        self._tables: list[np.ndarray] = []

    def add(self, root: dict[str, Any]) -> None:
        """One tree."""
        start = len(self._nodes)
        for value, path in self._leaves(root, [], start):
            self._add_leaf(value, path)
        self._first_node.append(len(self._nodes))
        self._first_leaf.append(len(self._first_slot) - 1)

    def _leaves(
        self, node: dict[str, Any], path: list[_Step], start: int
    ) -> Iterator[tuple[float, list[_Step]]]:
        if "split_feature" not in node:
            yield float(node["leaf_value"]), path
            return
        number, feature = len(self._nodes) - start, int(node["split_feature"])
        self._nodes.append(self._decision(node))
        for left, child in ((True, node["left_child"]), (False, node["right_child"])):
            share = _rows(child) / _rows(node)
            yield from self._leaves(child, [*path, _Step(number, feature, left, share)], start)

    def _decision(self, node: dict[str, Any]) -> tuple[int, float, bool, int]:
        """Feature, threshold, whether a missing value goes left, and row of the category table."""
        feature = int(node["split_feature"])
        if node["missing_type"] == "Zero":
            raise ValueError("trees that take zeros for missing cannot be explained")
        if node["decision_type"] == "==":
            self._categories.append({int(code) for code in str(node["threshold"]).split("||")})
            return feature, np.nan, False, len(self._categories) - 1
        threshold = float(node["threshold"])
        # Where training saw no missing value LightGBM reads one as zero.
        left = bool(node["default_left"]) if node["missing_type"] == "NaN" else threshold >= 0
        return feature, threshold, left, -1

    def _add_leaf(self, value: float, path: list[_Step]) -> None:
        features = list(dict.fromkeys(step.feature for step in path))
        if len(features) > MOST_FEATURES:
            raise ValueError(f"a path has {len(features)} features; at most {MOST_FEATURES}")
        shares = np.ones(len(features))
        for slot, feature in enumerate(features):
            mine = [step for step in path if step.feature == feature]
            shares[slot] = np.prod([step.share for step in mine])
            self._conditions += [(step.node, step.left) for step in mine]
            self._first_condition.append(len(self._conditions))
        self.base += value * float(np.prod(shares))
        table = _shapley_table(shares, value)
        self._slots += features
        self._first_slot.append(len(self._slots))
        self._tables.append(table.ravel())
        self._table_at.append(self._table_at[-1] + table.size)

    def arrays(self) -> _Arrays:
        """The lists as arrays."""
        feature, threshold, missing_left, row = zip(*self._nodes, strict=True) if self._nodes else (
            (), (), (), ()
        )  # fmt: skip
        node, left = zip(*self._conditions, strict=True) if self._conditions else ((), ())
        width = 1 + max((max(codes) for codes in self._categories), default=0)
        category_left = np.zeros((max(len(self._categories), 1), width), dtype=np.bool_)
        for number, codes in enumerate(self._categories):
            category_left[number, sorted(codes)] = True
        integers = np.int64
        return _Arrays(
            node_feature=np.array(feature, integers),
            node_threshold=np.array(threshold, np.float64),
            node_missing_left=np.array(missing_left, np.bool_),
            node_category_row=np.array(row, integers),
            category_left=category_left,
            tree_first_node=np.array(self._first_node, integers),
            tree_first_leaf=np.array(self._first_leaf, integers),
            leaf_first_slot=np.array(self._first_slot, integers),
            leaf_table=np.array(self._table_at, integers),
            slot_feature=np.array(self._slots, integers),
            slot_first_condition=np.array(self._first_condition, integers),
            condition_node=np.array(node, integers),
            condition_left=np.array(left, np.bool_),
            tables=np.concatenate(self._tables) if self._tables else np.empty(0),
        )


def _rows(node: dict[str, Any]) -> int:
    return int(node["internal_count"] if "split_feature" in node else node["leaf_count"])


def _shapley_table(shares: np.ndarray, value: float) -> np.ndarray:
    """Shapley values of the features of one path, for every pattern of who decides for the leaf.

    Returns
    -------
    float array of shape (n_features, 2 ** n_features)

    Examples
    --------
    One feature with half of the rows on the leaf's side: the leaf's value moves half its way.

    >>> _shapley_table(np.array([0.5]), 2.0).tolist()
    [[-1.0, 1.0]]
    """
    count = len(shares)
    weights = [factorial(s) * factorial(count - 1 - s) / factorial(count) for s in range(count)]
    return _filled_table(shares, value, np.array(weights))


@njit(cache=True)
def _filled_table(shares: np.ndarray, value: float, weights: np.ndarray) -> np.ndarray:
    count = len(shares)
    table = np.empty((count, 1 << count))
    for pattern in range(1 << count):
        for own in range(count):
            # by_size[s]: what the other features bring when s of them are taken from the row.
            by_size = np.zeros(count)
            by_size[0] = 1.0
            for other in range(count):
                if other == own:
                    continue
                hit = (pattern >> other) & 1
                for size in range(count - 1, -1, -1):
                    taken = by_size[size - 1] * hit if size > 0 else 0.0
                    by_size[size] = by_size[size] * shares[other] + taken
            gain = ((pattern >> own) & 1) - shares[own]
            table[own, pattern] = gain * value * (by_size * weights).sum()
    return table


@njit(cache=True, nogil=True)
def _explain(columns: np.ndarray, a: _Arrays, out: np.ndarray) -> None:
    """Add the SHAP values of every tree to ``out``; both have shape (n_columns, n_rows).

    The rows are the innermost loop everywhere: they lie side by side in memory.
    """
    left = np.empty((np.diff(a.tree_first_node).max(), columns.shape[1]), np.bool_)
    pattern = np.empty(columns.shape[1], np.int64)
    for tree in range(len(a.tree_first_node) - 1):
        first = a.tree_first_node[tree]
        for node in range(first, a.tree_first_node[tree + 1]):
            _decide(columns[a.node_feature[node]], node, a, left[node - first])
        for leaf in range(a.tree_first_leaf[tree], a.tree_first_leaf[tree + 1]):
            slot, count = a.leaf_first_slot[leaf], a.leaf_first_slot[leaf + 1]
            count -= slot
            _match(left, slot, count, a, pattern)
            for own in range(count):
                start = a.leaf_table[leaf] + (own << count)
                _look_up(
                    a.tables[start : start + (1 << count)], pattern, out[a.slot_feature[slot + own]]
                )


@njit(cache=True)
def _decide(values: np.ndarray, node: int, a: _Arrays, left: np.ndarray) -> None:
    """Whether each row goes left at the node."""
    threshold, missing_left = a.node_threshold[node], a.node_missing_left[node]
    category_row = a.node_category_row[node]
    if category_row < 0:
        for row in range(len(values)):
            value = values[row]
            left[row] = missing_left if np.isnan(value) else value <= threshold
        return
    of_code = a.category_left[category_row]
    for row in range(len(values)):
        value = values[row]
        known = 0 <= value < len(of_code)  # false for a missing value
        left[row] = of_code[int(value)] if known else missing_left


@njit(cache=True)
def _match(left: np.ndarray, slot: int, count: int, a: _Arrays, pattern: np.ndarray) -> None:
    """Bit ``k`` is set when all splits on feature ``k`` of the path decide for the leaf."""
    pattern[:] = (1 << count) - 1
    for own in range(count):
        for c in range(a.slot_first_condition[slot + own], a.slot_first_condition[slot + own + 1]):
            decided, wanted = left[a.condition_node[c]], a.condition_left[c]
            for row in range(len(pattern)):
                pattern[row] &= ~(np.int64(decided[row] != wanted) << own)


@njit(cache=True)
def _look_up(table: np.ndarray, pattern: np.ndarray, total: np.ndarray) -> None:
    for row in range(len(pattern)):
        total[row] += table[pattern[row]]
