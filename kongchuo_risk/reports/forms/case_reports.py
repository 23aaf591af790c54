"""The reports of a case: the same day, after a week, on the causes, and to the bureau."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from kongchuo_risk.domain.case import Case, Destination, Trigger
from kongchuo_risk.domain.clock import CHINA, day_of, part_of_session
from kongchuo_risk.domain.visit import Attitude, StepKind, Visit
from kongchuo_risk.reports.forms.facts import CaseFile
from kongchuo_risk.reports.forms.filling import (
    HEAD,
    ISSUED,
    PAPER,
    PUPIL,
    VISIT,
    day_or_line,
    head_values,
    issued_values,
    or_line,
    paper_rows,
    ticked,
    visit_rows,
)
from kongchuo_risk.reports.templates import Field, Form, Kind
from kongchuo_risk.reports.wording import short_day

VISIT_ROWS, PAPER_ROWS = 3, 2
"""At least so many rows are printed, some of them to write in."""

_ABSENCE = (
    Field("未到校起", "本次未到校的第一天和上午、下午"),
    Field("原因", "原因，用顿号隔开；只给授权人员看的原因要有权限才印出"),
    Field("去向", "各种去向，已知的打钩"),
    Field("去向说明", "具体在哪里；没有时为空"),
)
_EFFORT = (
    Field("走访总数", "走访和联系的次数"),
    Field("上门次数", "其中上门的次数"),
    Field("校领导参加次数", "校领导参加的次数（规则78）"),
    Field("包案人", "包案教师姓名；没有时为空"),
    Field("学生态度", "愿意上学、犹豫、不愿上学，最近一次的打钩"),
    Field("监护人意见", "最近一次的监护人意见；没有时为空"),
)
_VISITS = Field("走访", "走访和联系，按时间先后", Kind.ENTRIES, VISIT)
_PAPERS = Field("文书", "此前发出的文书", Kind.ENTRIES, PAPER)

SUSPECTED_REPORT = Form(
    "疑似辍学报告",
    "发现学生无故未到校当天，班主任向学校和中心校（学区）报告。",
    (
        *HEAD, *PUPIL, *_ABSENCE,
        Field("发现方式", "无故缺勤、未报到、苗头、数据比对、他人报告，打钩"),
        Field("联系监护人", "联系监护人的时间和结果；没有时为空"),
        Field("通知科任教师", "通知科任教师的时间；没有时为空"),
        Field("下一步", "下一步打算；没有时为空"),
        Field("报告时间", "向学校报告的时间；没有时为空"),
    ),
)  # fmt: skip
DROPOUT_REPORT = Form(
    "辍学报告单",
    "劝返一周仍未返校时，班主任填报学校，学校报有关部门。",
    (*HEAD, *ISSUED, *PUPIL, *_ABSENCE, *_EFFORT, _VISITS),
)
CAUSE_REPORT = Form(
    "流失原因及动员情况书面报告",
    "未返校学生的原因和动员经过，班主任书面报告教务处和德育（政教）部门。",
    (*HEAD, *ISSUED, *PUPIL, *_ABSENCE, *_EFFORT, _VISITS),
)
BUREAU_REPORT = Form(
    "辍学书面报告",
    "劝返无效时，学校书面报告教育行政部门（未成年人保护法第二十八条）。",
    (
        *HEAD, *ISSUED, *PUPIL, *_ABSENCE, *_EFFORT,
        Field("主送", "教育行政部门的名称；没有时留空线"),
        Field("立案日期", "登记为疑似辍学的日子；没有时留空线"),
        _VISITS, _PAPERS,
    ),
)  # fmt: skip


def values_of_suspected_report(file: CaseFile, *, restricted: bool = False) -> dict[str, object]:
    """What 疑似辍学报告 is filled with (rules 52, 55, 56, 82)."""
    told = file.steps_of(StepKind.TEACHERS_TOLD)
    reported = file.steps_of(StepKind.REPORTED)
    return {
        **head_values(file, restricted=restricted),
        **absence_values(file, restricted=restricted),
        "发现方式": ticked(Trigger, (file.case.trigger if file.case else None,)),
        "联系监护人": _guardian_contact(file),
        "通知科任教师": moment(told[0].at) if told else "",
        "下一步": file.last_visit.next_step if file.last_visit else "",
        "报告时间": f"{moment(reported[0].at)}，{reported[0].by}" if reported else "",
    }


def values_of_dropout_report(file: CaseFile, *, restricted: bool = False) -> dict[str, object]:
    """What 辍学报告单 is filled with (rules 85, 86, 97, 99)."""
    return {
        **head_values(file, restricted=restricted),
        **issued_values(file),
        **absence_values(file, restricted=restricted),
        **effort_values(file),
        "走访": visit_rows(file, VISIT_ROWS),
    }


def values_of_cause_report(file: CaseFile, *, restricted: bool = False) -> dict[str, object]:
    """What 流失原因及动员情况书面报告 is filled with (rules 84, 136)."""
    return values_of_dropout_report(file, restricted=restricted)


def values_of_bureau_report(file: CaseFile, *, restricted: bool = False) -> dict[str, object]:
    """What 辍学书面报告 is filled with (未成年人保护法 28, rule 116)."""
    return {
        **values_of_dropout_report(file, restricted=restricted),
        "主送": or_line(file.notice.addressee if file.notice else "", 16),
        "立案日期": day_or_line(file.case.opened_on if file.case else None),
        "文书": paper_rows(file, PAPER_ROWS, but=file.notice),
    }


def absence_values(file: CaseFile, *, restricted: bool) -> dict[str, object]:
    """Since when, why and where to."""
    destination, place = file.whereabouts(restricted=restricted)
    return {
        "未到校起": absent_since(file.case),
        "原因": "、".join(file.cause_labels(restricted=restricted)),
        "去向": ticked(Destination, (destination,)),
        "去向说明": place,
    }


def absent_since(case: Case | None, written: Callable[[date], str] = short_day) -> str:
    """First half-day of the present absence; empty when it is not known."""
    if case is None or case.absent_since is None:
        return ""
    return f"{written(case.absent_since)}{part_of_session(case.absent_session)}"


def effort_values(file: CaseFile) -> dict[str, object]:
    """What was done to bring the pupil back, in figures and in the family's last words.

    With no contact at all the figures are blanks: an unfilled form must not say that nothing was
    done.
    """
    contacts = file.contacts
    counts = (
        ("走访总数", len(contacts)),
        ("上门次数", sum(visit.at_home for visit in contacts)),
        ("校领导参加次数", sum(visit.has_leader for visit in contacts)),
    )
    known = bool(contacts) or file.case is not None
    return {
        **{name: str(count) if known else "____" for name, count in counts},
        "包案人": file.owner_name,
        "学生态度": ticked(Attitude, (_last_attitude(contacts),)),
        "监护人意见": _last_opinion(contacts),
    }


def _last_attitude(contacts: tuple[Visit, ...]) -> Attitude | None:
    return next((visit.attitude for visit in reversed(contacts) if visit.attitude), None)


def _last_opinion(contacts: tuple[Visit, ...]) -> str:
    opinions = (visit.guardian_opinion for visit in reversed(contacts))
    return next((opinion for opinion in opinions if opinion), "")


def _guardian_contact(file: CaseFile) -> str:
    """The first time that a guardian was reached, by a step or by a visit."""
    steps = [(step.at, step.note) for step in file.steps_of(StepKind.GUARDIAN_CONTACTED)]
    met = [(visit.at, visit.guardian_opinion) for visit in file.contacts if visit.met_guardian]
    if not steps and not met:
        return ""
    at, said = min(steps + met)
    return f"{moment(at)}：{said}" if said else moment(at)


def moment(at: datetime) -> str:
    """A moment of the past, to the minute, in the school's time.

    >>> from kongchuo_risk.domain.clock import CHINA
    >>> moment(datetime(2026, 3, 9, 16, 30, tzinfo=CHINA))
    '2026.3.9 16:30'
    """
    return f"{short_day(day_of(at))} {at.astimezone(CHINA):%H:%M}"
