"""Files and folders into sheets; a file that cannot be read is reported, the others go on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
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
_BLOCK = 1 << 20


@dataclass(frozen=True)
class SourceFile:
    """One file to import, and the name by which reports call it."""

    path: Path
    name: str


def find_files(paths: Sequence[Path], uses: Sequence[str] = ()) -> list[SourceFile]:
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
    return [file for path in paths for file in _files_of(path, uses)]


def _files_of(path: Path, uses: Sequence[str]) -> Iterator[SourceFile]:
    if path.is_file():
        yield SourceFile(path, path.name)
        return
    if not path.is_dir():
        raise ImportRefusedError(f"{path} 不存在")
    found = [
        file
        for file in sorted(path.rglob("*"))
        if _is_wanted(file, uses) and not file.name.startswith(("~$", "."))
    ]
    if not found:
        wanted = "、".join(uses) or "xlsx、csv"
        raise ImportRefusedError(f"{path} 里没有可以导入的文件（{wanted}）")
    for file in found:
        yield SourceFile(file, file.relative_to(path).as_posix())


def _is_wanted(file: Path, uses: Sequence[str]) -> bool:
    if uses:
        return any(fnmatch(file.name, pattern) for pattern in uses)
    suffix = file.suffix.lower()
    # A text file called 说明 beside the data explains it.
    return suffix in EXCEL | TEXT and (suffix != ".txt" or is_data_sheet(file.stem))


def open_sheets(file: SourceFile, schema: Schema) -> list[Sheet]:
    """Sheets of one file.

    Raises
    ------
    ImportRefusedError
        The file cannot be read at all.
    """
    suffix = file.path.suffix.lower()
    if suffix in EXCEL:
        return list(read_workbook(file.path, file.name, schema))
    if suffix in TEXT:
        return [read_delimited(file.path, file.name, schema)]
    raise ImportRefusedError(f"不支持 {suffix or '没有扩展名的'} 文件；请另存为 .xlsx 或 .csv")


def fingerprint(path: Path, *context: str) -> str:
    """SHA-256 of a file's bytes and of what decides how they are read."""
    digest = hashlib.sha256("\x1f".join(context).encode())
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
