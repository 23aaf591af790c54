"""致家长一封信: what the school will do for a child, told to the family on one page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from kongchuo_risk.contracts.policy import Measure, NeedDimension, Policy
from kongchuo_risk.contracts.reading import Contract, parse, read_yaml
from kongchuo_risk.domain.plan import ItemState, PlanItem, PupilPlan
from kongchuo_risk.errors import ContractError, PlanError
from kongchuo_risk.reports.templates import Field, Form, Kind, form_file
from kongchuo_risk.reports.wording import full_day

MOST_MEASURES = 6
MOST_SUGGESTIONS = 3
DUTY = "法定义务"
"""Grade of what a school must do by law, whether or not a family agrees."""

PARENT_LETTER = Form(
    "致家长一封信",
    "写给家长的一页信：学校为孩子做什么、家里可以做什么、找谁、有哪些权利；附回执。",
    (
        Field("学校名称", "学校全称"),
        Field("学生姓名", "学生姓名"),
        Field("班级", "例如 七年级2班"),
        Field("班主任", "班主任姓名"),
        Field("班主任电话", "没有登记时为空"),
        Field("联系老师", "与孩子结对的老师；就是班主任本人或尚未确定时为空"),
        Field("日期", "写信日期"),
        Field("开始", "计划开始日期"),
        Field("结束", "计划结束日期"),
        Field("复核日期", "下一次复核的日期；没有时为空"),
        Field(
            "安排",
            f"学校会做的事，按期限先后，至多 {MOST_MEASURES} 项；措施没有“给家长的话”的不列",
            Kind.ENTRIES,
            (
                Field("序号", "1、2、3 …"),
                Field("内容", "措施里“给家长的话”（interventions.yaml 的 family）"),
                Field("学校职责", "法律规定学校应当做的", Kind.YES_NO),
            ),
        ),
        Field("有学校职责", "以上安排中有法律规定学校应当做的", Kind.YES_NO),
        Field(
            "家庭可做",
            f"请家里一起做的事，至多 {MOST_SUGGESTIONS} 条；在 forms/letter.yaml 里改",
            Kind.TEXTS,
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """Who writes to whom, about which weeks."""

    pupil_name: str
    class_name: str
    school_name: str
    teacher_name: str
    teacher_phone: str
    """Empty when none is to be printed."""
    mentor_name: str
    """Empty when nobody is paired with the pupil."""
    day: date
    plan_start: date
    plan_end: date


class Suggestion(Contract):
    """Something small that a family can do."""

    needs: tuple[NeedDimension, ...] = ()
    """Needs of the plan that make it fit; empty: fits every family."""
    say: str


class LetterWords(Contract):
    """``forms/letter.yaml``: the letter's own words, and those that it never uses."""

    suggestions: tuple[Suggestion, ...]
    never: tuple[str, ...]

    def suggested(self, plan: PupilPlan) -> list[str]:
        """What this plan's family can do: first what fits its needs; the needs are not named."""
        shown = {need.dimension for need in plan.needs}
        fitting = [item.say for item in self.suggestions if shown.intersection(item.needs)]
        general = [item.say for item in self.suggestions if not item.needs]
        return [*fitting, *general][:MOST_SUGGESTIONS]

    def labels_in(self, text: str) -> list[str]:
        """Words of ``text`` that judge or label a child."""
        return [word for word in self.never if word in text]


def letter_words(templates: Path | None = None) -> LetterWords:
    """The letter's words: a school's own ``letter.yaml``, or the shipped one.

    >>> "排名" in letter_words().never
    True
    """
    path = form_file("letter.yaml", templates)
    return parse(LetterWords, read_yaml(path), source=path)


def parent_letter(
    plan: PupilPlan, facts: LetterFacts, policy: Policy, *, templates: Path | None = None
) -> bytes:
    """The letter to a pupil's parents, as a Word file of one A4 page.

    It tells what the school will do and nothing of why: no score, rank, reason, group or need, and
    of no other pupil. The rights that it names are those of 个人信息保护法 24, 45 and 46.

    Parameters
    ----------
    plan
        Only its drafted measures are told, and only those that the policy has words for.
    facts
        Names and days.
    policy
        Has each measure's words for a family, and says which measures are not for families.
    templates
        A school's own templates, if it has any.

    Raises
    ------
    PlanError
        When the plan has nothing that can be told to a family.
    ContractError
        When a measure's words label the child, or the template cannot be filled.
    """
    values = letter_values(plan, facts, policy, letter_words(templates))
    return PARENT_LETTER.fill(values, templates)


def letter_values(
    plan: PupilPlan, facts: LetterFacts, policy: Policy, words: LetterWords
) -> dict[str, object]:
    """What the letter's template is filled with."""
    told = told_measures(plan.items, policy, words)
    if not told:
        raise PlanError("计划里没有可以告诉家长的措施，写不成信；请先核对拟定的措施")
    duties = [measure.evidence.grade == DUTY for measure in told]
    mentor = facts.mentor_name if facts.mentor_name != facts.teacher_name else ""
    return {
        "学校名称": facts.school_name,
        "学生姓名": facts.pupil_name,
        "班级": facts.class_name,
        "班主任": facts.teacher_name,
        "班主任电话": facts.teacher_phone,
        "联系老师": mentor,
        "日期": full_day(facts.day),
        "开始": full_day(facts.plan_start),
        "结束": full_day(facts.plan_end),
        "复核日期": _next_review(plan.reviews, facts.day),
        "安排": [
            {"序号": number, "内容": measure.family.strip(), "学校职责": duty}
            for number, (measure, duty) in enumerate(zip(told, duties, strict=True), start=1)
        ],
        "有学校职责": any(duties),
        "家庭可做": words.suggested(plan),
    }


def told_measures(items: Sequence[PlanItem], policy: Policy, words: LetterWords) -> list[Measure]:
    """The measures that a family is told of, the most urgent first.

    Raises
    ------
    ContractError
        Names the measures whose words label the child, and the words.
    """
    drafted = (item for item in items if item.state is ItemState.DRAFTED)
    urgent = sorted(drafted, key=lambda item: item.due)
    told = list(_with_words(urgent, policy))[:MOST_MEASURES]
    labelled = {measure.label: words.labels_in(measure.family) for measure in told}
    problems = [f"“{label}”：{'、'.join(found)}" for label, found in labelled.items() if found]
    if problems:
        raise ContractError(
            "给家长的话里有评判孩子或家庭的词，请在 interventions.yaml 的 family 里换个说法："
            + "；".join(problems)
        )
    return told


def _with_words(items: Iterable[PlanItem], policy: Policy) -> Iterator[Measure]:
    for item in items:
        measure = policy.by_id.get(item.measure)
        if measure is not None and not measure.restricted and measure.family.strip():
            yield measure


def _next_review(reviews: Iterable[date], day: date) -> str:
    coming = [review for review in reviews if review >= day]
    return full_day(min(coming)) if coming else ""
