"""Entries of the forms about one pupil, and each of them as a Word file."""

from __future__ import annotations

from pathlib import Path

from kongchuo_risk.domain.actor import Role
from kongchuo_risk.reports.forms.dossiers import (
    LEFT_BEHIND,
    PUPIL_FILE,
    values_of_left_behind,
    values_of_pupil_file,
)
from kongchuo_risk.reports.forms.entries import About, FileKind, FormEntry
from kongchuo_risk.reports.forms.facts import ChangeFile, Dossier, LeftBehindFile, PlanFile
from kongchuo_risk.reports.forms.pupil_pages import (
    CHANGE_PAPERS,
    HELP_PLAN,
    NEEDS_SHEET,
    values_of_change_papers,
    values_of_help_plan,
    values_of_needs_sheet,
)

PUPIL_FORMS: tuple[FormEntry, ...] = (
    FormEntry(
        22, CHANGE_PAPERS.name, About.PUPIL, Role.REGISTRAR, Role.OFFICE, FileKind.WORD,
        ("119", "121", "123", "124", "125", "教基〔2025〕1号"),
        numbered=True, form=CHANGE_PAPERS, aliases=("学籍变动手续清单",),
    ),
    FormEntry(
        23, PUPIL_FILE.name, About.PUPIL, Role.HOMEROOM, Role.PRINCIPAL, FileKind.WORD,
        ("129", "130", "131", "143"), form=PUPIL_FILE,
        aliases=("学生个人档案", "贫困户学生档案", "辍学学生档案", "返校复学学生档案"),
    ),
    FormEntry(
        24, LEFT_BEHIND.name, About.PUPIL, Role.HOMEROOM, Role.MENTOR, FileKind.WORD,
        ("150", "173", "174", "未成年人保护法 第二十二条", "国发〔2016〕13号"), form=LEFT_BEHIND,
    ),
    FormEntry(
        25, HELP_PLAN.name, About.PUPIL, Role.SUBJECT, Role.DEAN, FileKind.WORD,
        ("175", "177", "181", "190", "191"), form=HELP_PLAN, aliases=("转化计划", "辅导计划"),
    ),
    FormEntry(
        32, NEEDS_SHEET.name, About.PUPIL, Role.HOMEROOM, Role.MENTOR, FileKind.WORD,
        ("167", "168"), form=NEEDS_SHEET, aliases=("学困生评估", "学习困难学生评估"),
    ),
)  # fmt: skip


def pupil_file(
    dossier: Dossier, *, restricted: bool = False, templates: Path | None = None
) -> bytes:
    """一生一档 as a Word file; of an empty dossier it is a form to fill by hand.

    Raises
    ------
    ContractError
        When the template cannot be filled.
    """
    return PUPIL_FILE.fill(values_of_pupil_file(dossier, restricted=restricted), templates)


def left_behind_file(
    child: LeftBehindFile, *, restricted: bool = False, templates: Path | None = None
) -> bytes:
    """留守儿童档案 as a Word file, with the school's own 五个一.

    Raises
    ------
    ContractError
        When the template or ``checklists.yaml`` cannot be read.
    """
    values = values_of_left_behind(child, restricted=restricted, templates=templates)
    return LEFT_BEHIND.fill(values, templates)


def help_plan(
    plan_file: PlanFile, *, restricted: bool = False, templates: Path | None = None
) -> bytes:
    """帮教（转化）计划 as a Word file.

    Raises
    ------
    ContractError
        When the template or ``checklists.yaml`` cannot be read.
    """
    values = values_of_help_plan(plan_file, restricted=restricted, templates=templates)
    return HELP_PLAN.fill(values, templates)


def needs_sheet(plan_file: PlanFile, *, templates: Path | None = None) -> bytes:
    """学习需求评估 as a Word file.

    Raises
    ------
    ContractError
        When the template or ``checklists.yaml`` cannot be read.
    """
    return NEEDS_SHEET.fill(values_of_needs_sheet(plan_file, templates=templates), templates)


def change_papers(change: ChangeFile, *, templates: Path | None = None) -> bytes:
    """学籍异动手续清单 as a Word file.

    Raises
    ------
    ContractError
        When the template or ``checklists.yaml`` cannot be read.
    """
    return CHANGE_PAPERS.fill(values_of_change_papers(change, templates=templates), templates)
