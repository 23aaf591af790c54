"""一校一案 on paper: what a school plans for a term, with dates, names and boxes to tick."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kongchuo_risk.domain.plan import PlanState, SchoolPlan, SchoolTask
from kongchuo_risk.reports.templates import Field, Form, Kind
from kongchuo_risk.reports.wording import person, short_day, short_sources, term_title

FIGURES_PER_ROW = 2

SCHOOL_PLAN = Form(
    "一校一案",
    "一所学校一个学期的方案：基本数字、按期限排列的任务和清单、签字。",
    (
        Field("学校名称", "学校全称"),
        Field("学期", "例如 2025—2026学年第二学期"),
        Field("版本", "例如 第 2 版；还没有存档时为“未编号”"),
        Field("计划状态", f"{'、'.join(PlanState)} 之一"),
        Field("草案", "方案还没有批准", Kind.YES_NO),
        Field(
            "数字",
            "基本数字，两个一行",
            Kind.ENTRIES,
            (
                Field("左名", "左边数字的名称"),
                Field("左数", "左边的数字"),
                Field("右名", "右边数字的名称；没有时为空"),
                Field("右数", "右边的数字；没有时为空"),
            ),
        ),
        Field(
            "任务",
            "全部任务，按期限先后",
            Kind.ENTRIES,
            (
                Field("序号", "1、2、3 …"),
                Field("任务", "任务名称"),
                Field("清单", "可逐条打钩的步骤", Kind.TEXTS),
                Field("维度", "六控之一"),
                Field("责任人", "姓名；没有时为“待定”"),
                Field("岗位", "责任人的岗位"),
                Field("期限", "最迟日期，例如 2026.3.9"),
                Field("表册", "留下什么记录"),
                Field("完成", "完成日期；还没有完成时为空"),
                Field("备注", "备注；没有时为空"),
                Field("依据", "规则编号和法律条文，不引原文"),
            ),
        ),
    ),
)


def school_plan_document(
    plan: SchoolPlan,
    school_name: str,
    names: Mapping[str, str],
    *,
    templates: Path | None = None,
) -> bytes:
    """一校一案 as a Word file.

    Parameters
    ----------
    plan
        The version to print.
    school_name
        As it stands above the document.
    names
        Staff number → name.
    templates
        A school's own templates, if it has any.

    Raises
    ------
    ContractError
        When the template cannot be filled.
    """
    return SCHOOL_PLAN.fill(school_plan_values(plan, school_name, names), templates)


def school_plan_values(
    plan: SchoolPlan, school_name: str, names: Mapping[str, str]
) -> dict[str, object]:
    tasks = sorted(plan.tasks, key=lambda task: task.due)
    return {
        "学校名称": school_name,
        "学期": term_title(plan.term),
        "版本": f"第 {plan.version} 版" if plan.version else "未编号",
        "计划状态": plan.state.value,
        "草案": plan.state is PlanState.DRAFT,
        "数字": _figure_rows(plan.figures),
        "任务": [
            {"序号": number, **_task(task, names)} for number, task in enumerate(tasks, start=1)
        ],
    }


def _figure_rows(figures: Mapping[str, int]) -> list[dict[str, str]]:
    cells = [(name, str(count)) for name, count in figures.items()]
    cells += [("", "")] * (-len(cells) % FIGURES_PER_ROW)
    pairs = zip(cells[::2], cells[1::2], strict=True)
    return [
        {"左名": left[0], "左数": left[1], "右名": right[0], "右数": right[1]}
        for left, right in pairs
    ]


def _task(task: SchoolTask, names: Mapping[str, str]) -> dict[str, object]:
    return {
        "任务": task.label,
        "清单": list(task.checklist),
        "维度": task.dimension,
        "责任人": person(task.owner_staff, names),
        "岗位": task.owner_role,
        "期限": short_day(task.due),
        "表册": task.form,
        "完成": short_day(task.done_on) if task.done_on else "",
        "备注": task.note,
        "依据": short_sources(task.sources),
    }
