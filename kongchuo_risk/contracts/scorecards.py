"""Scorecards: points for facts, written by people, used before there is anything to learn from."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.contracts.reading import Contract, parse, read_yaml


class Band(Contract):
    """Points for a value; exactly one of the four conditions is given."""

    at_least: float | None = None
    at_most: float | None = None
    exactly: float | None = None
    codes: tuple[str, ...] | None = None
    """Categories that earn the points."""
    points: float = Field(gt=0)

    @model_validator(mode="after")
    def _one_condition(self) -> Self:
        conditions = (self.at_least, self.at_most, self.exactly, self.codes)
        if sum(condition is not None for condition in conditions) != 1:
            raise ValueError("at_least、at_most、exactly、codes 必须且只能写一个")
        return self


class Item(Contract):
    """Points for one feature of the catalogue; of several bands that fit, the highest counts."""

    feature: str
    bands: tuple[Band, ...] = Field(min_length=1)
    source: tuple[str, ...] = Field(min_length=1)


class PointsLine(Contract):
    """Log-odds of a pupil with no points, and how much each point adds."""

    intercept: float
    per_point: float = Field(gt=0)


class Card(Contract):
    """One set of rules that turns facts into points."""

    title: str
    description: str
    line: PointsLine
    items: tuple[Item, ...] = Field(min_length=1)


class Scorecards(Contract):
    """The cards of ``scorecard.yaml`` by name."""

    never_scored: tuple[str, ...]
    """Attributes that no card may use; they are audited instead."""
    cards: Mapping[str, Card]


@lru_cache(maxsize=8)
def load_scorecards(folder: Path | None = None) -> Scorecards:
    """``scorecard.yaml`` as frozen cards.

    >>> sorted(load_scorecards().cards)
    ['abc_rules', 'scorecard']
    """
    source = data_schema(folder) / "scorecard.yaml"
    return parse(Scorecards, read_yaml(source), source=source)
