"""The policy: measures, school tasks, caps and key groups as data, with dated terms and sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from kongchuo_risk.contracts.features import ReasonGroup
from kongchuo_risk.contracts.reading import Contract
from kongchuo_risk.contracts.tables import Schema
from kongchuo_risk.domain.risk import Tier

Dimension = Literal["责任", "制度", "扶贫", "关爱", "质量", "依法"]
"""The 六控 of the seed 永镇 (rule 1)."""

NeedDimension = Literal["学习能力", "学习方法", "家庭情况", "思想心理"]
"""What rule 168 asks to be looked at."""

EvidenceGrade = Literal["随机试验", "准实验", "相关研究", "无对照研究", "法定义务"]

Offer = Literal["列入草案", "可选", "不建议"]
"""Drafted by the toolkit; offered beside the draft; or only in the catalogue, with a warning."""

Strand = Literal["心理疏导", "学业辅导", "生活指导"]
"""The three strands of pairing (rule 146)."""

DERIVED_FACTS: Mapping[str, str] = {
    "aided": "本学期有资助记录",
    "aid_unpaid_days": "最早一笔未发放资助的申请天数",
    "absent_run_days": "最近连续无故缺勤的上课日数",
    "returned": "一年内复学",
    "unexcused_sessions_14d": "近两周无故缺勤半天数",
}
"""Facts that are computed from other tables than ``students``; name → Chinese title."""

NEVER_A_TRIGGER = frozenset({"sex", "ethnicity", "hukou_type", "village"})
"""Columns on which no measure may depend."""

MENTOR = "mentor"
"""Owner role that stands for the pupil's own 包保教师, whoever that is."""

TOWNSHIP = "township"
"""A helper outside the school: 乡镇（街道）、村（居）委会."""

OUTSIDE: Mapping[str, str] = {MENTOR: "包保教师", TOWNSHIP: "乡镇、村（居）委会"}
"""Roles that are no code of ``staff_role``."""

Amount = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=-1, le=1)]


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


class Uses(Contract):
    """What one pupil takes of a cap."""

    cap: str
    amount: Amount = 1.0


class Terms(Contract):
    """How a measure is carried out from a day on."""

    within_days: int = Field(ge=0, le=200)
    by_profile: Mapping[str, int] = {}
    """Other deadlines of county profiles, in days."""
    owner: str
    """A code of ``staff_role``, or ``mentor``."""
    helpers: tuple[str, ...] = ()
    dose: str
    rhythm: str
    """How often, in a few words; 一次性 for what is done once."""
    hours_per_week: float = Field(default=0.0, ge=0)
    """Of the owner's time, for one pupil."""
    review_days: int = Field(default=60, ge=1, le=200)
    """After how many days somebody looks whether it helps."""
    form: str
    uses: tuple[Uses, ...] = ()
    """Scarce things that it takes; empty: not limited."""
    cost_yuan: float | None = Field(default=None, ge=0)
    """Per pupil and term; empty: not known."""

    def days(self, profile: str) -> int:
        """The deadline in a county profile."""
        return self.by_profile.get(profile, self.within_days)


class Effect(Contract):
    """Assumed share of the risk of leaving that a measure takes away: a guess, for people to edit.

    Below zero: it may do harm. Only ranks pupils for scarce places; never told as a finding.
    """

    low: Share
    expected: Share
    high: Share
    basis: str
    """Where the assumption comes from."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low <= self.expected <= self.high:
            raise ValueError("应有 low ≤ expected ≤ high")
        return self


class Evidence(Contract):
    grade: EvidenceGrade
    finding: str
    unknown: str
    """What nobody has measured."""
    source: str = ""
    """Study or law behind the finding."""


class Priority(Contract):
    """Pupils who come first when places are scarce, because a law says so."""

    say: str
    any_of: tuple[Condition, ...] = Field(min_length=1)
    law: str


class Measure(Contract):
    """One thing that a named adult can do for a pupil.

    ``when`` calls the measure if any of its conditions holds; every test of ``eligible`` must hold
    too, and none of ``not_when``.
    """

    id: str
    label: str
    dimension: Dimension
    also: Mapping[str, str] = {}
    """Its name in other taxonomies where that is not the dimension's."""
    needs: tuple[NeedDimension, ...] = ()
    strand: Strand | None = None
    offer: Offer = "列入草案"
    entitled: bool = False
    """A right: whoever is eligible is alerted (应助尽助), and nobody can delete it from a plan."""
    restricted: bool = False
    """Left out of what parents and colleagues read; for those who carry it out."""
    when: tuple[Condition, ...] = Field(min_length=1)
    eligible: tuple[FactTest, ...] = ()
    not_when: tuple[Condition, ...] = ()
    priority: tuple[Priority, ...] = ()
    warning: str = ""
    checklist: tuple[str, ...] = ()
    """Its parts, to be ticked off."""
    family: str = ""
    """What a parent is told, in plain words and without a label; empty: not in the letter."""
    effective: Mapping[date, Terms] = Field(min_length=1)
    effect: Effect | None = None
    """Required where a cap is used."""
    evidence: Evidence
    source: tuple[Source, ...] = Field(min_length=1)

    def terms_on(self, day: date) -> Terms | None:
        """The terms in force on ``day``; ``None`` before the first."""
        begun = [start for start in self.effective if start <= day]
        return self.effective[max(begun)] if begun else None

    @property
    def conditions(self) -> tuple[Condition, ...]:
        first = (condition for rule in self.priority for condition in rule.any_of)
        return (*self.when, *self.not_when, *first)

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


class Supply(Contract):
    """How much of something scarce a school has, unless the school says otherwise."""

    per_school: float = Field(default=0.0, ge=0)
    per_pupil: float = Field(default=0.0, ge=0)
    """Times the pupils of the school."""
    roles: tuple[str, ...] = ()
    per_person: float = Field(default=0.0, ge=0)
    """Times the staff who hold one of ``roles``."""
    share_of_hours: float = Field(default=0.0, ge=0, le=1)
    """Of the free weekly hours in the staff table of those who hold one of ``roles``."""


class Cap(Contract):
    """Something scarce: places, hours, money, visits."""

    id: str
    label: str
    unit: str
    per: Literal["学期", "周"]
    spills: bool = False
    """What finds no room this week is done in a later one, the most urgent first."""
    supply: Supply
    source: str

    @model_validator(mode="after")
    def _only_weeks_spill(self) -> Self:
        if self.spills and self.per != "周":
            raise ValueError("只有按周计的名额可以顺延")
        return self


class NeedRule(Contract):
    """What shows that a pupil needs help in one of the four dimensions (rule 168)."""

    dimension: NeedDimension
    any_reason: tuple[ReasonGroup, ...] = ()
    any_tag: tuple[str, ...] = ()
    facts: tuple[FactTest, ...] = ()
    """Any of them shows it."""
    goal: str = ""
    """What a plan aims at when the need is there."""


class Taxonomy(Contract):
    """Another document's names of the six dimensions."""

    id: str
    title: str
    of: Mapping[Dimension, str]
    source: tuple[Source, ...] = Field(min_length=1)


class SchoolItem(Contract):
    """A task of the school's own plan (一校一案)."""

    id: str
    label: str
    dimension: Dimension
    months: tuple[Annotated[int, Field(ge=1, le=12)], ...] = ()
    """Calendar months in which it is done; empty: once a term."""
    within_days: int = Field(default=30, ge=0, le=150)
    """From the first day of the term, or of the month."""
    owner: str
    checklist: tuple[str, ...] = Field(min_length=1)
    form: str
    source: tuple[Source, ...] = Field(min_length=1)


class PolicyFile(Contract):
    """``interventions.yaml`` as it is written."""

    taxonomies: tuple[Taxonomy, ...]
    caps: tuple[Cap, ...]
    needs: tuple[NeedRule, ...]
    watch: tuple[WatchGroup, ...]
    measures: tuple[Measure, ...]
    school: tuple[SchoolItem, ...]


@dataclass(frozen=True)
class Policy:
    """The policy with the labels of the codes that it uses."""

    measures: tuple[Measure, ...]
    watch: tuple[WatchGroup, ...]
    caps: tuple[Cap, ...]
    needs: tuple[NeedRule, ...]
    school: tuple[SchoolItem, ...]
    taxonomies: tuple[Taxonomy, ...]
    schema: Schema

    @cached_property
    def by_id(self) -> dict[str, Measure]:
        return {measure.id: measure for measure in self.measures}

    @cached_property
    def cap_by_id(self) -> dict[str, Cap]:
        return {cap.id: cap for cap in self.caps}

    def tag_label(self, tag: str) -> str:
        """Chinese label of an observation tag."""
        return self.schema.label("observation_tag", tag)

    def role_label(self, role: str) -> str:
        """Chinese label of an owner role, such as 心理教师 of ``counsellor``."""
        return OUTSIDE.get(role) or self.schema.label("staff_role", role)

    def aliases(self, measure: Measure) -> dict[str, str]:
        """Title of every other taxonomy → what it calls the measure's dimension."""
        return {
            taxonomy.title: measure.also.get(taxonomy.id) or taxonomy.of[measure.dimension]
            for taxonomy in self.taxonomies
            if taxonomy.id in measure.also or measure.dimension in taxonomy.of
        }
