"""A zip file that says what must be in it: every file with its hash, the list written last."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import IO

from pydantic import BaseModel, ConfigDict, ValidationError

from kongchuo_risk.errors import WorkspaceError
from kongchuo_risk.workspace import fsync_folder

CONTENTS = "manifest.json"
_CHUNK = 1 << 20
_PACKED = {".parquet", ".gz", ".zip", ".pgdump", ".png"}
"""Files that are compressed already."""


class Contents(BaseModel):
    """What a backup holds.

    Attributes
    ----------
    made_at : str
        ISO 8601.
    program : str
        Version of the program.
    database : str
        Which of ``files`` is the case database.
    revision, audit_rows, last_hash
        See :class:`~kongchuo_risk.cases.backup.DatabaseState`.
    key : str
        Fingerprint of the workspace's key, which is not in the backup.
    files : dict of str to str
        Path relative to the workspace → SHA-256.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = 1
    made_at: str
    program: str
    database: str
    revision: str | None
    audit_rows: int
    last_hash: str
    key: str
    files: dict[str, str]


def write_archive(
    target: Path,
    files: Iterable[tuple[str, Path]],
    describe: Callable[[Mapping[str, str]], Contents],
) -> Contents:
    """Write a whole archive or none.

    Parameters
    ----------
    files
        Name in the archive and where the file lies.
    describe
        Makes the contents from the hashes of the files.
    """
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with zipfile.ZipFile(draft, "x") as archive:
            contents = describe({name: _pack(archive, name, path) for name, path in files})
            archive.writestr(CONTENTS, contents.model_dump_json(indent=1))
        _make_durable(draft)
        draft.replace(target)
        fsync_folder(target.parent)
    finally:
        draft.unlink(missing_ok=True)
    return contents


def read_contents(path: Path) -> Contents:
    """What an archive says of itself.

    Raises
    ------
    WorkspaceError
        When it is none, or its list is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return Contents.model_validate_json(archive.read(CONTENTS))
    except (OSError, KeyError, zipfile.BadZipFile, ValidationError) as error:
        raise WorkspaceError(f"{path.name} 不是完整的备份文件，请换一份") from error


def unpack(path: Path, contents: Contents, folder: Path) -> None:
    """Take every file out, and compare it with its hash.

    Raises
    ------
    WorkspaceError
        Names the files that are missing, strange or changed.
    """
    with zipfile.ZipFile(path) as archive:
        there = set(archive.namelist()) - {CONTENTS}
        wrong = sorted(there ^ set(contents.files))
        wrong += [name for name in contents.files if not _stays_inside(name)]
        if not wrong:
            wrong = [
                name
                for name, expected in contents.files.items()
                if _unpack(archive, name, folder / name) != expected
            ]
    if wrong:
        raise WorkspaceError(f"备份 {path.name} 已损坏：{'、'.join(wrong[:5])}；请换一份")


def _pack(archive: zipfile.ZipFile, name: str, path: Path) -> str:
    kind = zipfile.ZIP_STORED if path.suffix in _PACKED else zipfile.ZIP_DEFLATED
    entry = zipfile.ZipInfo.from_file(path, name)
    entry.compress_type = kind
    with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as stored:
        return _copy(source, stored.write)


def _unpack(archive: zipfile.ZipFile, name: str, target: Path) -> str:
    """The hash of what came out; nothing when it could not be read."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with archive.open(name) as stored, target.open("wb") as file:
            return _copy(stored, file.write)
    except (zipfile.BadZipFile, EOFError, ValueError):
        return ""


def _copy(source: IO[bytes], write: Callable[[bytes], object]) -> str:
    digest = hashlib.sha256()
    while part := source.read(_CHUNK):
        digest.update(part)
        write(part)
    return digest.hexdigest()


def _stays_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and ":" not in name


def _make_durable(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
