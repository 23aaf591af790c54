"""Every form there is: the 29 of the seeds, and those that law and practice add.

Numbers of the inventory (``FormEntry.number``): 1 责任书, 2 包保名册, 3 到校日报, 4 疑似辍学报告,
5 辍学动态及劝返日报, 6 学生变动周报, 7 月汇总, 8 学期全面报告, 9 学年总结与评优推荐,
10 流失学生登记表, 11 辍学报告单, 12 流失原因及动员情况书面报告, 13 劝返工作台账, 14 家访记录,
15 动员记录, 16 跟踪记录, 17 会议记录, 18 家长通知书, 19 返校通知书（含限期返校通知书）,
20 移交乡镇函, 21 入学通知书, 22 学籍异动手续清单, 23 一生一档, 24 留守儿童档案, 25 帮教计划,
26 结对帮扶名册, 27 资助台账（含困难证明）, 28 致家长一封信与宣传记录, 29 督查记录;
30 一生一案 and 教师帮扶页, 31 辍学书面报告（和强制报告记录）, 32 学习需求评估, 33 一校一案,
34 三本台账, 35 个人信息保护.
"""

from __future__ import annotations

from kongchuo_risk.errors import ContractError
from kongchuo_risk.reports.forms.case_forms import CASE_FORMS
from kongchuo_risk.reports.forms.entries import FormEntry
from kongchuo_risk.reports.forms.excel_forms import EXCEL_FORMS
from kongchuo_risk.reports.forms.plan_forms import PLAN_FORMS
from kongchuo_risk.reports.forms.privacy_forms import PRIVACY_FORMS
from kongchuo_risk.reports.forms.pupil_forms import PUPIL_FORMS
from kongchuo_risk.reports.forms.school_forms import SCHOOL_FORMS
from kongchuo_risk.reports.templates import Form

_FAMILIES = (PLAN_FORMS, CASE_FORMS, PUPIL_FORMS, SCHOOL_FORMS, EXCEL_FORMS, PRIVACY_FORMS)
FORM_ENTRIES: tuple[FormEntry, ...] = tuple(
    sorted((entry for family in _FAMILIES for entry in family), key=lambda entry: entry.number)
)
"""In the order of the inventory."""


def entry_named(name: str) -> FormEntry:
    """The form of this name, or of which this is another name.

    Raises
    ------
    ContractError
        When there is no such form.

    Examples
    --------
    >>> entry_named("转化计划").name
    '帮教计划'
    """
    for entry in FORM_ENTRIES:
        if entry.is_called(name):
            return entry
    known = "、".join(entry.name for entry in FORM_ENTRIES)
    raise ContractError(f"没有叫“{name}”的表册；有：{known}")


def word_forms() -> tuple[Form, ...]:
    """Every form with a template that a school can edit in Word."""
    return tuple(entry.form for entry in FORM_ENTRIES if entry.form is not None)
