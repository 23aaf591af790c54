"""Files and folders into sheets; a file that cannot be read is reported, the others go on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from kongchuo_risk.contracts.tables import Schema
from kongchuo_risk.errors import ImportRefusedError
from kongchuo_risk.ingestion.delimited import read_delimited
from kongchuo_risk.ingestion.excel import read_workbook
from kongchuo_risk.ingestion.headers import is_data_sheet
from kongchuo_risk.ingestion.raw import Sheet

EXCEL = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"})
TEXT = frozenset({".csv", ".tsv", ".txt"})
_UNOPENED = {
    ".et": "这是 WPS 表格文件；请用 WPS 另存为 .xlsx",
    ".numbers": "这是 Numbers 表格；请导出为 .xlsx",
    **dict.fromkeys((".zip", ".rar", ".7z"), "这是压缩包；请先解压，再导入解压后的文件夹"),
}
"""Files that hold tables which cannot be read as they are, and what helps."""
_TEMPORARY = ("~$", ".", "Thumbs.db", "desktop.ini")
"""How the names of files begin that Excel, WPS and the systems leave behind."""
NOT_ALLOWED = "文件打不开；请关闭正在使用它的程序，并检查读取权限"
_BLOCK = 1 << 20


@dataclass(frozen=True)
class SourceFile:
    """One file to import, and the name by which reports call it."""

    path: Path
    name: str


@dataclass(frozen=True)
class FoundFiles:
    """What lies under the given paths: ``wanted`` is to be read, ``others`` hold no table."""

    wanted: list[SourceFile]
    others: list[SourceFile]


def find_files(paths: Sequence[Path], uses: Sequence[str] = ()) -> FoundFiles:
    """Files named directly, and spreadsheets and CSV files of folders, in order of name.

    Parameters
    ----------
    paths
        Files and folders.
    uses
        File names (with ``*``) that a layout reads; of folders only these are taken.

    Raises
    ------
    ImportRefusedError
        When a path does not exist, or a folder holds nothing to import.
    """
    found = FoundFiles([], [])
    for path in paths:
        if path.is_file():
            found.wanted.append(SourceFile(path, path.name))
        elif path.is_dir():
            _search(path, uses, found)
        else:
            raise ImportRefusedError(f"{path} 不存在")
    return found


def _search(folder: Path, uses: Sequence[str], found: FoundFiles) -> None:
    files = [
        SourceFile(path, path.relative_to(folder).as_posix())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(_TEMPORARY)
    ]
    wanted = [file for file in files if _is_wanted(file.path, uses)]
    if not wanted:
        sought = "、".join(uses) or "xlsx、csv"
        raise ImportRefusedError(f"{folder} 里没有可以导入的文件（{sought}）")
    found.wanted.extend(wanted)
    if not uses:
        found.others.extend(file for file in files if file not in wanted)


def _is_wanted(path: Path, uses: Sequence[str]) -> bool:
    if uses:
        return any(fnmatch(path.name, pattern) for pattern in uses)
    suffix = path.suffix.lower()
    # A text file called 说明 beside the data explains it.
    is_table = suffix in EXCEL | TEXT and (suffix != ".txt" or is_data_sheet(path.stem))
    return is_table or suffix in _UNOPENED


def open_sheets(file: SourceFile, schema: Schema, note: Callable[[str], None]) -> list[Sheet]:
    """Sheets of one file; ``note`` is told of sheets that were left out.

    Raises
    ------
    ImportRefusedError
        The file cannot be read at all.
    """
    suffix = file.path.suffix.lower()
    if suffix in _UNOPENED:
        raise ImportRefusedError(_UNOPENED[suffix])
    if suffix not in EXCEL | TEXT:
        raise ImportRefusedError(f"不支持 {suffix or '没有扩展名的'} 文件；请另存为 .xlsx 或 .csv")
    try:
        if not file.path.stat().st_size:
            raise ImportRefusedError("文件是空的（0 字节）")
        if suffix in EXCEL:
            return list(read_workbook(file.path, file.name, schema, note))
        return [read_delimited(file.path, file.name, schema)]
    except OSError as error:
        raise ImportRefusedError(NOT_ALLOWED) from error


def fingerprint(path: Path, *context: str) -> str:
    """SHA-256 of a file's bytes and of what decides how they are read."""
    digest = hashlib.sha256("\x1f".join(context).encode())
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
