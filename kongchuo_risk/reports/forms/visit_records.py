"""What was said and seen: one visit, all mobilisation, and how a pupil is doing since."""

from __future__ import annotations

from kongchuo_risk.domain.clock import CHINA
from kongchuo_risk.domain.visit import Attitude, Step, StepKind, Visit, VisitMode, VisitResult
from kongchuo_risk.reports.forms.case_reports import absence_values, effort_values
from kongchuo_risk.reports.forms.facts import RESTRICTED_STEPS, CaseFile
from kongchuo_risk.reports.forms.filling import (
    HEAD,
    NO_DAY,
    PUPIL,
    VISIT,
    day_or_line,
    head_values,
    rows,
    ticked,
    visit_rows,
    visitors,
    yes_or_no,
)
from kongchuo_risk.reports.templates import Field, Form, Kind
from kongchuo_risk.reports.wording import full_day, short_day

MOBILISATION_ROWS, TRACKING_ROWS, OBSERVATION_ROWS = 6, 6, 4

OBSERVATION = (
    Field("序号", "第几次；空行没有序号"),
    Field("日期", "观察日期"),
    Field("到校", "正常、不正常；没有填时为空"),
    Field("态度", "学生态度"),
    Field("情况", "观察到的情况"),
    Field("观察人", "谁观察"),
)
TRACK = (
    Field("序号", "1、2、3 …；空行没有序号"),
    Field("日期", "例如 2026.3.9"),
    Field("事项", "走访方式，或步骤的名称"),
    Field("情况", "了解到的情况"),
    Field("态度", "学生的思想动态"),
    Field("监护人意见", "监护人的意见"),
    Field("记录人", "谁做的"),
)

VISIT_RECORD = Form(
    "家访记录",
    "一次走访或联系的记录：谁去、见到谁、谈了什么、下一步；由负责人审阅。",
    (
        *HEAD, *PUPIL,
        Field("次数", "本案第几次；没有时为空"),
        Field("时间", "走访的日期和时间；没有时留空线"),
        Field("方式", "上门、电话、线上，打钩"),
        Field("走访人", "姓名和身份，用顿号隔开"),
        Field("见到学生", "是、否，打钩"),
        Field("见到监护人", "是、否，打钩"),
        Field("见到的监护人", "见到的是谁；没有时为空"),
        Field("谈话", "谈话内容"),
        Field("态度", "学生态度，打钩"),
        Field("意见", "监护人意见，照原话"),
        Field("困难", "学生和家庭的困难"),
        Field("结果", "已返校、承诺返校 …，打钩"),
        Field("承诺日期", "承诺返校的日子；没有时留空线"),
        Field("下一步", "下一步打算"),
        Field("附件", "照片或签字件存放的地方；没有时为空"),
        Field("记录人", "谁记的；没有时为空"),
        Field("审阅人", "谁审阅；没有时为空"),
    ),
)  # fmt: skip
MOBILISATION_RECORD = Form(
    "动员记录",
    "一名学生的全部动员工作，交德育（政教）部门统计。",
    (
        *HEAD, *PUPIL,
        Field("包案人", "包案教师姓名；没有时为空"),
        Field("走访总数", "走访和联系的次数"),
        Field("上门次数", "其中上门的次数"),
        Field("校领导参加次数", "校领导参加的次数"),
        Field("走访", "走访和联系，按时间先后", Kind.ENTRIES, VISIT),
    ),
)  # fmt: skip
TRACKING_RECORD = Form(
    "跟踪记录",
    "离校期间的跟踪，和返校以后的观察。",
    (
        *HEAD, *PUPIL,
        Field("未到校起", "本次未到校的第一天"),
        Field("原因", "原因；只给授权人员看的原因要有权限才印出"),
        Field("去向", "各种去向，已知的打钩"),
        Field("去向说明", "具体在哪里；没有时为空"),
        Field("包案人", "包案教师姓名；没有时为空"),
        Field("返校日期", "返校的日子；没有时留空线"),
        Field("跟踪", "走访和其他步骤，按时间先后", Kind.ENTRIES, TRACK),
        Field("观察", "返校以后的观察", Kind.ENTRIES, OBSERVATION),
    ),
)  # fmt: skip


def values_of_visit_record(file: CaseFile, *, restricted: bool = False) -> dict[str, object]:
    """What 家访记录 is filled with (rules 79, 94, 95, 97): of ``file.visit``, or of the last."""
    visit = file.visit or file.last_visit
    head = head_values(file, restricted=restricted)
    return {**head, **(_visit(visit) if visit else _no_visit())}


def values_of_mobilisation_record(file: CaseFile, *, restricted: bool = False) -> dict[str, object]:
    """What 动员记录 is filled with (rules 83, 135, 136)."""
    effort = effort_values(file)
    shown = ("包案人", "走访总数", "上门次数", "校领导参加次数")
    return {
        **head_values(file, restricted=restricted),
        **{name: effort[name] for name in shown},
        "走访": visit_rows(file, MOBILISATION_ROWS),
    }


def values_of_tracking_record(file: CaseFile, *, restricted: bool = False) -> dict[str, object]:
    """What 跟踪记录 is filled with (rules 97, 98, 99, 101, 117)."""
    return {
        **head_values(file, restricted=restricted),
        **absence_values(file, restricted=restricted),
        "包案人": file.owner_name,
        "返校日期": day_or_line(file.case.returned_on if file.case else None),
        "跟踪": rows(_track(file, restricted=restricted), TRACK, TRACKING_ROWS),
        "观察": observation_rows(file),
    }


def observation_rows(file: CaseFile) -> list[dict[str, str]]:
    """Observations since the last return; the profile asks for four."""
    since = file.case.returned_on if file.case else None
    seen = file.steps_of(StepKind.OBSERVED)
    counted = [_observation(step) for step in seen if since is None or step.day >= since]
    return rows(counted, OBSERVATION, OBSERVATION_ROWS)


def _observation(step: Step) -> dict[str, str]:
    regular = {True: "正常", False: "不正常", None: ""}
    return {
        "日期": short_day(step.day),
        "到校": regular[step.at_school],
        "态度": step.attitude or "",
        "情况": step.note,
        "观察人": step.by,
    }


def _track(file: CaseFile, *, restricted: bool) -> list[dict[str, str]]:
    """Visits and steps in one order of time; observations have their own table."""
    steps = [
        step
        for step in file.steps
        if step.kind is not StepKind.OBSERVED and (restricted or step.kind not in RESTRICTED_STEPS)
    ]
    lines = [(visit.at, _tracked_visit(visit)) for visit in file.contacts]
    lines += [(step.at, _tracked_step(step)) for step in steps]
    return [line for _, line in sorted(lines, key=lambda line: line[0])]


def _tracked_visit(visit: Visit) -> dict[str, str]:
    return {
        "日期": short_day(visit.day),
        "事项": f"{visit.mode}：{visit.result}",
        "情况": visit.difficulty or visit.talk,
        "态度": visit.attitude or "",
        "监护人意见": visit.guardian_opinion,
        "记录人": visit.recorded_by or visitors(visit),
    }


def _tracked_step(step: Step) -> dict[str, str]:
    return {
        "日期": short_day(step.day),
        "事项": step.kind,
        "情况": "，".join(text for text in (step.paper, step.note) if text),
        "态度": step.attitude or "",
        "记录人": step.by,
    }


def _visit(visit: Visit) -> dict[str, object]:
    local = visit.at.astimezone(CHINA)
    return {
        "次数": str(visit.number or ""),
        "时间": f"{full_day(visit.day)} {local:%H:%M}",
        "方式": ticked(VisitMode, (visit.mode,)),
        "走访人": visitors(visit),
        "见到学生": yes_or_no(visit.met_student),
        "见到监护人": yes_or_no(visit.met_guardian),
        "见到的监护人": visit.guardian,
        "谈话": visit.talk,
        "态度": ticked(Attitude, (visit.attitude,)),
        "意见": visit.guardian_opinion,
        "困难": visit.difficulty,
        "结果": ticked(VisitResult, (visit.result,)),
        "承诺日期": day_or_line(visit.promise),
        "下一步": visit.next_step,
        "附件": visit.photo_ref,
        "记录人": visit.recorded_by,
        "审阅人": visit.reviewed_by,
    }


def _no_visit() -> dict[str, object]:
    texts = ("次数", "走访人", "见到的监护人", "谈话", "意见", "困难", "下一步", "附件")
    return {
        **dict.fromkeys((*texts, "记录人", "审阅人"), ""),
        "时间": f"{NO_DAY}____时",
        "方式": ticked(VisitMode, ()),
        "见到学生": yes_or_no(None),
        "见到监护人": yes_or_no(None),
        "态度": ticked(Attitude, ()),
        "结果": ticked(VisitResult, ()),
        "承诺日期": NO_DAY,
    }
