"""The policy: measures and key groups as data, with their dated terms, sources and evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from kongchuo_risk.contracts.features import ReasonGroup
from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.contracts.reading import Contract, parse, read_yaml
from kongchuo_risk.contracts.tables import Schema, load_schema
from kongchuo_risk.domain.risk import Tier
from kongchuo_risk.errors import ContractError

Dimension = Literal["责任", "制度", "扶贫", "关爱", "质量", "依法"]
"""The 六控 of the seed 永镇 (rule 1)."""

EvidenceGrade = Literal["随机试验", "准实验", "相关研究", "无对照研究", "法定义务"]

DERIVED_FACTS: Mapping[str, str] = {
    "aided": "本学期有资助记录",
    "returned": "一年内复学",
    "unexcused_sessions_14d": "近两周无故缺勤半天数",
}
"""Facts that are computed from other tables than ``students``; name → Chinese title."""

NEVER_A_TRIGGER = frozenset({"sex", "ethnicity", "hukou_type", "village"})
"""Columns on which no measure may depend."""

MENTOR = "mentor"
"""Owner role that stands for the pupil's own 包保教师, whoever that is."""

Places = Annotated[int, Field(ge=0)]


class RuleSource(Contract):
    """A rule of the seeds, by its number in the rule list, with the seed's own words."""

    rule: int = Field(ge=1, le=222)
    quote: str

    def __str__(self) -> str:
        return f"规则{self.rule}「{self.quote}」"


class LawSource(Contract):
    """An article of a law or a numbered document."""

    law: str

    def __str__(self) -> str:
        return self.law


Source = RuleSource | LawSource


class FactTest(Contract):
    """A test of one fact of a pupil: its value, its bounds, or that nobody recorded it.

    A fact that is not known passes only ``missing``.
    """

    fact: str
    missing: bool = False
    """Holds when nobody has recorded the fact."""
    among: tuple[bool | int | str, ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    say: str
    """What a teacher reads when the test holds."""


class Condition(Contract):
    """Holds when every part that is filled in holds.

    A reason counts only when it can be acted on; see :attr:`kongchuo_risk.domain.risk.Reason`.
    """

    tier: tuple[Tier, ...] = ()
    any_reason: tuple[ReasonGroup, ...] = ()
    any_tag: tuple[str, ...] = ()
    facts: tuple[FactTest, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.tier or self.any_reason or self.any_tag or self.facts)


class Terms(Contract):
    """How a measure is carried out from a day on."""

    within_days: int = Field(ge=0, le=200)
    owner: str
    """A code of ``staff_role``, or ``mentor``."""
    helpers: tuple[str, ...] = ()
    dose: str
    form: str
    places_per_term: Places | None = None
    """Places of one school; empty: not limited, or not known."""
    cost_yuan: float | None = Field(default=None, ge=0)
    """Per pupil and term; empty: not known."""


class Evidence(Contract):
    grade: EvidenceGrade
    finding: str
    unknown: str
    """What nobody has measured."""


class Measure(Contract):
    """One thing that a named adult can do for a pupil.

    ``when`` calls the measure if any of its conditions holds; every test of ``eligible`` must hold
    too, and none of ``not_when``. ``proposed: false`` keeps a measure in the catalogue for people
    to choose, and out of what the toolkit drafts.
    """

    id: str
    label: str
    dimension: Dimension
    when: tuple[Condition, ...] = Field(min_length=1)
    eligible: tuple[FactTest, ...] = ()
    not_when: tuple[Condition, ...] = ()
    proposed: bool = True
    warning: str = ""
    effective: Mapping[date, Terms] = Field(min_length=1)
    evidence: Evidence
    source: tuple[Source, ...] = Field(min_length=1)

    def terms_on(self, day: date) -> Terms | None:
        """The terms in force on ``day``; ``None`` before the first."""
        begun = [start for start in self.effective if start <= day]
        return self.effective[max(begun)] if begun else None

    @property
    def conditions(self) -> tuple[Condition, ...]:
        return (*self.when, *self.not_when)

    @property
    def tests(self) -> Iterator[FactTest]:
        """Every fact test of the measure, wherever it stands."""
        yield from self.eligible
        for condition in self.conditions:
            yield from condition.facts


class WatchGroup(Contract):
    """A statutory key group: pupils stay under watch whatever the score."""

    label: str
    any_fact: tuple[FactTest, ...] = Field(min_length=1)
    restricted: bool = False
    """Left out of what teachers see."""
    source: tuple[Source, ...] = Field(min_length=1)


class PolicyFile(Contract):
    """``interventions.yaml`` as it is written."""

    measures: tuple[Measure, ...]
    watch: tuple[WatchGroup, ...]


@dataclass(frozen=True)
class Policy:
    """The policy with the labels of the codes that it uses."""

    measures: tuple[Measure, ...]
    watch: tuple[WatchGroup, ...]
    schema: Schema

    @cached_property
    def by_id(self) -> dict[str, Measure]:
        return {measure.id: measure for measure in self.measures}

    def tag_label(self, tag: str) -> str:
        """Chinese label of an observation tag."""
        return self.schema.label("observation_tag", tag)

    def role_label(self, role: str) -> str:
        """Chinese label of an owner role.

        >>> load_policy().role_label("mentor"), load_policy().role_label("counsellor")
        ('包保教师', '心理教师')
        """
        return "包保教师" if role == MENTOR else self.schema.label("staff_role", role)


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
def load_policy(folder: Path | None = None) -> Policy:
    """``interventions.yaml`` with every name in it checked against the tables and code lists.

    Raises
    ------
    ContractError
        Names all mistakes at once, each with its measure.

    Examples
    --------
    >>> policy = load_policy()
    >>> policy.by_id["home_visit"].label
    '家访'
    """
    source = data_schema(folder) / "interventions.yaml"
    content = parse(PolicyFile, read_yaml(source), source=source)
    policy = Policy(content.measures, content.watch, load_schema(folder))
    problems = list(_problems(policy))
    if problems:
        raise ContractError(f"{source} 不符合约定：\n  " + "\n  ".join(problems))
    return policy


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


def _problems(policy: Policy) -> Iterator[str]:
    counts = Counter(measure.id for measure in policy.measures)
    yield from (f"{id_}: 编号重复" for id_, count in counts.items() if count > 1)
    for measure in policy.measures:
        yield from (f"{measure.id}: {text}" for text in _measure_problems(measure, policy.schema))
    for group in policy.watch:
        if not all(test.among for test in group.any_fact):
            yield f"重点群体 {group.label}: 只能按取值（among）认定"
        for test in group.any_fact:
            problems = _fact_problems(test, policy.schema)
            yield from (f"重点群体 {group.label}: {text}" for text in problems)


def _measure_problems(measure: Measure, schema: Schema) -> Iterator[str]:
    tags, roles = schema.codes["observation_tag"].values, schema.codes["staff_role"].values
    for condition in measure.conditions:
        if condition.is_empty:
            yield "有一个条件没有内容，会套用到每一名学生"
        yield from (f"没有苗头 {tag}" for tag in condition.any_tag if tag not in tags)
    for terms in measure.effective.values():
        named = (terms.owner, *terms.helpers)
        yield from (f"没有岗位 {role}" for role in named if role not in roles and role != MENTOR)
    for test in measure.tests:
        if test.fact in NEVER_A_TRIGGER:
            yield f"措施不得取决于 {test.fact}"
        yield from _fact_problems(test, schema)


def _fact_problems(test: FactTest, schema: Schema) -> Iterator[str]:
    if not (test.missing or test.among) and test.at_least is None and test.at_most is None:
        yield f"{test.fact}: 没有写明取值或界限"
    if test.fact in DERIVED_FACTS:
        return
    field = schema.tables["students"].by_name.get(test.fact)
    if field is None or field.is_identity:
        yield f"没有事实 {test.fact}（应是学生表的一列，或 {'、'.join(DERIVED_FACTS)}）"
        return
    codes = schema.codes_of(field)
    if codes is not None and not codes.open:
        unknown = [str(value) for value in test.among if str(value) not in codes.values]
        yield from (f"{test.fact}: 代码表 {field.codes} 中没有 {value}" for value in unknown)
