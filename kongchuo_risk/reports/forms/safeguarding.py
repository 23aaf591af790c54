"""强制报告记录: what was seen and to whom it was reported, for those few who may read it."""

from __future__ import annotations

from kongchuo_risk.domain.visit import StepKind
from kongchuo_risk.reports.forms.case_reports import moment
from kongchuo_risk.reports.forms.facts import CaseFile
from kongchuo_risk.reports.forms.filling import HEAD, PUPIL, head_values
from kongchuo_risk.reports.templates import Field, Form

MANDATORY_REPORT = Form(
    "强制报告记录",
    "发现侵害或者危险时的报告记录（未成年人保护法第十一条）；专人保管。",
    (
        *HEAD, *PUPIL,
        Field("情况", "看到、听到的事实；要有权限才印出"),
        Field("报告时间", "向有关部门报告的时间；要有权限才印出"),
        Field("报告人", "谁报告的；要有权限才印出"),
    ),
)  # fmt: skip


def values_of_mandatory_report(file: CaseFile, *, restricted: bool = False) -> dict[str, object]:
    """What 强制报告记录 is filled with (rules 72, 73); who may not read it gets an empty form."""
    reports = file.steps_of(StepKind.MANDATORY_REPORT) if restricted else ()
    return {
        **head_values(file if restricted else CaseFile(), restricted=True),
        "情况": "\n".join(step.note for step in reports if step.note),
        "报告时间": moment(reports[0].at) if reports else "",
        "报告人": "、".join(dict.fromkeys(step.by for step in reports)),
    }
