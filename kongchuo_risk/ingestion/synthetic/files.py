"""Files as schools send them: CSV in the encodings they use, and Excel workbooks."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv
import xlsxwriter

ENCODINGS = ("gb18030", "utf-8-sig")
"""What Excel in China saves, and what the platforms export."""


def write_csv(path: Path, frame: pd.DataFrame, *, encoding: str) -> None:
    """A frame of categorical texts as CSV; none of our texts needs quotes."""
    arrays = {str(title): _dictionary(frame[title]) for title in frame}
    buffer = io.BytesIO()
    pacsv.write_csv(pa.table(arrays), buffer, pacsv.WriteOptions(quoting_style="none"))
    path.write_bytes(buffer.getvalue().decode("utf-8").encode(encoding))


def write_workbook(path: Path, sheets: Mapping[str, pd.DataFrame]) -> None:
    """Frames of categorical texts as worksheets, written row by row in constant memory."""
    options = {"constant_memory": True, "strings_to_numbers": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        bold = book.add_format({"bold": True, "bg_color": "#DDEBF7"})
        for name, frame in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(frame.columns), 14)
            sheet.write_row(0, 0, list(frame.columns), bold)
            columns = [_plain(frame[title]) for title in frame]
            for number, row in enumerate(zip(*columns, strict=True), start=1):
                for position, text in enumerate(row):
                    if text is not None:
                        sheet.write_string(number, position, text)


def _dictionary(column: pd.Series) -> pa.DictionaryArray:
    codes = column.cat.codes.to_numpy()
    indices = pa.array(codes.astype("int32"), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(
        indices, pa.array(list(column.cat.categories), pa.string())
    )


def _plain(column: pd.Series) -> list[str | None]:
    texts = np.array([*column.cat.categories, None], dtype=object)
    return list(texts[column.cat.codes.to_numpy()])
