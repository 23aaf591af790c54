"""Help for a pupil who finds learning hard, and the papers of a change of registration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from kongchuo_risk.domain.plan import ItemState, PlanItem, PupilPlan
from kongchuo_risk.domain.school_record import ChangeState
from kongchuo_risk.reports.forms.checklists import load_checklists
from kongchuo_risk.reports.forms.facts import ChangeFile, PlanFile
from kongchuo_risk.reports.forms.filling import (
    HEAD,
    ISSUED,
    NO_DAY,
    OPEN,
    PUPIL,
    TICKED,
    day_or_line,
    head_values,
    issued_values,
    or_line,
    rows,
    ticked,
)
from kongchuo_risk.reports.templates import Field, Form, Kind
from kongchuo_risk.reports.wording import person, short_day, term_title

MEASURE_ROWS, REVIEW_ROWS = 4, 3
CHANGES: Mapping[str, str] = {
    "21": "转出", "22": "转入", "11": "休学", "12": "复学", "81": "送教上门",
    "82": "出国（境）", "51": "死亡", "70": "毕业", "99": "其他",
}  # fmt: skip
"""Kinds of change on the sheet: codes and labels of ``change_type``."""

_MEASURE = (
    Field("序号", "1、2、3 …；空行没有序号"),
    Field("措施", "措施名称"),
    Field("做法", "具体做什么、做多少"),
    Field("责任人", "姓名；没有时为“待定”"),
    Field("频次", "多久一次"),
    Field("期限", "最迟日期"),
)
_TICK = (Field("框", f"已有为 {TICKED}，否则为 {OPEN}"), Field("内容", "清单的一条"))

HELP_PLAN = Form(
    "帮教计划",
    "一名学生的帮教（转化）计划：长处、需求、目标、措施、同伴互助、复核。",
    (
        *HEAD, *PUPIL,
        Field("包保教师", "包保教师姓名；没有时为空"),
        Field("学期", "例如 2025—2026学年第二学期；没有时留空线"),
        Field("开始", "计划开始日期；没有时留空线"),
        Field("结束", "计划结束日期；没有时留空线"),
        Field("长处", "学生的长处，照原话", Kind.TEXTS),
        Field(
            "需求", "四个方面（规则168），每次都列全", Kind.ENTRIES,
            (Field("方面", "学习能力、学习方法、家庭情况、思想心理"), Field("情况", "照原话")),
        ),
        Field("目标", "计划的目标；没有时为空"),
        Field("措施", "拟定的措施，按期限先后；只给办理人看的要有权限才列", Kind.ENTRIES, _MEASURE),
        Field(
            "复核", "复核的日子", Kind.ENTRIES,
            (Field("序号", "第几次"), Field("日期", "例如 2026.4.1；空行没有日期")),
        ),
    ),
)  # fmt: skip
NEEDS_SHEET = Form(
    "学习需求评估",
    "学习困难学生的需求评估：四个方面各问什么、了解到什么（规则168）。",
    (
        *HEAD, *PUPIL,
        Field("长处", "学生的长处，照原话", Kind.TEXTS),
        Field(
            "需求", "四个方面；问题在 forms/checklists.yaml 里改", Kind.ENTRIES,
            (
                Field("方面", "学习能力、学习方法、家庭情况、思想心理"),
                Field("问题", "这个方面问什么", Kind.TEXTS),
                Field("情况", "已知的情况，照原话；没有时为空"),
            ),
        ),
    ),
)  # fmt: skip
CHANGE_PAPERS = Form(
    "学籍异动手续清单",
    "一次转学、休学、复学 … 的材料清单和审批。",
    (
        *HEAD, *ISSUED, *PUPIL,
        Field("类别", "异动类别，打钩"),
        Field("生效日期", "异动的日子；没有时留空线"),
        Field("理由", "异动理由；没有时为空"),
        Field("转出学校", "没有时为空"),
        Field("转入学校", "没有时为空"),
        Field("材料", "要收的材料；在 forms/checklists.yaml 里改", Kind.ENTRIES, _TICK),
        Field("申请人", "谁提出的；没有时为空"),
        Field("审批", "待审批、已批准 …，打钩"),
        Field("审批人", "没有时为空"),
        Field("审批说明", "没有时为空"),
    ),
)  # fmt: skip


def values_of_help_plan(
    plan_file: PlanFile, *, restricted: bool = False, templates: Path | None = None
) -> dict[str, object]:
    """What 帮教计划 is filled with (rules 168, 175, 177, 181, 190, 191)."""
    plan, file = plan_file.plan, plan_file.file
    return {
        **head_values(file, restricted=restricted),
        "包保教师": file.pupil.mentor_name,
        "学期": term_title(plan.term) if plan else or_line("", 16),
        "开始": day_or_line(plan.start if plan else None),
        "结束": day_or_line(plan.end if plan else None),
        "长处": list(plan_file.strengths),
        "需求": [{"方面": item["方面"], "情况": item["情况"]} for item in _needs(plan, templates)],
        "目标": plan.goal if plan else "",
        "措施": rows(_measures(plan_file, restricted=restricted), _MEASURE, MEASURE_ROWS),
        "复核": _reviews(plan),
    }


def values_of_needs_sheet(
    plan_file: PlanFile, *, templates: Path | None = None
) -> dict[str, object]:
    """What 学习需求评估 is filled with (rule 168)."""
    return {
        **head_values(plan_file.file),
        "长处": list(plan_file.strengths),
        "需求": _needs(plan_file.plan, templates),
    }


def values_of_change_papers(
    change: ChangeFile, *, templates: Path | None = None
) -> dict[str, object]:
    """What 学籍异动手续清单 is filled with (rules 119, 121, 123–125)."""
    request = change.request
    head = head_values(change.file) | issued_values(change.file)
    if request is None:
        return {**head, **_no_change(), "材料": _papers("", (), templates)}
    return {
        **head,
        "文号": or_line(request.doc_no, 16) if request.doc_no else head["文号"],
        "类别": ticked(CHANGES.values(), (CHANGES.get(request.change_type, "其他"),)),
        "生效日期": day_or_line(request.day),
        "理由": request.reason,
        "转出学校": request.from_school,
        "转入学校": request.to_school,
        "材料": _papers(request.change_type, request.documents, templates),
        "申请人": request.asked_by,
        "审批": ticked(ChangeState, (request.state,)),
        "审批人": request.decided_by,
        "审批说明": request.note,
    }


def _no_change() -> dict[str, object]:
    texts = ("理由", "转出学校", "转入学校", "申请人", "审批人", "审批说明")
    return {
        **dict.fromkeys(texts, ""),
        "类别": ticked(CHANGES.values(), ()),
        "生效日期": NO_DAY,
        "审批": ticked(ChangeState, ()),
    }


def _papers(
    change_type: str, handed_in: Sequence[str], templates: Path | None
) -> list[dict[str, str]]:
    """What is asked for, and what came beside it."""
    asked = load_checklists(templates).papers_for(change_type)
    listed = dict.fromkeys((*asked, *handed_in))
    return [{"框": TICKED if paper in handed_in else OPEN, "内容": paper} for paper in listed]


def _needs(plan: PupilPlan | None, templates: Path | None) -> list[dict[str, object]]:
    known = {need.dimension: "；".join(need.texts) for need in plan.needs} if plan else {}
    return [
        {
            "方面": entry.dimension,
            "问题": list(entry.ask),
            "情况": known.get(entry.dimension, ""),
        }
        for entry in load_checklists(templates).needs
    ]


def _measures(plan_file: PlanFile, *, restricted: bool) -> list[dict[str, str]]:
    if plan_file.plan is None:
        return []
    drafted = (item for item in plan_file.plan.items if item.state is ItemState.DRAFTED)
    shown = [item for item in drafted if restricted or not item.restricted]
    return [_measure(item, plan_file.names) for item in sorted(shown, key=lambda item: item.due)]


def _measure(item: PlanItem, names: Mapping[str, str]) -> dict[str, str]:
    return {
        "措施": item.label,
        "做法": item.dose,
        "责任人": person(item.owner_staff, names),
        "频次": item.rhythm,
        "期限": short_day(item.due),
    }


def _reviews(plan: PupilPlan | None) -> list[dict[str, str]]:
    days = [short_day(day) for day in sorted(plan.reviews)] if plan else []
    days += [""] * (REVIEW_ROWS - len(days))
    return [{"序号": str(number), "日期": day} for number, day in enumerate(days, start=1)]
