"""Contract tables as a school writes them: Chinese titles, labels for codes, its own date style."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.tables import Field, Schema, Table

DATE_STYLES: dict[str, str] = {
    "dash": "%Y-%m-%d",
    "slash": "%Y/%m/%d",
    "chinese": "%Y年%m月%d日",
    "compact": "%Y%m%d",
}
"""Ways in which schools write a day; each file keeps to one."""
FLAG_STYLES: dict[str, tuple[str, str]] = {"words": ("是", "否"), "ticks": ("√", "×")}


def as_written(
    schema: Schema, table: Table, frame: pd.DataFrame, *, dates: str, flags: str = "words"
) -> pd.DataFrame:
    """The contract's columns of ``frame`` under their titles, all cells as text.

    Columns that the contract does not know are left out, and so are columns without a value.
    Every column is categorical: a text is made once per different value.
    """
    columns = {
        field.title: _texts(schema, field, frame[field.name], dates, flags)
        for field in table.fields
        if field.name in frame
    }
    columns = {title: texts for title, texts in columns.items() if texts.notna().any()}
    return pd.DataFrame(columns, index=frame.index)


def _texts(schema: Schema, field: Field, column: pd.Series, dates: str, flags: str) -> pd.Series:
    codes, values = pd.factorize(column, use_na_sentinel=True)
    write = _writer(schema, field, dates, flags)
    texts = [write(value) for value in values]
    codes = np.where(np.array([*texts, ""])[codes] == "", -1, codes)
    kept, categories = pd.factorize(np.array(texts, dtype=object))
    chosen = np.where(codes < 0, -1, np.append(kept, -1)[codes])
    return pd.Series(pd.Categorical.from_codes(chosen, pd.Index(categories)), index=column.index)


def _writer(schema: Schema, field: Field, dates: str, flags: str) -> Callable[[object], str]:
    codes = schema.codes_of(field)
    if codes is not None:
        return lambda value: "、".join(codes.label(code) for code in str(value).split("、"))
    if field.type == "date":
        style = DATE_STYLES[dates]
        return lambda value: pd.Timestamp(str(value)).strftime(style)
    if field.type == "boolean":
        yes, no = FLAG_STYLES[flags]
        return lambda value: yes if value else no
    if field.type in ("number", "integer"):
        return lambda value: f"{float(str(value)):g}"
    return str
