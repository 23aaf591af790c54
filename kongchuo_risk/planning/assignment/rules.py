"""Rules of the school and wishes of families, made free of contradictions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from kongchuo_risk.contracts.assignment import Limits
from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.domain.assignment import AssignmentRule, RuleKind
from kongchuo_risk.planning.assignment.schools import Adult, Pupil, School

PAIRS_OF_PUPILS = frozenset({RuleKind.CONSENT, RuleKind.RIVAL})
"""Kinds that only speak of 一帮一."""


@dataclass
class Decisions:
    """What the rules say of each pupil and teacher, and which could not be carried out.

    Attributes
    ----------
    fixed
        Pupil → the fixed point.
    vetoes, asks
        Pupil → what keeps a teacher from taking charge, and what is asked of the mentor.
    away, briefly_away
        Teacher → the absence; ``away`` leaves no places, ``briefly_away`` asks for a stand-in.
    """

    fixed: dict[str, AssignmentRule] = field(default_factory=dict)
    vetoes: dict[str, list[AssignmentRule]] = field(default_factory=dict)
    asks: dict[str, list[AssignmentRule]] = field(default_factory=dict)
    away: dict[str, AssignmentRule] = field(default_factory=dict)
    briefly_away: dict[str, AssignmentRule] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def may_answer_for(self, student_id: str, staff_no: str) -> bool:
        """Whether nothing forbids the teacher to answer for the pupil at all."""
        vetoed = any(rule.staff_no == staff_no for rule in self.vetoes.get(student_id, ()))
        return not vetoed and staff_no not in self.away

    def against(self, student_id: str, adult: Adult) -> list[AssignmentRule]:
        """Vetoes and wishes that the teacher as a mentor would go against."""
        vetoes = self.vetoes.get(student_id, ())
        return [
            *(rule for rule in vetoes if rule.staff_no == adult.staff_no),
            *(rule for rule in self.asks.get(student_id, ()) if not meets(rule, adult)),
        ]


def meets(rule: AssignmentRule, adult: Adult) -> bool:
    """Whether the teacher is what the family asks for; what is not known does not meet it."""
    if rule.kind is RuleKind.ASK_SEX:
        return adult.sex == sex_code(rule.value)
    return rule.value.strip() in adult.languages


def sex_code(word: str) -> str | None:
    """Stored code of 男, 女 or their other spellings.

    >>> sex_code("女"), sex_code("随便")
    ('2', None)
    """
    return load_schema().codes["sex"].code_by_word.get(word.strip())


def decide(
    rules: Sequence[AssignmentRule], schools: Iterable[School], day: date, limits: Limits
) -> Decisions:
    """Read the rules in force; what contradicts is told in ``problems`` and not carried out.

    Vetoes, absences and wishes of families are stronger than fixed points, because going against
    them may harm; of two fixed points of a pupil the later one counts.
    """
    decisions = Decisions()
    home = {pupil.student_id: school for school in schools for pupil in school.pupils}
    staff = {number for school in schools for number in school.by_number}
    for rule in rules:
        if rule.kind in PAIRS_OF_PUPILS or not _concerns(rule, day, limits):
            continue
        wrong = _mistake(rule, home, staff)
        if wrong:
            decisions.problems.append(f"{rule}未执行：{wrong}")
        else:
            _take(decisions, rule, day, limits)
    _drop_fixed_points(decisions, home)
    return decisions


def _concerns(rule: AssignmentRule, day: date, limits: Limits) -> bool:
    if rule.kind is not RuleKind.ABSENCE:
        return rule.holds_on(day)
    begins = (rule.first or day) <= day + timedelta(days=limits.notice_days.value)
    return begins and (rule.last is None or rule.last >= day)


def _mistake(rule: AssignmentRule, home: dict[str, School], staff: set[str]) -> str:
    if rule.kind is RuleKind.ABSENCE:
        if rule.first and rule.last and rule.last < rule.first:
            return f"结束日期 {rule.last} 早于开始日期 {rule.first}"
        return _unknown(rule, staff)
    if rule.student_id not in home:
        return f"本次名册中没有学生 {rule.student_id or '（没有填写学号）'}"
    if rule.kind is RuleKind.ASK_SEX:
        return "" if sex_code(rule.value) else f"性别应为男或女，现为“{rule.value}”"
    if rule.kind is RuleKind.ASK_LANGUAGE:
        return "" if rule.value.strip() else "没有写明语言"
    return _unknown(rule, {*home[rule.student_id].by_number}, staff)


def _unknown(rule: AssignmentRule, own: set[str], staff: set[str] | None = None) -> str:
    if rule.staff_no in own:
        return ""
    if staff is not None and rule.staff_no in staff:
        return f"{rule.staff_no} 不是该生所在学校的教职工"
    return f"教职工表中没有 {rule.staff_no or '（没有填写工号）'}"


def _take(decisions: Decisions, rule: AssignmentRule, day: date, limits: Limits) -> None:
    if rule.kind is RuleKind.FIX:
        earlier = decisions.fixed.get(rule.student_id)
        if earlier is not None and earlier.staff_no != rule.staff_no:
            decisions.problems.append(f"{earlier}未执行：后来又指定了 {rule.staff_no}，以后者为准")
        decisions.fixed[rule.student_id] = rule
    elif rule.kind is RuleKind.VETO:
        decisions.vetoes.setdefault(rule.student_id, []).append(rule)
    elif rule.kind is RuleKind.ABSENCE:
        _take_absence(decisions, rule, day, limits)
    else:
        decisions.asks.setdefault(rule.student_id, []).append(rule)


def _take_absence(decisions: Decisions, rule: AssignmentRule, day: date, limits: Limits) -> None:
    begins = max(rule.first or day, day)
    long = rule.last is None or (rule.last - begins).days >= limits.long_absence_days.value
    if long:
        decisions.away.setdefault(rule.staff_no, rule)
    elif rule.holds_on(day):
        decisions.briefly_away.setdefault(rule.staff_no, rule)


def _drop_fixed_points(decisions: Decisions, home: dict[str, School]) -> None:
    """Fixed points that a stronger rule forbids."""
    for student, rule in list(decisions.fixed.items()):
        stronger = list(_stronger(decisions, rule, home[student].by_number[rule.staff_no]))
        if stronger:
            told = "、".join(map(str, stronger))
            decisions.problems.append(f"{rule}未执行：与{told}矛盾，以后者为准")
            del decisions.fixed[student]


def _stronger(decisions: Decisions, rule: AssignmentRule, adult: Adult) -> Iterator[AssignmentRule]:
    yield from decisions.against(rule.student_id, adult)
    if adult.staff_no in decisions.away:
        yield decisions.away[adult.staff_no]


class Caps:
    """What each teacher still has room for while fixed points are counted."""

    def __init__(self, adults: Iterable[Adult], red_limit: int) -> None:
        self._left = {adult.staff_no: [adult.places, adult.hours, red_limit] for adult in adults}

    def take(self, staff_no: str, hours: float, *, red: bool) -> str:
        """Take a place, or say in Chinese what is missing."""
        left = self._left[staff_no]
        after = [left[0] - 1, left[1] - hours, left[2] - red]
        names = ("包保名额", "每周可用课时", "红色学生名额")
        short = [name for name, rest in zip(names, after, strict=True) if rest < -1e-9]
        if short:
            return f"{staff_no} 的{'、'.join(short)}已满；如坚持，请先增加"
        self._left[staff_no] = after
        return ""


def within_caps(
    decisions: Decisions, wanted: Sequence[Pupil], caps: Caps, hours: Sequence[float]
) -> tuple[dict[str, str], list[str]]:
    """Pupil → fixed teacher, as far as places and hours go, the pupil at most risk first.

    What does not fit is told beside it.

    Parameters
    ----------
    wanted
        Pupils who need a mentor, in the order of their rank.
    hours
        A week, of each of them.
    """
    kept, problems = {}, []
    for pupil, needed in zip(wanted, hours, strict=True):
        rule = decisions.fixed.get(pupil.student_id)
        if rule is None:
            continue
        missing = caps.take(rule.staff_no, needed, red=pupil.tier == "红")
        if missing:
            problems.append(f"{rule}未执行：{missing}")
        else:
            kept[pupil.student_id] = rule.staff_no
    return kept, problems
