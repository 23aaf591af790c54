"""A table of numbers, flags and categories as one float array, and back to its column names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

LARGEST = 1e150
"""Numbers beyond this have squares that are no numbers any more."""
_NUMBERS = ("integer", "floating", "mixed-integer-float", "decimal", "boolean")
_TEXTS = ("string", "empty", "mixed", "mixed-integer")


@dataclass(frozen=True)
class ColumnEncoder:
    """The columns seen in training: their order, and the categories of those that have any.

    Attributes
    ----------
    names : tuple of str
    categories : tuple
        Per column the category labels as text, or ``None`` for a number.
    """

    names: tuple[str, ...]
    categories: tuple[tuple[str, ...] | None, ...]

    @classmethod
    def learn(cls, frame: pd.DataFrame) -> ColumnEncoder:
        """Columns and categories of ``frame``; texts count as categories, flags as numbers.

        Raises
        ------
        ValueError
            When there are no columns, or one of dates, complex numbers or containers.

        >>> ColumnEncoder.learn(pd.DataFrame({"a": [1.5], "b": ["x"]})).categories
        (None, ('x',))
        """
        names = tuple(str(name) for name in frame.columns)
        if not names:
            raise ValueError("Found array with 0 feature(s) while a minimum of 1 is required.")
        return cls(names, tuple(_categories(frame.iloc[:, i]) for i in range(len(names))))

    @property
    def categorical(self) -> tuple[int, ...]:
        """Positions of the columns that hold categories."""
        return tuple(i for i, known in enumerate(self.categories) if known is not None)

    def encode(self, frame: pd.DataFrame) -> np.ndarray:
        """Float array of shape (n_rows, n_columns).

        A category is its position among those of training; a missing value and a category that
        training never saw are both NaN.

        Raises
        ------
        ValueError
            When a number is infinite, beyond :data:`LARGEST` or no number at all.
        """
        encoded = np.empty((len(frame), len(self.names)), order="F")
        for i, known in enumerate(self.categories):
            column = frame.iloc[:, i]
            encoded[:, i] = _numbers(column) if known is None else _positions(column, known)
            if (np.abs(encoded[:, i]) > LARGEST).any():
                raise ValueError(
                    "Input X contains infinity or a value too large for dtype('float64'): "
                    f"column {self.names[i]!r}"
                )
        return encoded

    def state(self) -> dict[str, Any]:
        """What JSON needs to rebuild the encoder."""
        return {"names": self.names, "categories": self.categories}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> ColumnEncoder:
        """The encoder that :meth:`state` described."""
        known = (None if labels is None else tuple(labels) for labels in state["categories"])
        return cls(tuple(state["names"]), tuple(known))


def _categories(column: pd.Series) -> tuple[str, ...] | None:
    if isinstance(column.dtype, pd.CategoricalDtype):
        # A label that no row carries teaches nothing; rows that come with it later are new.
        labels = column.cat.remove_unused_categories().cat.categories
        return tuple(dict.fromkeys(map(_label, labels)))
    kind = _kind(column)
    if kind in _NUMBERS:
        return None
    if kind not in _TEXTS:
        raise ValueError(_unfit(column, kind))
    try:
        return tuple(sorted({_label(value) for value in column.dropna().unique()}))
    except TypeError as error:
        raise ValueError(_unfit(column, "containers")) from error


def _kind(column: pd.Series) -> str:
    """What the values are, whatever the dtype says."""
    if pd.api.types.is_complex_dtype(column.dtype):
        return "complex"
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype):
        return "floating"
    return str(pd.api.types.infer_dtype(column, skipna=True))


def _unfit(column: pd.Series, kind: str) -> str:
    return (
        f"column {column.name!r} holds {kind} ({column.dtype}); numbers, flags, texts and "
        "categories can be learned from: turn a date into days or an age"
    )


def _label(value: Any) -> str:
    """A category as text; gaps turn whole numbers into floats, which must not rename them.

    >>> _label(1), _label(1.0), _label(1.5), _label("1")
    ('1', '1', '1.5', '1')
    """
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if whole else str(value)


def _numbers(column: pd.Series) -> np.ndarray:
    kind = _kind(column)
    if kind not in (*_NUMBERS, *_TEXTS):
        raise ValueError(_unfit(column, kind))
    try:
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise ValueError(f"column {column.name!r} held numbers in training: {error}") from error


def _positions(column: pd.Series, known: tuple[str, ...]) -> np.ndarray:
    values = column if isinstance(column.dtype, pd.CategoricalDtype) else column.astype("category")
    labels = pd.Index([_label(value) for value in values.cat.categories], dtype=object)
    position = pd.Index(known, dtype=object).get_indexer(labels).astype(np.float64)
    # The last place is what code -1, a missing value, points at.
    position = np.append(np.where(position < 0, np.nan, position), np.nan)
    return position[values.cat.codes.to_numpy()]
