"""Letters that a school issues under a number: to the family, and to the township.

A school reminds and persuades. Only the township or the county's bureau may order a family to set
things right (义务教育法 58): the letters say so, threaten nothing, and tell no cause and no group.
"""

from __future__ import annotations

from datetime import date

from kongchuo_risk.domain.visit import Delivery
from kongchuo_risk.reports.forms.case_reports import (
    PAPER_ROWS,
    VISIT_ROWS,
    absence_values,
    absent_since,
    effort_values,
)
from kongchuo_risk.reports.forms.facts import CaseFile
from kongchuo_risk.reports.forms.filling import (
    HEAD,
    ISSUED,
    NO_DAY,
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
from kongchuo_risk.reports.wording import full_day

_TO_FAMILY = (
    *HEAD, *ISSUED,
    Field("学生姓名", "学生姓名；没有时留空线"),
    Field("班级", "例如 七年级2班；没有时留空线"),
    Field("班主任", "班主任姓名；没有时留空线"),
    Field("联系电话", "班主任的电话；没有时留空线"),
    Field("收件人", "文书写给谁；没有写明时是监护人"),
    Field("期限", "请在哪一天以前返校、回复或报到；没有时留空线"),
    Field("送达方式", "当面、留置、邮寄、公告、委托，已送达的打钩"),
    Field("送达日期", "送达的日子；没有时留空线"),
    Field("签收", "谁签收，或其他凭证；没有时为空"),
)  # fmt: skip
_ABSENT = Field("未到校起", "本次未到校的第一天；没有时留空线")

RETURN_NOTICE = Form(
    "辍学生返校通知书",
    "报告单之后写给监护人的返校通知，附送达回证。",
    (*_TO_FAMILY, _ABSENT),
)
TIMED_RETURN_NOTICE = Form(
    "辍学限期返校通知书",
    "多次劝返仍未返校时写给监护人的书面催告，附送达回证；不是行政处理决定。",
    (*_TO_FAMILY, _ABSENT, Field("走访总数", "此前走访和联系的次数；没有时留空线")),
)
PARENT_NOTICE = Form(
    "家长通知书",
    "孩子没有到校时写给监护人：请联系学校，附回执。",
    (*_TO_FAMILY, _ABSENT),
)
ENROLMENT_NOTICE = Form(
    "入学通知书",
    "通知适龄儿童的监护人何时到哪所学校报到，附回执。",
    (*_TO_FAMILY, Field("性别", "男、女"), Field("出生年月", "例如 2019年5月")),
)
HANDOVER_LETTER = Form(
    "移交乡镇函",
    "期限已过仍未返校，学校请乡镇人民政府依法督促入学。",
    (
        *HEAD, *ISSUED, *PUPIL,
        Field("主送", "乡镇人民政府的名称；没有时留空线"),
        Field("未到校起", "本次未到校的第一天"),
        Field("原因", "原因；只给授权人员看的原因要有权限才印出"),
        Field("去向", "各种去向，已知的打钩"),
        Field("去向说明", "具体在哪里；没有时为空"),
        Field("走访总数", "走访和联系的次数"),
        Field("上门次数", "其中上门的次数"),
        Field("校领导参加次数", "校领导参加的次数"),
        Field("包案人", "包案教师姓名；没有时为空"),
        Field("学生态度", "最近一次的打钩"),
        Field("监护人意见", "最近一次的监护人意见；没有时为空"),
        Field("走访", "走访和联系，按时间先后", Kind.ENTRIES, VISIT),
        Field("文书", "此前发出的文书", Kind.ENTRIES, PAPER),
    ),
)  # fmt: skip


def values_of_return_notice(file: CaseFile, *, restricted: bool = False) -> dict[str, object]:
    """What 辍学生返校通知书 is filled with (rules 87, 88); nothing in it is restricted."""
    return {**_to_family(file), "未到校起": _since(file)}


def values_of_timed_notice(file: CaseFile, *, restricted: bool = False) -> dict[str, object]:
    """What 辍学限期返校通知书 is filled with (rules 89, 90)."""
    count = len(file.contacts)
    return {
        **values_of_return_notice(file),
        "走访总数": or_line(str(count) if count else "", 4),
    }


def values_of_parent_notice(file: CaseFile, *, restricted: bool = False) -> dict[str, object]:
    """What 家长通知书 is filled with (rule 138, 预防未成年人犯罪法 34)."""
    return values_of_return_notice(file)


def values_of_enrolment_notice(file: CaseFile, *, restricted: bool = False) -> dict[str, object]:
    """What 入学通知书 is filled with (rule 140, 义务教育法 11)."""
    return {**_to_family(file), "性别": file.pupil.sex, "出生年月": file.pupil.birth_month}


def values_of_handover_letter(file: CaseFile, *, restricted: bool = False) -> dict[str, object]:
    """What 移交乡镇函 is filled with (rules 90, 91; 义务教育法 13, 58)."""
    return {
        **head_values(file, restricted=restricted),
        **issued_values(file),
        **absence_values(file, restricted=restricted),
        **effort_values(file),
        "主送": or_line(file.notice.addressee if file.notice else "", 16),
        "走访": visit_rows(file, VISIT_ROWS),
        "文书": paper_rows(file, PAPER_ROWS, but=file.notice),
    }


def _to_family(file: CaseFile) -> dict[str, object]:
    notice, pupil = file.notice, file.pupil
    return {
        "学校名称": or_line(pupil.school_name, 12),
        **issued_values(file),
        "学生姓名": or_line(pupil.name),
        "班级": or_line(pupil.class_name),
        "班主任": or_line(pupil.teacher_name),
        "联系电话": or_line(pupil.teacher_phone, 12),
        "收件人": or_line((notice.addressee if notice else "") or pupil.guardian_name),
        "期限": day_or_line(notice.deadline if notice else None),
        "送达方式": ticked(Delivery, (notice.delivery if notice else None,)),
        "送达日期": day_or_line(_delivered(file)),
        "签收": notice.receipt if notice else "",
    }


def _delivered(file: CaseFile) -> date | None:
    return file.notice.delivered_on if file.notice else None


def _since(file: CaseFile) -> str:
    return absent_since(file.case, full_day) or NO_DAY
