"""The causes that a case may name."""

from __future__ import annotations

from collections import Counter
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.contracts.reading import Contract, parse, read_yaml
from kongchuo_risk.errors import ContractError


class Cause(Contract):
    """Why a pupil left or is about to: asked on every case."""

    code: str
    label: str
    group: Literal["学业", "家庭", "务工婚育", "路途", "健康", "学校与同伴", "流动", "其他"]
    restricted: bool = False
    """Only safeguarding roles see who entered it and why."""


class CauseList(Contract):
    source: tuple[str, ...]
    causes: tuple[Cause, ...]

    @cached_property
    def by_code(self) -> dict[str, Cause]:
        return {cause.code: cause for cause in self.causes}


@lru_cache(maxsize=8)
def load_causes(folder: Path | None = None) -> CauseList:
    """``causes.yaml``: the causes that a case may name.

    >>> load_causes().by_code["11"].label
    '厌学'
    """
    source = data_schema(folder) / "causes.yaml"
    causes = parse(CauseList, read_yaml(source), source=source)
    twice = [code for code, n in Counter(cause.code for cause in causes.causes).items() if n > 1]
    if twice:
        raise ContractError(f"{source}: 重复的原因代码 {', '.join(twice)}")
    return causes
