"""Layouts that need code; what can be said in a mapping file is said there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from kongchuo_risk.errors import ImportRefusedError
from kongchuo_risk.ingestion.adapters import ningbo, oulad
from kongchuo_risk.ingestion.mapping import LayoutMapping
from kongchuo_risk.ingestion.raw import Sheet

Adapter = Callable[[LayoutMapping, Sequence[Path]], list[Sheet]]
_ADAPTERS: dict[str, Adapter] = {"ningbo": ningbo.read_sheets, "oulad": oulad.read_sheets}


def read_with_code(mapping: LayoutMapping, files: Sequence[Path]) -> list[Sheet]:
    """Sheets that the adapter named in the mapping makes of the files."""
    if mapping.code not in _ADAPTERS:
        raise ImportRefusedError(f"数据格式“{mapping.name}”要求的程序 {mapping.code} 不存在")
    return _ADAPTERS[mapping.code](mapping, files) if files else []
