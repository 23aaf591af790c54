"""Columns of rosters and the words that departments write in them, from ``data_schema/rosters``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.contracts.reading import Contract, parse, read_yaml
from kongchuo_risk.contracts.tables import Schema, Table, load_schema


class KindOfRoster(Contract):
    """Who keeps a register, and what being in it means."""

    department: str
    category: str = ""


class RosterWords(Contract):
    """``data_schema/rosters/kinds.yaml``: kinds, and the words that departments write."""

    kinds: Mapping[str, KindOfRoster]
    statuses: Mapping[str, tuple[str, ...]]
    categories: Mapping[str, tuple[str, ...]]
    no_reason: tuple[str, ...]


@dataclass(frozen=True)
class RosterContract:
    """Columns of a roster with their titles, the words in them, and the code lists."""

    table: Table
    words: RosterWords
    schema: Schema


@lru_cache(maxsize=4)
def load_roster_contract(folder: Path | None = None) -> RosterContract:
    """The columns and words of rosters.

    >>> load_roster_contract().words.kinds["户籍"].department
    '公安'
    """
    rosters = data_schema(folder) / "rosters"
    people, kinds = rosters / "people.yaml", rosters / "kinds.yaml"
    table = parse(Table, read_yaml(people), source=people)
    words = parse(RosterWords, read_yaml(kinds), source=kinds)
    codes = load_schema(folder).codes
    return RosterContract(table, words, Schema(tables={table.name: table}, codes=codes))
