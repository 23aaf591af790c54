"""Backups of a workspace: made while people work, proven when they are restored.

A backup is one file with settings, tables, models and case database. The key is not in it: whoever
finds the file can read no name. The key is kept once beside the backups, in a folder of its own,
and belongs on another medium.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from kongchuo_risk.cases import backup as database
from kongchuo_risk.cases import case_reader, case_store, open_case_database
from kongchuo_risk.cases.backup import DatabaseState
from kongchuo_risk.cases.engine import closing, create_engine
from kongchuo_risk.domain.clock import now
from kongchuo_risk.errors import WorkspaceError
from kongchuo_risk.serving.archive import Contents, read_contents, unpack, write_archive
from kongchuo_risk.tables.manifest import manifest_path, read_manifest, writing
from kongchuo_risk.workspace import KEY_BYTES, Workspace, create_workspace, replace_file

KEEP = 14
"""How many backups are kept when nobody says otherwise."""
KEYS = "keys"
_NAMES = "kongchuo-*.zip"
_SQLITE, _DUMP = "kongchuo.db", "kongchuo.pgdump"


@dataclass(frozen=True)
class Backup:
    """One backup.

    Attributes
    ----------
    path
        The file.
    contents
        What it says of itself.
    key_file
        Where the key lies that it needs; a copy belongs on another medium.
    """

    path: Path
    contents: Contents
    key_file: Path

    @property
    def made_at(self) -> datetime:
        return datetime.fromisoformat(self.contents.made_at)

    @property
    def database(self) -> DatabaseState:
        """The case database as it was."""
        of = self.contents
        return DatabaseState(of.revision, of.audit_rows, of.last_hash)

    def __str__(self) -> str:
        size = self.path.stat().st_size / 1024**2
        return (
            f"{self.path}（{size:.1f} MB，操作记录 {self.contents.audit_rows} 条）\n"
            f"密钥不在备份里，另存于 {self.key_file}；请把它抄到别的介质上，与备份分开保管。"
        )


def back_up(workspace: Workspace, *, by: str, keep: int = KEEP) -> Backup:
    """Back a workspace up, and let the oldest backups go.

    People may go on writing cases and attendance meanwhile; imports wait.

    Parameters
    ----------
    by
        For the audit log.
    keep
        How many backups stay, this one among them.

    Raises
    ------
    WorkspaceError
        When an import is running, a file of the tables is missing, or the database is not whole.
    """
    if keep < 1:
        raise WorkspaceError("至少要保留 1 份备份")
    workspace.backups.mkdir(parents=True, exist_ok=True)
    moment = now()
    target = workspace.backups / f"kongchuo-{moment:%Y%m%d-%H%M%S-%f}.zip"
    with closing(open_case_database(workspace, workspace.settings().database_url)) as engine:
        with writing(workspace), TemporaryDirectory(dir=workspace.backups, prefix=".") as name:
            copy = Path(name) / _copy_name(engine.dialect.name)
            state = database.back_up(engine, copy)
            files = [(copy.name, copy), *_files(workspace)]
            describe = partial(_contents, moment, copy.name, state, _fingerprint(workspace.key))
            contents = write_archive(target, files, describe)
        with case_store(engine) as store:
            store.note(by, "备份", target.name, rows=state.audit_rows, last_hash=state.last_hash)
    made = Backup(target, contents, _keep_key(workspace))
    for old in list_backups(workspace)[keep:]:
        old.unlink()
    return made


def list_backups(workspace: Workspace) -> list[Path]:
    """Files of the backups, newest first."""
    return sorted(workspace.backups.glob(_NAMES), reverse=True)


def read_backup(path: Path) -> Backup:
    """A backup and what it says of itself; a damaged one is a :class:`WorkspaceError`."""
    contents = read_contents(path)
    return Backup(path, contents, path.parent / KEYS / f"{contents.key}.key")


def restore(
    path: Path, into: Path, *, key_file: Path | None = None, database_url: str | None = None
) -> Workspace:
    """Make a workspace again from a backup, in a folder that holds nothing yet.

    Every file is compared with its hash and the case database looked through, audit chain and all,
    before the folder gets its name.

    Parameters
    ----------
    path
        The backup.
    into
        A folder that does not exist, or is empty.
    key_file
        The key; looked for beside the backup when left out.
    database_url
        Where a database of PostgreSQL goes; as the settings say when left out.

    Raises
    ------
    WorkspaceError
        When anything would be overwritten, is damaged or does not fit.
    """
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise WorkspaceError(f"{into} 不是空文件夹，恢复不会覆盖它；请另选一个")
    backup = read_backup(path)
    key = _read_key(key_file or backup.key_file, backup.contents)
    into.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=into.parent, prefix=".restore-") as name:
        draft = Path(name) / "workspace"
        unpack(path, backup.contents, draft)
        workspace = create_workspace(draft, key=key)
        _restore_database(workspace, backup, database_url)
        if into.exists():
            into.rmdir()
        shutil.move(draft, into)
    return Workspace(into.resolve())


def check_against_backup(workspace: Workspace) -> str:
    """Compare the audit log with the newest backup: rows cut from its end leave a whole chain.

    Returns
    -------
    str
        What was found, for ``kongchuo doctor``.

    Raises
    ------
    WorkspaceError
        When rows are gone that the backup knew.
    """
    kept = list_backups(workspace)
    if not kept:
        return "还没有备份；运行 kongchuo backup"
    newest = read_backup(kept[0])
    with (
        closing(open_case_database(workspace, workspace.settings().database_url)) as engine,
        case_reader(engine) as store,
    ):
        holds = store.audit_holds(newest.database)
    if not holds:
        raise WorkspaceError(
            f"操作记录比 {newest.made_at:%Y-%m-%d %H:%M} 的备份少，或被改动过；请查明是谁动了案件库"
        )
    return f"{len(kept)} 份，最近一份 {newest.made_at:%Y-%m-%d %H:%M}；此后操作记录完整"


def _files(workspace: Workspace) -> Iterator[tuple[str, Path]]:
    """Settings, what the manifest of the tables names, and the models."""
    paths = [workspace.config]
    if manifest_path(workspace).is_file():
        named = [file for batch in read_manifest(workspace).batches for file in batch.files]
        paths += [manifest_path(workspace), *(workspace.tables / file.path for file in named)]
    paths += sorted(path for path in workspace.models.rglob("*") if path.is_file())
    for path in paths:
        if not path.is_file():
            raise WorkspaceError(f"{path} 不见了，没有备份；请先从旧备份恢复")
        yield path.relative_to(workspace.root).as_posix(), path


def _contents(
    moment: datetime, copy: str, state: DatabaseState, key: str, files: Mapping[str, str]
) -> Contents:
    return Contents(
        made_at=moment.isoformat(timespec="seconds"),
        program=version("kongchuo-risk"),
        database=copy,
        revision=state.revision,
        audit_rows=state.audit_rows,
        last_hash=state.last_hash,
        key=key,
        files=dict(files),
    )


def _restore_database(workspace: Workspace, backup: Backup, url: str | None) -> None:
    """Prove the database; one that lies elsewhere is filled in there."""
    copy, url = workspace.root / backup.contents.database, url or workspace.settings().database_url
    if url is None and backup.contents.database == _SQLITE:
        database.require(database.inspect_copy(copy), backup.database)
        return
    if url is None:
        raise WorkspaceError("这份备份的案件库来自 PostgreSQL；请给出要恢复到的空库地址")
    with closing(create_engine(url, key=workspace.key)) as engine:
        if backup.contents.database != _copy_name(engine.dialect.name):
            raise WorkspaceError("备份的案件库和要恢复到的库不是同一种，请另给一个库的地址")
        database.restore(copy, engine, backup.database)
    copy.unlink()


def _copy_name(dialect: str) -> str:
    return _SQLITE if dialect == "sqlite" else _DUMP


def _fingerprint(key: bytes) -> str:
    """Tells keys apart; from it nobody finds a key of 32 random bytes."""
    return hashlib.sha256(b"kongchuo key fingerprint" + key).hexdigest()[:16]


def _keep_key(workspace: Workspace) -> Path:
    kept = workspace.backups / KEYS / f"{_fingerprint(workspace.key)}.key"
    if not kept.exists():
        replace_file(kept, workspace.key)
    return kept


def _read_key(path: Path, contents: Contents) -> bytes:
    if not path.is_file():
        raise WorkspaceError(f"没有找到密钥 {path}；请用 --key 指出另行保管的密钥文件")
    key = path.read_bytes()
    if len(key) != KEY_BYTES or _fingerprint(key) != contents.key:
        raise WorkspaceError(f"{path} 不是这份备份的密钥")
    return key
