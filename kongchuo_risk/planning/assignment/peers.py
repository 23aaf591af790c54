"""一帮一: a willing classmate for who needs help in a subject (rules 169, 176, 177, 183)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from kongchuo_risk.contracts.assignment import AssignmentTerms, load_assignment_terms
from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.domain.assignment import AssignmentRule, PeerPair, RuleKind

Standing = dict[str, dict[str, float]]
"""Pupil → subject → share of the grade that is below."""


@dataclass(frozen=True)
class Willing:
    """Who agreed to help, and who should not be paired."""

    helpers: frozenset[str]
    rivals: frozenset[frozenset[str]]

    @classmethod
    def on(cls, day: date, rules: Sequence[AssignmentRule]) -> Willing:
        valid = [rule for rule in rules if rule.holds_on(day)]
        agreed = (rule.student_id for rule in valid if rule.kind is RuleKind.CONSENT)
        apart = (
            frozenset({rule.student_id, rule.other_student})
            for rule in valid
            if rule.kind is RuleKind.RIVAL
        )
        return cls(frozenset(agreed), frozenset(apart))


def pair_peers(
    needing: pd.DataFrame,
    classmates: pd.DataFrame,
    rules: Sequence[AssignmentRule] = (),
    *,
    day: date,
    barred: Collection[str] = (),
    terms: AssignmentTerms | None = None,
) -> tuple[PeerPair, ...]:
    """As many pairs as possible, then those in which the helper covers most of the need.

    Parameters
    ----------
    needing : DataFrame with ``student_id``, ``class_id``, ``subjects`` (tuple of codes)
    classmates : DataFrame with ``student_id``, ``class_id``, ``subject``, ``share``
        Standing of everybody in the class, also of those who need help: 0 the lowest of the grade,
        1 the highest.
    rules
        Consents (自愿帮助) and pupils who should not be paired (不宜结对); others are ignored.
    day
        On which the rules are in force.
    barred
        Pupils who never help: those on the list, and whom the school shields.
    terms
        ``data_schema/assignment.yaml`` when None: how far ahead a helper must be.

    Returns
    -------
    tuple of PeerPair
        One per needing pupil, in the order given, each helper at most once; without a helper it
        says why. Sex is not used.
    """
    lead = (terms or load_assignment_terms()).peers.lead.value
    willing = Willing.on(day, rules)
    standing = _standing(classmates)
    barred = {*barred, *needing["student_id"]}
    home = dict(zip(classmates["student_id"], classmates["class_id"], strict=True))
    free = sorted(pupil for pupil in home if pupil in willing.helpers and pupil not in barred)
    pairs = []
    for pupil, class_id, subjects in zip(
        needing["student_id"], needing["class_id"], needing["subjects"], strict=True
    ):
        own = [helper for helper in free if home[helper] == class_id]
        pairs.append(Need(pupil, tuple(subjects), tuple(own), standing, willing, lead))
    chosen = _best(pairs, free)
    return tuple(need.told(helper) for need, helper in zip(pairs, chosen, strict=True))


@dataclass(frozen=True)
class Need:
    """One pupil with the willing classmates."""

    student_id: str
    subjects: tuple[str, ...]
    classmates: tuple[str, ...]
    standing: Standing
    willing: Willing
    lead: float

    def ahead(self, helper: str) -> tuple[str, ...]:
        """Subjects in which the helper is clearly ahead; what is not known is not ahead."""
        own, other = self.standing.get(self.student_id, {}), self.standing.get(helper, {})
        return tuple(
            subject
            for subject in self.subjects
            if other.get(subject, -1.0) - own.get(subject, 2.0) >= self.lead - 1e-9
        )

    def candidates(self) -> Iterator[tuple[str, float]]:
        """Helpers who may, with the share of the needed subjects that they cover."""
        for helper in self.classmates:
            covered = self.ahead(helper)
            if covered and frozenset({self.student_id, helper}) not in self.willing.rivals:
                yield helper, len(covered) / len(self.subjects)

    def told(self, helper: str) -> PeerPair:
        """The pair, or why there is none."""
        if not helper:
            return PeerPair(self.student_id, "", (), self._why_none())
        subjects = self.ahead(helper)
        codes = load_schema().codes["subject"]
        labels = "、".join(codes.label(subject) for subject in subjects)
        why = f"同班，自愿帮助；{labels}明显领先，不是直接竞争对手"
        return PeerPair(self.student_id, helper, subjects, why)

    def _why_none(self) -> str:
        if not self.subjects:
            return "没有登记需要帮助的科目"
        if not self.classmates:
            return "本班没有同学自愿（且家长同意）帮助"
        if not any(self.ahead(helper) for helper in self.classmates):
            return "自愿的同学在这些科目上没有明显领先"
        if not any(True for _ in self.candidates()):
            return "自愿的同学与该生不宜结对"
        return "自愿的同学都已与他人结对"


def _standing(classmates: pd.DataFrame) -> Standing:
    standing: Standing = {}
    known = classmates.dropna(subset=["share"])
    for pupil, subject, share in zip(
        known["student_id"], known["subject"], known["share"], strict=True
    ):
        standing.setdefault(pupil, {})[subject] = float(share)
    return standing


def _best(needs: Sequence[Need], helpers: Sequence[str]) -> list[str]:
    """Helper of each pupil, empty for none: one more pair outweighs any fit."""
    column = {helper: place for place, helper in enumerate(helpers)}
    gain = np.zeros((len(needs), len(helpers)))
    for row, need in enumerate(needs):
        for helper, covered in need.candidates():
            gain[row, column[helper]] = len(needs) + 1 + covered
    rows, columns = linear_sum_assignment(gain, maximize=True)
    chosen = [""] * len(needs)
    for pupil, place in zip(rows.tolist(), columns.tolist(), strict=True):
        if gain[pupil, place] > 0:
            chosen[pupil] = helpers[place]
    return chosen
