"""A pupil's plan on paper: the teacher's page, and 一生一案 in its three variants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from kongchuo_risk.contracts.policy import NeedDimension, Policy, Strand
from kongchuo_risk.domain.plan import ItemState, PlanItem, PlanKind, PlanState, PupilPlan
from kongchuo_risk.reports.letters import LetterFacts
from kongchuo_risk.reports.templates import Field, Form, Kind
from kongchuo_risk.reports.wording import full_day, person, short_day, short_sources, term_title

NOT_SEEN = "暂无记录，谈话时了解"
NOT_ARRANGED = "尚未安排"

_HEAD = (
    Field("学校名称", "学校全称"),
    Field("学生姓名", "学生姓名"),
    Field("班级", "例如 七年级2班"),
    Field("班主任", "班主任姓名"),
    Field("包保教师", "包保教师姓名；没有时为“待定”"),
    Field("日期", "制表日期"),
    Field("开始", "计划开始日期"),
    Field("结束", "计划结束日期"),
)
_ITEM = (
    Field("序号", "1、2、3 …"),
    Field("措施", "措施名称"),
    Field("做法", "具体做什么、做多少"),
    Field("注意", "动手前先要想到的事；多数措施为空"),
    Field("清单", "可逐条打钩的步骤", Kind.TEXTS),
    Field("维度", "六控之一：责任、制度、扶贫、关爱、质量、依法"),
    Field("责任人", "姓名；没有时为“待定”"),
    Field("岗位", "责任人的岗位"),
    Field("协助", "协助的岗位，用顿号隔开；没有时为空"),
    Field("开始", "开始日期，例如 2026.3.2；没有时为空"),
    Field("期限", "最迟日期，例如 2026.3.9"),
    Field("频次", "多久一次"),
    Field("表册", "留下什么记录"),
    Field("状态", "拟定、候补、可选；计划批准后为“已批准”"),
    Field("依据", "规则编号和法律条文，不引原文"),
)

TEACHER_PAGE = Form(
    "教师帮扶页",
    "给教师的一页纸：先看长处，再看情况，然后是要做的事、第一次谈话、不要做的事和落实记录。",
    (
        *_HEAD,
        Field("长处", "学生的长处，照原话", Kind.TEXTS),
        Field("情况", "与预测有关的情况，照原话；与预测有关，不等于原因", Kind.TEXTS),
        Field("措施", "拟定的措施，按期限先后", Kind.ENTRIES, _ITEM),
        Field("候补", "候补措施的名称，用顿号隔开；没有时为空"),
    ),
)

PUPIL_PLAN = Form(
    "一生一案",
    "一名学生的计划；复学学生多出复学课程和三条线，残疾学生多出安置和三方面支持。",
    (
        *_HEAD,
        Field("计划名称", f"{'、'.join(PlanKind)} 之一"),
        Field("复学", "是复学学生的计划", Kind.YES_NO),
        Field("残疾", "是残疾学生的计划", Kind.YES_NO),
        Field("学期", "例如 2025—2026学年第二学期"),
        Field("版本", "例如 第 2 版；还没有存档时为“未编号”"),
        Field("计划状态", f"{'、'.join(PlanState)} 之一"),
        Field("草案", "计划还没有批准", Kind.YES_NO),
        Field(
            "需求",
            "四个方面（规则168），每次都列全",
            Kind.ENTRIES,
            (Field("方面", "学习能力、学习方法、家庭情况、思想心理"), Field("情况", "照原话")),
        ),
        Field("目标", "计划的目标"),
        *(Field(strand, f"{strand}一线的措施名称，用顿号隔开") for strand in get_args(Strand)),
        Field("措施", "拟定（或已批准）的措施，按期限先后", Kind.ENTRIES, _ITEM),
        Field("候补", "名额不足、轮候的措施", Kind.ENTRIES, _ITEM),
        Field("可选", "可以另外采用的措施", Kind.ENTRIES, _ITEM),
        Field(
            "复核",
            "复核的日子",
            Kind.ENTRIES,
            (Field("序号", "第几次"), Field("日期", "例如 2026年4月1日")),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who a document is for: staff names, and which restricted measures they may see."""

    policy: Policy
    names: Mapping[str, str]
    staff_no: str = ""
    sees_all: bool = False

    def may_see(self, item: PlanItem) -> bool:
        measure = self.policy.by_id.get(item.measure)
        open_to_all = not (item.restricted or (measure is not None and measure.restricted))
        carries_out = bool(self.staff_no) and item.owner_staff == self.staff_no
        return open_to_all or self.sees_all or carries_out


def teacher_page(
    plan: PupilPlan,
    facts: LetterFacts,
    policy: Policy,
    reasons: Sequence[str],
    strengths: Sequence[str],
    names: Mapping[str, str],
    *,
    reader: str = "",
    templates: Path | None = None,
) -> bytes:
    """One A4 page for the teacher who looks after a pupil; it has no score and no probability.

    Parameters
    ----------
    plan
        Its drafted measures are listed by due day; those that wait for a place are named.
    facts
        Names and days.
    policy
        Says which measures are restricted.
    reasons, strengths
        Sentences as they are told in the list, printed as they are.
    names
        Staff number → name.
    reader
        Staff number of the teacher; a restricted measure is shown to its owner only.
    templates
        A school's own templates, if it has any.

    Raises
    ------
    ContractError
        When the template cannot be filled.
    """
    values = teacher_values(plan, facts, reasons, strengths, Reader(policy, names, reader))
    return TEACHER_PAGE.fill(values, templates)


def pupil_plan_document(
    plan: PupilPlan,
    facts: LetterFacts,
    policy: Policy,
    names: Mapping[str, str],
    *,
    with_restricted: bool = False,
    templates: Path | None = None,
) -> bytes:
    """一生一案 (rules 144, 146, 153, 163, 168; 残疾人教育条例 20) as a Word file.

    Parameters
    ----------
    plan
        The version to print; its kind decides the variant.
    facts
        Names and the day of printing.
    policy
        Says which strand a measure belongs to, and which measures are restricted.
    names
        Staff number → name.
    with_restricted
        Print the restricted measures too: for the headteacher's copy only.
    templates
        A school's own templates, if it has any.

    Raises
    ------
    ContractError
        When the template cannot be filled.
    """
    reader = Reader(policy, names, sees_all=with_restricted)
    return PUPIL_PLAN.fill(pupil_plan_values(plan, facts, reader), templates)


def teacher_values(
    plan: PupilPlan,
    facts: LetterFacts,
    reasons: Sequence[str],
    strengths: Sequence[str],
    reader: Reader,
) -> dict[str, object]:
    waiting = _items_in(ItemState.WAITING, plan, reader)
    return {
        **_head(plan, facts),
        "长处": list(strengths),
        "情况": list(reasons),
        "措施": _entries(ItemState.DRAFTED, plan, reader),
        "候补": "、".join(item.label for item in waiting),
    }


def pupil_plan_values(plan: PupilPlan, facts: LetterFacts, reader: Reader) -> dict[str, object]:
    return {
        **_head(plan, facts),
        "计划名称": plan.kind.value,
        "复学": plan.kind is PlanKind.RETURNER,
        "残疾": plan.kind is PlanKind.DISABILITY,
        "学期": term_title(plan.term),
        "版本": f"第 {plan.version} 版" if plan.version else "未编号",
        "计划状态": plan.state.value,
        "草案": plan.state is PlanState.DRAFT,
        "需求": _needs(plan),
        "目标": plan.goal,
        **{strand: _on_strand(strand, plan, reader) for strand in get_args(Strand)},
        "措施": _entries(ItemState.DRAFTED, plan, reader),
        "候补": _entries(ItemState.WAITING, plan, reader),
        "可选": _entries(ItemState.OPTIONAL, plan, reader),
        "复核": [
            {"序号": number, "日期": full_day(day)}
            for number, day in enumerate(sorted(plan.reviews), start=1)
        ],
    }


def _head(plan: PupilPlan, facts: LetterFacts) -> dict[str, object]:
    return {
        "学校名称": facts.school_name,
        "学生姓名": facts.pupil_name,
        "班级": facts.class_name,
        "班主任": facts.teacher_name,
        "包保教师": facts.mentor_name or "待定",
        "日期": full_day(facts.day),
        "开始": full_day(plan.start),
        "结束": full_day(plan.end),
    }


def _needs(plan: PupilPlan) -> list[dict[str, str]]:
    texts = {need.dimension: "；".join(need.texts) for need in plan.needs}
    return [
        {"方面": dimension, "情况": texts.get(dimension) or NOT_SEEN}
        for dimension in get_args(NeedDimension)
    ]


def _items_in(state: ItemState, plan: PupilPlan, reader: Reader) -> list[PlanItem]:
    shown = [item for item in plan.items if item.state is state and reader.may_see(item)]
    return sorted(shown, key=lambda item: item.due)


def _entries(state: ItemState, plan: PupilPlan, reader: Reader) -> list[dict[str, object]]:
    items = _items_in(state, plan, reader)
    return [
        {"序号": number, **_entry(item, plan, reader.names)}
        for number, item in enumerate(items, start=1)
    ]


def _entry(item: PlanItem, plan: PupilPlan, names: Mapping[str, str]) -> dict[str, object]:
    return {
        "措施": item.label,
        "做法": item.dose,
        "注意": item.warning,
        "清单": list(item.checklist),
        "维度": item.dimension,
        "责任人": person(item.owner_staff, names),
        "岗位": item.owner_role,
        "协助": "、".join(item.helpers),
        "开始": short_day(item.start) if item.start else "",
        "期限": short_day(item.due),
        "频次": item.rhythm,
        "表册": item.form,
        "状态": _state(item, plan),
        "依据": short_sources(item.sources),
    }


def _state(item: PlanItem, plan: PupilPlan) -> str:
    """A drafted item of a plan is as far as the plan itself."""
    drafted = item.state is ItemState.DRAFTED
    return plan.state.value if drafted and plan.state is not PlanState.DRAFT else item.state.value


def _on_strand(strand: str, plan: PupilPlan, reader: Reader) -> str:
    measures = reader.policy.by_id
    labels = [
        item.label
        for item in _items_in(ItemState.DRAFTED, plan, reader)
        if item.measure in measures and measures[item.measure].strand == strand
    ]
    return "、".join(labels) or NOT_ARRANGED
