"""YAML files into frozen pydantic models, with all mistakes told at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from kongchuo_risk.errors import ContractError

Model = TypeVar("Model", bound=BaseModel)


class Contract(BaseModel):
    """Base of everything read from ``data_schema/``: frozen, and no key is ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def read_yaml(path: Path) -> Any:
    """Content of a YAML file, or a :class:`ContractError` that says where it breaks."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except FileNotFoundError:
        raise ContractError(f"缺少文件 {path}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ContractError(f"{path} 不是有效的 YAML：{error}") from error


def parse(model: type[Model], content: Any, *, source: Path) -> Model:
    """``content`` as ``model``; every mistake is named with its place."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        problems = "\n".join(
            f"  {'.'.join(map(str, item['loc'])) or '(整个文件)'}: {item['msg']}"
            for item in error.errors()
        )
        raise ContractError(f"{source} 不符合约定：\n{problems}") from error


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
