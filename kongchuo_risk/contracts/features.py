"""The catalogue of features: what each is called, what it means, how a teacher would say it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal, Self

from pydantic import model_validator

from kongchuo_risk.contracts.conditions import Condition
from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.contracts.reading import Contract, parse, read_yaml
from kongchuo_risk.errors import ContractError

ReasonGroup = Literal[
    "出勤", "学业", "厌学与行为", "家庭监护", "经济", "健康与残疾", "路途与寄宿", "同伴", "变动",
]  # fmt: skip


class Feature(Contract):
    """One column of the feature matrix.

    ``phrase`` and ``strength`` are ``str.format`` templates; they may use ``{value}`` and
    ``{class_mean}`` with any number format (the latter is told as 「本班平均 0.2」), ``{label}``
    for the Chinese label of a category, and ``{degree}`` for how far a standardised value is off
    (略, 明显, 远), which teachers read more easily than standard deviations.
    """

    id: str
    label: str
    group: ReasonGroup
    table: str
    """The input table that the feature mostly reads."""
    reads: tuple[str, ...] = ()
    """Columns of the roster that it is computed from and that are not called like it."""
    kind: Literal["number", "boolean", "category"] = "number"
    unit: str = ""
    direction: Literal[-1, 0, 1] = 0
    """+1: more means more risk; -1: more means less; 0: no direction is assumed."""
    actionable: bool = True
    """Whether a reason made of it may call a measure."""
    learned: bool = True
    """Whether models may learn from it; not from what grows with the length of the records, of
    which every term shows values that no earlier one had."""
    phrase: str
    """Said when the value raises the risk; empty: no teacher would call it a reason."""
    phrase_if: Condition | None = None
    """Values of which the phrase is true and worth saying; by default those above zero (below it
    when less means more risk) and every category that does not mean "none"."""
    strength: str = ""
    """Said beside the risks, whatever the model makes of it; empty: it is not worth saying."""
    strength_if: Condition | None = None
    """Values of which the strength is true; every strength has one."""
    codes: str | None = None
    definition: str = ""
    source: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _strength_has_its_condition(self) -> Self:
        if bool(self.strength) != (self.strength_if is not None):
            raise ValueError(f"{self.id}：strength 与 strength_if 必须同时写或同时不写")
        return self


class FeatureCatalogue(Contract):
    features: tuple[Feature, ...]

    @cached_property
    def by_id(self) -> dict[str, Feature]:
        return {feature.id: feature for feature in self.features}

    @property
    def ids(self) -> list[str]:
        return [feature.id for feature in self.features]

    def made_of(self, columns: Iterable[str]) -> set[str]:
        """Features that are computed from any of the roster's ``columns``.

        >>> sorted(load_features().made_of(["poverty_type", "sex"]))
        ['aid_not_received', 'poverty_type']
        """
        named = set(columns)
        return {feature.id for feature in self.features if named & {feature.id, *feature.reads}}


@lru_cache(maxsize=8)
def load_features(folder: Path | None = None) -> FeatureCatalogue:
    """``features.yaml`` as a catalogue with unique ids."""
    source = data_schema(folder) / "features.yaml"
    catalogue = parse(FeatureCatalogue, read_yaml(source), source=source)
    twice = [id_ for id_, count in Counter(catalogue.ids).items() if count > 1]
    if twice:
        raise ContractError(f"{source}: 重复的特征编号 {', '.join(twice)}")
    return catalogue
