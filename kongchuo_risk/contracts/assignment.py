"""Terms of the assignment of responsible adults: what speaks for a pairing, hours, limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal, get_args

from pydantic import Field

from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.contracts.policy import RuleSource, Source
from kongchuo_risk.contracts.reading import Contract, parse, read_yaml
from kongchuo_risk.domain.risk import Tier
from kongchuo_risk.errors import ContractError

TermId = Literal["continuity", "homeroom", "subject", "siblings", "village"]
Level = Literal["包校", "包班", "包人"]


class Term(Contract):
    """One thing that speaks for a pairing."""

    id: TermId
    label: str
    weight: int = Field(ge=0, le=1000)
    """What a pairing costs when the term could hold for the pupil and does not."""
    told: str
    """Said of a pairing for which it holds; ``{subjects}`` are the labels of the subjects."""
    why: str
    source: tuple[Source, ...] = Field(min_length=1)


class Load(Contract):
    """How much dearer a place is the fuller the teacher's load."""

    weight: int = Field(ge=0, le=1000)
    why: str


class WholeNumber(Contract):
    value: int = Field(ge=0, le=365)
    why: str


class Lead(Contract):
    """Share of the grade by which a helper must be ahead."""

    value: float = Field(ge=0, le=1)
    why: str


class Limits(Contract):
    red_per_mentor: WholeNumber
    """Pupils of tier 红 that one mentor may have."""
    notice_days: WholeNumber
    """An absence that starts within so many days counts today."""
    long_absence_days: WholeNumber
    """An absence of more days than these takes all places away."""


class PeerTerms(Contract):
    lead: Lead
    source: tuple[Source, ...] = Field(min_length=1)


class GuaranteeSource(RuleSource):
    """Which rule a level of responsibility comes from."""

    level: Level


class AssignmentTerms(Contract):
    """``assignment.yaml``."""

    terms: tuple[Term, ...]
    load: Load
    hours: Mapping[Tier, float]
    """Hours a week that a mentor needs for one pupil of the tier."""
    hours_why: str
    limits: Limits
    peers: PeerTerms
    guarantees: tuple[GuaranteeSource, ...]

    @cached_property
    def by_id(self) -> dict[str, Term]:
        return {term.id: term for term in self.terms}

    def weight(self, term: TermId) -> int:
        """What it costs when ``term`` does not hold."""
        return self.by_id[term].weight

    def source_of(self, level: Level) -> str:
        """The rule behind a level of responsibility, in words."""
        return next(str(source) for source in self.guarantees if source.level == level)


@lru_cache(maxsize=8)
def load_assignment_terms(folder: Path | None = None) -> AssignmentTerms:
    """``assignment.yaml`` with every term and limit checked.

    Raises
    ------
    ContractError
        Names all mistakes at once, in Chinese.

    Examples
    --------
    >>> terms = load_assignment_terms()
    >>> terms.weight("homeroom"), terms.hours[Tier.RED], terms.limits.red_per_mentor.value
    (3, 1.0, 2)
    >>> terms.source_of("包校")
    '规则33「校长，副校长，教导主任包校」'
    """
    source = data_schema(folder) / "assignment.yaml"
    terms = parse(AssignmentTerms, read_yaml(source), source=source)
    problems = [*_term_problems(terms), *_hour_problems(terms), *_missing_whys(terms)]
    if problems:
        raise ContractError(f"{source} 不符合约定：\n  " + "\n  ".join(problems))
    return terms


def _term_problems(terms: AssignmentTerms) -> Iterator[str]:
    written = Counter(term.id for term in terms.terms)
    yield from (f"terms: {name} 写了两次" for name, count in written.items() if count > 1)
    yield from (f"terms: 缺少 {name}" for name in get_args(TermId) if name not in written)
    yield from (f"terms.{term.id}: 没有写明 told" for term in terms.terms if not term.told.strip())
    for term in terms.terms:
        try:
            term.told.format(subjects="数学")
        except (KeyError, IndexError, ValueError):
            yield f"terms.{term.id}.told: 只能用 {{subjects}}，现为 {term.told}"
    levels = {source.level for source in terms.guarantees}
    yield from (f"guarantees: 缺少 {level}" for level in get_args(Level) if level not in levels)


def _hour_problems(terms: AssignmentTerms) -> Iterator[str]:
    missing = [tier for tier in Tier if tier not in terms.hours]
    if missing:
        yield f"hours: 缺少 {'、'.join(missing)}"
        return
    for tier, hours in terms.hours.items():
        if not 0 <= hours <= 40:
            yield f"hours.{tier}: 每周小时数应在 0 到 40 之间，现为 {hours:g}"
    if not terms.hours[Tier.RED] >= terms.hours[Tier.ORANGE] >= terms.hours[Tier.YELLOW]:
        yield "hours: 应有 红 ≥ 橙 ≥ 黄"


def _missing_whys(terms: AssignmentTerms) -> Iterator[str]:
    said = {f"terms.{term.id}": term.why for term in terms.terms}
    said |= {"load": terms.load.why, "hours": terms.hours_why, "peers.lead": terms.peers.lead.why}
    limits = terms.limits
    said |= {f"limits.{name}": getattr(limits, name).why for name in type(limits).model_fields}
    yield from (f"{place}: 没有写明理由（why）" for place, why in said.items() if not why.strip())
