"""Where ``data_schema/`` lies: in the installed package, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

from kongchuo_risk.errors import ContractError

_PACKAGE = Path(__file__).resolve().parents[1]


def data_schema(override: Path | None = None) -> Path:
    """Folder of the schemas and rules.

    >>> (data_schema() / "tables" / "students.yaml").is_file()
    True
    """
    for folder in (override, _PACKAGE / "data_schema", _PACKAGE.parent / "data_schema"):
        if folder is not None and folder.is_dir():
            return folder
    raise ContractError("找不到 data_schema 文件夹；请重新安装 kongchuo-risk。")
