"""What is wrong with an installation or a workspace, and how to mend it."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from kongchuo_risk.contracts.assignment import load_assignment_terms
from kongchuo_risk.contracts.causes import load_causes
from kongchuo_risk.contracts.features import load_features
from kongchuo_risk.contracts.policy_file import load_policy
from kongchuo_risk.contracts.profiles import load_profile
from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.errors import KongchuoError
from kongchuo_risk.settings import CONFIG_NAME, load_settings
from kongchuo_risk.workspace import Workspace, open_workspace

OLDEST_PYTHON = (3, 11)
LEAST_FREE_BYTES = 2 * 1024**3
LIBRARIES = ("lightgbm", "numba", "pyarrow", "sklearn", "sqlalchemy", "streamlit", "mlflow")


@dataclass(frozen=True)
class Check:
    """One thing looked at: fine, or what to do."""

    title: str
    ok: bool
    detail: str

    def __str__(self) -> str:
        return f"{'✓' if self.ok else '✗'} {self.title}：{self.detail}"


def examine(folder: Path) -> list[Check]:
    """Look at Python, libraries, rules and the workspace in ``folder``.

    A folder that is no workspace gives one failed check, not an error.
    """
    checks = [_python(), _libraries(), _rules(), _disk(folder)]
    try:
        workspace = open_workspace(folder)
    except KongchuoError as error:
        return [*checks, Check("工作区", ok=False, detail=str(error))]
    return [*checks, *(_guarded(title, look, workspace) for title, look in _WORKSPACE_CHECKS)]


def _guarded(title: str, look: Callable[[Workspace], str], workspace: Workspace) -> Check:
    try:
        return Check(title, ok=True, detail=look(workspace))
    except KongchuoError as error:
        return Check(title, ok=False, detail=str(error))


def _python() -> Check:
    wanted = ".".join(map(str, OLDEST_PYTHON))
    return Check(
        "Python",
        ok=sys.version_info >= OLDEST_PYTHON,
        detail=f"{platform.python_version()}（需要 {wanted} 或更高）",
    )


def _libraries() -> Check:
    missing = [name for name in LIBRARIES if not _importable(name)]
    if missing:
        detail = f"无法载入 {'、'.join(missing)}；请重新安装：py -m pip install kongchuo-risk"
        return Check("依赖库", ok=False, detail=detail)
    return Check("依赖库", ok=True, detail="齐全")


def _importable(name: str) -> bool:
    try:
        import_module(name)
    except (ImportError, OSError):
        return False
    return True


def _rules() -> Check:
    try:
        tables, features = load_schema().tables, load_features().features
        measures, causes = load_policy().measures, load_causes().causes
        load_assignment_terms()
    except KongchuoError as error:
        return Check("数据与规则定义", ok=False, detail=str(error))
    parts = ((tables, "张表"), (features, "个特征"), (measures, "项措施"), (causes, "种原因"))
    detail = "，".join(f"{len(found)} {words}" for found, words in parts)
    return Check("数据与规则定义", ok=True, detail=detail)


def _disk(folder: Path) -> Check:
    place = next(path for path in (folder.resolve(), *folder.resolve().parents) if path.exists())
    free = shutil.disk_usage(place).free
    return Check("磁盘", ok=free >= LEAST_FREE_BYTES, detail=f"剩余 {free / 1024**3:.1f} GB")


def _settings(workspace: Workspace) -> str:
    settings = load_settings(workspace.config)
    profile = load_profile(settings.profile, settings.data_schema)
    return f"{CONFIG_NAME} 有效，地方规则：{profile.title}"


def _key(workspace: Workspace) -> str:
    workspace.key  # noqa: B018  reading it is the check
    mode = workspace.key_file.stat().st_mode & 0o077
    if os.name == "posix" and mode:
        return "存在；其他用户也能读取，请改为只有本人可读（chmod 600）"
    return "存在；请确认另有备份"


def _tables(workspace: Workspace) -> str:
    from kongchuo_risk.tables import list_batches

    batches = list_batches(workspace)
    return f"已导入 {len(batches)} 个批次" if batches else "还没有导入数据；运行 kongchuo import"


def _models(workspace: Workspace) -> str:
    from kongchuo_risk.serving.registry import list_models

    kept = list_models(workspace)
    if damaged := [model for model in kept if model.problem]:
        told = "".join(f"{model.problem.rstrip('。')}。" for model in damaged)
        if any(model.ranks for model in damaged):
            told += "现用的就在其中：恢复或重新运行 kongchuo train 之前不能排序。"
        raise KongchuoError(f"{len(damaged)} 个已损坏：{told}")
    now = next((model.version for model in kept if model.ranks), None)
    if now is None:
        return "还没有训练过；名单由随软件提供的评分卡排序"
    return f"{len(kept)} 个，都完好；现用 {now}"


def _database(workspace: Workspace) -> str:
    if not workspace.database.is_file():
        return "还没有名单；运行 kongchuo score"
    address = f"{workspace.database.as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True)) as connection:
            answer = connection.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        answer = str(error)
    if answer != "ok":
        raise KongchuoError(f"{workspace.database.name} 已损坏（{answer}）；请从备份恢复")
    return "完好"


_WORKSPACE_CHECKS: tuple[tuple[str, Callable[[Workspace], str]], ...] = (
    ("设置", _settings),
    ("密钥", _key),
    ("数据表", _tables),
    ("模型", _models),
    ("案件数据库", _database),
)
