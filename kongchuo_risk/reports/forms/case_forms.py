"""Entries of the forms of a case, and how each is filled from a :class:`CaseFile`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

from kongchuo_risk.domain.actor import Role
from kongchuo_risk.errors import ContractError
from kongchuo_risk.reports.forms import case_reports as reports
from kongchuo_risk.reports.forms import notices, safeguarding, visit_records
from kongchuo_risk.reports.forms.class_sets import Sheet, fill_class
from kongchuo_risk.reports.forms.entries import About, FileKind, FormEntry
from kongchuo_risk.reports.forms.facts import CaseFile
from kongchuo_risk.reports.templates import Form

_GUARDIAN, _SCHOOL_OFFICES = "监护人", "教务处、德育（政教）处"


def _entry(
    number: int,
    form: Form,
    writer: Role,
    reader: str,
    *sources: str,
    about: About = About.CASE,
    numbered: bool = False,
    aliases: tuple[str, ...] = (),
) -> FormEntry:
    return FormEntry(
        number, form.name, about, writer, reader, FileKind.WORD, sources,
        numbered=numbered, form=form, aliases=aliases,
    )  # fmt: skip


CASE_FORMS: tuple[FormEntry, ...] = (
    _entry(
        4, reports.SUSPECTED_REPORT, Role.HOMEROOM, Role.OFFICE,
        "52", "53", "55", "56", "58", "82", "预防未成年人犯罪法 第三十四条",
    ),
    _entry(
        11, reports.DROPOUT_REPORT, Role.HOMEROOM, Role.PRINCIPAL,
        "85", "86", "97", "99", "141", numbered=True, aliases=("辍学报告表",),
    ),
    _entry(
        12, reports.CAUSE_REPORT, Role.HOMEROOM, _SCHOOL_OFFICES,
        "84", "136", numbered=True, aliases=("流失情况书面报告", "流失情况（原因及动员）书面报告"),
    ),
    _entry(
        14, visit_records.VISIT_RECORD, Role.HOMEROOM, Role.DEAN,
        "79", "94", "95", "97", "98", "135", "137", aliases=("走访记录", "家访登记表"),
    ),
    _entry(
        15, visit_records.MOBILISATION_RECORD, Role.HOMEROOM, _SCHOOL_OFFICES,
        "83", "135", "136", aliases=("动员工作记录", "劝返记录"),
    ),
    _entry(
        16, visit_records.TRACKING_RECORD, Role.MENTOR, Role.DEAN,
        "63", "97", "98", "99", "101", "117", aliases=("跟踪观察记录",),
    ),
    _entry(
        18, notices.PARENT_NOTICE, Role.HOMEROOM, _GUARDIAN,
        "138", "预防未成年人犯罪法 第三十四条", about=About.PUPIL, numbered=True,
        aliases=("致家长通知书",),
    ),
    _entry(
        19, notices.RETURN_NOTICE, Role.PRINCIPAL, _GUARDIAN,
        "87", "88", numbered=True, aliases=("返校通知书",),
    ),
    _entry(
        19, notices.TIMED_RETURN_NOTICE, Role.PRINCIPAL, _GUARDIAN,
        "89", "90", "义务教育法 第五十八条", numbered=True, aliases=("限期返校通知书",),
    ),
    _entry(
        20, notices.HANDOVER_LETTER, Role.PRINCIPAL, Role.TOWNSHIP,
        "90", "91", "92", "义务教育法 第十三条", "义务教育法 第五十八条",
        numbered=True, aliases=("移交函",),
    ),
    _entry(
        21, notices.ENROLMENT_NOTICE, Role.REGISTRAR, _GUARDIAN,
        "140", "义务教育法 第十一条", about=About.PUPIL, numbered=True,
        aliases=("义务教育入学通知书",),
    ),
    _entry(
        31, reports.BUREAU_REPORT, Role.PRINCIPAL, Role.BUREAU,
        "116", "未成年人保护法 第二十八条", numbered=True, aliases=("劝返无效书面报告",),
    ),
    _entry(
        31, safeguarding.MANDATORY_REPORT, Role.PRINCIPAL, "公安机关、教育行政部门",
        "72", "73", "未成年人保护法 第十一条", "预防未成年人犯罪法 第三十五条",
    ),
)  # fmt: skip


class CaseValues(Protocol):
    """What a form of a case is filled with."""

    def __call__(self, file: CaseFile, *, restricted: bool = False) -> dict[str, object]: ...


CASE_VALUES: Mapping[str, CaseValues] = {
    reports.SUSPECTED_REPORT.name: reports.values_of_suspected_report,
    reports.DROPOUT_REPORT.name: reports.values_of_dropout_report,
    reports.CAUSE_REPORT.name: reports.values_of_cause_report,
    reports.BUREAU_REPORT.name: reports.values_of_bureau_report,
    visit_records.VISIT_RECORD.name: visit_records.values_of_visit_record,
    visit_records.MOBILISATION_RECORD.name: visit_records.values_of_mobilisation_record,
    visit_records.TRACKING_RECORD.name: visit_records.values_of_tracking_record,
    notices.PARENT_NOTICE.name: notices.values_of_parent_notice,
    notices.RETURN_NOTICE.name: notices.values_of_return_notice,
    notices.TIMED_RETURN_NOTICE.name: notices.values_of_timed_notice,
    notices.HANDOVER_LETTER.name: notices.values_of_handover_letter,
    notices.ENROLMENT_NOTICE.name: notices.values_of_enrolment_notice,
    safeguarding.MANDATORY_REPORT.name: safeguarding.values_of_mandatory_report,
}
"""Name of the form → its values."""


def case_form_named(name: str) -> FormEntry:
    """The form of a case that is called so, by its own or another name.

    Raises
    ------
    ContractError
        When no form of a case is called so.

    Examples
    --------
    >>> case_form_named("移交函").name
    '移交乡镇函'
    """
    for entry in CASE_FORMS:
        if entry.is_called(name):
            return entry
    raise ContractError(f"没有叫“{name}”的案件表册；有：{'、'.join(CASE_VALUES)}")


def case_form(
    name: str, file: CaseFile, *, restricted: bool = False, templates: Path | None = None
) -> bytes:
    """One form of a case as a Word file; of an empty file it is a form to fill by hand.

    Parameters
    ----------
    name
        Name of the form, or another name of it.
    file
        The pupil and the case.
    restricted
        Whether the reader may see restricted causes and steps.
    templates
        A school's own templates, if it has any.

    Raises
    ------
    ContractError
        When there is no such form, or the template cannot be filled.
    """
    entry = case_form_named(name)
    return entry.template.fill(CASE_VALUES[entry.name](file, restricted=restricted), templates)


def case_form_set(
    name: str,
    files: Iterable[CaseFile],
    *,
    restricted: bool = False,
    templates: Path | None = None,
) -> bytes:
    """One form for many pupils: a zip of Word files, and one of all of them to print.

    Parameters
    ----------
    name
        Name of the form, or another name of it.
    files
        The pupils and their cases, in the order of the roll.
    restricted
        Whether the reader may see restricted causes and steps.
    templates
        A school's own templates, if it has any.

    Raises
    ------
    ContractError
        When there is no such form or no pupil, or the template cannot be filled.
    """
    entry = case_form_named(name)
    values = CASE_VALUES[entry.name]
    sheets = (Sheet(file.pupil.name, values(file, restricted=restricted)) for file in files)
    return fill_class(entry.template, sheets, templates=templates)
