"""Scorecards: points for facts, written by people, used before there is anything to learn from."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from pydantic import Field

from kongchuo_risk.contracts.conditions import Condition
from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.contracts.reading import Contract, parse, read_yaml


class Band(Condition):
    """Points for a value that meets the condition."""

    points: float = Field(gt=0)


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
