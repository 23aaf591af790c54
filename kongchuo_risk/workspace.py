"""A workspace is a folder: settings, key, tables, models, case database, reports."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from kongchuo_risk.errors import WorkspaceError
from kongchuo_risk.settings import CONFIG_NAME, Settings, load_settings

KEY_BYTES = 32
_CONFIG_TEXT = """\
# kongchuo_risk 工作区设置；每一项都可用环境变量 KONGCHUO_… 或命令行覆盖。
profile = "国家2024"

[capacity]
pupils_per_mentor = 3   # 教职工表没有填“包保名额”时，每名教师最多包保几名学生
max_share = 0.10        # 名单最多占全校学生的比例
"""


@dataclass(frozen=True)
class Workspace:
    """Where everything of one school or county lies.

    The key is outside the tables: whoever copies ``tables/`` alone can neither name a pupil nor
    read a note.
    """

    root: Path

    @property
    def config(self) -> Path:
        return self.root / CONFIG_NAME

    @property
    def tables(self) -> Path:
        return self.root / "tables"

    @property
    def models(self) -> Path:
        return self.root / "models"

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    @property
    def backups(self) -> Path:
        return self.root / "backups"

    @property
    def key_file(self) -> Path:
        return self.root / "keys" / "workspace.key"

    @property
    def database(self) -> Path:
        return self.root / "kongchuo.db"

    @property
    def mlflow_database(self) -> Path:
        return self.root / "mlflow.db"

    @property
    def mlflow_artifacts(self) -> Path:
        return self.root / "mlartifacts"

    @cached_property
    def key(self) -> bytes:
        """The 32 secret bytes from which pupils' pseudonyms and the seals are derived."""
        try:
            key = self.key_file.read_bytes()
        except FileNotFoundError:
            raise WorkspaceError(
                f"{self.key_file} 不存在：没有密钥就无法识别学生；请从备份恢复，不要另建。"
            ) from None
        if len(key) != KEY_BYTES:
            raise WorkspaceError(f"{self.key_file} 已损坏（应为 {KEY_BYTES} 字节）；请从备份恢复。")
        return key

    def settings(self, **flags: object) -> Settings:
        """Settings of this workspace, with the command line's flags on top."""
        return load_settings(self.config, **flags)


def create_workspace(root: Path, *, key: bytes | None = None) -> Workspace:
    """Make the folder's layout and its key; an existing workspace stays as it is.

    Parameters
    ----------
    root
        The folder.
    key
        Given only where nobody is to be protected: the synthetic demo is the same everywhere.
    """
    workspace = Workspace(root.resolve())
    for folder in (workspace.tables, workspace.models, workspace.reports, workspace.backups):
        folder.mkdir(parents=True, exist_ok=True)
    _write_once(workspace.key_file, key or secrets.token_bytes(KEY_BYTES))
    _write_once(workspace.config, _CONFIG_TEXT.encode("utf-8"))
    return workspace


def open_workspace(root: Path) -> Workspace:
    """The workspace in ``root``.

    Raises
    ------
    WorkspaceError
        When the folder is none.
    """
    workspace = Workspace(root.resolve())
    if not workspace.config.is_file():
        raise WorkspaceError(
            f"{root} 不是工作区（没有 {CONFIG_NAME}）；先运行 kongchuo init {root}"
        )
    return workspace


def replace_file(path: Path, content: bytes) -> None:
    """Write a small file so that a crash leaves the old content or the new, never a part.

    Only this user may read it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    fsync_folder(path.parent)


def fsync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable; Windows needs and allows no such call."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_once(path: Path, content: bytes) -> None:
    if not path.exists():
        replace_file(path, content)
