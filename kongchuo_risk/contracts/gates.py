"""The gate as data: rules to beat, bounds to keep, groups to compare, drift to notice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Literal

from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.contracts.reading import Contract, parse, read_yaml
from kongchuo_risk.contracts.tables import Schema, load_schema
from kongchuo_risk.errors import ContractError

NOT_RECORDED = "未登记"
"""Group of the pupils of whom an attribute is not known."""


class Number(Contract):
    """One number and the reason for it."""

    value: float
    why: str


class Bounds(Contract):
    """A value must lie between ``low`` and ``high``, both allowed."""

    low: float
    high: float
    why: str

    def holds(self, value: float) -> bool:
        """Whether ``value`` keeps the bounds; a missing value does not.

        >>> Bounds(low=0.5, high=2, why="").holds(float("nan"))
        False
        """
        return self.low <= value <= self.high


class Steps(Contract):
    """From ``notice`` on a change is worth a look, from ``large`` on it is large."""

    notice: float
    large: float
    why: str


class Rule(Contract):
    """A ranking that a champion is held against."""

    rule: Literal["scorecard", "abc_rules", "school_only", "last_champion"]
    need: Literal["better", "not_worse"]
    """Better: the interval of the gain lies above zero. Not worse: it does not lie below."""
    why: str


class CalibrationBounds(Contract):
    slope: Bounds
    expected_to_observed: Bounds


class Evidence(Contract):
    """How much must have happened before anything can be said."""

    min_event_pupils: Number
    """Pupils with an event in the test terms."""
    few_schools: Number
    """Below so many schools, counted by events, intervals are said to be too narrow."""
    one_stage_schools: Number
    """From so many schools on, schools alone are drawn; below, then classes within them."""


class Group(Contract):
    """Values of one attribute that are compared as one group."""

    title: str
    values: tuple[str, ...] = ()
    others: bool = False
    """Takes every known value that no other group names."""


class Attribute(Contract):
    """A column of the roster by which a model is audited.

    Without ``groups`` every value is a group of its own, called by its label in ``codes``.
    """

    column: str
    title: str
    codes: str | None = None
    groups: tuple[Group, ...] = ()
    binding: bool
    """Whether a gap out of bounds keeps a model from ranking; otherwise it is only reported."""
    why: str

    def group_of(self, schema: Schema, value: str) -> str:
        """Title of the group of a known value.

        >>> gate, schema = load_gate(), load_schema()
        >>> poverty = gate.fairness.by_column["poverty_type"]
        >>> poverty.group_of(schema, "dibao"), poverty.group_of(schema, "none")
        ('困难', '非困难')
        """
        for group in self.groups:
            if value in group.values:
                return group.title
        rest = [group.title for group in self.groups if group.others]
        if rest:
            return rest[0]
        return schema.label(self.codes, value) if self.codes else value


class Fairness(Contract):
    """Which groups are compared, from which size on, and how far apart they may be."""

    min_pupils: Number
    min_event_pupils: Number
    miss_rate_gap: Number
    attributes: tuple[Attribute, ...]

    @property
    def by_column(self) -> dict[str, Attribute]:
        return {attribute.column: attribute for attribute in self.attributes}


class DriftBounds(Contract):
    """How far a day's data may be from the same time of earlier terms."""

    comparable_days: Number
    """Days of the term by which two moments may differ and still be compared."""
    reference_days: Number
    """Training days of which the distributions are kept."""
    bins: Number
    psi: Steps
    total_variation: Steps
    missing_share: Steps
    label_rate_ratio: Steps
    false_alarm: Number
    """Chance that anything is flagged on a day on which nothing changed."""
    expected_known: Number
    """So many known values must have been expected before their absence stops scoring."""


class Gate(Contract):
    """``gate.yaml``."""

    must_beat: tuple[Rule, ...]
    calibration: CalibrationBounds
    evidence: Evidence
    fairness: Fairness
    drift: DriftBounds


@lru_cache(maxsize=8)
def load_gate(folder: Path | None = None) -> Gate:
    """``gate.yaml`` with every bound, column and code checked.

    Raises
    ------
    ContractError
        Names all mistakes at once, in Chinese.

    Examples
    --------
    >>> gate = load_gate()
    >>> [rule.rule for rule in gate.must_beat][:2], gate.calibration.slope.holds(1.0)
    (['scorecard', 'abc_rules'], True)
    """
    source = data_schema(folder) / "gate.yaml"
    gate = parse(Gate, read_yaml(source), source=source)
    problems = [*_number_problems(gate), *_attribute_problems(gate, load_schema(folder))]
    if problems:
        raise ContractError(f"{source} 不符合约定：\n  " + "\n  ".join(problems))
    return gate


def _number_problems(gate: Gate) -> Iterator[str]:
    if not gate.must_beat:
        yield "must_beat: 至少要有一条必须胜过的规则"
    yield from (f"must_beat: {name} 写了两次" for name in _twice(r.rule for r in gate.must_beat))
    for place, entry in _leaves(gate, ""):
        if not entry.why.strip():
            yield f"{place}: 没有写明理由（why）"
        if isinstance(entry, Bounds) and not 0 <= entry.low < entry.high:
            yield f"{place}: 应有 0 ≤ low < high，现为 {entry.low:g} 和 {entry.high:g}"
        if isinstance(entry, Steps) and not 0 < entry.notice < entry.large:
            yield f"{place}: 应有 0 < notice < large，现为 {entry.notice:g} 和 {entry.large:g}"
        if isinstance(entry, Number) and not entry.value > 0:
            yield f"{place}: 应大于 0，现为 {entry.value:g}"
    if gate.fairness.miss_rate_gap.value >= 1:
        yield "fairness.miss_rate_gap: 是比例，应小于 1"
    if gate.drift.false_alarm.value >= 1:
        yield "drift.false_alarm: 是机会，应小于 1"
    if gate.drift.label_rate_ratio.notice <= 1:
        yield "drift.label_rate_ratio: 是倍数，notice 应大于 1"


def _leaves(entry: Contract, place: str) -> Iterator[tuple[str, Number | Bounds | Steps]]:
    """Every number of the file with its place."""
    for name in type(entry).model_fields:
        value = getattr(entry, name)
        here = f"{place}.{name}".lstrip(".")
        if isinstance(value, (Number, Bounds, Steps)):
            yield here, value
        elif isinstance(value, Contract):
            yield from _leaves(value, here)


def _attribute_problems(gate: Gate, schema: Schema) -> Iterator[str]:
    fields = schema.tables["students"].by_name
    attributes = gate.fairness.attributes
    yield from (f"fairness: {name} 写了两次" for name in _twice(a.column for a in attributes))
    for attribute in attributes:
        if attribute.column not in fields or fields[attribute.column].is_identity:
            yield f"fairness.{attribute.column}: 学生表没有这一列，或它是个人身份信息"
        problems = _group_problems(attribute, schema)
        yield from (f"fairness.{attribute.column}: {text}" for text in problems)


def _group_problems(attribute: Attribute, schema: Schema) -> Iterator[str]:
    groups = attribute.groups
    yield from (f"组名 {title} 重复" for title in _twice(group.title for group in groups))
    if any(group.title == NOT_RECORDED for group in groups):
        yield f"组名 {NOT_RECORDED} 留给没有登记的学生"
    yield from (f"代码 {v} 属于两个组" for v in _twice(v for g in groups for v in g.values))
    if sum(group.others for group in groups) > 1:
        yield "只能有一个组取其余代码（others）"
    yield from (f"组 {g.title} 没有写明取值" for g in groups if not (g.values or g.others))
    if attribute.codes is None:
        return
    codes = schema.codes.get(attribute.codes)
    if codes is None:
        yield f"没有代码表 {attribute.codes}"
        return
    named = {value for group in groups for value in group.values}
    unknown = sorted(named - {*codes.values})
    yield from (f"代码表 {attribute.codes} 没有 {value}" for value in unknown)
    left = sorted({*codes.values} - named)
    if groups and left and not any(group.others for group in groups):
        yield f"代码 {'、'.join(left)} 不属于任何组"


def _twice(names: Iterator[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]
