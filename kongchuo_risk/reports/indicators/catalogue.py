"""``indicators.yaml`` read into objects: formulas that are printed, and the small-cell rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.contracts.procedure import Sources
from kongchuo_risk.contracts.reading import Contract, parse, read_yaml
from kongchuo_risk.procedure.periods import Kind


class SmallCells(Contract):
    """When a count is too small to leave the school."""

    minimum: int = Field(ge=2)
    """Counts from 1 up to one less than this are hidden."""
    mark: str = Field(min_length=1)
    """What is printed in their place."""
    reason: str


class Effort(Contract):
    """One kind of work that is shown beside the rates (seed rule 102)."""

    id: str
    title: str
    formula: str
    source: Sources


class Indicator(Contract):
    """One rate.

    ``level`` is the lowest level at which it means something; ``periods`` the reports that show it;
    ``hidden_when_small`` whether its counts are about single pupils in need.
    """

    id: str
    title: str
    formula: str
    numerator: str
    denominator: str
    unit: str
    level: Literal["班", "校", "县"]
    periods: tuple[Kind, ...] = Field(min_length=1)
    effort: tuple[str, ...] = ()
    hidden_when_small: bool = True
    when_missing: str = ""
    """What to say when there is nothing to divide by."""
    note: str = ""
    parameters: Mapping[str, int | tuple[str, ...]] = {}
    source: Sources


class Catalogue(Contract):
    """All indicators in the order in which they are printed."""

    small_cells: SmallCells
    effort: tuple[Effort, ...]
    indicators: tuple[Indicator, ...]

    @cached_property
    def by_id(self) -> dict[str, Indicator]:
        """Indicator by its id."""
        return {indicator.id: indicator for indicator in self.indicators}

    @cached_property
    def effort_by_id(self) -> dict[str, Effort]:
        """Kind of work by its id."""
        return {effort.id: effort for effort in self.effort}

    def shown_in(self, kind: Kind) -> tuple[Indicator, ...]:
        """Indicators of a report of some kind."""
        return tuple(each for each in self.indicators if kind in each.periods)

    @model_validator(mode="after")
    def _consistent(self) -> Catalogue:
        ids = [*(each.id for each in self.indicators), *(each.id for each in self.effort)]
        twice = [name for name, n in Counter(ids).items() if n > 1]
        unknown = {name for each in self.indicators for name in each.effort} - set(
            self.effort_by_id
        )
        if twice or unknown:
            raise ValueError(
                f"重复的编号：{'、'.join(twice) or '无'}；"
                f"不认识的工作情况：{'、'.join(sorted(unknown)) or '无'}"
            )
        return self


@lru_cache(maxsize=4)
def load_indicators(folder: Path | None = None) -> Catalogue:
    """``indicators.yaml``.

    Examples
    --------
    >>> load_indicators().by_id["包保覆盖率"].formula
    '包保覆盖率 = 有包保教师的在读学生 ÷ 在读学生 × 100%'
    """
    source = data_schema(folder) / "indicators.yaml"
    return parse(Catalogue, read_yaml(source), source=source)
