"""Where each of the 222 seed rules is, and which test shows it: the file must stay true."""

from __future__ import annotations

import ast
import csv
from functools import cache
from typing import Literal

import pytest
import yaml

from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.contracts.reading import Contract
from tests.conftest import OUTCOMES, ROOT

WANTED_AT_WORK = 200
REWARDS_AND_SANCTIONS = range(213, 223)
"""Group A10: kept as text, never computed."""


class Entry(Contract):
    """One rule: what of it there is, where, and the test that shows it."""

    rule: int
    status: Literal["works", "recorded", "not_yet"]
    reason: str = ""
    where: tuple[str, ...] = ()
    test: str = ""


@cache
def _entries() -> tuple[Entry, ...]:
    text = (data_schema() / "coverage.yaml").read_text(encoding="utf-8")
    return tuple(Entry.model_validate(entry) for entry in yaml.safe_load(text)["rules"])


@cache
def _tests_of(path: str) -> frozenset[str]:
    """Test functions of a file that nothing skips, class methods as ``Class::name``."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return frozenset(
        node.name
        for node in functions
        if node.name.startswith("test")
        and not any("skip" in ast.unparse(mark) for mark in node.decorator_list)
    )


def _plain(node_id: str) -> str:
    """A node id without the parameters of its test."""
    return node_id.split("[")[0]


NAMED = sorted({entry.test for entry in _entries() if entry.test})


def test_every_rule_of_the_seeds_has_one_entry_in_its_order() -> None:
    with (data_schema() / "rules.csv").open(encoding="utf-8-sig", newline="") as file:
        rules = [int(row["no"]) for row in csv.DictReader(file)]
    assert [entry.rule for entry in _entries()] == rules


def test_what_is_at_work_says_where_and_what_is_not_says_why() -> None:
    silent = [
        entry.rule
        for entry in _entries()
        if not (entry.reason if entry.status == "not_yet" else entry.where and entry.test)
    ]
    assert silent == []


def test_rewards_and_sanctions_are_text_and_nothing_else_is() -> None:
    recorded = [entry.rule for entry in _entries() if entry.status == "recorded"]
    assert recorded == list(REWARDS_AND_SANCTIONS)


def test_most_rules_are_at_work() -> None:
    assert sum(entry.status == "works" for entry in _entries()) >= WANTED_AT_WORK


def test_every_place_that_is_named_exists() -> None:
    places = {place.split("#")[0] for entry in _entries() for place in entry.where}
    assert sorted(place for place in places if not (ROOT / place).exists()) == []


@pytest.mark.parametrize("node_id", NAMED)
def test_a_named_test_exists(node_id: str) -> None:
    path, name = _plain(node_id).split("::", 1)
    assert name in _tests_of(path)


@pytest.mark.last
def test_every_named_test_that_this_run_collected_has_passed() -> None:
    ended = {name: OUTCOMES[name] for name in map(_plain, NAMED) if name in OUTCOMES}
    assert {name: how for name, how in ended.items() if how - {"passed", "skipped"}} == {}
    assert [name for name, how in ended.items() if "passed" not in how] == []
