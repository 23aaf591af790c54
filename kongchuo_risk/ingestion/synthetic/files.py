"""Files as schools send them: CSV in the encodings they use, and Excel workbooks."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv
import xlsxwriter

ENCODINGS = ("gb18030", "utf-8-sig")
"""What Excel in China saves, and what the platforms export."""
_MADE_ON = datetime(2026, 1, 1)  # noqa: DTZ001 - a fixed stamp keeps files identical per seed
_DIMENSION = re.compile(rb"<dimension [^>]*/>")


def write_csv(path: Path, frame: pd.DataFrame, *, encoding: str) -> None:
    """A frame of categorical texts as CSV; none of our texts needs quotes."""
    arrays = {str(title): _dictionary(frame[title]) for title in frame}
    buffer = io.BytesIO()
    buffer.write((",".join(arrays) + "\n").encode())
    options = pacsv.WriteOptions(include_header=False, quoting_style="none")
    pacsv.write_csv(pa.table(arrays), buffer, options)
    path.write_bytes(buffer.getvalue().decode("utf-8").encode(encoding))


def write_workbook(path: Path, sheets: Mapping[str, pd.DataFrame]) -> None:
    """Frames of categorical texts as worksheets.

    XlsxWriter makes the workbook with its headers; the rows are put in as text, because a cell
    of a category is the same XML wherever it stands. Five times as fast as cell by cell.
    """
    with (
        zipfile.ZipFile(_headers_only(sheets)) as headers,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book,
    ):
        rows = {
            f"xl/worksheets/sheet{number}.xml": _rows(frame)
            for number, frame in enumerate(sheets.values(), start=1)
        }
        for name in headers.namelist():
            content = headers.read(name)
            if name in rows:
                content = _DIMENSION.sub(b"", content)
                content = content.replace(b"</sheetData>", rows[name] + b"</sheetData>")
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            book.writestr(entry, content)


def _headers_only(sheets: Mapping[str, pd.DataFrame]) -> io.BytesIO:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties({"created": _MADE_ON, "comments": "合成数据"})
        bold = book.add_format({"bold": True, "bg_color": "#DDEBF7"})
        for name, frame in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(frame.columns) - 1, 14)
            sheet.write_row(0, 0, list(frame.columns), bold)
    return buffer


def _rows(frame: pd.DataFrame) -> bytes:
    columns = [_cells(frame[title]) for title in frame]
    rows = ["<row>" + "".join(cells) + "</row>" for cells in zip(*columns, strict=True)]
    return "".join(rows).encode()


def _cells(column: pd.Series) -> list[str]:
    """Every cell as XML, looked up by its category; the last entry is the empty cell."""
    made = [f'<c t="inlineStr"><is><t>{escape(str(text))}</t></is></c>'
            for text in column.cat.categories]  # fmt: skip
    return list(np.array([*made, "<c/>"], dtype=object)[column.cat.codes.to_numpy()])


def _dictionary(column: pd.Series) -> pa.DictionaryArray:
    codes = column.cat.codes.to_numpy()
    indices = pa.array(codes.astype("int32"), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(
        indices, pa.array(list(column.cat.categories), pa.string())
    )
