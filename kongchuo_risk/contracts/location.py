"""Where ``data_schema/`` and ``models/`` lie: in the installed package, or beside it."""

from __future__ import annotations

from pathlib import Path

from kongchuo_risk.errors import ContractError

_PACKAGE = Path(__file__).resolve().parents[1]


def data_schema(override: Path | None = None) -> Path:
    """Folder of the schemas and rules.

    >>> (data_schema() / "tables" / "students.yaml").is_file()
    True
    """
    return override if override is not None and override.is_dir() else _shipped("data_schema")


def cold_start_model() -> Path:
    """Folder of the scorecard that ranks a list before there is anything to learn from.

    >>> (cold_start_model() / "model.json").is_file()
    True
    """
    return _shipped("models") / "cold_start"


def _shipped(name: str) -> Path:
    for folder in (_PACKAGE / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise ContractError(f"找不到 {name} 文件夹；请重新安装 kongchuo-risk。")
